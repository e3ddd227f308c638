"""The form a grading model fills in: a typed class made for one rubric, and the same in words."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, create_model

from interviewer.guide.model import Expectation, Item, LookFor, Probe, RedFlag, Rubric

# Providers take property names of at most this many plain characters.
_KEY_LENGTH = 64


class Strict(BaseModel):
    """A closed object without defaults, as the strict modes of providers ask for."""

    model_config = ConfigDict(extra="forbid")


class RatedItem(Strict):
    """A look-for or an expectation: evidence first, the number last."""

    quotes: list[str]
    reason: str
    rating: Literal[0, 1, 2, 3]


class RatedProbe(Strict):
    """A depth probe."""

    quotes: list[str]
    reason: str
    rating: Literal[0, 1, 2]


class RatedFlag(Strict):
    """A red flag."""

    quote: str | None
    reason: str
    raised: bool


class Filled(Strict):
    """What every filled-in form has besides its groups of items."""

    reply_is: Literal["answer", "no example", "nothing to rate"]
    scope: Literal["below", "at", "above"]


@dataclass(frozen=True, slots=True)
class Form:
    """The form for one rubric.

    Attributes:
        schema: The class a reply must fit; the JSON schema shown to the model is generated from it.
        places: Item id to the group and the field it stands in.
    """

    schema: type[Filled]
    places: dict[str, tuple[str, str]]

    def rated(self, filled: Filled, item: Item) -> RatedItem | RatedProbe:
        """Return what was written for an item with a number."""
        return cast(RatedItem | RatedProbe, self._entry(filled, item))

    def flag(self, filled: Filled, flag: RedFlag) -> RatedFlag:
        """Return what was written for a red flag."""
        return cast(RatedFlag, self._entry(filled, flag))

    def _entry(self, filled: Filled, item: Item) -> Any:
        group, field = self.places[item.id]
        return getattr(getattr(filled, group), field)


_GROUPS: tuple[tuple[str, type[Item], type[Strict]], ...] = (
    ("look_fors", LookFor, RatedItem),
    ("expectations", Expectation, RatedItem),
    ("probes", Probe, RatedProbe),
    ("red_flags", RedFlag, RatedFlag),
)


@lru_cache(maxsize=64)
def form_for(items: tuple[Item, ...]) -> Form:
    """Return the form for the items of a rubric; a kind without items has no group in it."""
    places: dict[str, tuple[str, str]] = {}
    fields: dict[str, Any] = {"reply_is": (Filled.model_fields["reply_is"].annotation, ...)}
    for group, kind, entry in _GROUPS:
        members = [item for item in items if isinstance(item, kind)]
        if not members:
            continue
        inner: dict[str, Any] = {}
        for number, (item, key) in enumerate(zip(members, keys(members), strict=True)):
            inner[f"item_{number}"] = (entry, Field(alias=key))
            places[item.id] = (group, f"item_{number}")
        fields[group] = (create_model(group, __base__=Strict, **inner), ...)
    fields["scope"] = (Filled.model_fields["scope"].annotation, ...)
    return Form(cast(type[Filled], create_model("Grading", __base__=Strict, **fields)), places)


def rubric_form(rubric: Rubric) -> Form:
    """Return the form for a rubric."""
    return form_for((*rubric.items(), *rubric.red_flags))


def keys(items: list[Item]) -> list[str]:
    """Return a property name for each item: its id, as far as providers take it, and unlike the others."""
    found: list[str] = []
    for item in items:
        plain = re.sub(r"[^a-zA-Z0-9_-]", "_", item.id)[:_KEY_LENGTH] or "item"
        key, number = plain, 2
        while key in found:
            key, number = f"{plain[: _KEY_LENGTH - 4]}_{number}", number + 1
        found.append(key)
    return found


def in_words(rubric: Rubric) -> str:
    """Return the form as a JSON skeleton, for models whose server only constrains and for those that do neither."""
    lines = ['  "reply_is": "answer" | "no example" | "nothing to rate"']
    entries = {
        "look_fors": '{"quotes": [TEXT, ...], "reason": TEXT, "rating": 0 | 1 | 2 | 3}',
        "expectations": '{"quotes": [TEXT, ...], "reason": TEXT, "rating": 0 | 1 | 2 | 3}',
        "probes": '{"quotes": [TEXT, ...], "reason": TEXT, "rating": 0 | 1 | 2}',
        "red_flags": '{"quote": TEXT | null, "reason": TEXT, "raised": true | false}',
    }
    for group, kind, _ in _GROUPS:
        members = [item for item in (*rubric.items(), *rubric.red_flags) if isinstance(item, kind)]
        if members:
            inner = ",\n".join(f'    "{key}": {entries[group]}' for key in keys(members))
            lines.append(f'  "{group}": {{\n{inner}\n  }}')
    lines.append('  "scope": "below" | "at" | "above"')
    return "{\n" + ",\n".join(lines) + "\n}"

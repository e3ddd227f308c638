"""The little HTML there is. Every text goes through `tag` or `escape`; nothing else in the screen makes HTML.

Guides and candidates are strangers to the page: what they wrote is shown, never run.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

# Braces, dollars and backticks too: Gradio's HTML component reads its value as a template.
_ESCAPES = {ord(character): f"&#{ord(character)};" for character in "&<>\"'{}$`"}
FLAG = "⚑"
_ATTRIBUTE = re.compile(r"[a-z][a-z-]*")


class Html(str):
    """Text that is HTML already; everything else is escaped when it is put into a tag."""

    __slots__ = ()


def escape(text: object) -> Html:
    """Return a text as HTML that shows it character by character."""
    return text if isinstance(text, Html) else Html(str(text).translate(_ESCAPES))


def plain(text: str) -> str:
    """Return a text for the chat component, which takes what it is given for HTML even with Markdown switched off."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def join(*parts: object) -> Html:
    """Put parts one after the other; None is left out."""
    return Html("".join(escape(part) for part in parts if part is not None))


def tag(name: str, *children: object, **attributes: object) -> Html:
    """Make an element.

    Args:
        name: Tag name; it and the attribute names come from this program, never from a text.
        children: Text is escaped, `Html` is kept, None is left out.
        attributes: `class_` for class, underscores for hyphens; None and False are left out, True is a bare one.
    """
    shown = []
    for key, value in attributes.items():
        key = key.rstrip("_").replace("_", "-")
        assert _ATTRIBUTE.fullmatch(key), key
        if value is True:
            shown.append(f" {key}")
        elif value is not None and value is not False:
            shown.append(f' {key}="{escape(value)}"')
    return Html(f"<{name}{''.join(shown)}>{join(*children)}</{name}>")


def table(head: Sequence[str], rows: Sequence[Html], **attributes: object) -> Html:
    """Return a table.

    Args:
        head: The names of its columns.
        rows: Its lines, each a `tr`.
    """
    names = tag("tr", *(tag("th", name, scope="col") for name in head))
    return tag("table", tag("thead", names), tag("tbody", *rows), **attributes)


@dataclass(frozen=True, slots=True)
class Mark:
    """A span to be marked in a text.

    Attributes:
        start: First code point.
        end: One past the last.
        number: The number shown beside it, the same as in the list of items.
        colour: 0 to 6, a place in the item palette.
        title: What it is evidence for.
        item: Id of that item; empty where nothing is to be chosen.
        flag: Whether it carries a red flag, which has a style of its own and no colour.
    """

    start: int
    end: int
    number: int
    colour: int
    title: str
    item: str = ""
    flag: bool = False


def marked(text: str, marks: Sequence[Mark], *, choosable: bool = False) -> Html:
    """Return a text with spans marked; where spans overlap, a piece carries the number of each.

    Args:
        choosable: Whether a mark can be pressed to choose its items.
    """
    marks = [m for m in marks if 0 <= m.start < m.end <= len(text)]
    cuts = sorted({0, len(text), *(m.start for m in marks), *(m.end for m in marks)})
    parts: list[Html] = []
    for start, end in itertools.pairwise(cuts):
        here = [m for m in marks if m.start <= start and end <= m.end]
        parts.append(_piece(text[start:end], here, end, choosable=choosable) if here else escape(text[start:end]))
    return join(*parts)


def _piece(text: str, here: Sequence[Mark], end: int, *, choosable: bool) -> Html:
    numbers = [
        tag("sup", FLAG, class_="no raised") if m.flag else tag("sup", m.number, class_=f"no c{m.colour}")
        for m in here
        if m.end == end
    ]
    colour = next((f" c{m.colour}" for m in here if not m.flag), "")
    items = " ".join(m.item for m in here if m.item)
    press = {"role": "button", "tabindex": "0", "data_items": items} if choosable and items else {}
    flag = " raised" if any(m.flag for m in here) else ""
    title = "; ".join(m.title for m in here)
    return tag("mark", text, *numbers, class_=f"ev{colour}{flag}", title=title, **press)


def in_place(text: str, start: int, end: int, colour: int | None, around: int = 110) -> Html:
    """Return a quote where it stands: marked, with some words of the text before and after it.

    Args:
        colour: 0 to 6, a place in the item palette; None for the style of a red flag.
        around: Most characters shown on either side.
    """
    first, last = max(0, start - around), min(len(text), end + around)
    if first:
        space = text.find(" ", first, start)
        first = space + 1 if space >= 0 else start
    if last < len(text):
        space = text.rfind(" ", end, last)
        last = space if space >= 0 else end
    return tag(
        "blockquote",
        "… " if first else None,
        text[first:start],
        tag("mark", text[start:end], class_="ev raised" if colour is None else f"ev c{colour}"),
        text[end:last],
        " …" if last < len(text) else None,
    )

"""`interviewer doctor`: what is configured, what works, and what to do about the rest."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from interviewer.errors import InterviewerError
from interviewer.settings import ModelSettings, Settings, api_key


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried."""

    state: Literal["ok", "warning", "failed"]
    text: str


def examine(settings: Settings) -> Iterator[Check]:
    """Try each part of an installation in turn; never shows a secret."""
    from interviewer.store import open_store
    from interviewer.wiring import Parts

    yield Check("ok", f"Settings come from {settings.source}.")
    try:
        parts = Parts(settings)
    except InterviewerError as error:
        yield Check("failed", str(error))
        return
    found = f" with {len(parts.findings)} findings (`interviewer guide check` lists them)" if parts.findings else ""
    yield Check("ok", f"The guide {parts.guide.title!r} has {len(parts.guide.questions)} questions{found}.")
    try:
        store = open_store(settings.data_dir, settings.database)
        yield Check("ok", f"Transcripts are kept in {settings.data_dir} ({len(store.rows())} so far).")
        store.close()
    except InterviewerError as error:
        yield Check("failed", str(error))
        return
    began = time.monotonic()
    try:
        parts.encoder().encode(["ready"])
        yield Check("ok", f"The encoder answers ({time.monotonic() - began:.1f} s to its first vector).")
        parts.passages()
        yield Check("ok", f"The guide's passages are indexed ({len(parts.guide.chunks)} of them).")
    except InterviewerError as error:
        yield Check("failed", str(error))
    for role, model in (("interviewer", settings.interviewer), ("grader", settings.grader)):
        if model.embedded:
            yield Check("ok", f"The {role} is the embedded engine: no key, no network.")
            continue
        if api_key(model) is None and model.base_url is None and not model.model.startswith("gguf:"):
            yield Check("warning", f"The {role} is {model.model}, and no key for it is set in the environment.")
        if settings.budget and model.price_in is None and model.price_out is None:
            yield Check(
                "warning",
                f"A budget is set, and the {role} {model.model} has no price, so its work does not count. "
                "Set price_in and price_out.",
            )
    for model in _configured(settings):
        try:
            for proof in parts.prove(model):
                yield Check("ok" if proof.ok else "failed", proof.text)
        except InterviewerError as error:
            yield Check("failed", str(error))


def _configured(settings: Settings) -> list[ModelSettings]:
    """Return each model that is set up anywhere, once: the roles', their fallbacks', the profiles'."""
    roles = (settings.interviewer, settings.grader)
    fallbacks = (settings.model(name) for role in roles for name in role.fallbacks)
    models = (*roles, *fallbacks, *settings.profiles.values())
    return list(dict.fromkeys(one for one in models if not one.embedded))

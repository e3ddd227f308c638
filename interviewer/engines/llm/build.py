"""Settings to model engines, with their panels and fallbacks."""

import threading
from collections.abc import Sequence
from contextlib import suppress

from interviewer.engines.llm.grader import ModelGrader
from interviewer.engines.llm.interviewer import ModelInterviewer
from interviewer.engines.llm.models import ChatModel, open_model
from interviewer.engines.llm.panel import FallbackGrader, PanelGrader
from interviewer.engines.protocols import Grader, Interviewer
from interviewer.errors import ModelError
from interviewer.guide.model import Item
from interviewer.prompts import load_prompt
from interviewer.settings import ModelSettings, Settings, api_key


def build_interviewer(
    settings: Settings, role: ModelSettings, embedded: Interviewer, forbidden: Sequence[Item]
) -> Interviewer:
    """Return the interviewer a role is set to; its last resort is always the embedded one.

    Args:
        settings: Where prompts and the fallbacks' profiles are found.
        role: The model to speak with and its fallbacks.
        embedded: The engine that needs no model.
        forbidden: The guide's items, which must not be heard.

    Raises:
        ConfigError: When a fallback is neither a profile nor a spec.
        PromptError: When the prompt file cannot be used.
    """
    models = [_opened(one) for one in _row(settings, role) if not one.embedded]
    if role.embedded or not models:
        return embedded
    _warm(models[0])
    return ModelInterviewer(models, embedded, load_prompt(settings.prompts, "interviewer"), forbidden)


def build_grader(settings: Settings, role: ModelSettings, embedded: Grader) -> Grader:
    """Return the grader a role is set to; the embedded one takes over only where `fallbacks` names it.

    Args:
        settings: Where prompts and the fallbacks' profiles are found.
        role: The model to read with, its panel and its fallbacks.
        embedded: The engine that needs no model.

    Raises:
        ConfigError: When a fallback is neither a profile nor a spec.
        PromptError: When the prompt file cannot be used.
    """
    if role.embedded:
        return embedded
    prompt = load_prompt(settings.prompts, "grade")
    row: list[Grader] = []
    for one in _row(settings, role):
        if one.embedded:
            row.append(embedded)
            continue
        single = ModelGrader(_opened(one), prompt)
        row.append(PanelGrader([single] * one.panel) if one.panel > 1 else single)
    return FallbackGrader(row) if len(row) > 1 else row[0]


def _row(settings: Settings, role: ModelSettings) -> list[ModelSettings]:
    """Return the model and its fallbacks, in order; a fallback's own fallbacks are not followed."""
    return [role, *(settings.model(name) for name in role.fallbacks)]


def _warm(model: ChatModel) -> None:
    """Open a model in the background: its first words would otherwise come over a second later."""

    def opened() -> None:
        # What is wrong is said when the model is called.
        with suppress(ModelError):
            model.warm()

    threading.Thread(target=opened, name="model", daemon=True).start()


def _opened(settings: ModelSettings) -> ChatModel:
    return open_model(settings, api_key(settings))

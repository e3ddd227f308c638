"""The first screen: what this is, and what may be chosen before an interview."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from interviewer.grading.scorecard import MIN_ASSESSED
from interviewer.guide.model import Guide, Kind, Level
from interviewer.interview.plan import MAX_MINUTES, MIN_MINUTES, warning
from interviewer.service import Setup
from interviewer.settings import EMBEDDED, Settings
from interviewer.ui.guard import DIRECT
from interviewer.ui.html import tag


class StartForm:
    """Components of the first screen."""

    def __init__(self, guide: Guide, models: Sequence[tuple[str, str]] = ()) -> None:
        """Lay out the form inside the open Blocks.

        Args:
            guide: What interviews are planned from.
            models: (words, name) of the models one may choose among; the first is what the settings name.
        """
        self.guide = guide
        gr.Markdown(
            "# Mock interviews for senior and staff engineers, graded item by item with your own words as evidence\n\n"
            "Everything stays on this machine unless a model is configured."
        )
        self.level = gr.Radio(
            [(level.value.capitalize(), level.value) for level in Level], value="senior", label="Level"
        )
        self.kinds = gr.CheckboxGroup(
            [(kind.words.capitalize(), kind.value) for kind in Kind],
            value=[Kind.BEHAVIORAL.value],
            label="Kinds of question",
            info="All four make a full loop.",
        )
        self.minutes = gr.Slider(MIN_MINUTES, MAX_MINUTES, value=45, step=5, label="Length in minutes", buttons=[])
        self.warning = gr.HTML(visible=False, elem_id="too-short")
        self.begin = gr.Button("Start", variant="primary", elem_id="begin")
        with gr.Accordion("More choices", open=False):
            self.manner = gr.Radio(
                [("Friendly", "friendly"), ("Neutral", "neutral"), ("Tough", "tough")], value="neutral", label="Manner"
            )
            self.practice = gr.Checkbox(
                label="Practice mode", info="Shows the feedback on each question as soon as it closes."
            )
            self.own_first = gr.Checkbox(
                label="I rate myself first",
                info="Say how an answer went before its feedback is shown.",
            )
            self.model = gr.Dropdown(
                list(models) or [("embedded", "")],
                value=models[0][1] if models else "",
                label="Model",
                info="Who asks and grades. What is not embedded gets to read your answers.",
                visible=len(models) > 1,
            )
            self.seed = gr.Number(
                label="Seed", info="A whole number; the same seed brings the same questions.", precision=0, value=None
            )
        plans = [self.level, self.kinds, self.minutes]
        gr.on([part.change for part in plans], self.warn, plans, self.warning, trigger_mode="always_last", **DIRECT)

    def warn(self, level: str, kinds: list[str], minutes: float | None) -> Any:
        """Say under the length that what is chosen is too short for a verdict; show nothing when it is not."""
        words = ""
        if minutes is not None and MIN_MINUTES <= minutes <= MAX_MINUTES:
            words = warning(self.guide, Level(level), [Kind(kind) for kind in kinds], int(minutes), MIN_ASSESSED)
        return gr.update(value=tag("p", words, role="status"), visible=bool(words))

    @property
    def choices(self) -> list[Any]:
        """The components whose values make a setup, in the order `chosen` takes them."""
        return [self.level, self.kinds, self.minutes, self.manner, self.practice, self.own_first, self.model, self.seed]


def chosen(
    level: str,
    kinds: list[str],
    minutes: float,
    manner: Any,
    practice: bool,
    own_first: bool,
    model: str,
    seed: float | None,
) -> Setup:
    """Return the setup that the form's values stand for."""
    return Setup(
        level=Level(level),
        kinds=tuple(Kind(kind) for kind in kinds),
        minutes=int(minutes),
        seed=None if seed is None else int(seed),
        manner=manner,
        practice=practice,
        own_first=own_first,
        model=model,
    )


def models(settings: Settings) -> list[tuple[str, str]]:
    """Return the models one may choose for an interview as (words, name), what the settings name first."""
    speaks, grades = settings.interviewer.model, settings.grader.model
    configured = speaks if speaks == grades else f"{speaks} speaks, {grades} grades"
    named = [(f"{name} ({model.model})", name) for name, model in settings.profiles.items()]
    embedded = [] if configured == EMBEDDED else [("embedded: no key, no network", EMBEDDED)]
    return [(configured, ""), *embedded, *named]

"""What the Replay tab shows beneath a transcript: one panel a capability, each drawn for the interview chosen."""

from typing import Any, NamedTuple, Protocol

import gradio as gr


class InView(NamedTuple):
    """What the panels stand for; a form is kept for this, whatever the page around it has gone on to.

    Attributes:
        interview: Id; None when none is chosen.
        exchange: Place of the exchange in view, from 0; None before the first question.
        upto: How far the interview had come.
    """

    interview: str | None = None
    exchange: int | None = None
    upto: tuple[int, ...] = ()


class Panel(Protocol):
    """A part of the Replay tab, laid out inside an open accordion."""

    @property
    def shown(self) -> list[Any]:
        """The components that `show` sets."""
        ...

    def show(self, interview: str | None, exchange: int | None) -> dict[Any, Any]:
        """Return the panel for an interview and the exchange in view, empty of what was filled in.

        Args:
            interview: Id; None when none is chosen.
            exchange: Place of the exchange in view, from 0; None before the first question.
        """
        ...

    def wire(self, chosen: gr.State, drawn: gr.State) -> None:
        """Connect its events; `chosen` holds the interview's id or None, `drawn` the `InView` that was shown last.

        What takes long is drawn when `drawn` changes.
        """
        ...

"""What the Replay tab shows beneath a transcript: one panel a capability, each drawn for the interview chosen."""

from typing import Any, Protocol

import gradio as gr


class Panel(Protocol):
    """A part of the Replay tab, laid out inside an open accordion."""

    @property
    def shown(self) -> list[Any]:
        """The components that `show` sets."""
        ...

    def show(self, interview: str | None, exchange: int | None) -> dict[Any, Any]:
        """Return the panel for an interview and the exchange in view; cheap, for it runs at every step.

        Args:
            interview: Id; None when none is chosen.
            exchange: Place of the exchange in view, from 0; None before the first question.
        """
        ...

    def wire(self, chosen: gr.State, exchange: gr.State) -> None:
        """Connect its events; `chosen` holds the interview's id or None, `exchange` the place of the exchange."""
        ...

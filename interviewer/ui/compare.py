"""To be written."""

from typing import Any

import gradio as gr

from interviewer.service import Service
from interviewer.wiring import Parts


class ComparePanel:
    """To be written."""

    def __init__(self, service: Service, parts: Parts) -> None:
        """Lay out the panel."""
        self.service, self.parts = service, parts
        self.page = gr.HTML()

    @property
    def shown(self) -> list[Any]:
        """The components that `show` sets."""
        return [self.page]

    def show(self, interview: str | None, exchange: int | None) -> dict[Any, Any]:
        """Draw the panel."""
        return {self.page: ""}

    def wire(self, chosen: gr.State, exchange: gr.State) -> None:
        """Connect its events."""

"""To be written."""

from typing import Any

import gradio as gr

from interviewer.service import Service
from interviewer.wiring import Parts


class ProgressTab:
    """To be written."""

    def __init__(self, service: Service, parts: Parts) -> None:
        """Lay out the tab."""
        self.service, self.parts = service, parts
        self.page = gr.HTML()

    @property
    def shown(self) -> list[Any]:
        """The components that `refresh` sets."""
        return [self.page]

    def refresh(self) -> dict[Any, Any]:
        """Draw the tab; called whenever it is selected."""
        return {self.page: ""}

    def wire(self) -> None:
        """Connect its events."""

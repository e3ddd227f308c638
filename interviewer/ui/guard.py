"""Errors on the way to the screen: a sentence for what a person can mend, an id for a fault."""

import functools
import inspect
import logging
import secrets
from collections.abc import Callable
from typing import Any

import gradio as gr

from interviewer.errors import InterviewerError
from interviewer.ui.html import escape

# How an event is wired. A toast is shown for a queued event only; what comes with every key press, or only
# shows and hides, goes directly.
QUEUED: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 16}
# What draws the same list is answered in the order it was asked, so that no older answer comes after a newer one.
IN_ORDER: dict[str, Any] = QUEUED | {"concurrency_limit": 1, "concurrency_id": "library"}
# A press while the last one of the same button is under way is dropped, unless each of them counts.
EACH: dict[str, Any] = QUEUED | {"concurrency_limit": 1, "trigger_mode": "multiple"}
DIRECT: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
LOG = logging.getLogger("interviewer.ui")


def guarded(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap an event handler, so that an error becomes a toast and never a traceback."""
    if inspect.isgeneratorfunction(handler):

        @functools.wraps(handler)
        def stream(*values: Any) -> Any:
            begun = False
            try:
                for value in handler(*values):
                    yield value
                    begun = True
            except Exception as error:
                if not begun:
                    # An event that ends without a value empties its components; one that raises leaves them.
                    raise toast(error) from None
                warn(error)

        return stream

    @functools.wraps(handler)
    def call(*values: Any) -> Any:
        try:
            return handler(*values)
        except Exception as error:
            raise toast(error) from None

    return call


def toast(error: Exception) -> gr.Error:
    """Return the toast for an error; Gradio shows its text as HTML, so it is escaped."""
    if isinstance(error, gr.Error):
        return error
    return gr.Error(escape(sentence(error)), print_exception=False)


def sentence(error: Exception) -> str:
    """Return what a person is told of an error; a fault is logged under an id, and only the id is told."""
    if isinstance(error, InterviewerError):
        return str(error)
    fault = secrets.token_hex(3)
    LOG.error("fault %s", fault, exc_info=error)
    return f"A fault of the program, kept in its log as {fault}. Nothing you sent is lost; reload the page to go on."


def warn(error: Exception) -> None:
    """Show the toast for an error without ending the event it comes from."""
    gr.Warning(toast(error).message)

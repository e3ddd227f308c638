"""What a provider's exception means, in one sentence that never holds a key.

Providers raise classes of their own; status codes and the names in an
exception's ancestry are common to all, so no provider is imported here.
"""

import re
from collections.abc import Iterator, Set
from typing import Any

from interviewer.errors import BadModelReply, ModelError, ModelTimeout, ModelUnavailable
from interviewer.settings import ModelSettings

# What servers write when they name an optional parameter they do not take.
_NAMES = {
    "temperature": ("temperature",),
    "stream_options": ("stream_options", "include_usage"),
    "max_tokens": ("max_tokens", "max_completion_tokens"),
    "response_format": (
        "response_format",
        "json_schema",
        "structured output",
        "structured_output",
        "json mode",
        "tool_choice",
        "tools",
        "tool use",
        "function calling",
        "parallel_tool_calls",
        "grammar",
    ),
}


def refused_parameter(error: Exception, sent: Set[str]) -> str | None:
    """Return which of the optional parameters sent the error refuses, or None."""
    if _status(error) not in (400, 404, 405, 422, 501):
        return None
    text = f"{getattr(error, 'param', '') or ''} {error}".lower()
    return next((name for name, words in _NAMES.items() if name in sent and any(w in text for w in words)), None)


def translate(error: Exception, settings: ModelSettings, key: str | None, begun: bool = False) -> ModelError:
    """Return the ModelError that says what happened and what to do.

    Args:
        error: What the provider's client raised.
        settings: The model's settings.
        key: The key to keep out of the sentence.
        begun: Whether part of the reply had come before the error.
    """
    spec, status = settings.model, _status(error)
    where = f" at {settings.base_url}" if settings.base_url else ""
    said = _scrub(str(error), key)
    ancestry = " ".join(cls.__name__ for cls in type(error).__mro__)
    if "LengthFinishReason" in ancestry:
        return BadModelReply(f"The reply of {spec} was cut off at {settings.max_tokens} tokens. Raise `max_tokens`.")
    if "ContentFilter" in ancestry:
        return BadModelReply(f"The provider's filter cut off the reply of {spec}.")
    if "Timeout" in ancestry or status in (408, 504):
        return ModelTimeout(
            f"The model {spec}{where} did not answer within {settings.timeout:g} seconds. "
            "Raise `timeout`, or use a faster model."
        )
    if status in (401, 403):
        variable = settings.api_key_env or "the key's environment variable"
        return ModelUnavailable(
            f"The model {spec}{where} refused the key (status {status}). Check the key in {variable}."
        )
    if status == 404:
        return ModelUnavailable(
            f"There is no model {spec}{where} (status 404). Check `model`, and that `base_url` ends in /v1."
        )
    if status == 429:
        return ModelUnavailable(
            f"The provider of {spec}{where} takes no more requests now (status 429: too many, or no credit left). "
            "Wait a moment, or check the account's limits."
        )
    if status is not None and status >= 500:
        return ModelUnavailable(f"The server of {spec}{where} failed (status {status}). Try again in a moment.")
    if status is not None:
        return ModelUnavailable(
            f"The model {spec}{where} refused the request (status {status}: {said.rstrip('.')}). Check its settings."
        )
    unreached = any(name in ancestry for name in ("Connection", "ConnectError", "TransportError", "NetworkError"))
    # A body that ended too early: the client's own error says "connection error", what it came from says more.
    begun = begun or any("complete message body" in str(cause) for cause in _causes(error))
    if begun and (unreached or "APIError" in ancestry):
        return ModelUnavailable(f"The reply of {spec}{where} broke off in the middle.")
    if unreached:
        return ModelUnavailable(
            f"The model {spec} cannot be reached{where or ' at its provider'}. Check that the server runs and the "
            "network works."
        )
    if "OpenAIError" in ancestry and "api_key" in said.lower():
        return ModelUnavailable(f"There is no key for {spec}. Set the environment variable its provider expects.")
    return BadModelReply(
        f"The model {spec}{where} answered something that is no chat reply ({type(error).__name__}). "
        "Check that `base_url` is an OpenAI-compatible server and ends in /v1.",
        said,
    )


def _status(error: Exception) -> int | None:
    """Return the HTTP status an exception carries, wherever its provider keeps it."""
    found: Any = getattr(error, "status_code", None)
    if found is None:
        found = getattr(getattr(error, "response", None), "status_code", None)
    if found is None:
        found = getattr(error, "code", None)
    return found if isinstance(found, int) and found >= 400 else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    while (cause := error.__cause__) is not None:
        yield cause
        error = cause


def _scrub(text: str, key: str | None) -> str:
    """Return a server's words with anything that looks like a key taken out, cut to a readable length."""
    if key:
        text = text.replace(key, "***")
    text = re.sub(r"\b(sk|pk|gsk|xai|AIza)[-_A-Za-z0-9*]{8,}", "***", text)
    text = re.sub(r"(?i)bearer\s+\S+", "Bearer ***", text)
    return " ".join(text.split())[:300]

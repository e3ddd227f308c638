"""Read what a chat model sent: its text, its reason for stopping, its refusal, its JSON."""

import json
from collections.abc import Generator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from interviewer.errors import BadModelReply

Reply = TypeVar("Reply", bound=BaseModel)

# Marks around a reasoning model's thoughts, where its server leaves them in.
_THINK, _THOUGHT = "<think>", "</think>"
# Ways a provider says why it stopped; an OpenAI stream without one was cut.
_FINISHES = ("finish_reason", "stop_reason", "done_reason")


def tokens(message: Any) -> tuple[int, int, int] | None:
    """Return tokens read, of those from a cache, and written; None where the message reports none."""
    found = message.usage_metadata
    if not found:
        return None
    cached = (found.get("input_token_details") or {}).get("cache_read", 0) or 0
    return found.get("input_tokens", 0), cached, found.get("output_tokens", 0)


def tokens_of_error(error: Exception) -> tuple[int, int, int] | None:
    """Return the same of a reply that the client raised instead of returning it, such as one that was cut off."""
    used = getattr(getattr(error, "completion", None), "usage", None)
    if used is None:
        return None
    details = getattr(used, "prompt_tokens_details", None)
    return used.prompt_tokens, getattr(details, "cached_tokens", 0) or 0, used.completion_tokens


def text_of_error(error: Exception) -> str:
    """Return the text of such a reply; empty when there is none."""
    choices = getattr(getattr(error, "completion", None), "choices", None)
    return str(choices[0].message.content or "") if choices else ""


def finish(message: Any) -> str:
    metadata = message.response_metadata or {}
    return next((str(metadata[name]) for name in _FINISHES if metadata.get(name)), "")


def raise_refusal(spec: str, message: Any) -> None:
    refusal = message.additional_kwargs.get("refusal")
    if not refusal and isinstance(message.content, list):
        blocks = (block for block in message.content if isinstance(block, dict))
        refusal = next((block["refusal"] for block in blocks if block.get("refusal")), None)
    if refusal:
        raise BadModelReply(f"The model {spec} refused: {str(refusal)[:200]}", str(refusal))


def raw_text(message: Any) -> str:
    """Return the reply's text; for a tool call, its arguments."""
    text = str(message.text)
    if text.strip():
        return text
    for call in message.tool_calls:
        return json.dumps(call["args"], ensure_ascii=False)
    return next((str(call.get("args") or "") for call in message.invalid_tool_calls), "")


def without_thinking(pieces: Generator[str, None, None]) -> Generator[str, None, None]:
    """Yield a stream without the `<think>` block that some local servers leave in a reasoning model's reply."""
    head: str | None = ""
    try:
        for piece in pieces:
            if head is None:
                yield piece
                continue
            head = (head + piece).lstrip()
            if head.startswith(_THINK):
                if _THOUGHT not in head:
                    continue
                head = head.partition(_THOUGHT)[2].lstrip()
            elif _THINK.startswith(head):
                continue
            if head:
                yield head
                head = None
    finally:
        pieces.close()
    if head and not head.startswith(_THINK):
        yield head


def parse(spec: str, raw: str, schema: type[Reply]) -> Reply:
    """Read the JSON object in a reply, whatever stands around it."""
    if not raw.strip():
        raise BadModelReply(f"The reply of {spec} was empty.", raw)
    text = raw.partition(_THOUGHT)[2] if raw.lstrip().startswith(_THINK) and _THOUGHT in raw else raw
    start, end = text.find("{"), text.rfind("}")
    try:
        value = json.loads(text[start : end + 1] if 0 <= start < end else text, strict=False)
        return schema.model_validate(value)
    except ValidationError as error:
        places = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)]
        more = f"; and {len(places) - 8} more" if len(places) > 8 else ""
        problem = f"The reply of {spec} does not fit the form: {'; '.join(places[:8])}{more}."
    except (ValueError, RecursionError) as error:
        problem = f"The reply of {spec} is not one JSON object: {str(error)[:120]}."
    raise BadModelReply(problem, raw)

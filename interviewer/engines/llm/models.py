"""A chat model, opened by one line of settings: the only reader of langchain and openai.

LangChain takes seconds to import, so it is imported at the first call (or by
`warm`, in the background). Whatever a provider raises leaves this room as one
of our ModelErrors: a sentence that never holds the key.
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from interviewer.engines.llm.faults import refused_parameter, translate
from interviewer.engines.llm.local import GGUF, serve
from interviewer.engines.llm.replies import (
    Reply,
    finish,
    parse,
    raise_refusal,
    raw_text,
    text_of_error,
    tokens,
    tokens_of_error,
    without_thinking,
)
from interviewer.engines.protocols import Usage
from interviewer.errors import BadModelReply, ModelError, ModelTimeout, ModelUnavailable
from interviewer.settings import ModelSettings

Message = tuple[Literal["system", "user", "assistant"], str]
Result = TypeVar("Result")

# How providers say that a reply came to the limit of tokens.
_CUT_OFF = ("length", "max_tokens")
# How LangChain names the package that a provider needs.
_PACKAGE = re.compile(r"pip install (?:-U )?([\w-]+)")

log = logging.getLogger(__name__)


class ChatModel:
    """One configured model: streams text, or fills in a schema.

    Attributes:
        settings: What it was opened with.
        spec: The model as the settings name it; written on all it says and grades.
    """

    def __init__(self, settings: ModelSettings, key: str | None = None) -> None:
        self.settings = settings
        self.spec = settings.model
        self._key = key
        self._refused: set[str] = set()
        self._client: Any = None
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Import and build everything the first call needs.

        Raises:
            ModelUnavailable: When a package, a key or a model file is missing.
        """
        self._open()

    def stream(self, messages: Sequence[Message], usage: Usage) -> Iterator[str]:
        """Yield the reply's text as it comes; `usage` is complete when it ends.

        Raises:
            ModelError: When the model cannot be reached, does not answer in time, refuses, or breaks off.
        """
        return without_thinking(self._pieces(messages, usage))

    def _pieces(self, messages: Sequence[Message], usage: Usage) -> Generator[str, None, None]:
        chunks, chunk = self._calling(lambda: self._first_chunk(messages))
        # From the first chunk on: what came before it (imports, a request that was repeated) has limits of its own.
        deadline = time.monotonic() + self.settings.timeout
        stopped = ""
        try:
            while chunk is not None:
                self._count(usage, tokens(chunk))
                raise_refusal(self.spec, chunk)
                stopped = finish(chunk) or stopped
                text = str(chunk.text)
                if text:
                    yield text
                if time.monotonic() > deadline:
                    raise ModelTimeout(
                        f"The model {self.spec} was still speaking after {self.settings.timeout:g} seconds. "
                        "Raise `timeout`, or use a faster model."
                    )
                chunk = next(chunks, None)
        except ModelError:
            raise
        except Exception as error:
            raise self._translated(error, begun=True) from None
        finally:
            chunks.close()
        if stopped == "content_filter":
            raise BadModelReply(f"The provider's filter cut off the reply of {self.spec}.")
        if stopped in _CUT_OFF:
            raise self._cut_off("")
        if not stopped and self._openai:
            raise ModelUnavailable(f"The reply of {self.spec} broke off in the middle.")

    def structured(self, messages: Sequence[Message], schema: type[Reply], usage: Usage) -> Reply:
        """Return the reply as an instance of `schema`.

        Raises:
            BadModelReply: When the reply does not fit; its text says why, `raw` holds the reply.
            ModelError: When there is no reply.
        """
        message = self._calling(lambda: self._structured(messages, schema, usage))
        self._count(usage, tokens(message))
        raw = raw_text(message)
        raise_refusal(self.spec, message)
        if finish(message) in _CUT_OFF:
            raise self._cut_off(raw)
        return parse(self.spec, raw, schema)

    def _cut_off(self, raw: str) -> BadModelReply:
        limit = self.settings.max_tokens
        return BadModelReply(f"The reply of {self.spec} was cut off at {limit} tokens. Raise `max_tokens`.", raw)

    def _count(self, usage: Usage, found: tuple[int, int, int] | None) -> None:
        if found is None:
            return
        read, cached, written = found
        usage.tokens_in += read
        usage.tokens_cached += cached
        usage.tokens_out += written
        price = cost(self.settings, read, cached, written)
        if price is not None:
            usage.price = (usage.price or 0.0) + price

    # -- the client ------------------------------------------------------------------------------------------------

    @property
    def _openai(self) -> bool:
        return self.spec.partition(":")[0] in ("openai", GGUF)

    def _open(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = self._build()
            return self._client

    def _build(self) -> Any:
        provider, _, name = self.spec.partition(":")
        settings = self.settings
        base_url, key = settings.base_url, self._key
        if provider == GGUF:
            served = serve(name)
            base_url, key, provider, name = served.url, served.key, "openai", "local"
        if provider == "openai" and not base_url and not key:
            variable = settings.api_key_env or "OPENAI_API_KEY"
            raise ModelUnavailable(
                f"There is no key for {self.spec}. Set the environment variable {variable}, or `base_url` for a server "
                "that needs none."
            )
        options: dict[str, Any] = {"timeout": settings.timeout, "max_retries": settings.retries}
        if settings.temperature is not None:
            options["temperature"] = settings.temperature
        if base_url:
            options["base_url"] = base_url
        if key or base_url:
            # A local server asks for no key, the client does.
            options["api_key"] = key or "none"
        if provider == "openai":
            options["stream_usage"] = "stream_options" not in self._refused
        if provider == "openai" and base_url:
            # Servers that speak OpenAI's protocol know its older name for the limit, and no other API.
            options["extra_body"] = {"max_tokens": settings.max_tokens}
            options["use_responses_api"] = False
        else:
            options["max_tokens"] = settings.max_tokens
        limit = "extra_body" if "extra_body" in options else "max_tokens"
        for refused in self._refused:
            options.pop(limit if refused == "max_tokens" else refused, None)
        try:
            from langchain.chat_models import init_chat_model

            return init_chat_model(f"{provider}:{name}", **options)
        except ImportError as error:
            named = _PACKAGE.search(str(error))
            package = named.group(1) if named else f"langchain-{provider.replace('_', '-')}"
            raise ModelUnavailable(
                f"The package for {self.spec} is not installed. Install it with: pip install {package}"
            ) from None
        except ValidationError as error:
            problem = str(error.errors(include_input=False)[0]["msg"]).removeprefix("Value error, ")
            raise ModelUnavailable(f"The model {self.spec} cannot be opened: {problem.rstrip('.')}.") from None
        except ModelError:
            raise
        except Exception as error:
            raise self._translated(error) from None

    def _calling(self, call: Callable[[], Result]) -> Result:
        """Call; where the model refuses an optional parameter, drop that one for good and call again.

        A refusal is held against what this call sent: another thread may have dropped the parameter meanwhile. Each
        round sends less than the one before, so the rounds end.
        """
        while True:
            sent = self._sent()
            try:
                return call()
            except ModelError:
                raise
            except Exception as error:
                refused = refused_parameter(error, sent)
                if refused is None:
                    raise self._translated(error) from None
                log.info("%s refuses %s; going on without it", self.spec, refused)
                with self._lock:
                    self._refused.add(refused)
                    self._client = None

    def _sent(self) -> set[str]:
        """Return the optional parameters a request may still hold."""
        sent = {"max_tokens", "stream_options"}
        if self.settings.temperature is not None:
            sent.add("temperature")
        if self.settings.structured_output != "prompt":
            sent.add("response_format")
        return sent - self._refused

    def _translated(self, error: Exception, begun: bool = False) -> ModelError:
        found = translate(error, self.settings, self._key, begun)
        if isinstance(found, BadModelReply) and not found.raw:
            found.raw = text_of_error(error)
        log.debug("%s: %s: %s", self.spec, type(error).__name__, found)
        return found

    def _first_chunk(self, messages: Sequence[Message]) -> tuple[Any, Any]:
        """Open a stream and wait for its first chunk: refusals to serve show here."""
        from langsmith import tracing_context

        client = self._open()
        # LangChain decides about tracing at the first chunk; leaving the block before any text is handed out keeps
        # the setting from spilling over into the caller's context.
        with tracing_context(enabled=False):
            chunks = client.stream(list(messages))
            return chunks, next(chunks, None)

    def _structured(self, messages: Sequence[Message], schema: type[BaseModel], usage: Usage) -> Any:
        from langsmith import tracing_context

        client = self._open()
        method = "prompt" if "response_format" in self._refused else self.settings.structured_output
        with tracing_context(enabled=False):
            if method == "prompt":
                return client.invoke(list(messages))
            try:
                return self._bound(client, schema, method).invoke(list(messages))
            except Exception as error:
                # A reply that was cut off is raised, not returned; it was paid for, and a repair can build on it.
                self._count(usage, tokens_of_error(error))
                raise

    def _bound(self, client: Any, schema: type[BaseModel], method: str) -> Any:
        """Return the client with the schema bound to it, answering with the message as it came.

        `with_structured_output` would also parse what comes, in a time that grows with the square of its length; ten
        thousand tokens of rubbish cost it a quarter of a minute. So only its binding is used.
        """
        form = _json_schema(schema)
        name = schema.__name__
        if self._openai and method == "json_schema":
            shape = {"name": name, "schema": form, "strict": True}
            return client.bind(response_format={"type": "json_schema", "json_schema": shape})
        if self._openai and method == "json_mode":
            return client.bind(response_format={"type": "json_object"})
        if method == "function_calling":
            return client.bind_tools([form], tool_choice=name, **({"strict": True} if self._openai else {}))
        try:
            whole = client.with_structured_output(form, method=method, include_raw=True)
        except (NotImplementedError, ValueError, TypeError) as error:
            # This provider knows no such method; the prompt describes the form in any case.
            log.debug("%s takes no schema by %s: %s", self.spec, method, error)
            return client
        return whole | (lambda answer: answer["raw"])


@lru_cache(maxsize=64)
def _json_schema(schema: type[BaseModel]) -> dict[str, Any]:
    """Return a class's JSON schema; making it takes milliseconds, and a rubric's class is used again and again."""
    return schema.model_json_schema()


def open_model(settings: ModelSettings, key: str | None = None) -> ChatModel:
    """Return the model that settings describe; nothing is imported or reached before its first call.

    Args:
        settings: Any but the embedded engine's.
        key: The provider's key; None for a server that needs none.
    """
    return ChatModel(settings, key)


def cost(settings: ModelSettings, read: int, cached: int, written: int) -> float | None:
    """Return the price of a number of tokens in the currency of the settings; None when no price is set.

    Args:
        settings: The model's settings, prices per million tokens.
        read: Tokens read, those from the prefix cache included.
        cached: Of those, the ones from the prefix cache.
        written: Tokens written.
    """
    if settings.price_in is None and settings.price_out is None:
        return None
    price_in, price_out = settings.price_in or 0.0, settings.price_out or 0.0
    price_cached = price_in if settings.price_cached is None else settings.price_cached
    return (max(0, read - cached) * price_in + cached * price_cached + written * price_out) / 1_000_000

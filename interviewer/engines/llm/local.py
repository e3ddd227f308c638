"""A model file, run in this process by llama.cpp and reached over its OpenAI-compatible loopback server."""

import importlib
import os
import secrets
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interviewer.errors import ModelUnavailable

GGUF = "gguf"
# Tokens of context that both requests share: the whole rubric, an exchange of an hour and the reply fit.
CONTEXT = 16_384
# One request of the interviewer and one of the grader at a time, so that neither waits for the other.
AT_ONCE = 2
# llama.cpp's number for "errors only"; it writes to standard error.
_ERRORS_ONLY = 1


@dataclass(frozen=True, slots=True)
class Served:
    """A model file that is loaded.

    Attributes:
        url: Address of its server, ending in /v1.
        key: Key that the server asks for, made for this process, so that no web page can talk to it.
        server: Keeps the model in memory.
    """

    url: str
    key: str
    server: Any


_served: dict[Path, Served] = {}
_lock = threading.Lock()


def serve(file: str) -> Served:
    """Load a model file, once for this process.

    Raises:
        ModelUnavailable: When the file or llama.cpp is missing, or the file cannot be loaded.
    """
    path = Path(file).expanduser().resolve()
    with _lock:
        if path not in _served:
            _served[path] = _load(path)
        return _served[path]


def _load(path: Path) -> Served:
    if not path.is_file():
        raise ModelUnavailable(f"There is no model file {str(path)!r}. Give the path of a .gguf file after `gguf:`.")
    try:
        llama = importlib.import_module("xllamacpp")
    except ImportError:
        raise ModelUnavailable(
            "Model files need llama.cpp, which is not installed. Install it with: pip install xllamacpp"
        ) from None
    key = secrets.token_hex(16)
    params = llama.CommonParams()
    params.model.path = str(path)
    params.hostnames = ["127.0.0.1"]
    params.port = _free_port()
    params.api_keys = [key]
    params.cors_origins, params.ui, params.endpoint_slots, params.offline = "localhost", False, False, True
    params.n_ctx, params.n_parallel, params.kv_unified = CONTEXT, AT_ONCE, True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = os.cpu_count() or 2
    params.verbosity = _ERRORS_ONLY
    try:
        server = llama.Server(params)
    except Exception as error:
        raise ModelUnavailable(
            f"The model file {str(path)!r} cannot be loaded: {str(error)[:200].rstrip('.')}. "
            "Check that it is a whole .gguf file."
        ) from None
    return Served(f"{server.listening_address.rstrip('/')}/v1", key, server)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

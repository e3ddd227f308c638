"""A model file, run in this process by llama.cpp and reached over its OpenAI-compatible loopback server."""

import importlib
import os
import socket
import threading
from pathlib import Path
from typing import Any

from interviewer.errors import ModelUnavailable

GGUF = "gguf"
# Tokens of context: the whole rubric, an exchange of an hour and the reply fit.
CONTEXT = 16_384

_servers: dict[Path, Any] = {}
_lock = threading.Lock()


def serve(file: str) -> str:
    """Load a model file, once for this process, and return the address of its server, ending in /v1.

    Raises:
        ModelUnavailable: When the file or llama.cpp is missing, or the file cannot be loaded.
    """
    path = Path(file).expanduser().resolve()
    with _lock:
        if path not in _servers:
            _servers[path] = _load(path)
        return f"{_servers[path].listening_address.rstrip('/')}/v1"


def _load(path: Path) -> Any:
    if not path.is_file():
        raise ModelUnavailable(f"There is no model file {str(path)!r}. Give the path of a .gguf file after `gguf:`.")
    try:
        llama = importlib.import_module("xllamacpp")
    except ImportError:
        raise ModelUnavailable(
            "Model files need llama.cpp, which is not installed. Install it with: pip install 'interviewer[local]'"
        ) from None
    params = llama.CommonParams()
    params.model.path = str(path)
    params.hostname = "127.0.0.1"
    params.port = _free_port()
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = os.cpu_count() or 2
    try:
        return llama.Server(params)
    except Exception as error:
        raise ModelUnavailable(f"The model file {str(path)!r} cannot be loaded: {str(error)[:200]}.") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""What every test stands on: no network but loopback, no keys, a data folder of its own."""

import os
import socket
from pathlib import Path

import pytest

import interviewer  # noqa: F401  (shuts telemetry before anything else is imported)
from interviewer.guide.markdown import read_guide
from interviewer.guide.model import Guide

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@pytest.fixture(autouse=True)
def _sealed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Close sockets to all but loopback, and clear whatever a developer's shell exports."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in LOOPBACK:
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)
    for name in list(os.environ):
        if name.startswith("INTERVIEWER_") or name.endswith("_API_KEY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("INTERVIEWER_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture(scope="session")
def guide() -> Guide:
    """The built-in guide."""
    return read_guide([ROOT / "knowledge" / "guides"])[0]

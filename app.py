"""The browser app: `python app.py [--host HOST] [--port PORT] [--model NAME] [--config FILE]`."""

import argparse
import errno
import gc
import importlib.metadata
import logging
import socket
import sys
import threading
from pathlib import Path

from interviewer.errors import ConfigError, InterviewerError
from interviewer.settings import load_settings
from interviewer.wiring import Parts


def main(arguments: list[str] | None = None) -> int:
    """Run the app until it is interrupted; return the exit code."""
    parser = argparse.ArgumentParser(description="A mock interviewer in the browser.")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on, 0 for any free one (default 7860)")
    parser.add_argument("--model", help="who speaks and grades: embedded, a profile's name, or a spec")
    parser.add_argument("--config", type=Path, help="a settings file (default ./interviewer.toml)")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = load_settings(chosen.config, flags={"host": chosen.host, "port": chosen.port, "model": chosen.model})
        port = free_port(settings.host, settings.port)
        check_mcp(settings.mcp)
        parts = Parts(settings)
        service = parts.service()
    except InterviewerError as error:
        print(error, file=sys.stderr)
        return 2

    # Gradio takes seconds to import; what can go wrong has gone wrong before it. What is imported and built stays for
    # good, so looking it over for garbage meanwhile, a fifth of the time, finds nothing.
    gc.disable()
    from interviewer.ui import screen, theme
    from interviewer.ui.endpoints import own_pages_only

    opened = threading.Event()
    blocks = screen.build_screen(service, parts, opened.set)
    _, url, _ = blocks.launch(
        server_name=settings.host,
        server_port=port,
        theme=theme.THEME,
        css=screen.CSS,
        head=theme.HEAD,
        share=False,
        run_history=False,
        enable_monitoring=False,
        footer_links=[],
        allowed_paths=[],
        ssr_mode=False,
        pwa=False,
        mcp_server=settings.mcp,
        app_kwargs={"middleware": [own_pages_only(settings.host)]},
        inbrowser=False,
        show_error=False,
        quiet=True,
        prevent_thread_lock=True,
    )
    gc.freeze()
    gc.enable()
    print(f"Mock interviewer: {url}  (Ctrl+C ends it)", flush=True)
    threading.Thread(target=_warm, args=(parts, opened), name="warm", daemon=True).start()
    blocks.block_thread()
    return 0


def _warm(parts: Parts, opened: threading.Event) -> None:
    """Make what the first answer needs, once the first page is there or nobody has come for it."""
    opened.wait(timeout=5)
    try:
        parts.warm()
    except Exception:
        logging.getLogger("interviewer").exception("the engines could not be made ready; they are tried again on use")


def free_port(host: str, port: int) -> int:
    """Return the port when it can be listened on; for 0, one that is free.

    Raises:
        ConfigError: When it is taken or not allowed, or the host is not an address of this machine.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise ConfigError(f"Port {port} is in use. Give another one with --port, or 0 for any.") from None
        why = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"{host!r}, port {port}, cannot be listened on: {why}. Give --host and --port.") from None


def check_mcp(wanted: bool) -> None:
    """Check that the package behind `mcp = true` is there; without it the app would start and offer no tools.

    Raises:
        ConfigError: When it is not, or in a version the app cannot use.
    """
    if not wanted:
        return
    try:
        found = importlib.metadata.version("mcp")
    except importlib.metadata.PackageNotFoundError:
        found = ""
    if not found.startswith("1."):
        what = f"version {found} of the mcp package is installed" if found else "the mcp package is not installed"
        raise ConfigError(
            f'mcp is set, but {what}. Install the right one with .venv/bin/pip install -e ".[mcp]", or unset mcp.'
        )


if __name__ == "__main__":
    raise SystemExit(main())

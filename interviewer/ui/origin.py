"""Who may talk to the app: its own page and programs of this machine, and no other page that a browser has open.

A page of any site can make a browser send requests to this machine, and a name that its owner points here makes such a
page look like ours. Gradio withholds its answers from the former and lets the latter read everything.
"""

import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
Scope = dict[str, Any]
Call = Callable[..., Awaitable[None]]


class OwnPagesOnly:
    """Middleware that refuses requests made by other sites' pages, before anything else sees them."""

    def __init__(self, app: Call, host: str) -> None:
        """Wrap an ASGI app.

        Args:
            host: Address the app listens on. On loopback only loopback names are answered to; elsewhere any name is,
                since nobody knows here what others call this machine.
        """
        self.app = app
        self.names = LOOPBACK | {host} if is_loopback(host) else None

    async def __call__(self, scope: Scope, receive: Call, send: Call) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
            if reason := refusal(scope.get("method", "GET"), headers, self.names):
                await _refuse(scope["type"], reason, send)
                return
        await self.app(scope, receive, send)


def is_loopback(host: str) -> bool:
    """Return whether an address can only be reached from this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refusal(method: str, headers: Mapping[str, str], names: frozenset[str] | None) -> str | None:
    """Return why a request is refused; None when it is not.

    Args:
        headers: By name in lower case.
        names: Hosts that are answered to; None for any.
    """
    host = headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname
        origin = urlsplit(headers["origin"]).netloc if "origin" in headers else None
    except ValueError:
        return "The request's address cannot be read."
    if names is not None and name not in names:
        return f"This app answers to {', '.join(sorted(names))} only. Open it under one of those."
    if origin is not None and origin.lower() != host.lower():
        return "This request comes from another site's page."
    # Browsers leave the origin out of what a page merely embeds, and say where it is embedded instead.
    opened = method in ("GET", "HEAD") and (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == (
        "navigate",
        "document",
    )
    if headers.get("sec-fetch-site") in ("cross-site", "same-site") and not opened:
        return "This request comes from another site's page."
    return None


async def _refuse(kind: str, reason: str, send: Call) -> None:
    if kind == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode()})

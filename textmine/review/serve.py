"""Serves the desk over HTTP: on this machine alone, unless told otherwise."""

from __future__ import annotations

import ipaddress
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from textmine.errors import ConfigError, MissingExtra
from textmine.review.desk import Desk
from textmine.review.nouns import ROLES

__all__ = ["OnlyFrom", "serve"]

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[Any]]
_Send = Callable[[Any], Awaitable[None]]
_App = Callable[[_Scope, _Receive, _Send], Awaitable[None]]


class OnlyFrom:
    """Answers these addresses alone: whoever else reached a desk behind a proxy could claim to be
    anybody."""

    def __init__(self, app: _App, addresses: Sequence[str]) -> None:
        self.app = app
        try:
            self.networks = [ipaddress.ip_network(a, strict=False) for a in addresses]
        except ValueError as error:
            raise ConfigError(f"--trusted-proxy: {error}. Give addresses like 10.0.0.7.") from None

    def admits(self, host: str) -> bool:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in network for network in self.networks)

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        client = scope.get("client")
        if scope["type"] == "http" and not (client and self.admits(client[0])):
            await send({"type": "http.response.start", "status": 403,
                        "headers": [(b"content-type", b"text/plain; charset=utf-8")]})  # fmt: skip
            await send({"type": "http.response.body",
                        "body": b"Use the address of the proxy.\n"})  # fmt: skip
            return
        await self.app(scope, receive, send)


def serve(
    desk: Desk,
    *,
    host: str,
    port: int,
    proxy_header: str | None = None,
    proxy_role: str | None = None,
    proxies: Sequence[str] = ("127.0.0.1", "::1"),
    https: bool = False,
) -> None:
    """Serves until it is interrupted. Prints to stderr where, and for a desk without accounts the
    link for the one person at this machine."""
    if proxy_role is not None and proxy_role not in ROLES:
        raise ConfigError(f"--proxy-role: there are {', '.join(ROLES)}, not {proxy_role!r}.")
    alone = proxy_header is None and not desk.accounts_exist()
    if alone and not _loopback(host):
        raise ConfigError(
            f"The desk has no accounts, so it is for one person on this machine, and --host {host} "
            "would show it to others. Make accounts first: textmine desk account add NAME --role "
            f"admin --store {desk.label}"
        )
    try:
        import uvicorn

        from textmine.review.web.app import create_app
    except ImportError as error:
        raise MissingExtra(str(error.name or "fastapi"), "review") from None
    app: Any = create_app(desk, proxy_header=proxy_header, proxy_role=proxy_role, secure=https)
    if proxy_header is not None:
        app = OnlyFrom(app, proxies)
    with _listening(host, port) as listener:
        place = _shown(host, listener.getsockname()[1])
        print(_greeting(desk, place, alone), file=sys.stderr, flush=True)
        # No access log: links and findings that people look at are nobody else's business.
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, proxy_headers=False, server_header=False,
            timeout_graceful_shutdown=5,
        )  # fmt: skip
        uvicorn.Server(config).run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"Port {port} of {host} cannot be used: {error.strerror}. Is another desk running "
            "there? Give another with --port, or --port 0 for any that is free."
        ) from None
    listener.listen(256)
    return listener


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(host: str, port: int) -> str:
    name = "127.0.0.1" if host in ("0.0.0.0", "localhost") else "[::1]" if host == "::" else host
    return f"http://[{name}]:{port}" if ":" in name and "[" not in name else f"http://{name}:{port}"


def _greeting(desk: Desk, place: str, alone: bool) -> str:
    more = " (read only)" if desk.read_only else ""
    if alone:
        return (
            f"Reviewing {desk.corpus} in {desk.label}{more}. Open this link; it works once:\n"
            f"  {place}/login/local?token={desk.local_token()}\n"
            "Ctrl-C ends the desk. What was decided is stored."
        )
    return f"Reviewing {desk.corpus} in {desk.label}{more} at {place}. Ctrl-C ends the desk."

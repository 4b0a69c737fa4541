"""`ganvas serve`: the generation server as a process, from its socket to its end."""

import asyncio
import ipaddress
import signal
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..base.errors import UsageError
from .api_guard import ApiGuard, hosts_of, refusal
from .generation import Generation, page_files
from .loopback import LOOPBACK, file_route, listening_socket
from .openapi import document

HEADER_SECONDS = 10.0  # in which the first request of a connection has begun
HEADER_BYTES = 1 << 14
SHORTEST_TOKEN = 16


class TimedProtocol(H11Protocol):
    """HTTP/1.1 whose connections are closed if no whole header arrives in HEADER_SECONDS."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.first = self.loop.call_later(HEADER_SECONDS, self.close_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        self.first.cancel()
        super().connection_lost(exc)

    def close_if_idle(self) -> None:
        """Close the connection if it has sent no request."""
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()


class ApiServer:
    """One server: its socket listens as soon as it is made, so that a port in use is known before models are loaded.

    Args:
        host: address to listen on.
        port: 0 for a free one.
        allowed: further names under which clients reach the server, such as that of a proxy.
        token: which requests carry; may be empty on this machine's own address.
        drain: seconds that requests in progress get after SIGTERM.

    Raises:
        UsageError: another address than this machine's own, without a token or without names.
        ResourceError: the port cannot be used.
    """

    def __init__(
        self, host: str = LOOPBACK, port: int = 0, *, allowed: Sequence[str] = (), token: str = "", drain: int = 30
    ) -> None:
        check_reach(host, allowed, token)
        self.token, self.drain, self.host = token, drain, host
        self.listening: socket.socket = listening_socket(port, host)
        self.port: int = self.listening.getsockname()[1]
        self.hosts = hosts_of(allowed, self.port)
        self.server: uvicorn.Server | None = None

    @property
    def address(self) -> str:
        """Of the page."""
        name = LOOPBACK if ipaddress.ip_address(self.host).is_unspecified else self.host
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}/"

    def draining(self) -> bool:
        """Whether SIGTERM or Ctrl-C has come."""
        return self.server is not None and self.server.should_exit

    def stop(self) -> None:
        """Finish the requests in progress and return from `run`."""
        if self.server is not None:
            self.server.should_exit = True

    def close(self) -> None:
        """Stop to listen."""
        self.listening.close()

    def run(self, generation: Generation, ready: Callable[[], None]) -> None:
        """Answer until SIGTERM or Ctrl-C; requests in progress are finished.

        Args:
            generation: the routes.
            ready: called before the first request is read.
        """
        app = self.app(generation)
        # no line for each wrong request: strangers could fill the log, or block a server whose log is not read
        quiet: dict[str, Any] = {"log_config": None, "log_level": "error", "access_log": False, "server_header": False}
        limits: dict[str, Any] = {"h11_max_incomplete_event_size": HEADER_BYTES, "timeout_keep_alive": 15}
        config = uvicorn.Config(
            app, lifespan="off", ws="none", http=TimedProtocol, timeout_graceful_shutdown=self.drain, **quiet, **limits
        )
        self.server = uvicorn.Server(config)
        names = (signal.SIGTERM, signal.SIGINT) if threading.current_thread() is threading.main_thread() else ()
        before = {name: signal.signal(name, lambda *_: None) for name in names}
        try:  # uvicorn catches both, and sends them again to these at its end
            ready()
            self.server.run(sockets=[self.listening])
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)
            self.listening.close()

    def app(self, generation: Generation) -> ApiGuard:
        """The whole application."""
        described = document(list(generation.models), token=bool(self.token))

        async def openapi(request: Request) -> Response:
            return JSONResponse(described)

        async def fault(request: Request, error: Exception) -> Response:
            status = error.status_code if isinstance(error, HTTPException) else 500
            texts: Mapping[int, str] = {404: "there is nothing at this address", 405: "this address has another method"}
            return refusal(status, texts.get(status, "the server failed"))

        files = [file_route(path, file) for path, file in page_files().items()]
        routes = [*files, Route("/openapi.json", openapi), *generation.routes()]
        app = Starlette(routes=routes, exception_handlers={HTTPException: fault, 500: fault})
        app.state.counters = generation.counters
        paths = frozenset(route.path for route in routes)
        return ApiGuard(app, hosts=self.hosts, token=self.token, counters=generation.counters, routes=paths)


def check_reach(host: str, allowed: Sequence[str], token: str) -> None:
    """Raises UsageError for an address that others reach without a token, and for a token that can be guessed."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError as error:
        raise UsageError(f"'{host}' is no IP address", where="--host", hint="Such as 127.0.0.1 or 0.0.0.0.") from error
    if token and (len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token):
        what = f"the token has fewer than {SHORTEST_TOKEN} characters, or others than printable ASCII"
        raise UsageError(what, hint="Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'")
    if address.is_loopback:
        return
    if not token:
        what = f"other machines reach {host}, so a token is needed"
        raise UsageError(what, hint="Set the variable GANVAS_TOKEN, or --token-file FILE.")
    if not allowed:
        what = f"other machines reach {host}, so the names that they use are needed"
        raise UsageError(what, hint="State each: --allowed-host gan.example.org")

"""A server for one person on this machine: loopback only, our own Host and Origin, a token in every path."""

import secrets
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..base.errors import ResourceError

LOOPBACK = "127.0.0.1"
BACKLOG = 1024  # connections that wait to be accepted
DIGITS = 9  # of a number in a path
SAFE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def parsed_number(text: str) -> int | None:
    """The number in a path, of at most DIGITS digits; None for anything else.

    Starlette's own converter takes any length, and Python's int does not.
    """
    return int(text) if len(text) <= DIGITS and text.isascii() and text.isdigit() else None


class Guard:
    """ASGI middleware that refuses all requests but those of this page.

    A request of the page has our Host (another name of this machine is refused), our Origin, and the token in its path.
    """

    def __init__(self, app: ASGIApp, *, hosts: tuple[str, ...], token: str) -> None:
        self.app, self.hosts, self.token = app, hosts, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *((name.lower().encode(), value.encode()) for name, value in SAFE.items()),
                ]
            await send(message)

        if scope["path"] == "/favicon.ico":  # which browsers ask for by themselves
            await Response(status_code=204)(scope, receive, safely)
            return
        _, token, path = (*scope["path"].split("/", 2), "", "")[:3]
        if fault := self.fault(Headers(scope=scope), token, scope["method"]):
            await PlainTextResponse(fault, 403)(scope, receive, safely)
        else:
            await self.app({**scope, "path": f"/{path}", "raw_path": None}, receive, safely)

    def fault(self, headers: Headers, token: str, method: str) -> str:
        """Why a request is refused, or an empty string."""
        if len(headers.getlist("host")) != 1 or headers["host"] not in self.hosts:
            return "This page answers only at its own address."
        origins = headers.getlist("origin")
        if any(origin not in [f"http://{host}" for host in self.hosts] for origin in origins) or (
            method == "POST" and not origins
        ):
            return "This page answers only requests of its own."
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            return "The address is not complete: open the one that ganvas printed."
        return ""


def run_server(
    routes_of: Callable[[Callable[[], None]], Sequence[Route]], port: int, show: Callable[[str], None]
) -> None:
    """Serve routes under a random path of this machine's loopback address, until they say so or Ctrl-C.

    Args:
        routes_of: makes the routes; it is given a function that ends the server.
        port: 0 for any free one.
        show: called with the address of the first page.

    Raises:
        ResourceError: the port cannot be used.
    """
    listening = listening_socket(port)
    host_port = listening.getsockname()[1]
    token = secrets.token_urlsafe(16)

    def stop() -> None:
        server.should_exit = True

    hosts = (f"{LOOPBACK}:{host_port}", f"localhost:{host_port}")
    app = Guard(Starlette(routes=[*routes_of(stop)]), hosts=hosts, token=token)
    quiet: dict[str, Any] = {"log_config": None, "log_level": "error", "access_log": False, "server_header": False}
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", ws="none", timeout_graceful_shutdown=1, **quiet))
    try:
        show(f"http://{LOOPBACK}:{host_port}/{token}/")
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        listening.close()


def file_route(path: str, file: Path) -> Route:
    """A route that gives a file of the package."""

    async def give(request: Request) -> Response:
        return FileResponse(file)

    return Route(path, give)


def listening_socket(port: int, host: str = LOOPBACK) -> socket.socket:
    """A socket that listens on the port, at this machine's own address or another one. Raises ResourceError."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        raise ResourceError(
            f"cannot listen on port {port}: {getattr(error, 'strerror', None) or error}",
            hint="Leave --port out for a free one.",
        ) from error
    return listening

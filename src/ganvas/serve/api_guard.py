"""ASGI middleware of the generation server: our Host, our Origin, a token; every answer is counted and safe to open."""

import hmac
import time
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .counters import Counters
from .loopback import SAFE

OPEN = frozenset({"/", "/api.css", "/api.js", "/health", "/ready", "/favicon.ico"})  # without a token: no data in them
BEARER = "bearer "
HEADERS = [(name.lower().encode(), value.encode()) for name, value in SAFE.items()]


def refusal(status: int, what: str, **headers: str) -> JSONResponse:
    """An answer that says in one sentence why a request is not met."""
    return JSONResponse({"error": {"status": status, "what": what}}, status, headers)


def hosts_of(names: Sequence[str], port: int) -> frozenset[str]:
    """What a Host header may be: each name, with the port; without it for names of a proxy and for port 80.

    Args:
        names: those of this machine's loopback address come first.
        port: of the server.
    """
    own = ("127.0.0.1", "localhost", "[::1]")
    plain = [*names, *(own if port == 80 else ())]
    return frozenset([*(f"{name}:{port}" for name in (*own, *names)), *plain])


class ApiGuard:
    """Refuses requests under another Host, from another Origin, or without the token, before anything reads them.

    Args:
        app: of the routes.
        hosts: what `hosts_of` returned.
        token: which every request carries as `Authorization: Bearer TOKEN`; empty for none.
        counters: of answers.
        routes: paths that are counted under their own names.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: frozenset[str], token: str, counters: Counters, routes: frozenset[str]
    ) -> None:
        self.app, self.hosts, self.token, self.counters, self.routes = app, hosts, token, counters, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        begun, statuses = time.perf_counter(), list[int]()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        refused = self.fault(Headers(scope=scope), scope["path"])
        await (refused or self.app)(scope, receive, counted)
        route = self.route(scope["path"])
        self.counters.requests.labels(route, str(statuses[0] if statuses else 0)).inc()
        self.counters.seconds.labels(route).observe(time.perf_counter() - begun)

    def fault(self, headers: Headers, path: str) -> JSONResponse | None:
        """The answer to a request that is refused, or None."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return refusal(421, "this server answers only at its own address; others are stated with --allowed-host")
        origins = headers.getlist("origin")
        if any(origin.lower().partition("://")[2] not in self.hosts for origin in origins) or (
            headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
        ):
            return refusal(403, "this server answers no pages of other servers")
        if self.token and path not in OPEN and not self.has_token(headers):
            return refusal(
                401, "the header Authorization: Bearer TOKEN is missing or wrong", **{"WWW-Authenticate": "Bearer"}
            )
        return None

    def has_token(self, headers: Headers) -> bool:
        """Whether a request carries the token, once."""
        values = headers.getlist("authorization")
        if len(values) != 1 or not values[0].lower().startswith(BEARER):
            return False
        return hmac.compare_digest(values[0][len(BEARER) :].strip().encode(), self.token.encode())

    def route(self, path: str) -> str:
        """The name under which a path is counted; what clients invent is "other"."""
        last = path.rpartition("/")[2]
        if path.startswith("/v1/models/"):
            return f"/v1/models/*/{last}" if last in ("samples", "translations") else "/v1/models/*"
        return path if path in self.routes else "other"

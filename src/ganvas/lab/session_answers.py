"""What the lab answers about sessions of the sandbox and the explorer: a new one, a command, and messages."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from .run_answers import parsed_offset
from .run_index import IndexedRun
from .sessions import EXPLORER, SANDBOX, Session, messages_after, parsed_command

SESSIONS = 4  # at once; the oldest ends when another one begins
BODY_BYTES = 1 << 19  # of a command
NO_SESSION = "This session has ended. Load the page again."


class Sessions:
    """The sessions of one server, by id."""

    def __init__(self) -> None:
        self.open: dict[str, Session] = {}

    def begin(self, command: Sequence[str]) -> Session:
        """A new session of a command; the oldest one ends if there are too many."""
        while len(self.open) >= SESSIONS:
            self.open.pop(next(iter(self.open))).end()
        session = Session(command)
        self.open[session.id] = session
        return session

    def get(self, key: str) -> Session | None:
        """The session of this id, or None."""
        return self.open.get(key)

    def close(self) -> None:
        """End all."""
        for session in self.open.values():
            session.end()


async def read_command(request: Request) -> dict[str, Any] | Response:
    """The command of a request, or the answer to one that is none: only JSON of at most BODY_BYTES is read."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return PlainTextResponse("A command is JSON.", 415)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_BYTES:
            return PlainTextResponse("The command is too large.", 413)
    command = parsed_command(bytes(body))
    return PlainTextResponse("A command is an object with `do`.", 400) if command is None else command


def explore(sessions: Sessions) -> Callable[[IndexedRun, Request], Awaitable[Response]]:
    """Begins a session that explores a run's model, at the checkpoint of `?at=` samples or the one that is used."""

    async def begin(found: IndexedRun, request: Request) -> Response:
        at = request.query_params.get("at", "auto")
        if at != "auto" and parsed_offset(at) is None:
            return PlainTextResponse("The checkpoint is no number.", 400)
        session = await run_in_threadpool(sessions.begin, (*EXPLORER, str(found.run.path), at))
        return JSONResponse({"id": session.id})

    return begin


def session_routes(sessions: Sessions) -> list[Route]:
    """Routes of sessions; those that change something take only JSON by POST."""

    async def begin(request: Request) -> Response:
        session = await run_in_threadpool(sessions.begin, SANDBOX)
        return JSONResponse({"id": session.id})

    async def obey(request: Request) -> Response:
        session = sessions.get(request.path_params["session"])
        if session is None:
            return PlainTextResponse(NO_SESSION, 404)
        command = await read_command(request)
        if isinstance(command, Response):
            return command
        try:
            await run_in_threadpool(session.send, command)
        except OSError:
            return PlainTextResponse(NO_SESSION, 410)
        return Response(status_code=204)

    async def messages(request: Request) -> Response:
        session = sessions.get(request.path_params["session"])
        number = parsed_offset(request.headers.get("last-event-id") or "0")
        if session is None or number is None:
            return PlainTextResponse(NO_SESSION, 404)
        return StreamingResponse(messages_after(session, number), media_type="text/event-stream")

    return [
        Route("/sandbox", begin, methods=["POST"]),
        Route("/sessions/{session}", obey, methods=["POST"]),
        Route("/sessions/{session}/messages", messages),
    ]

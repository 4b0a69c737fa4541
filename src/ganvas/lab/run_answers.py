"""What the lab answers about one run: all that it recorded, new events, and sheets of samples."""

import re
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from ..applications.video import makes_video
from ..runs import read_note
from .export import sheet_bytes
from .history import facts, history
from .run_index import IndexedRun, RunIndex
from .stream import new_events

SNAPSHOT = re.compile(r"[0-9]{1,15}(-raw)?\.webp")


async def whole_run(found: IndexedRun, request: Request) -> Response:
    """The run's facts and history; with `?curves=0` without its terms and its speed."""
    curves = request.query_params.get("curves") != "0"

    def read() -> dict[str, object]:
        note = read_note(found.run)
        return {
            "id": found.id,
            "name": found.name,
            "path": str(found.run.path),
            "note": note.text,
            "tags": note.tags,
            "video": makes_video(),
            **facts(found.run),
            **history(found.run, curves=curves),
        }

    return JSONResponse(await run_in_threadpool(read))


def parent(index: RunIndex) -> Callable[[IndexedRun, Request], Awaitable[Response]]:
    """The run from whose checkpoint a run began: its id, name and settings; empty where it is not among the runs."""

    async def answer(found: IndexedRun, request: Request) -> Response:
        def read() -> dict[str, object]:
            other = index.parent_of(found)
            return (
                {} if other is None else {"id": other.id, "name": other.name, "settings": facts(other.run)["settings"]}
            )

        return JSONResponse(await run_in_threadpool(read))

    return answer


async def events(found: IndexedRun, request: Request) -> Response:
    """New events from `?from=` or, after a lost connection, from the last id that the browser got."""
    offset = parsed_offset(request.headers.get("last-event-id") or request.query_params.get("from", "0"))
    if offset is None:
        return PlainTextResponse("The offset is no number.", 400)
    return StreamingResponse(new_events(found.run, offset), media_type="text/event-stream")


async def snapshot(found: IndexedRun, request: Request) -> Response:
    """One sheet of samples; the name is that of a sheet and nothing else."""
    name = request.path_params["file"]
    if not SNAPSHOT.fullmatch(name):
        return PlainTextResponse("This is not the name of a sheet of samples.", 404)
    return Response(await run_in_threadpool(sheet_bytes, found.run, name), media_type="image/webp")


def parsed_offset(text: str) -> int | None:
    """The number of a byte, of at most 15 digits; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None

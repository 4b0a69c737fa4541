"""What the lab answers, with --control only, to requests that change something of a run."""

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ..base.trees import is_count
from ..runs import checked_note, write_note
from ..runs.control import COMMANDS, send_command
from .forks import Forks
from .run_index import IndexedRun, RunIndex
from .session_answers import read_command


async def control(found: IndexedRun, request: Request) -> Response:
    """Sends a command to the training of a run; 409 if it is not in training."""
    command = await read_command(request)
    if isinstance(command, Response):
        return command
    if command["do"] not in COMMANDS:
        return PlainTextResponse(f"The commands are {', '.join(COMMANDS)}.", 400)
    if await run_in_threadpool(found.run.state) != "training":
        return PlainTextResponse("This run is not in training.", 409)
    await run_in_threadpool(send_command, found.run, command["do"])
    return Response(status_code=204)


def fork(index: RunIndex) -> Callable[[IndexedRun, Request], Awaitable[Response]]:
    """Begins a training from the checkpoint `at` of a run with `changes`; answers the new run's id and folder."""
    forks = Forks()

    async def begin(found: IndexedRun, request: Request) -> Response:
        command = await read_command(request)
        if isinstance(command, Response):
            return command
        at, changes = command.get("at"), command.get("changes")
        if (
            not isinstance(at, int)
            or not is_count(at)
            or not isinstance(changes, list)
            or not all(isinstance(each, str) for each in changes)
        ):
            return PlainTextResponse("A fork has the samples of a checkpoint, and a list of overrides.", 400)
        path = await run_in_threadpool(forks.begin, found.run, at, changes)
        return JSONResponse({"id": index.id_of(path), "path": str(path)})

    return begin


async def annotate(found: IndexedRun, request: Request) -> Response:
    """Writes the `text` and the `tags` of a command as the run's note."""
    command = await read_command(request)
    if isinstance(command, Response):
        return command
    text, tags = command.get("text"), command.get("tags")
    if not isinstance(text, str) or not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        return PlainTextResponse("A note is a text and a list of tags.", 400)
    await run_in_threadpool(write_note, found.run, checked_note(text, tags))
    return Response(status_code=204)

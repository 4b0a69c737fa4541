"""What the lab answers, with --control only, to requests that change something of a run."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from ..runs import checked_note, write_note
from ..runs.control import COMMANDS, send_command
from .run_index import IndexedRun
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

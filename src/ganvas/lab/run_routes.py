"""The routes of one run, whose id is part of the address."""

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ..base.errors import GanvasError, UsageError
from .control_answers import annotate, control, fork
from .export_answers import film_file, page_file
from .run_answers import events, parent, snapshot, whole_run
from .run_index import IndexedRun, RunIndex
from .session_answers import Sessions, explore

NO_RUN = "There is no such run."


def run_routes(index: RunIndex, sessions: Sessions, *, controls: bool) -> list[Route]:
    """Routes below /runs/ID; an id that the index does not know is 404, what cannot be read 422.

    Args:
        index: of the runs.
        sessions: for the explorer.
        controls: whether pages may send commands to runs in training, change notes, and begin runs.
    """

    def of_run(path: str, give: Callable[[IndexedRun, Request], Awaitable[Response]], method: str = "GET") -> Route:
        async def answer(request: Request) -> Response:
            found = await run_in_threadpool(index.get, request.path_params["run"])
            if found is None:
                return PlainTextResponse(NO_RUN, 404)
            try:
                return await give(found, request)
            except GanvasError as error:
                return PlainTextResponse(str(error), 400 if isinstance(error, UsageError) else 422)

        return Route(f"/runs/{{run}}{path}", answer, methods=[method])

    changing = {"/control": control, "/note": annotate, "/fork": fork(index)}
    return [
        of_run("", whole_run),
        of_run("/events", events),
        of_run("/parent", parent(index)),
        of_run("/samples/{file}", snapshot),
        of_run("/page.html", page_file),
        of_run("/film.{kind}", film_file),
        of_run("/explore", explore(sessions), "POST"),
        *(of_run(path, give, "POST") for path, give in changing.items() if controls),
    ]

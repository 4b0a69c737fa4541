"""The routes of the lab: pages, and JSON of the runs below one folder. Nothing here changes a run."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ..base.errors import CheckFailed
from ..serve.loopback import file_route, run_server
from .overview import overview
from .run_answers import events, snapshot, whole_run
from .run_index import IndexedRun, RunIndex
from .session_answers import Sessions, explore, session_routes

HERE = Path(__file__).parent / "pages"
NO_RUN = "There is no such run."


def serve_lab(root: Path, *, may_be_missing: bool = False, port: int = 0, show: Callable[[str], None]) -> None:
    """Serve the lab for a run, or for a folder of runs, until Ctrl-C.

    Args:
        root: the run or the folder.
        may_be_missing: whether a folder that does not exist has no runs yet.
        port: of the page; 0 for any free one.
        show: called with the page's address.

    Raises:
        UsageError: there is no such folder.
        ResourceError: the port cannot be used.
    """
    index, sessions = RunIndex(root, may_be_missing=may_be_missing), Sessions()
    try:
        run_server(lambda stop: lab_routes(index, sessions), port, show)
    finally:
        sessions.close()


def lab_routes(index: RunIndex, sessions: Sessions) -> list[Route]:
    """All routes; the run in an address is an id of the index, never a path."""
    files = [file_route(f"/{each.name}", each) for each in sorted(HERE.iterdir()) if each.suffix in (".css", ".js")]

    def of_run(path: str, give: Callable[[IndexedRun, Request], Awaitable[Response]], method: str = "GET") -> Route:
        async def answer(request: Request) -> Response:
            found = await run_in_threadpool(index.get, request.path_params["run"])
            if found is None:
                return PlainTextResponse(NO_RUN, 404)
            try:
                return await give(found, request)
            except CheckFailed as error:
                return PlainTextResponse(str(error), 422)

        return Route(f"/runs/{{run}}{path}", answer, methods=[method])

    async def runs(request: Request) -> Response:
        found = await run_in_threadpool(lambda: [overview(each) for each in index.all()])
        return JSONResponse({"one": index.is_one_run, "root": index.root.name, "runs": found})

    return [
        file_route("/", HERE / "index.html"),
        *files,
        Route("/runs", runs),
        of_run("", whole_run),
        of_run("/events", events),
        of_run("/samples/{file}", snapshot),
        of_run("/explore", explore(sessions), "POST"),
        *session_routes(sessions),
    ]

"""The lab's server: pages, runs below one folder, and sessions. Nothing here changes a run."""

from collections.abc import Callable
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..serve.loopback import file_route, run_server
from .overview import overview
from .run_index import RunIndex
from .run_routes import run_routes
from .session_answers import Sessions, session_routes

HERE = Path(__file__).parent / "pages"


def serve_lab(
    root: Path, *, may_be_missing: bool = False, controls: bool = False, port: int = 0, show: Callable[[str], None]
) -> None:
    """Serve the lab for a run, or for a folder of runs, until Ctrl-C.

    Args:
        root: the run or the folder.
        may_be_missing: whether a folder that does not exist has no runs yet.
        controls: whether pages may pause, stop and save runs in training.
        port: of the page; 0 for any free one.
        show: called with the page's address.

    Raises:
        UsageError: there is no such folder.
        ResourceError: the port cannot be used.
    """
    index, sessions = RunIndex(root, may_be_missing=may_be_missing), Sessions()
    try:
        run_server(lambda stop: lab_routes(index, sessions, controls=controls), port, show)
    finally:
        sessions.close()


def lab_routes(index: RunIndex, sessions: Sessions, *, controls: bool = False) -> list[Route]:
    """All routes; the run in an address is an id of the index, never a path."""
    files = [file_route(f"/{each.name}", each) for each in sorted(HERE.iterdir()) if each.suffix in (".css", ".js")]

    async def runs(request: Request) -> Response:
        found = await run_in_threadpool(lambda: [overview(each) for each in index.all()])
        return JSONResponse({"one": index.is_one_run, "root": index.root.name, "controls": controls, "runs": found})

    return [
        file_route("/", HERE / "index.html"),
        *files,
        Route("/runs", runs),
        *run_routes(index, sessions, controls=controls),
        *session_routes(sessions),
    ]

"""What the lab answers to a request for a run as a file: one HTML page, or its sheets as an animated picture."""

import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from .export import exported, film
from .run_answers import parsed_offset
from .run_index import IndexedRun

FASTEST = 50.0  # sheets a second
TYPES = {"webp": "image/webp", "gif": "image/gif", "mp4": "video/mp4"}


async def page_file(found: IndexedRun, request: Request) -> Response:
    """The run's page as one file."""
    text = await run_in_threadpool(exported, found.run, found.name)
    return Response(text, media_type="text/html", headers=attachment(found, "html"))


async def film_file(found: IndexedRun, request: Request) -> Response:
    """The sheets from `?from=` to `?to=` samples at `?rate=` a second, as film.webp, film.gif or film.mp4.

    With `?weights=raw` those of the weights that are not averaged.
    """
    kind = request.path_params["kind"]
    first, last = (parsed_offset(request.query_params.get(name, "")) for name in ("from", "to"))
    try:
        rate = float(request.query_params.get("rate", "5"))
    except ValueError:
        rate = 0.0
    if kind not in TYPES or first is None or last is None or not 0.1 <= rate <= FASTEST:
        return PlainTextResponse("Ask for film.webp, film.gif or film.mp4 with from, to and rate.", 400)
    raw = request.query_params.get("weights") == "raw"
    data = await run_in_threadpool(lambda: film(found.run, kind, first=first, last=last, per_second=rate, raw=raw))
    return Response(data, media_type=TYPES[kind], headers=attachment(found, kind))


def attachment(found: IndexedRun, ending: str) -> dict[str, str]:
    """The header that makes a browser save a file under the run's name."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", found.run.path.name).strip("-.") or "run"
    return {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}

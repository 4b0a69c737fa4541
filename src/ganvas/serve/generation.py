"""The generation server: samples and translations of trained models over HTTP."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..applications.served_model import MEDIA, ServedModel
from ..applications.served_translations import ServedTranslations
from ..base.errors import DataError, GanvasError, ResourceError, UsageError
from .api_guard import refusal
from .bodies import BODY_SECONDS, LONGEST_JSON, RefusedRequest, check_type, parsed_query, parsed_samples, read_body
from .engine import Engine, QueuedJob, QueueIsFull

STATUS: dict[type[GanvasError], int] = {UsageError: 422, DataError: 422, ResourceError: 503}
Endpoint = Callable[[Request], Awaitable[Response]]


class Limits(NamedTuple):
    """The limits of a server.

    Args:
        samples: in one request.
        upload: bytes of an uploaded picture.
        pixels: of it.
        waiting: requests that are accepted at once; others get 429.
        seconds: for one request, waiting included; then 504.
    """

    samples: int = 256
    upload: int = 16 << 20
    pixels: int = 1 << 22
    waiting: int = 128
    seconds: float = 30.0


class Left(Exception):
    """The client has left."""


class Generation:
    """The routes of a server.

    Args:
        models: by name.
        translations: of those that translate, by name.
        engine: computes.
        limits: of every request.
        draining: says whether the server takes no new requests.
    """

    def __init__(
        self,
        models: Mapping[str, ServedModel],
        translations: Mapping[str, ServedTranslations],
        engine: Engine,
        limits: Limits,
        draining: Callable[[], bool],
    ) -> None:
        self.models, self.translations = models, translations
        self.engine, self.limits, self.draining, self.counters = engine, limits, draining, engine.counters

    def routes(self) -> list[Route]:
        """The routes that answer with data."""
        return [
            Route("/health", self.health),
            Route("/ready", self.ready),
            Route("/metrics", self.metrics),
            Route("/v1/models", self.listed),
            Route("/v1/models/{name}", answering(self.described)),
            Route("/v1/models/{name}/samples", answering(self.sampled), methods=["POST"]),
            Route("/v1/models/{name}/translations", answering(self.translated), methods=["POST"]),
        ]

    async def health(self, request: Request) -> Response:
        alive = self.engine.alive
        return JSONResponse({"alive": alive}, 200 if alive else 503)

    async def ready(self, request: Request) -> Response:
        ready = self.engine.alive and not self.draining()
        return JSONResponse({"ready": ready}, 200 if ready else 503)

    async def metrics(self, request: Request) -> Response:
        return Response(self.counters.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def listed(self, request: Request) -> Response:
        return JSONResponse({"models": [self.facts(name) for name in self.models]})

    async def described(self, request: Request) -> Response:
        return JSONResponse(self.facts(self.model(request).name))

    async def sampled(self, request: Request) -> Response:
        served = self.model(request)
        check_type(request, "application/json")
        body = parsed_samples(await read_body(request, LONGEST_JSON, BODY_SECONDS), self.limits.samples)
        fields = body.model_dump() | {"classes": classes_list(body.classes)}
        wanted = served.wanted(**fields)
        x = await self.result(request, self.engine.submit(served, wanted))
        content = await run_in_threadpool(served.samples_content, wanted, x, body.format)
        self.counters.samples.labels(served.name).inc(wanted.n)
        return marked(served, body.seed, content, body.format)

    async def translated(self, request: Request) -> Response:
        served = self.model(request)
        check_type(request, "image/")
        query = parsed_query(request.query_params)
        translations = self.translations.get(served.name)
        if translations is None:
            raise UsageError(f"the model '{served.name}' translates no pictures", hint="See its samples.")
        form = query.format or translations.formats(query.reverse)[0]
        data = await read_body(request, self.limits.upload, self.limits.seconds)

        def work() -> bytes:
            return translations.content(data, format=form, reverse=query.reverse, seed=query.seed)

        content = await self.result(request, self.engine.submit(served, work))
        self.counters.translations.labels(served.name).inc()
        return marked(served, 0, content, form)

    def model(self, request: Request) -> ServedModel:
        """The model of an address. Raises RefusedRequest: there is none."""
        found = self.models.get(request.path_params["name"])
        if found is None:
            raise RefusedRequest(404, "there is no model of this name; GET /v1/models lists them")
        return found

    def facts(self, name: str) -> dict[str, Any]:
        """What the list says of a model."""
        served, translations = self.models[name], self.translations.get(name)
        formats = served.formats if served.samples else ()
        extra = {"translations": translations is not None, "two_way": translations is not None and translations.two_way}
        limits = {"samples": self.limits.samples, "upload_bytes": self.limits.upload, "pixels": self.limits.pixels}
        return {"name": name, "samples": served.samples, "formats": formats, **extra, "limits": limits, **served.facts}

    async def result(self, request: Request, job: QueuedJob) -> Any:
        """What a job computes. Raises RefusedRequest if it takes too long, Left if the client leaves before."""
        leaving = asyncio.ensure_future(until_left(request))
        try:
            await asyncio.wait({job.future, leaving}, timeout=self.limits.seconds, return_when=asyncio.FIRST_COMPLETED)
            if job.future.done():
                return job.future.result()
            self.engine.cancel(job)
            if leaving.done():
                self.counters.left.inc()
                raise Left
            self.counters.late.inc()
            raise RefusedRequest(504, f"this took longer than {self.limits.seconds:g} s")
        finally:
            leaving.cancel()


def answering(endpoint: Endpoint) -> Endpoint:
    """An endpoint whose errors become answers of one sentence."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except RefusedRequest as error:
            return refusal(error.status, error.what)
        except QueueIsFull as error:
            request.app.state.counters.refused.inc()
            return refusal(429, str(error), **{"Retry-After": str(error.seconds)})
        except Left:
            return Response(status_code=499)  # nobody reads it; counted as such
        except GanvasError as error:
            status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
            return refusal(status, f"{error.what}. {error.hint}".strip())  # `where` may be a path of this machine

    return answer


async def until_left(request: Request) -> None:
    """Returns when the client has left; the body was read before."""
    with suppress(RuntimeError):
        while (await request.receive())["type"] != "http.disconnect":
            pass


def classes_list(classes: Any) -> list[str | int] | None:
    """Classes as a list; None for all."""
    return classes if classes is None or isinstance(classes, list) else [classes]


def marked(served: ServedModel, seed: int, content: bytes, form: str) -> Response:
    """An answer whose headers hold the mark of what a model made, as not every format can."""
    headers = {"X-Ganvas-Mark": json.dumps(served.mark(seed)), "X-Ganvas-Model": served.model.sha256}
    if form in ("npz", "csv", "tif"):
        headers["Content-Disposition"] = f'attachment; filename="{served.name}.{form}"'
    media = MEDIA.get(form, "image/tiff")
    return Response(content, media_type=media, headers=headers)


def page_files() -> dict[str, Path]:
    """The files of the plain page, by address."""
    pages = Path(__file__).parent / "pages"
    return {"/": pages / "api.html", "/api.css": pages / "api.css", "/api.js": pages / "api.js"}

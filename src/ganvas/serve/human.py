"""The page on which a person rates pictures.

It is served on this machine's loopback address under a random path. The browser never learns which pictures are real.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le
from pydantic import BaseModel, ValidationError
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ..base.draws import permutation
from ..base.errors import GanvasError, ResourceError
from ..evaluation.human import MOST_QUESTIONS, RatingSession
from ..evaluation.human_results import RatingSummary
from ..evaluation.markup import Pixels, png
from .loopback import file_route, parsed_number, run_server

HERE = Path(__file__).parent / "pages"
LONGEST_BODY = 4096  # bytes
LAST_SECONDS = 0.5  # from the last answer to the end, so that the browser gets the result
Milliseconds = Annotated[float, Ge(0), Le(1e8)]


class Answer(BaseModel, extra="forbid", allow_inf_nan=False):
    """The JSON that the page sends."""

    place: Annotated[int, Ge(0), Le(MOST_QUESTIONS)]
    answer: str
    milliseconds: Milliseconds | None = None
    displayed: Milliseconds | None = None


class RatingPage:
    """The routes of one session. All pictures are encoded beforehand, so that no delay distinguishes them."""

    def __init__(self, session: RatingSession, over: Callable[[], None]) -> None:
        self.session, self.over = session, over
        self.pictures = [[png(picture) for picture in trial.pictures] for trial in session.trials]
        self.cover = png(scrambled([picture for trial in session.trials[:32] for picture in trial.pictures]))
        self.loads = [0] * len(session.trials)

    def routes(self) -> list[Route]:
        """The page, its files, its state, the pictures and the answers."""
        files = {"/": "human.html", "/human.css": "human.css", "/human.js": "human.js"}
        shown = [file_route(path, HERE / name) for path, name in files.items()]
        answer = Route("/answer", self.answer, methods=["POST"])
        return [
            *shown,
            Route("/state", self.state),
            Route("/mask", self.mask),
            Route("/picture/{place}/{side}", self.picture),
            answer,
        ]

    async def state(self, request: Request) -> Response:
        return JSONResponse(self.now())

    async def mask(self, request: Request) -> Response:
        return Response(self.cover, media_type="image/png")

    async def picture(self, request: Request) -> Response:
        place, side = (parsed_number(request.path_params[name]) for name in ("place", "side"))
        if (
            place is None
            or side is None
            or place != self.session.place
            or place == len(self.pictures)
            or side >= len(self.pictures[place])
        ):
            return PlainTextResponse("This picture does not belong to the current question.", 404)
        self.loads[place] += side == 0
        return Response(self.pictures[place][side], media_type="image/png")

    async def answer(self, request: Request) -> Response:
        body = b""
        try:
            async for part in request.stream():
                body += part
                if len(body) > LONGEST_BODY:
                    return PlainTextResponse("The request is too long for an answer.", 413)
            response = Answer.model_validate_json(body)
        except (ValidationError, ClientDisconnect):
            return PlainTextResponse("This is not an answer.", 400)
        if response.place != self.session.place or response.place == len(self.pictures):
            return JSONResponse(self.now(), 409)  # a second click, or another window: the page goes on from here
        try:
            self.session.rate(
                response.answer,
                milliseconds=response.milliseconds,
                displayed=response.displayed,
                loads=self.loads[response.place],
            )
        except GanvasError as error:
            return PlainTextResponse(str(error), 507 if isinstance(error, ResourceError) else 400)
        done = self.session.place == len(self.pictures)
        return JSONResponse(self.now(), background=BackgroundTask(self.leave) if done else None)

    async def leave(self) -> None:
        await asyncio.sleep(LAST_SECONDS)
        self.over()

    def now(self) -> dict[str, Any]:
        """The state that the page shows; the result after the last answer, None before."""
        session = self.session
        done = session.place == len(session.trials)
        found = session.summary() if done else None
        height, width = session.trials[0].pictures[0].shape[:2]
        return {
            "mode": session.protocol["mode"],
            "choices": session.choices,
            "place": session.place,
            "n": len(session.trials),
            "milliseconds": session.protocol["milliseconds"],
            "size": [width, height],
            "result": found and [{"name": name, **each._asdict()} for name, each in found.rates.items()],
        }


def serve(session: RatingSession, *, port: int = 0, show: Callable[[str], None]) -> RatingSummary | None:
    """Serve a session on this machine, so that one person answers its questions in a browser.

    It ends after the last answer or with Ctrl-C. Every answer is saved at once.

    Args:
        session: the questions.
        port: of the page; 0 for any free one.
        show: called with the page's address.

    Returns:
        The summary of this session; None if nothing was answered.

    Raises:
        ResourceError: the port cannot be used.
    """
    run_server(lambda stop: RatingPage(session, stop).routes(), port, show)
    return session.summary()


def scrambled(pictures: list[Pixels]) -> Pixels:
    """Small blocks of the session's pictures, shuffled: the mask that follows a picture with a time limit."""
    height, width, channels = pictures[0].shape
    side = max(1, min(height, width) // 8)
    rows, columns = -(-height // side), -(-width // side)
    cut = [
        picture[: height // side * side, : width // side * side].reshape(
            height // side, side, width // side, side, channels
        )
        for picture in pictures
    ]
    blocks = np.concatenate([each.swapaxes(1, 2).reshape(-1, side, side, channels) for each in cut])
    chosen = np.resize(permutation(("mask",), len(blocks)), rows * columns)
    whole = (
        blocks[chosen]
        .reshape(rows, columns, side, side, channels)
        .swapaxes(1, 2)
        .reshape(rows * side, columns * side, channels)
    )
    return whole[:height, :width]

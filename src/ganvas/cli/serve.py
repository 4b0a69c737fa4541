"""`ganvas serve`: samples and translations of trained models over HTTP."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ..base.errors import UsageError
from ..base.files import read_regular
from .output import print_message
from .progress import showing_progress

TOKEN = "GANVAS_TOKEN"  # noqa: S105 (the name of the variable)
LONGEST_TOKEN = 1 << 12


def serve(
    models: Annotated[
        list[str],
        typer.Argument(
            help="Runs, model folders, ready-made models such as mnist-demo, or hf://owner/name; NAME=PLACE gives one "
            "another name.",
            metavar="MODEL...",
        ),
    ],
    port: Annotated[int, typer.Option(help="Port; 0 for a free one.", min=0, max=65535)] = 8000,
    host: Annotated[
        str, typer.Option(help="Address to listen on. Others than 127.0.0.1 need a token and --allowed-host.")
    ] = "127.0.0.1",
    allowed: Annotated[
        list[str] | None,
        typer.Option("--allowed-host", help="A further name under which clients reach it; may be repeated."),
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help=f"A file that holds the token. Without it: the variable {TOKEN}.")
    ] = None,
    most: Annotated[int, typer.Option(help="Samples in one request, at most.", min=1, max=4096)] = 256,
    upload: Annotated[float, typer.Option(help="MB of an uploaded picture, at most.", min=0.001, max=100)] = 16,
    waiting: Annotated[
        int, typer.Option(help="Requests that are accepted at once; others get 429.", min=1, max=10_000)
    ] = 128,
    seconds: Annotated[float, typer.Option(help="For one request, at most.", min=0.1, max=3600)] = 30,
    drain: Annotated[int, typer.Option(help="Seconds for requests in progress after SIGTERM.", min=1, max=3600)] = 30,
    at: Annotated[str, typer.Option(help="The checkpoint of runs: newest, best, or auto.")] = "auto",
    one_by_one: Annotated[
        bool,
        typer.Option("--one-by-one", help="No request shares a pass of the generator with others, for comparison."),
    ] = False,
) -> None:
    """Serve samples and translations of trained models over HTTP until SIGTERM or Ctrl-C."""
    from ..serve import check_installed

    check_installed("a server needs", "serve", "prometheus_client")
    from ..serve.api_server import ApiServer
    from ..serve.counters import Counters
    from ..serve.engine import Engine
    from ..serve.generation import Generation, Limits
    from ..serve.served_models import served_models

    server = ApiServer(host, port, allowed=allowed or (), token=read_token(token_file), drain=drain)
    try:
        limits = Limits(most, int(upload * 1e6), Limits().pixels, waiting, seconds)
        with showing_progress():
            found, translations = served_models(models, at=at, most_pixels=limits.pixels)
        engine = Engine(limits.waiting, Counters(), together=not one_by_one)

        def ready() -> None:
            names = ", ".join(found)
            print_message(f"Serving {names} at {server.address}\nCtrl-C ends it.")

        server.run(Generation(found, translations, engine, limits, server.draining), ready)
        engine.close()
    finally:
        server.close()


def read_token(file: Path | None) -> str:
    """The token of a file, else of the variable GANVAS_TOKEN; empty if there is none. Raises UsageError."""
    if file is None:
        return os.environ.get(TOKEN, "").strip()
    try:
        token = read_regular(file, LONGEST_TOKEN).decode().strip()
    except (OSError, ValueError) as error:
        what = f"cannot read the token: {getattr(error, 'strerror', None) or error}"
        raise UsageError(what, where=str(file)) from error
    if not token:
        raise UsageError("this file holds no token", where=str(file))
    return token

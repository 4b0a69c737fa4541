"""`ganvas lab`: runs in a browser."""

import threading
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from .output import print_message


def lab(
    path: Annotated[
        Path, typer.Argument(help="A run, live or finished, or a folder of runs.", metavar="[RUN|FOLDER]")
    ] = Path("runs"),
    port: Annotated[int, typer.Option(help="Port of the page on this computer; 0 for a free one.")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
) -> None:
    """Watch runs in a browser on this computer: samples, losses, scores and findings at every moment."""
    from ..lab.app import serve_lab

    def show(address: str) -> None:
        print_message(f"The lab is at {address}\nIt reads and changes nothing. Ctrl-C ends it.")
        if browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    serve_lab(path, port=port, show=show)

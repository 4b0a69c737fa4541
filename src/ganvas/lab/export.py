"""A run's page as one HTML file that opens from the disk, and its sheets as an animated picture."""

import base64
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from ..applications.video import animated
from ..base.errors import CheckFailed
from ..base.files import read_regular
from ..runs import Run
from .history import facts, history

PAGES = Path(__file__).parent / "pages"
SHEETS = 120  # in a file, evenly spread
SHEET_BYTES = 2**26
MOST_PIXELS = 2**25  # of a sheet
IMPORT = re.compile(r'^import \{ ([^}]*) \} from "\./(\w+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>ganvas lab</title>
<style>
{style}
</style>
</head>
<body>
<div id="page"></div>
<script>
globalThis.ganvasRun = {data};
{script}
</script>
</body>
</html>
"""


def exported(run: Run, name: str) -> str:
    """The page of a run with its data, scripts and at most SHEETS sheets, as one HTML text that loads nothing.

    Args:
        run: opened.
        name: of the run, for the page.

    Raises:
        CheckFailed: a file of the run cannot be read.
    """
    whole: dict[str, Any] = {"id": "", "name": name, "path": name, **facts(run), **history(run)}
    whole["snapshots"] = [{**each, "raw": ""} for each in evenly(whole["snapshots"])]
    if whole["state"] == "training":
        whole["state"] = ""  # nobody follows it in a file
    sheets = {each["file"]: sheet_bytes(run, each["file"]) for each in whole["snapshots"]}
    addresses = {file: f"data:image/webp;base64,{base64.b64encode(data).decode()}" for file, data in sheets.items()}
    data = json.dumps({"run": whole, "sheets": addresses}).replace("<", "\\u003c").replace("\u2028", "\\u2028")
    return PAGE.format(policy=POLICY, style=(PAGES / "lab.css").read_text("utf-8"), data=data, script=bundle("main"))


def evenly(items: Sequence[Any], most: int = SHEETS) -> list[Any]:
    """At most so many of the items, evenly spread, the first and the last among them."""
    if len(items) <= most:
        return [*items]
    return [items[round(at * (len(items) - 1) / (most - 1))] for at in range(most)]


def sheet_bytes(run: Run, file: str) -> bytes:
    """A sheet's file. Raises CheckFailed: missing, a link, or too large."""
    try:
        return read_regular(run.samples / Path(file).name, SHEET_BYTES, inside=run.path)
    except OSError as error:
        raise CheckFailed(f"cannot read {file}: {error.strerror or error}", where=run.path.name) from error


def bundle(entry: str) -> str:
    """A module of the pages and all that it imports as one classic script; each module keeps its scope."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order:
            return
        for _, other in IMPORT.findall((PAGES / f"{name}.js").read_text("utf-8")):
            visit(other)
        order.append(name)

    visit(entry)
    return "\n".join(["const modules = {};", *map(scoped, order)]).replace("</", "<\\/")


def scoped(name: str) -> str:
    """A module as a function that is called once and gives the module's exports."""
    text = (PAGES / f"{name}.js").read_text("utf-8")
    exports = ", ".join(found for _, found in EXPORT.findall(text))
    text = IMPORT.sub(lambda found: f"const {{ {found[1]} }} = modules.{found[2]};\n", text)
    return f"modules.{name} = (() => {{\n{EXPORT.sub(lambda found: found[1], text)}\nreturn {{ {exports} }};\n}})();"


def film(run: Run, kind: str, *, first: int, last: int, per_second: float, raw: bool = False) -> bytes:
    """The sheets of a part of the run as an animated picture, at most SHEETS of them.

    Args:
        run: opened.
        kind: "webp", "gif" or "mp4".
        first, last: samples.
        per_second: sheets a second.
        raw: whether of the weights that are not averaged.

    Raises:
        CheckFailed: there is no sheet in this part, or one cannot be read.
        MissingExtra, ResourceError: as `mp4` raises them.
    """
    there = [each for each in history(run, curves=False)["snapshots"] if first <= each["samples"] <= last]
    files = [file for each in there if (file := each["raw" if raw else "file"])]
    if not files:
        raise CheckFailed("there is no sheet in this part of the run", where=run.path.name)
    frames = [opened(sheet_bytes(run, file), file) for file in evenly(files)]
    return animated(frames, kind, per_second, **({"quality": 85} if kind == "webp" else {}))


def opened(data: bytes, file: str) -> Image.Image:
    """A sheet's picture. Raises CheckFailed: it is no picture of at most MOST_PIXELS pixels."""
    try:
        with Image.open(io.BytesIO(data), formats=["WEBP"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise CheckFailed(f"{file} has {picture.width} x {picture.height} pixels")
            return picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise CheckFailed(f"{file} is no picture: {error}") from error

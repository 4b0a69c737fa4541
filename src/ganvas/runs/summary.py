"""A run as one line of text, and as HTML with its last sample sheet. Damaged files are left out; nothing raises."""

import base64
import html
import io
import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image

from ..base.files import open_regular, read_regular
from .events import parse_event

STATES = ("training", "finished", "interrupted", "failed", "aborted")
STATUS_BYTES, TAIL_BYTES, SHEET_BYTES = 65_536, 65_536, 2**25
SIDE, PIXELS = 640, 2**26  # of the picture in a notebook; of a sheet that is opened
SHEET = re.compile(r"(\d{12})\.(webp|png)")
UNREADABLE = (OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, EOFError, RecursionError)


def run_state(path: Path) -> tuple[str, int | None]:
    """The state in a run's status.json and the number of samples; "" and None where they cannot be read."""
    facts: Any = None
    with suppress(*UNREADABLE):
        facts = json.loads(read_regular(path / "status.json", STATUS_BYTES, inside=path))
    facts = facts if isinstance(facts, dict) else {}
    known = facts.get("state") if facts.get("state") in STATES else ""
    samples = facts.get("samples")
    return str(known), samples if type(samples) is int and samples >= 0 else last_samples(path)


def last_samples(path: Path) -> int | None:
    """Samples of the newest event; None if there is none."""
    with suppress(*UNREADABLE), open_regular(path / "events.jsonl", inside=path) as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
        for line in reversed(file.read(TAIL_BYTES).decode("utf-8", "replace").splitlines()):
            event = parse_event(line)
            if event is not None and type(event.samples) is int:
                return event.samples
    return None


def last_sheet(path: Path, samples: int | None) -> Image.Image | None:
    """The newest picture in samples/ of at most `samples` samples, at most SIDE pixels a side; None if unreadable."""
    names: list[str] = []
    with suppress(OSError):
        names = [
            name
            for name in os.listdir(path / "samples")
            if (found := SHEET.fullmatch(name)) and (samples is None or int(found[1]) <= samples)
        ]
    for name in sorted(names, reverse=True)[:1]:
        with suppress(*UNREADABLE, Image.DecompressionBombError):
            data = read_regular(path / "samples" / name, SHEET_BYTES, inside=path)
            with Image.open(io.BytesIO(data), formats=("PNG", "WEBP")) as picture:
                if picture.width * picture.height <= PIXELS:
                    return thumbnail(picture)
    return None


def thumbnail(picture: Image.Image) -> Image.Image:
    """The picture as RGB, scaled down to at most SIDE pixels a side."""
    copy = picture.convert("RGB")
    copy.thumbnail((SIDE, SIDE))
    return copy


def html_figure(text: str, picture: Image.Image | None) -> str:
    """HTML: escaped text and, if given, an embedded picture of at most SIDE x SIDE pixels."""
    shown = f"<div><code>{html.escape(text)}</code></div>"
    if picture is None:
        return shown
    held = io.BytesIO()
    thumbnail(picture).save(held, "WEBP", quality=85)
    return f'{shown}<img alt="samples" src="data:image/webp;base64,{base64.b64encode(held.getvalue()).decode()}">'

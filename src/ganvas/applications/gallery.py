"""Pictures before and after a translation as one HTML file: a slider on every pair, by mouse, touch and keyboard."""

import base64
import html
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..base.files import replace_file
from ..domains.images import picture_of
from ..runs import cannot_write, encode_picture
from .picture_files import with_alpha
from .translate_folder import Translated
from .translator import Translator

PAGES = Path(__file__).parent / "pages"
MOST_PAIRS = 200  # of a file
MOST_SIDE = 1280  # pixels of an embedded picture
LEAST_SIDE = 192  # smaller pictures are enlarged by whole pixels when they are shown
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="{tool}">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p>{facts}</p>
</header>
<main>
{pairs}
</main>
<script>
{script}
</script>
</body>
</html>
"""
PAIR = """<figure>
<div class="pair{small}" style="aspect-ratio: {width} / {height}; max-width: {most}px">
<img class="after" src="{after}" alt="{name}, after" draggable="false">
<img class="before" src="{before}" alt="{name}, before" draggable="false">
<span class="side left" aria-hidden="true">before</span><span class="side right" aria-hidden="true">after</span>
<span class="handle" aria-hidden="true"></span>
<input type="range" min="0" max="100" value="50" step="1" aria-label="{name}: share that is shown as before">
</div>
<figcaption>{name}</figcaption>
</figure>"""


def write_gallery(
    translator: Translator, pairs: Iterable[Translated], out: Path, title: str, mark: dict[str, Any] | None
) -> int:
    """Write the page.

    Args:
        translator: that made the pairs.
        pairs: at most MOST_PAIRS.
        out: the HTML file.
        title: of the page.
        mark: what `mark_of` returned; it is in every picture of the page. None: no marks.

    Returns:
        The number of pairs.

    Raises:
        ResourceError: the file cannot be written.
    """
    shown = [figure(translator, pair, mark) for pair in pairs]
    model = translator.model
    facts = (
        f"{len(shown)} picture{'' if len(shown) == 1 else 's'}, translated by a model trained on "
        f"{model.samples_seen:,} samples ({model.sha256[:12]}). Drag the line, or use the arrow keys."
    )
    text = PAGE.format(
        policy=POLICY,
        tool=html.escape(mark["tool"] if mark else "ganvas"),
        title=html.escape(title),
        style=(PAGES / "gallery.css").read_text("utf-8"),
        facts=html.escape(facts),
        pairs="\n".join(shown),
        script=(PAGES / "gallery.js").read_text("utf-8"),
    )
    try:
        replace_file(out, text)
    except OSError as error:
        raise cannot_write(out, error) from error
    return len(shown)


def figure(translator: Translator, pair: Translated, mark: dict[str, Any] | None) -> str:
    """One pair as HTML."""
    before = with_alpha(picture_of(translator.input_domain.view(pair.before.pixels)), shown_alpha(pair))
    shown = translator.model.view(pair.after[None])[0]  # classes in their colours
    after = reduced(with_alpha(picture_of(shown), pair.alpha))
    enlarged = -(-LEAST_SIDE // max(after.size)) if max(after.size) < LEAST_SIDE else 1
    return PAIR.format(
        name=html.escape(pair.job.name),
        before=address(reduced(before), None),
        after=address(after, mark),
        width=after.width,
        height=after.height,
        most=after.width * enlarged,
        small=" small" if enlarged > 1 else "",
    )


def shown_alpha(pair: Translated) -> np.ndarray[Any, Any] | None:
    """Alpha of the picture before: holes are shown transparent."""
    return pair.before.alpha if pair.mask is None else np.where(pair.mask, 0, 255).astype(np.uint8)


def reduced(picture: Image.Image) -> Image.Image:
    """At most MOST_SIDE pixels a side."""
    whole = picture.copy()
    whole.thumbnail((MOST_SIDE, MOST_SIDE), Image.Resampling.LANCZOS)
    return whole


def address(picture: Image.Image, mark: dict[str, Any] | None) -> str:
    """A picture as a data URL: PNG where it is small, so that pixels are exact, else WebP."""
    ending = ".png" if max(picture.size) < LEAST_SIDE else ".webp"
    data = encode_picture(picture, ending, mark)
    return f"data:image/{ending[1:]};base64,{base64.b64encode(data).decode()}"

"""A preview of a table: the shares of its categories and modes, column by column, beside those of the data."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

CELL, BARS, MARGIN = (160, 110), 16, 8  # pixels of one column's chart, most bars in it, pixels around it
PAPER, INK, REAL, FAKE = "#ffffff", "#333333", "#c8c8c8", "#3b76af"
ACROSS = 4
MOST = 24  # columns in a picture


Numbers = np.ndarray[Any, Any]
Chart = tuple[str, Numbers, Numbers, bool]  # name, shares of the data and of samples, and whether to sort them


def shares_picture(x: Numbers, blocks: Sequence[int], names: Sequence[str], counts: Sequence[Numbers]) -> Image.Image:
    """One chart a column: bars of its most frequent categories or modes, grey for the data, blue for x [N, D]."""
    drawn, start = list[Chart](), 0
    for place, block in enumerate(blocks[:MOST]):
        first = start + (block < 0)
        part = x[:, first : first + abs(block)]
        start = first + abs(block)
        fake = np.bincount(part.argmax(axis=1), minlength=abs(block)) / max(1, len(x))
        real = counts[place] / max(1.0, counts[place].sum())
        drawn.append((names[place], real, fake, True))
    return charts(drawn)


def charts(drawn: Sequence[Chart]) -> Image.Image:
    """Charts of the first columns, side by side."""
    drawn = drawn[:MOST]
    across = min(ACROSS, len(drawn))
    width, height = CELL
    picture = Image.new("RGB", (across * width, -(-len(drawn) // across) * height), PAPER)
    draw = ImageDraw.Draw(picture)
    for place, (name, real, fake, sort) in enumerate(drawn):
        chart(draw, (place % across * width, place // across * height), name, (real, fake), sort=sort)
    return picture


def chart(
    draw: ImageDraw.ImageDraw, corner: tuple[int, int], name: str, shares: tuple[Numbers, Numbers], *, sort: bool
) -> None:
    """The bars of one column, its most frequent values first where they are sorted."""
    real, fake = shares
    order = np.argsort(-real, kind="stable")[:BARS] if sort else np.arange(len(real))
    left, top = corner[0] + MARGIN, corner[1] + MARGIN
    width, height = CELL[0] - 2 * MARGIN, CELL[1] - 2 * MARGIN - 14
    draw.text((left, top), name[:24], fill=INK)
    top += 14
    largest = max(float(real.max(initial=0)), float(fake.max(initial=0)), 1e-9)
    step = width / max(1, len(order))
    for place, each in enumerate(order):
        for share, colour, offset in ((real[each], REAL, 0.1), (fake[each], FAKE, 0.5)):
            x0 = left + (place + offset) * step
            y0 = top + height * (1 - float(share) / largest)
            draw.rectangle((x0, y0, x0 + max(1.0, 0.38 * step), top + height), fill=colour)
    draw.line((left, top + height, left + width, top + height), fill=INK)

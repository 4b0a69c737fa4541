"""A preview of sequences: small charts of lines over time, and pairs of such charts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

CELL, MARGIN = (150, 90), 6  # pixels of a chart, and around it
PAPER, FRAME, INK = "#ffffff", "#dddddd", "#333333"
COLOURS = ("#3b76af", "#d9772b", "#4d9a4a", "#b04a45", "#7f62a8", "#7a5c50", "#c56fae", "#6f6f6f")

Numbers = np.ndarray[Any, Any]


def lines_picture(x: Numbers, going: Numbers, columns: int | None = None) -> Image.Image:
    """Sequences [N, C, T] in [-1, 1], a chart each, a line for each channel, until they end.

    Args:
        x: [N, C, T].
        going: bool [N, T].
        columns: charts side by side; None: about as wide as high.
    """
    across = columns or max(1, min(len(x), round((len(x) * CELL[1] / CELL[0]) ** 0.5 + 0.5)))
    picture = Image.new("RGB", (across * CELL[0], max(1, -(-len(x) // across)) * CELL[1]), PAPER)
    draw = ImageDraw.Draw(picture)
    for place, (each, here) in enumerate(zip(x, going, strict=True)):
        corner = (place % across * CELL[0], place // across * CELL[1])
        box(draw, corner, CELL)
        for channel, values in enumerate(each):
            polyline(draw, corner, CELL, values[here], len(values), (-1.0, 1.0), COLOURS[channel % len(COLOURS)])
    return picture


def box(draw: ImageDraw.ImageDraw, corner: tuple[int, int], size: tuple[int, int]) -> None:
    """The frame of a chart."""
    left, top = corner
    draw.rectangle((left + 2, top + 2, left + size[0] - 3, top + size[1] - 3), outline=FRAME)


def polyline(
    draw: ImageDraw.ImageDraw,
    corner: tuple[int, int],
    size: tuple[int, int],
    values: Sequence[float] | Numbers,
    steps: int,
    limits: tuple[float, float],
    colour: str,
) -> None:
    """A line through values at steps 0, 1, ... of a chart `steps` wide; `limits` are its lower and upper end."""
    width, height = size[0] - 2 * MARGIN, size[1] - 2 * MARGIN
    low, high = limits
    points = [
        (
            corner[0] + MARGIN + width * step / max(1, steps - 1),
            corner[1] + MARGIN + height * (1 - (min(max(float(value), low), high) - low) / (high - low)),
        )
        for step, value in enumerate(values)
    ]
    if len(points) > 1:
        draw.line(points, fill=colour, width=2)

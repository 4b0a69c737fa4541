"""Draws the pictures that the ready-made model `flowers-demo` was trained on: five kinds of flowers, by class.

python benchmarks/flowers.py FOLDER draws 10,000 pictures. They are drawn by this program alone, so their licence is the
project's, Apache-2.0.
"""

import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIDE, FINER = 32, 4  # pixels; drawn four times as large and made smaller
EACH = 2_000  # pictures of a class
Random = np.random.Generator
Colour = tuple[int, int, int]


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two; share 0 is the first."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def between(draw: Random, first: Colour, second: Colour) -> Colour:
    """A random colour between two."""
    return mixed(first, second, float(draw.uniform()))


def petal(
    canvas: ImageDraw.ImageDraw, centre: tuple[float, float], angle: float, length: float, width: float, colour: Colour
) -> None:
    """An ellipse that begins at the centre and points along an angle."""
    t = np.linspace(0, 2 * math.pi, 40)
    along, across = length / 2 * (1 + np.cos(t)), width / 2 * np.sin(t)
    x = centre[0] + along * math.cos(angle) - across * math.sin(angle)
    y = centre[1] + along * math.sin(angle) + across * math.cos(angle)
    canvas.polygon(list(zip(x.tolist(), y.tolist(), strict=True)), fill=colour)


def disc(canvas: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float, colour: Colour) -> None:
    """A filled circle."""
    x, y = centre
    canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def ring(
    canvas: ImageDraw.ImageDraw,
    draw: Random,
    centre: tuple[float, float],
    count: int,
    length: float,
    width: float,
    colours: tuple[Colour, Colour],
) -> None:
    """Petals around a centre, every second one in the other colour."""
    begin = draw.uniform(0, 2 * math.pi)
    for number in range(count):
        petal(canvas, centre, begin + 2 * math.pi * number / count, length, width, colours[number % 2])


def daisy(canvas: ImageDraw.ImageDraw, draw: Random, centre: tuple[float, float], size: float) -> None:
    """White petals around a yellow disc."""
    light = between(draw, (255, 255, 255), (250, 225, 238))
    ring(
        canvas, draw, centre, int(draw.integers(9, 14)), size, size * 0.36, (light, mixed(light, (190, 190, 215), 0.35))
    )
    disc(canvas, centre, size * 0.3, between(draw, (255, 200, 30), (250, 165, 20)))


def sunflower(canvas: ImageDraw.ImageDraw, draw: Random, centre: tuple[float, float], size: float) -> None:
    """Two rings of yellow petals around a brown disc."""
    yellow = between(draw, (255, 205, 20), (255, 165, 10))
    ring(canvas, draw, centre, 14, size, size * 0.3, (yellow, mixed(yellow, (200, 90, 0), 0.35)))
    disc(canvas, centre, size * 0.46, between(draw, (95, 55, 25), (70, 40, 30)))
    disc(canvas, centre, size * 0.26, (55, 32, 22))


def violet(canvas: ImageDraw.ImageDraw, draw: Random, centre: tuple[float, float], size: float) -> None:
    """Five wide petals, violet or blue, around a small yellow disc."""
    blue = between(draw, (150, 70, 200), (70, 90, 220))
    ring(canvas, draw, centre, 5, size, size * 0.85, (blue, mixed(blue, (255, 255, 255), 0.22)))
    disc(canvas, centre, size * 0.34, mixed(blue, (40, 10, 80), 0.5))
    disc(canvas, centre, size * 0.17, (255, 220, 70))


def rose(canvas: ImageDraw.ImageDraw, draw: Random, centre: tuple[float, float], size: float) -> None:
    """Rings of round petals, darker towards the middle."""
    red = between(draw, (225, 30, 60), (245, 120, 150))
    for layer, share in enumerate((1.0, 0.72, 0.46)):
        shade = mixed(red, (110, 0, 30), 0.28 * layer)
        ring(
            canvas, draw, centre, 7 - layer, size * share, size * share * 0.95, (shade, mixed(shade, (90, 0, 30), 0.2))
        )
    disc(canvas, centre, size * 0.16, mixed(red, (80, 0, 20), 0.75))


def tulip(canvas: ImageDraw.ImageDraw, draw: Random, centre: tuple[float, float], size: float) -> None:
    """A cup of three petals, seen from the side."""
    orange = between(draw, (255, 120, 30), (240, 60, 90))
    foot = (centre[0], centre[1] + size * 0.8)
    for lean, colour in ((-0.42, orange), (0.42, orange), (0.0, mixed(orange, (255, 235, 120), 0.35))):
        petal(canvas, foot, -math.pi / 2 + lean, size * 1.7, size * 0.85, colour)


KINDS: dict[str, Callable[[ImageDraw.ImageDraw, Random, tuple[float, float], float], None]] = {
    "daisy": daisy,
    "rose": rose,
    "sunflower": sunflower,
    "tulip": tulip,
    "violet": violet,
}


def ground(draw: Random, side: int) -> Image.Image:
    """A sky that fades to a meadow."""
    sky = between(draw, (150, 205, 245), (235, 240, 250))
    grass = between(draw, (120, 190, 95), (65, 140, 75))
    horizon = draw.uniform(0.6, 0.85)
    fade = np.clip((np.linspace(0, 1, side) - horizon) / 0.2 + 0.5, 0, 1)[:, None]
    column = np.array(sky) * (1 - fade) + np.array(grass) * fade
    return Image.fromarray(np.repeat(column[:, None].round().astype(np.uint8), side, axis=1))


def picture(kind: str, seed: int) -> Image.Image:
    """One flower, RGB [32, 32]."""
    draw, side = np.random.default_rng((sorted(KINDS).index(kind), seed)), SIDE * FINER
    image = ground(draw, side)
    canvas = ImageDraw.Draw(image)
    centre = (side * draw.uniform(0.42, 0.58), side * draw.uniform(0.34, 0.44))
    size = side * draw.uniform(0.25, 0.33)
    foot = side * 0.5 + draw.uniform(-0.06, 0.06) * side
    green = between(draw, (40, 120, 50), (70, 150, 60))
    canvas.line([centre, (foot, side)], fill=green, width=round(side * 0.045))
    leaf = (centre[0] * 0.4 + foot * 0.6, centre[1] * 0.3 + side * 0.7)
    for turn in (math.pi + 0.6, -0.6):
        petal(canvas, leaf, turn, side * draw.uniform(0.17, 0.27), side * 0.09, mixed(green, (20, 70, 30), 0.2))
    KINDS[kind](canvas, draw, centre, size)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def paint(folder: Path, each: int = EACH) -> Path:
    """Draw the pictures of every kind into folders of their names."""
    for kind in KINDS:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for seed in range(each):
            picture(kind, seed).save(folder / kind / f"{seed:04}.png")
    return folder


if __name__ == "__main__":
    paint(Path(sys.argv[1]))

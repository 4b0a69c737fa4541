"""docs/images/score.svg: score against seconds on MNIST, from the rows of quality.py. python benchmarks/plot.py"""

import math
from pathlib import Path
from typing import Any

from rows import rows

TARGET = Path(__file__).parents[1] / "docs" / "images" / "score.svg"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 400, 70, 20, 20, 50
SECONDS, SCORES = (1.0, 400.0), (0.1, 300.0)  # ends of the logarithmic axes
COLOURS = {"textbook": "#8a8a8a", "ganvas": "#0b6e99"}


def place(seconds: float, score: float) -> tuple[float, float]:
    """A point of the plot in pixels."""
    along = [
        math.log(value / low) / math.log(high / low) for value, (low, high) in ((seconds, SECONDS), (score, SCORES))
    ]
    return LEFT + along[0] * (WIDTH - LEFT - RIGHT), TOP + (1 - along[1]) * (HEIGHT - TOP - BOTTOM)


def axes() -> list[str]:
    """Frame, ticks and titles."""
    low, high = place(SECONDS[0], SCORES[0]), place(SECONDS[1], SCORES[1])
    parts = [
        f'<rect x="{low[0]:.0f}" y="{high[1]:.0f}" width="{high[0] - low[0]:.0f}" height="{low[1] - high[1]:.0f}" '
        'fill="none" stroke="#cccccc"/>'
    ]
    for seconds in (1, 3, 10, 30, 100, 300):
        parts.append(
            f'<text x="{place(seconds, 1)[0]:.0f}" y="{low[1] + 18:.0f}" text-anchor="middle">{seconds}</text>'
        )
    for score in (0.1, 1, 10, 100):
        parts.append(f'<text x="{low[0] - 8:.0f}" y="{place(1, score)[1] + 4:.0f}" text-anchor="end">{score:g}</text>')
        parts.append(
            f'<line x1="{low[0]:.0f}" x2="{high[0]:.0f}" y1="{place(1, score)[1]:.0f}" y2="{place(1, score)[1]:.0f}" '
            'stroke="#eeeeee"/>'
        )
    parts.append(
        f'<text x="{WIDTH / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">seconds of training, two threads</text>'
    )
    parts.append(
        f'<text x="16" y="{HEIGHT / 2:.0f}" text-anchor="middle" transform="rotate(-90 16 {HEIGHT / 2:.0f})">'
        "digit score (lower is better)</text>"
    )
    return parts


def line(points: list[tuple[float, float]], colour: str) -> str:
    """One seed's course."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in points))
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'


def courses() -> list[tuple[str, list[tuple[float, float]]]]:
    """The script's curves at the speed that its race measured; ganvas's to the goal, then to the end of its three
    minutes.
    """
    found: list[tuple[str, list[tuple[float, float]]]] = []
    of: dict[str, dict[int, Any]] = {}
    for row in rows(benchmark="quality"):
        kind = (
            "textbook"
            if row["protocol"].startswith("textbook")
            else "race"
            if row["protocol"].startswith("seconds")
            else "mnist"
        )
        of.setdefault(kind, {})[row["seed"]] = row
    for seed, race in of["race"].items():
        script, mnist = of["textbook"][seed], of["mnist"][seed]
        epochs = script["curve"]
        found.append(
            (
                "textbook",
                [
                    (race["textbook_seconds"] * (place + 1) / len(epochs), score)
                    for place, (_, score) in enumerate(epochs)
                ],
            )
        )
        rate = race["samples"] / race["seconds"]
        found.append(
            (
                "ganvas",
                [
                    *((seconds, score) for seconds, score in race["curve"]),
                    (mnist["samples"] / rate, mnist["digit_frechet"]),
                ],
            )
        )
    return found


if __name__ == "__main__":
    parts = axes() + [line(points, COLOURS[side]) for side, points in courses()]
    for place_in_list, (side, words) in enumerate(
        {"textbook": "textbook script, 12 epochs", "ganvas": "ganvas train mnist --minutes 3"}.items()
    ):
        parts.append(
            f'<text x="{LEFT + 20}" y="{HEIGHT - BOTTOM - 40 + 18 * place_in_list}" fill="{COLOURS[side]}">'
            f"{words}, three seeds</text>"
        )
    style = 'font-family="sans-serif" font-size="13" fill="#333333"'
    frame = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {style}>'
    TARGET.write_text(
        "\n".join([frame, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', *parts, "</svg>"]) + "\n"
    )
    print(f"wrote {TARGET.name}")

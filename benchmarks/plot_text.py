"""docs/images/text-curve.svg: likelihood by the oracle against that of held-out text. python benchmarks/plot_text.py

From the rows of text_oracle.py on test, the small oracle: the curve of maximum likelihood over temperatures, and each
try at temperature 1 (a dot) and 0.8. `python benchmarks/plot_text.py --table` prints how far each is from the curve.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from rows import rows

TARGET = Path(__file__).parents[1] / "docs" / "images" / "text-curve.svg"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 420, 60, 200, 20, 50
HELD, ORACLE = (5.2, 5.7), (5.0, 6.5)  # ends of the axes, nats a token
COLOURS = ("#0b6e99", "#c2571a", "#3f7d20", "#8a2be2", "#b8860b", "#c71585", "#2f4f4f", "#708090")


def found(title: str) -> list[dict[str, Any]]:
    """The rows of a try on test, seed 0, by temperature from 1 down."""
    wanted = {"benchmark": "text oracle 2", "task": "small", "split": "test", "seed": 0, "try": title}
    return sorted(rows(**wanted), key=lambda row: -row["temperature"])


def titles() -> list[str]:
    """The tries that have rows, in their order."""
    every = rows(benchmark="text oracle 2", task="small", split="test", seed=0)
    return [title for title in dict.fromkeys(row["try"] for row in every) if title != "likelihood"]


def above(row: dict[str, Any], curve: list[dict[str, Any]]) -> float:
    """NLL_oracle minus that of the curve at the same NLL of held-out text; linear between temperatures, and beyond."""
    x, y = (np.array([each[key] for each in curve]) for key in ("nll_held", "nll_oracle"))
    if row["nll_held"] < x[0]:
        return float(row["nll_oracle"] - y[0] - (y[1] - y[0]) / (x[1] - x[0]) * (row["nll_held"] - x[0]))
    return float(row["nll_oracle"] - np.interp(row["nll_held"], x, y))


def table_lines() -> list[str]:
    """Each try beside both curves, as a table of the docs."""
    curve, longer = found("likelihood"), found("longer")
    lines = [
        "| try | temperature | by the oracle | held-out | above the curve | Self-BLEU-3 |",
        "|---|---|---|---|---|---|",
    ]
    for title in titles():
        for row in found(title):
            cells = [title, f"{row['temperature']:g}", f"{row['nll_oracle']:.2f}", f"{row['nll_held']:.3f}"]
            both = f"{above(row, curve):+.2f}; {above(row, longer):+.2f}"
            lines.append(f"| {' | '.join([*cells, both, format(row['self_bleu_3'], '.2f')])} |")
    return lines


def place(row: dict[str, Any]) -> tuple[float, float]:
    """A row in pixels."""
    x = (row["nll_held"] - HELD[0]) / (HELD[1] - HELD[0])
    y = (row["nll_oracle"] - ORACLE[0]) / (ORACLE[1] - ORACLE[0])
    return LEFT + x * (WIDTH - LEFT - RIGHT), TOP + (1 - y) * (HEIGHT - TOP - BOTTOM)


def axes() -> list[str]:
    """Frame, ticks and titles."""
    right, low = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [f'<rect x="{LEFT}" y="{TOP}" width="{right - LEFT}" height="{low - TOP}" fill="none" stroke="#cccccc"/>']
    for held in (5.2, 5.3, 5.4, 5.5, 5.6, 5.7):
        x = place({"nll_held": held, "nll_oracle": 5.0})[0]
        parts.append(f'<text x="{x:.0f}" y="{low + 18}" text-anchor="middle">{held:g}</text>')
    for oracle in (5.0, 5.5, 6.0, 6.5):
        y = place({"nll_held": 5.2, "nll_oracle": oracle})[1]
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{oracle:g}</text>')
    middle, below = (LEFT + right) / 2, "nats a token of held-out text (lower: more variety)"
    parts.append(f'<text x="{middle:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{below}</text>')
    beside, turn = "nats a token by the oracle (lower: likelier)", f"rotate(-90 16 {HEIGHT / 2:.0f})"
    parts.append(f'<text x="16" y="{HEIGHT / 2:.0f}" text-anchor="middle" transform="{turn}">{beside}</text>')
    return parts


def curve_of(points: list[dict[str, Any]], colour: str, words: str, number: int) -> list[str]:
    """A line through the rows of a try, a dot at temperature 1, and its name."""
    inside = [row for row in points if row["nll_held"] <= HELD[1]]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, inside))
    x, y = place(points[0])
    key = TOP + 16 + 20 * number
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>',
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>',
        f'<text x="{WIDTH - RIGHT + 12}" y="{key}" fill="{colour}">{words}</text>',
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--table", action="store_true", help="print the table of the docs")
    if parser.parse_args().table:
        print("\n".join(table_lines()))
    else:
        parts = [*axes(), *curve_of(found("likelihood"), "#333333", "maximum likelihood", 0)]
        for number, title in enumerate(titles(), start=1):
            parts += curve_of(found(title), COLOURS[number % len(COLOURS)], title, number)
        style = 'font-family="sans-serif" font-size="13" fill="#333333"'
        frame = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {style}>'
        ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
        TARGET.write_text("\n".join([frame, ground, *parts, "</svg>"]) + "\n")
        print(f"wrote {TARGET.name}")

"""Plots as SVG for a page without scripts; they have the page's colours in light and dark mode."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .markup import Html, element, join

WIDTH, HEIGHT = 560, 280
LEFT, RIGHT, TOP, BOTTOM = 76, 14, 14, 52  # margins that hold the axes' numbers
MOST_CLASSES = 40
BINS = 40


class Axis(NamedTuple):
    """A linear or logarithmic map from values to positions."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high, value = (
            (math.log10(each) for each in (self.low, self.high, value)) if self.log else (self.low, self.high, value)
        )
        return round(self.start + (value - low) / (high - low) * (self.end - self.start), 2)

    def ticks(self) -> list[float]:
        """About five round numbers."""
        if self.log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            steps = (1, 2, 5) if len(powers) < 4 else (1,)
            found = [step * 10.0**power for power in powers for step in steps]
        else:
            rough = (self.high - self.low) / 5
            power = 10.0 ** math.floor(math.log10(rough))
            step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough)
            found = [
                step * place
                for place in range(math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9) + 1)
            ]
        return [each for each in found if self.low * (1 - 1e-9) <= each <= self.high * (1 + 1e-9) or each == 0]


def horizontal(low: float, high: float) -> Axis:
    """The horizontal axis."""
    return Axis(low, high if high > low else low + 1, LEFT, WIDTH - RIGHT)


def vertical(*values: float, log: bool = False) -> Axis:
    """The vertical axis, with room at its ends; it contains zero unless it is logarithmic."""
    if log:
        return Axis(min(values) / 1.2, max(values) * 1.2, HEIGHT - BOTTOM, TOP, log)
    low, high = min(0.0, *values), max(0.0, *values)
    room = 0.05 * (high - low)
    return Axis(low - room if low else 0.0, high + room if high or room else 1.0, HEIGHT - BOTTOM, TOP)


def number_text(value: float) -> str:
    """A short number for an axis or a table: 1,234,567, 12.3, 0.00123."""
    if 1e3 <= abs(value) < 1e9:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def drawing(
    title: str, across: str, upward: str, *, x: Axis, y: Axis, inner: Sequence[Html], names: bool = True
) -> Html:
    """An SVG of axes with numbers and titles around the elements `inner`."""
    grid = [element("line", cls="grid", x1=LEFT, x2=WIDTH - RIGHT, y1=y(tick), y2=y(tick)) for tick in y.ticks()]
    labels = [element("text", number_text(tick), x=LEFT - 6, y=y(tick) + 5, text_anchor="end") for tick in y.ticks()]
    if names:
        labels += [
            element("text", number_text(tick), x=x(tick), y=HEIGHT - BOTTOM + 20, text_anchor="middle")
            for tick in x.ticks()
        ]
    middle = (TOP + HEIGHT - BOTTOM) / 2
    labels.append(element("text", across, x=(LEFT + WIDTH - RIGHT) / 2, y=HEIGHT - 8, text_anchor="middle", cls="name"))
    labels.append(
        element("text", upward, x=16, y=middle, text_anchor="middle", cls="name", transform=f"rotate(-90 16 {middle})")
    )
    base = element("line", cls="axis", x1=LEFT, x2=WIDTH - RIGHT, y1=HEIGHT - BOTTOM, y2=HEIGHT - BOTTOM)
    return element("svg", *grid, *inner, base, *labels, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=title)


def bars(*, names: Sequence[str], fake: Sequence[float], real: Sequence[float]) -> Html:
    """Bars of the shares of classes for fakes and reals; of many classes those with the largest differences."""
    shares = {"real": normal(real), "fake": normal(fake)}
    order = (
        np.argsort(-np.abs(shares["fake"] - shares["real"]), kind="stable")[:MOST_CLASSES]
        if len(names) > MOST_CLASSES
        else np.arange(len(names))
    )
    top = max(float(each[order].max()) for each in shares.values())
    x, y = horizontal(0, len(order)), vertical(top)
    wide = (x(1) - x(0)) * 0.4
    drawn = []
    for place, which in enumerate(order):
        for side, (kind, share) in enumerate(shares.items()):
            high = y(float(share[which]))
            label = element("title", f"{names[which]}, {kind}: {share[which]:.2%}")
            left = round(x(place + 0.5) + (side - 1) * wide, 2)
            drawn.append(
                element(
                    "rect",
                    label,
                    cls=f"{kind} filled",
                    x=left,
                    y=high,
                    width=round(wide * 0.94, 2),
                    height=round(y(0) - high, 2),
                )
            )
        if len(order) <= 20:
            drawn.append(
                element("text", short(names[which]), x=x(place + 0.5), y=HEIGHT - BOTTOM + 20, text_anchor="middle")
            )
    return drawing("Shares of the classes of fakes and reals", "class", "share", x=x, y=y, inner=drawn, names=False)


def distances(*, fake: Sequence[float], held_out: Sequence[float]) -> Html:
    """Histograms of the distances to the nearest training sample for fakes and held-out reals, with equal bins."""
    kinds = {"real": finite(held_out), "fake": finite(fake)}
    both = np.concatenate(list(kinds.values()))
    edges = np.linspace(min(0.0, float(both.min())), float(both.max()) or 1.0, BINS + 1)
    shares = {kind: np.histogram(values, edges)[0] / max(1, len(values)) for kind, values in kinds.items()}
    x, y = horizontal(float(edges[0]), float(edges[-1])), vertical(*(float(each.max()) for each in shares.values()))
    drawn = []
    for kind, share in shares.items():
        points = [(x(float(edges[0])), y(0))]
        for place, each in enumerate(share):
            points += [(x(float(edges[place])), y(float(each))), (x(float(edges[place + 1])), y(float(each)))]
        points.append((x(float(edges[-1])), y(0)))
        drawn.append(element("polygon", cls=f"{kind} area", points=path(points)))
    return drawing(
        "Distances to the nearest training sample",
        "distance to the nearest training sample",
        "share",
        x=x,
        y=y,
        inner=drawn,
    )


def curve(
    *, samples: Sequence[float], values: Sequence[float], errors: Sequence[float], real_vs_real: float | None, name: str
) -> Html:
    """A score over samples seen, with its 95 % interval and real-vs-real value; logarithmic for a wide range."""
    lows, highs = (
        [value + side * 1.96 * error for value, error in zip(values, errors, strict=True)] for side in (-1, 1)
    )
    ends = [*lows, *highs, *([] if real_vs_real is None else [real_vs_real])]
    log = min(ends) > 0 and max(ends) / min(ends) > 20
    y = vertical(*ends, log=log)
    x = horizontal(0, max(samples))
    band = [
        (x(place), y(value))
        for place, value in zip([*samples, *reversed(samples)], [*highs, *reversed(lows)], strict=True)
    ]
    line = [(x(place), y(value)) for place, value in zip(samples, values, strict=True)]
    drawn = [
        element("polygon", cls="fake band", points=path(band)),
        element("polyline", cls="fake line", points=path(line)),
    ]
    drawn += [
        element(
            "circle",
            element("title", f"{number_text(value)} after {place:,.0f}"),
            cls="fake filled",
            cx=x(place),
            cy=y(value),
            r=3,
        )
        for place, value in zip(samples, values, strict=True)
    ]
    if real_vs_real is not None:
        drawn.append(
            element("line", cls="real line baseline", x1=LEFT, x2=WIDTH - RIGHT, y1=y(real_vs_real), y2=y(real_vs_real))
        )
    return drawing(f"{name} over samples seen", "samples seen", name, x=x, y=y, inner=drawn)


def extrapolation(*, n: Sequence[float], values: Sequence[float], limit: float, name: str) -> Html:
    """A score over 1 / n, and its limit for infinite n."""
    inverse = [1 / each for each in n]
    x, y = horizontal(0, max(inverse) * 1.05), vertical(limit, *values)
    slope = sum(a * (value - limit) for a, value in zip(inverse, values, strict=True)) / sum(a * a for a in inverse)
    ends = [(x(0), y(limit)), (x(max(inverse)), y(max(y.low, min(y.high, limit + slope * max(inverse)))))]
    drawn = [element("polyline", cls="fake line baseline", points=path(ends))]
    for each, place, value in zip(n, inverse, values, strict=True):
        drawn.append(
            element(
                "circle",
                element("title", f"{number_text(value)} at n = {each:,.0f}"),
                cls="fake filled",
                cx=x(place),
                cy=y(value),
                r=3.5,
            )
        )
    drawn.append(
        element(
            "circle",
            element("title", f"{number_text(limit)} for infinite n"),
            cls="fake hollow",
            cx=x(0),
            cy=y(limit),
            r=5,
        )
    )
    return drawing(f"{name} over 1 / n", "1 / n", name, x=x, y=y, inner=drawn)


def legend(**labels: str) -> Html:
    """The legend of a plot's colours: real="...", fake="..."."""
    return element(
        "p", *(join(element("span", cls=f"swatch {kind}"), label, " ") for kind, label in labels.items()), cls="legend"
    )


def path(points: Sequence[tuple[float, float]]) -> str:
    """Points as SVG has them: x,y x,y ..."""
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def finite(values: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The finite values; a zero if there is none."""
    known = np.array([value for value in values if value is not None and math.isfinite(value)], np.float64)
    return known if len(known) else np.zeros(1)


def normal(counts: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Counts or shares, divided by their sum."""
    known = np.asarray(counts, np.float64)
    return known / (known.sum() or 1)


def short(name: str) -> str:
    """The name, cut to ten letters."""
    return name if len(name) <= 10 else f"{name[:9]}…"

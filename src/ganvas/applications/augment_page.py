"""The page of an augmentation report: the curve, the table and the verdict, without scripts."""

import math
from pathlib import Path

from ..evaluation.markup import Html, element
from ..evaluation.plots import HEIGHT, LEFT, WIDTH, Axis, drawing, path
from ..evaluation.report import CSS, POLICY
from .augment import AugmentReport
from .augment_classifiers import CONDITIONS
from .text_file import write_text_file

COLOURS = ("#5c5c63", "#b4590e", "#1f5fbf", "#2e8540", "#9b3fa0")


def write_page(report: AugmentReport, out: Path) -> Path:
    """Write the page. Raises ResourceError."""
    return write_text_file(out, page(report))


def page(report: AugmentReport) -> str:
    """The page as HTML."""
    title = "What generated samples add to a classifier"
    protocol = (
        f"Accuracy on {report.split}; mean and 95 % interval over {report.seeds} trainings, each on {report.samples:,} "
        "pictures with repeats. Real pictures are those that the generator was trained on."
    )
    body = [
        element("header", element("h1", title), element("p", protocol)),
        element("section", *(element("p", each) for each in report.verdict)),
        element("section", curve(report), legend()),
        element("section", element("div", table(report), cls="wide")),
    ]
    meta = [
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
    ]
    style = element("style", Html(CSS.read_text(encoding="utf-8")))
    head = element("head", *meta, element("title", title), style)
    return f"<!doctype html>\n{element('html', head, element('body', element('main', *body)), lang='en')}\n"


def curve(report: AugmentReport) -> Html:
    """Accuracy over real pictures a class, a line for each condition, with intervals."""
    places = [math.log10(max(1, point.per_class)) for point in report.points]
    low, high = min(places) - 0.1, max(places) + 0.1
    x = Axis(low, high, LEFT, WIDTH - 14)
    ends = [end for point in report.points for name in CONDITIONS for end in point.mean(name)[1:]]
    y = Axis(max(0.0, min(ends) - 0.02), min(1.0, max(ends) + 0.02), HEIGHT - 52, 14)
    drawn: list[Html] = []
    for number, (name, colour) in enumerate(zip(CONDITIONS, COLOURS, strict=True)):
        shift = 3.0 * (number - 2)
        means = [point.mean(name) for point in report.points]
        line = [(x(place) + shift, y(each[0])) for place, each in zip(places, means, strict=True)]
        drawn.append(element("polyline", points=path(line), fill="none", stroke=colour, stroke_width=2))
        for (across, up), each in zip(line, means, strict=True):
            bottom, top = (y(min(y.high, max(y.low, end))) for end in each[1:])
            drawn.append(element("line", x1=across, x2=across, y1=bottom, y2=top, stroke=colour))
            drawn.append(
                element("circle", element("title", f"{name}: {each[0]:.1%}"), cx=across, cy=up, r=3, fill=colour)
            )
    drawn += [
        element("text", f"{point.per_class:,}", x=x(place), y=HEIGHT - 32, text_anchor="middle")
        for place, point in zip(places, report.points, strict=True)
    ]
    return drawing("Accuracy", "real pictures a class", "accuracy", x=x, y=y, inner=drawn, names=False)


def legend() -> Html:
    """The colours of the conditions."""
    keys = [
        element(
            "span",
            element("svg", element("rect", width=12, height=12, fill=colour), viewBox="0 0 12 12", width=12),
            name,
        )
        for name, colour in zip(CONDITIONS, COLOURS, strict=True)
    ]
    return element("ul", *(element("li", key) for key in keys), cls="legend")


def table(report: AugmentReport) -> Html:
    """A row for each run, a column for each condition."""
    head = element("tr", *(element("th", each) for each in ("real a class", *CONDITIONS, "accepted by the filter")))
    rows = []
    for point in report.points:
        cells = [point.mean(name) for name in CONDITIONS]
        texts = [f"{each[0]:.1%} [{each[1]:.1%}, {each[2]:.1%}]" for each in cells]
        rows.append(
            element("tr", *(element("td", each) for each in (f"{point.per_class:,}", *texts, f"{point.accepted:.0%}")))
        )
    return element("table", element("thead", head), element("tbody", *rows))

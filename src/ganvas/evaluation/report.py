"""An evaluation as one HTML page without scripts, other files or network access."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from ..base.version import VERSION
from . import plots
from .markup import Html, element, embedded, join
from .report_content import ImagePair, Picture, ReportContent, Scored, TextTable

CSS = Path(__file__).with_name("report.css")
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def report(content: ReportContent) -> str:
    """The HTML page of an evaluation, with all text escaped.

    Args:
        content: what the page shows.

    Returns:
        The HTML.
    """
    head = (
        element("h1", content.title),
        *(element("p", text) for text in (content.scored, *content.notes) if text),
    )
    drawn = [each for each in (classes(content), neighbours(content), history(content), extrapolated(content)) if each]
    body = [
        element("header", *head, listed(content.facts)),
        verdict(content.verdict),
        scores(content.results),
        *map(text_table, content.tables),
        *(own_picture(each) for each in content.pictures),
        element("div", *drawn, cls="two") if drawn else Html(),
        closest(content.pairs),
        samples(content.grid),
        protocols(content.results),
        element("p", f"Made by ganvas {VERSION}.", cls="soft"),
    ]
    meta = [
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
    ]
    style = element("style", Html(CSS.read_text(encoding="utf-8")))
    whole = element(
        "html",
        element("head", *meta, element("title", content.title), style),
        element("body", element("main", *body)),
        lang="en",
    )
    return f"<!doctype html>\n{whole}\n"


def text_table(content: TextTable) -> Html:
    """A section with a table of texts."""
    heads = element("tr", *(element("th", text, scope="col") for text in content.heads))
    cells = (
        (element("th", each[0], scope="row"), *(element("td", text) for text in each[1:])) for each in content.rows
    )
    body = element("tbody", *(element("tr", *each) for each in cells))
    drawn = element("div", element("table", element("thead", heads), body), cls="wide")
    return element("section", element("h2", content.title), drawn, element("p", content.note, cls="soft"))


def own_picture(content: Picture) -> Html:
    """A section with a picture."""
    drawn = (element("p", content.note, cls="soft"), embedded(content.picture, content.title))
    return element("section", element("h2", content.title), *drawn)


def verdict(sentences: Sequence[str]) -> Html:
    """The verdict: one sentence for each main score."""
    return (
        element("section", element("h2", "Verdict"), *(element("p", each) for each in sentences))
        if sentences
        else Html()
    )


def scores(results: Sequence[Scored]) -> Html:
    """The table of scores, and a folded table of the shares of single classes."""
    places = {key: place for place, key in enumerate(dict.fromkeys(map(key_of, results)), start=1)}
    shares = [each for each in results if is_share(each)]
    rows = {
        folded: [row(each, places[key_of(each)]) for each in results if is_share(each) == folded]
        for folded in (False, True)
    }
    folded = (
        element("details", element("summary", f"Class shares ({len(shares)})"), table(rows[True])) if shares else Html()
    )
    note = "Real vs real: the same score of other real samples with the same n. At a ratio of 1 the samples score like "
    note += "real data. ↓ lower is better, ↑ higher is better."
    inner = (
        [table(rows[False]), element("p", note, cls="soft"), folded]
        if results
        else [element("p", "Nothing was scored.")]
    )
    return element("section", element("h2", "Scores"), *inner)


def table(rows: Sequence[Html]) -> Html:
    """A table with one row for each result."""
    heads = element(
        "tr",
        *(
            element("th", text, scope="col")
            for text in ("", "score", "standard error", "n", "real vs real", "score / real vs real")
        ),
    )
    return element("div", element("table", element("thead", heads), element("tbody", *rows)), cls="wide")


def row(result: Scored, protocol: int) -> Html:
    """The row of a result: name with a link to its protocol, value, error, n, real-vs-real value, ratio."""
    value: Any = result["value"]
    real_vs_real: Any = result.get("real_vs_real")
    way = element("span", {True: "↓", False: "↑", None: ""}[result.get("lower_is_better", True)], cls="way")
    link = element("sup", element("a", protocol, href=f"#protocol-{protocol}", aria_label=f"protocol {protocol}"))
    ratio = value / real_vs_real if known(value) and known(real_vs_real) and real_vs_real > 0 else None
    cells = [
        number_cell(value),
        number_cell(result.get("error"), ".2g"),
        f"{result['n']:,}",
        number_cell(real_vs_real),
        number_cell(ratio, ".3g"),
    ]
    return element(
        "tr", element("th", result["name"], " ", way, link, scope="row"), *(element("td", text) for text in cells)
    )


def is_share(result: Scored) -> bool:
    """Whether the result is the share of one class."""
    return str(result["name"]).startswith("share_")


def key_of(result: Scored) -> str:
    """A key that is equal for results of the same protocol."""
    return json.dumps(result.get("protocol") or {}, sort_keys=True, default=str)


def classes(content: ReportContent) -> Html | None:
    """The histogram of classes for fakes and reals."""
    found = content.histogram
    if found is None or not len(found.classes):
        return None
    note = (
        f" The {plots.MOST_CLASSES} of {len(found.classes):,} classes with the largest differences."
        if len(found.classes) > plots.MOST_CLASSES
        else ""
    )
    plot = plots.bars(names=found.classes, fake=found.fake, real=found.real)
    return figure("Classes", plot, plots.legend(real="real", fake="fake"), f"The share of each class.{note}")


def neighbours(content: ReportContent) -> Html | None:
    """The histograms of distances to the nearest training sample."""
    found = content.neighbours
    if found is None or not (len(found.fake) and len(found.held_out)):
        return None
    note = "If fakes are nearer to the training data than held-out reals are, the network copies."
    plot = plots.distances(fake=found.fake, held_out=found.held_out)
    return figure("Nearest training samples", plot, plots.legend(real="held-out reals", fake="fakes"), note)


def history(content: ReportContent) -> Html | None:
    """The first score over training, if it was measured at least twice with one protocol."""
    names = [each["name"] for each in content.history]
    if not names:
        return None
    wanted = next((each["name"] for each in content.results if each["name"] in names), names[0])
    found = [each for each in content.history if each["name"] == wanted and known(each["value"])]
    found = [each for each in found if (each.get("protocol"), each["n"]) == (found[0].get("protocol"), found[0]["n"])]
    if len(found) < 2:
        return None
    last = found[-1].get("real_vs_real")
    errors = [each["error"] if known(each.get("error")) else 0.0 for each in found]
    drawn = {"samples": [each["samples"] for each in found], "values": [each["value"] for each in found]}
    plot = plots.curve(**drawn, errors=errors, real_vs_real=last if known(last) else None, name=wanted)
    where = f" on {found[0]['protocol']['split']}" if "split" in (found[0].get("protocol") or {}) else ""
    return figure(
        "Over training",
        plot,
        plots.legend(fake=f"{wanted}{where}", **({"real": "real vs real"} if known(last) else {})),
        "The band is the 95 % interval.",
    )


def extrapolated(content: ReportContent) -> Html | None:
    """The score over 1 / n and its limit for infinite n."""
    found = content.extrapolation
    if found is None or len(found.n) < 2:
        return None
    plot = plots.extrapolation(n=found.n, values=found.values, limit=found.limit, name=found.name)
    error = f" ± {number_cell(found.error, '.2g')}" if known(found.error) else ""
    return figure(
        "Without the bias of a finite n",
        plot,
        Html(),
        f"{found.name} for infinite n: {number_cell(found.limit)}{error} (standard error).",
    )


def figure(title: str, plot: Html, legend: Html, note: str) -> Html:
    """A section with a plot, which scrolls on a narrow screen."""
    return element(
        "section", element("h2", title), legend, element("figure", plot, cls="wide"), element("p", note, cls="soft")
    )


def closest(pairs: Sequence[ImagePair]) -> Html:
    """The fakes nearest to training pictures, each with that picture."""
    if not pairs:
        return Html()
    drawn = [
        element(
            "figure",
            embedded(each.fake, "fake"),
            embedded(each.nearest, "its nearest training picture"),
            element("figcaption", number_cell(each.distance, ".3g")),
        )
        for each in pairs
    ]
    note = (
        "On the left the fake, on the right its nearest training picture, below their distance. "
        "If the two are the same, the network copies its training data."
    )
    return element(
        "section", element("h2", "Closest pairs"), element("p", note, cls="soft"), element("div", *drawn, cls="pairs")
    )


def samples(grid: Image.Image | None) -> Html:
    """A grid of samples."""
    return (
        Html()
        if grid is None
        else element("section", element("h2", "Samples"), embedded(grid, "A grid of generated samples", "grid-picture"))
    )


def protocols(results: Sequence[Scored]) -> Html:
    """The protocols, each with the scores that have it."""
    groups: dict[str, list[Scored]] = {}
    for each in results:
        groups.setdefault(key_of(each), []).append(each)
    blocks = []
    for place, group in enumerate(groups.values(), start=1):
        shares = sum(map(is_share, group))
        names = [str(each["name"]) for each in group if not is_share(each)] + (
            [f"class shares ({shares})"] if shares else []
        )
        facts = listed(group[0].get("protocol") or {})
        blocks.append(
            element(
                "details",
                element("summary", f"{place}  {', '.join(names)}"),
                facts,
                id=f"protocol-{place}",
                open="" if place == 1 else None,
            )
        )
    note = "Two scores can be compared only if all fields of their protocols are equal."
    return element("section", element("h2", "Protocols"), element("p", note, cls="soft"), *blocks) if blocks else Html()


def listed(facts: Mapping[str, object]) -> Html:
    """A list of names and values."""
    pairs = [join(element("dt", name), element("dd", plain_text(value))) for name, value in facts.items()]
    return element("dl", *pairs, cls="protocol") if pairs else Html()


def plain_text(value: object) -> str:
    """A value of a protocol as text."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, default=str) if isinstance(value, Mapping | list | tuple) else str(value)


def known(value: object) -> bool:
    """Whether the value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def number_cell(value: object, spec: str = "") -> str:
    """A number as text; a dash if there is none."""
    if not known(value):
        return "\u2013"
    return format(value, spec) if spec else plots.number_text(float(value))  # type: ignore[arg-type]

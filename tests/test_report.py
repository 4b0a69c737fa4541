"""The report page: every number and its protocol, nothing from outside, and no text that acts."""

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from ganvas.evaluation import plots
from ganvas.evaluation.report import report
from ganvas.evaluation.report_content import (
    ClassHistogram,
    Extrapolation,
    ImagePair,
    ReportContent,
    TrainingDistances,
)

HOSTILE = '</title></style></script><script>alert(1)</script>"><img src=x onerror=alert(1)>\x00\ud800&amp;'
VOID = {"meta", "img"}


class Reader(HTMLParser):
    """Checks that elements close in order, and notes what there is."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.recorded: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.recorded.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.recorded if name == tag]


def read(evaluation: ReportContent) -> Reader:
    reader = Reader()
    page = report(evaluation)
    page.encode()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    assert not {"script", "iframe", "object", "link", "base", "form"} & {tag for tag, _ in reader.recorded}
    for _, attributes in reader.recorded:
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("src", "data:").startswith("data:")
        assert attributes.get("href", "#").startswith("#")
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        assert not [word for word in ("nan", "inf") if re.search(rf'="[^"]*\b{word}\b', svg)]
        ElementTree.fromstring(svg)
    return reader


def scored(name: str, value: float | None, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "value": value,
        "n": 500,
        "error": None,
        "lower_is_better": True,
        "protocol": {"split": "val"},
        "real_vs_real": None,
        **more,
    }


def picture(value: int, channels: int = 1) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.full((8, 6, channels), value, np.uint8)


def whole(word: str = "a run") -> ReportContent:
    steps = [scored("distance", 100 / step, samples=1000 * step, error=0.1, real_vs_real=0.5) for step in range(1, 9)]
    return ReportContent(
        title=word,
        results=[
            scored(
                "distance",
                12.5,
                error=0.25,
                real_vs_real=0.5,
                protocol={"split": word, word: [1, 2], "k": None, "feedback": False},
            ),
            scored("share_x", 0.1),
        ],
        scored=word,
        facts={word: word},
        histogram=ClassHistogram([word, "b", "c"], [1, 2, 3], [2, 2, 2]),
        neighbours=TrainingDistances([1, 2, 2.5], [2, 3, 4]),
        pairs=[ImagePair(picture(10), picture(200), 1.5), ImagePair(picture(1, 3), picture(2, 2), 2.5)],
        history=[{**each, "name": word if word != "a run" else "distance"} for each in steps],
        extrapolation=Extrapolation([100, 200, 400], [3, 2, 1.5], 1.0, 0.1, word),
        grid=Image.new("RGB", (20, 10), "red"),
        notes=[word],
    )


def test_every_number_stands_with_its_error_n_floor_and_protocol() -> None:
    page = read(whole())
    cells = " | ".join(text for text in page.text if text.strip())
    assert "distance  | \u2193 | 1 | 12.5 | 0.25 | 500 | 0.5 | 25" in cells
    assert "split | a run | a run | [1, 2] | k | none | feedback | no" in cells
    assert [each["id"] for each in page.all("details") if "id" in each] == ["protocol-1", "protocol-2"]
    assert len(page.all("svg")) == 4
    assert all(each["aria-label"] for each in page.all("svg"))


def test_the_verdict_stands_before_the_scores() -> None:
    sentences = ("Samples are near to the data.", "Class <3> is too rare.")
    text = " ".join(read(ReportContent("x", [scored("a", 1.0)], verdict=sentences)).text)
    assert text.index("Verdict") < text.index(sentences[0]) < text.index(sentences[1]) < text.index("standard error")
    assert "Verdict" not in " ".join(read(ReportContent("x", [])).text)


def test_text_never_acts() -> None:
    page = read(whole(HOSTILE))
    assert "alert(1)" in "".join(page.text)
    assert len(page.all("img")) == 5
    policy = next(each["content"] for each in page.all("meta") if each.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; img-src data:;")


def test_the_pictures_are_those_that_were_given() -> None:
    found = []
    for each in read(whole()).all("img"):
        data = base64.b64decode(each["src"].removeprefix("data:image/png;base64,"))
        assert each["alt"]
        with Image.open(io.BytesIO(data)) as image:
            assert not image.info
            found.append((image.size, image.convert("RGB").getpixel((0, 0))))
    assert found == [
        ((6, 8), (10, 10, 10)),
        ((6, 8), (200, 200, 200)),
        ((6, 8), (1, 1, 1)),
        ((6, 8), (2, 2, 0)),
        ((20, 10), (255, 0, 0)),
    ]


@pytest.mark.parametrize(
    "evaluation",
    [
        ReportContent("nothing", []),
        ReportContent(
            "not finite",
            [
                scored("d", None, real_vs_real=0.0),
                scored("e", float("nan"), error=float("inf"), real_vs_real=float("nan")),
            ],
        ),
        ReportContent("negative", [scored("k", -0.001, error=0.002, real_vs_real=-0.002)]),
        ReportContent("one class", [], histogram=ClassHistogram(["a"], [0], [0])),
        ReportContent("no classes", [], histogram=ClassHistogram([], [], [])),
        ReportContent("equal distances", [], neighbours=TrainingDistances([0, 0], [0])),
        ReportContent("odd distances", [], neighbours=TrainingDistances([float("inf"), float("nan")], [1.0])),
        ReportContent("one point", [], history=[scored("d", 1.0, samples=5)]),
        ReportContent("flat", [], history=[scored("d", 0.0, samples=5), scored("d", 0.0, samples=6)]),
        ReportContent(
            "below zero",
            [],
            history=[
                scored("d", -2.0, samples=5, error=1e-3),
                scored("d", -1.0, samples=6),
                scored("d", None, samples=7),
            ],
        ),
        ReportContent("flat limit", [], extrapolation=Extrapolation([10, 20], [0, 0], 0)),
        ReportContent("no points", [], extrapolation=Extrapolation([], [], 0)),
    ],
    ids=lambda evaluation: evaluation.title,
)
def test_odd_input_gives_a_sound_page(evaluation: ReportContent) -> None:
    text = "".join(read(evaluation).text)
    assert "nan" not in text
    assert not re.search(r"\binf\b", text)


def test_missing_numbers_are_dashes_and_ratios_need_a_floor_above_zero() -> None:
    page = read(ReportContent("t", [scored("d", None, real_vs_real=1.0), scored("k", 2.0, real_vs_real=0.0)]))
    assert page.text.count("\u2013") == 3 + 2


def test_only_scores_of_one_protocol_are_drawn_over_training() -> None:
    history = [
        scored("d", 9.0, samples=1),
        scored("d", 8.0, samples=2),
        scored("d", 1.0, samples=2, protocol={"split": "test"}),
        scored("p", 7.0, samples=1),
    ]
    page = read(ReportContent("t", [scored("d", 1.0)], history=history))
    assert len(page.all("circle")) == 2
    assert "d on val" in "".join(page.text)


def rectangles(svg: str, kind: str) -> list[float]:
    return [
        float(each.get("height", ""))
        for each in ElementTree.fromstring(svg).iter("rect")
        if each.get("class") == f"{kind} filled"
    ]


def test_bars_are_as_high_as_the_shares() -> None:
    svg = plots.bars(names=["a", "b", "c"], fake=[10, 20, 70], real=[1, 1, 2])
    high = rectangles(svg, "fake")
    assert high[1] / high[0] == pytest.approx(2, rel=0.01)
    assert high[2] / high[0] == pytest.approx(7, rel=0.01)
    assert rectangles(svg, "real")[2] / high[2] == pytest.approx(0.5 / 0.7, rel=0.01)
    many = plots.bars(names=[str(each) for each in range(1000)], fake=[1] * 999 + [50], real=[1] * 1000)
    assert len(rectangles(many, "fake")) == plots.MOST_CLASSES
    assert "999, fake" in many


def test_a_histogram_holds_all_distances_on_common_bins() -> None:
    svg = plots.distances(fake=list(np.linspace(1, 2, 100)), held_out=list(np.linspace(2, 4, 300)))
    areas = {}
    for polygon in ElementTree.fromstring(svg).iter("polygon"):
        x, y = np.array([point.split(",") for point in polygon.get("points", "").split()], float).T
        areas[polygon.get("class", "").split()[0]] = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
        assert x.min() == plots.LEFT
    assert areas["fake"] == pytest.approx(areas["real"], rel=0.01)


def test_a_steep_fall_is_drawn_on_a_logarithmic_axis() -> None:
    samples, errors = [1, 2, 3], [0.0] * 3
    for values, places in (
        ([1000.0, 100.0, 10.0], "even"),
        ([30.0, 20.0, 10.0], "even"),
        ([1000.0, 100.0, -10.0], "uneven"),
    ):
        svg = plots.curve(samples=samples, values=values, errors=errors, real_vs_real=None, name="d")
        y = [float(each.get("cy", "")) for each in ElementTree.fromstring(svg).iter("circle")]
        assert y == sorted(y)
        assert (abs((y[1] - y[0]) - (y[2] - y[1])) < 0.05) == (places == "even")


def test_ticks_are_round_and_inside() -> None:
    assert plots.Axis(0, 1, 0, 1).ticks() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert plots.Axis(0, 12_800, 0, 1).ticks() == [0, 5000, 10_000]
    assert plots.Axis(0.8, 120, 0, 1, log=True).ticks() == [1, 10, 100]
    assert [plots.number_text(each) for each in (12_345, 0.00012346, 12.3456, 0)] == [
        "12,345",
        "0.0001235",
        "12.35",
        "0",
    ]


def test_the_page_may_be_written_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(report(whole(HOSTILE)), encoding="utf-8")
    assert (tmp_path / "report.html").stat().st_size < 50_000

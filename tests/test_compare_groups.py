"""Groups of runs side by side: what is computed, refused and written."""

import csv
import io
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from scipy import stats  # type: ignore[import-untyped]

import ganvas as package
from ganvas.base.errors import DataError, UsageError
from ganvas.evaluation.group_arguments import group_name, groups_of
from speaking import ganvas, spoken

PROTOCOL = {"split": "val", "seed": 0}
BASE, MINE = (2.0, 2.4, 2.1), (1.1, 1.3, 1.0, 1.4)


def result(name: str, value: float | None, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "value": value,
        "n": 100,
        "error": 0.1,
        "lower_is_better": True,
        "protocol": PROTOCOL,
        "real_vs_real": None,
        **more,
    }


def saved(file: Path, *results: Mapping[str, Any], model: str = "") -> Path:
    file.write_text(json.dumps({"results": list(results), "scored": {"players_sha256": model or file.stem}}))
    return file


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """base-0.json ... and mine-0.json ..., in the folder that the command runs in."""
    monkeypatch.chdir(tmp_path)
    for name, values in (("base", BASE), ("mine", MINE)):
        for seed, value in enumerate(values):
            scores = (
                result("fd", value),
                result("cover", value / 4, lower_is_better=False),
                result("share", value, lower_is_better=None),
            )
            saved(tmp_path / f"{name}-{seed}.json", *scores)
    return tmp_path


def paths(name: str, values: tuple[float, ...]) -> list[str]:
    return [f"{name}-{seed}.json" for seed in range(len(values))]


def test_means_intervals_and_differences_are_scipys(files: Path) -> None:
    found = package.compare({"base": paths("base", BASE), "mine": paths("mine", MINE)})
    row = found["fd"]
    for values, mean in zip((BASE, MINE), row.means, strict=True):
        low, high = stats.t.interval(0.95, len(values) - 1, loc=sum(values) / len(values), scale=stats.sem(values))
        assert mean == pytest.approx((len(values), sum(values) / len(values), stats.tstd(values), low, high), rel=1e-9)
    interval = stats.ttest_ind(MINE, BASE, equal_var=False).confidence_interval(0.95)
    assert row.difference == pytest.approx((sum(MINE) / 4 - sum(BASE) / 3, interval.low, interval.high), rel=1e-9)
    assert row.better == 1
    assert found["cover"].better == 0, "higher is better"
    assert found["share"].better is None
    assert "base: 3 runs" in repr(found)


def test_a_difference_within_its_interval_is_none(files: Path) -> None:
    for seed, value in enumerate((1.5, 2.9, 1.8)):
        saved(files / f"mine-{seed}.json", result("fd", value))
    row = package.compare({"base": paths("base", BASE), "mine": paths("mine", BASE)})["fd"]
    assert row.better is None
    said = ganvas("compare", *paths("base", BASE), "vs", *paths("mine", BASE))
    assert "no significant difference" in said.out


def test_single_runs_have_no_spread_and_say_so(files: Path) -> None:
    row = package.compare({"base": "base-0.json", "mine": files / "mine-0.json"})["fd"]
    assert row.means[0] == (1, 2.0, None, None, None)
    assert row.difference == pytest.approx(
        (-0.9, -0.9 - 1.96 * math.hypot(0.1, 0.1), -0.9 + 1.96 * math.hypot(0.1, 0.1))
    )
    assert row.better == 1
    uneven = package.compare({"base": ["base-0.json"], "mine": paths("mine", MINE)})["fd"]
    assert uneven.difference is not None
    assert uneven.difference.low is None
    assert uneven.better is None
    assert "one run" in ganvas("compare", "base-0.json", "vs", "mine-0.json", "mine-1.json").out


def test_the_command(files: Path) -> None:
    said = ganvas("compare", *paths("base", BASE), "vs", *paths("mine", MINE))
    assert said.code == 0, said.err
    assert "base mean (n = 3)" in said.out
    assert "mine - base" in said.out
    assert "base-0.json: base-0.json" in said.err
    told = json.loads(
        ganvas("compare", *paths("base", BASE), "vs", *paths("mine", MINE), "--json", "--name", "a", "--name", "b").out
    )
    assert [group["name"] for group in told["groups"]] == ["a", "b"]
    assert told["scores"][0]["groups"][0]["values"] == list(BASE)
    assert told["scores"][0]["better"] == "b"
    one = json.loads(ganvas("compare", *paths("base", BASE), "--json").out)
    assert [group["name"] for group in one["groups"]] == ["base"]
    assert one["scores"][0]["difference"] is None
    pair = json.loads(ganvas("compare", "base-0.json", "base-1.json", "--json", "--name", "mnist").out)
    assert pair["scores"][0]["groups"][0]["n"] == 2
    three = json.loads(ganvas("compare", "base-0.json", "vs", "base-1.json", "vs", "mine-0.json", "--json").out)
    assert len(three["groups"]) == 3
    assert len({group["name"] for group in three["groups"]}) == 3


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("base-0.json", "vs"), "empty"),
        (("vs", "base-0.json"), "empty"),
        (("base-0.json", "vs", "vs", "base-1.json"), "empty"),
        (("base-0.json",), "another run"),
        (("base-0.json", "vs", "./base-0.json"), "twice"),
        (("base-0.json", "base-1.json", "--name", "a", "--name", "b"), "--name"),
        (("base-0.json", "vs", "base-1.json", "--name", "a", "--name", "a"), "--name"),
        (("base-0.json", "vs", "base-1.json", "-o", "table.html"), "table.html"),
        (("base-0.json", "vs", "base-1.json", "-o", "no/table.md"), "no"),
        (("base-0.json", "vs", "nowhere"), "nowhere"),
    ],
)
def test_what_is_no_comparison(files: Path, words: tuple[str, ...], named: str) -> None:
    spoken(5 if "no/table.md" in words else 2, ganvas("compare", *words), named)


def test_unlike_protocols_are_refused_by_the_run_and_the_field(files: Path) -> None:
    saved(
        files / "mine-1.json",
        result("fd", 1.0, n=50),
        result("cover", 0.3, lower_is_better=False),
        result("share", None),
    )
    said = ganvas("compare", *paths("base", BASE), "vs", *paths("mine", MINE))
    assert said.code == 0
    for words in (
        "fd is not compared: n is 100 here and 50 there (base-0.json and mine-1.json)",
        "share is not compared",
        "mine-1.json",
    ):
        assert words in said.err, said.err
    saved(files / "mine-1.json", result("fd", 1.0, n=50), result("other", 1.0))
    spoken(
        2,
        ganvas("compare", *paths("base", BASE), "vs", *paths("mine", MINE)),
        "n is 100 here and 50 there",
        "mine-1.json",
        "--ignore",
    )
    found = package.compare({"base": paths("base", BASE), "mine": paths("mine", MINE)}, ignore=["n"])
    assert [row.name for row in found.rows] == ["fd"]
    assert set(found.refused) == {"cover", "share", "other"}


def test_copies_of_one_run_are_not_two_seeds(files: Path) -> None:
    saved(files / "base-1.json", result("fd", 2.0), model="base-0")
    spoken(2, ganvas("compare", *paths("base", BASE)), "base-0.json", "base-1.json", "weights")


def test_python_refuses_what_are_no_groups(files: Path) -> None:
    wrong: list[Any] = [{}, ["base-0.json"], {"a": []}]
    for groups in wrong:
        with pytest.raises(UsageError):
            package.compare(groups)
    (files / "bad.json").write_text("{")
    with pytest.raises(DataError):
        package.compare({"a": "bad.json"})


def test_tables_hold_the_numbers_and_hurt_no_reader(files: Path) -> None:
    saved(files / "base-0.json", result("f_d|%", 2.0))
    saved(files / "base-1.json", result("f_d|%", 3.0))
    names = ["--name", "=1+1", "--name", "<b>&_"]
    words = ("base-0.json", "vs", "base-1.json", *names)
    shown = {form: ganvas("compare", *words, "--format", form).out for form in ("text", "markdown", "csv", "latex")}
    head, rule, line, last = shown["markdown"].strip().splitlines()
    assert rule.count("|") == head.replace(r"\|", "").count("|") == line.replace(r"\|", "").count("|")
    assert r"f\_d\|%" in line
    assert r"\<b\>&\_" in head
    rows = list(csv.reader(io.StringIO(shown["csv"])))
    assert rows[0] == ["score", "group", "runs", "mean", "sd", "low", "high"]
    assert rows[1] == ["f_d|%", "'=1+1", "1", "2.0", "", "", ""]
    assert rows[4:] == [
        ["test_scorings of base-0.json", "'=1+1", "1", "", "", "", ""],
        ["test_scorings of base-1.json", "<b>&_", "1", "", "", "", ""],
    ]
    assert last.count("unknown") == 2, "files that do not say whose scores they are"
    assert rows[3][:4] == ["f_d|%", "<b>&_ - =1+1", "", "1.0"]
    assert r"f\_d|\%" in shown["latex"]
    assert shown["latex"].count(r"\\") == 3
    assert shown["latex"].startswith("\\begin{tabular}{lrrrrrrrrr}")
    assert "<b>" not in package.compare({"<b>": "base-0.json"})._repr_html_()
    for ending, form in ((".md", "markdown"), (".csv", "csv"), (".tex", "latex"), (".txt", "text")):
        said = ganvas("compare", *words, "-o", f"table{ending}")
        assert said.out.strip() == f"table{ending}"
        assert (files / f"table{ending}").read_text() == shown[form]
    assert ganvas("compare", *words, "-o", "table.txt", "--format", "csv").code == 0
    assert (files / "table.txt").read_text() == shown["csv"]


@pytest.mark.parametrize(
    ("names", "common"),
    [
        (("runs/mnist-0", "runs/mnist-1"), "mnist"),
        (("2026-01-31_1405_mnist_7f3a", "2026-02-01_1406_mnist_8a3b"), "mnist"),
        (("a", "b"), "runs"),
        (("one/",), "one"),
        (("x.json", "x_2.json"), "x"),
    ],
)
def test_names_of_groups(names: tuple[str, ...], common: str) -> None:
    assert group_name([Path(name) for name in names]) == common


def test_groups_of_one_name_are_numbered() -> None:
    assert list(groups_of([Path("a/m-0"), Path("a/m-1"), Path("vs"), Path("b/m-0"), Path("b/m-1")])) == [
        "m (1)",
        "m (2)",
    ]

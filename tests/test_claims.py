"""Numbers that the README and docs report are those of the rows in benchmarks/results.jsonl."""

import importlib
import json
import re
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from ganvas.recipes import recipe_functions

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MEASURED = (ROOT / "docs" / "measured.md").read_text(encoding="utf-8")
OWN = (ROOT / "docs" / "your-own-pictures.md").read_text(encoding="utf-8")


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return importlib.import_module("rows").rows


@pytest.fixture
def classics(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return importlib.import_module("classics")


def line_of(text: str) -> str:
    """The one line of the README's tables, or of those of docs/measured.md, that begins with this text."""
    (line,) = (each for page in (README, MEASURED) for each in page.split("\n") if each.startswith(f"| {text}"))
    return line


def test_the_readme_counts_the_classics_as_the_rows_do(classics: Any) -> None:
    every = [classics.tries(name) for name in classics.THRESHOLDS]
    at = [each.passed_at for each in every if each.passed_at]
    assert f"{len(at)} of {len(every)} passed" in README
    assert f"{at.count(2)} of {len(at)} passed at the second try" in README
    assert f"{at.count(1)} of {len(at)} at the first try" in README


def test_the_readme_has_every_try_of_a_classic(classics: Any) -> None:
    """The first and the last try with their images, and no pass where no row passed."""
    for each in map(classics.tries, classics.THRESHOLDS):
        line = line_of(f"`{each.recipe}` |")
        for seeds in (each.rows[0], each.rows[-1]):
            assert re.search(r"\(([\d,]+) images", classics.result(seeds[0]))[1] in line, each.recipe  # type: ignore[index]
        assert ("missed" in line) == (each.passed_at != 1), each.recipe
        assert (each.passed_at is None) == ("none yet" in line), each.recipe


def test_a_try_passes_if_all_its_seeds_pass(classics: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    protocol, other = "ganvas train lsgan threads=1 samples=1, score on val", "ganvas train lsgan x, score on test"
    found = [
        {"protocol": protocol, "seed": 0, "passed": True},
        {"protocol": protocol, "seed": 1, "passed": False},
        {"protocol": other, "seed": 0, "passed": True},
    ]
    monkeypatch.setattr(classics, "rows", lambda **_: found)
    assert [len(seeds) for seeds in classics.tries("lsgan").rows] == [2, 1]
    assert classics.tries("lsgan").passed_at == 2


def test_thresholds_are_of_recipes_and_say_where_they_come_from(classics: Any) -> None:
    assert classics.THRESHOLDS.keys() <= recipe_functions().keys()
    for name, each in classics.THRESHOLDS.items():
        assert each["limits"]
        assert all(low < high for low, high in each["limits"].values()), name
        assert each["source"], name
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC", each["committed"]), name


def test_rows_of_the_classics_passed_by_the_limits_of_the_file(classics: Any) -> None:
    for name, each in classics.THRESHOLDS.items():
        for row in (row for seeds in classics.tries(name).rows for row in seeds):
            assert row["limits"] == each["limits"], name
            within = all(low <= row[score] <= high for score, (low, high) in each["limits"].items())
            assert row["passed"] == within, name


def test_the_copiers_distance_is_that_of_new_data(rows: Any) -> None:
    (row,) = rows(benchmark="copier")
    numbers = [row[name] for name in ("copies", "copies_sd", "new", "new_sd")]
    for page in (README, (ROOT / "docs" / "evaluate.md").read_text(encoding="utf-8")):
        found = re.search(r"training digits(?: have)? ([\d.]+)\D+([\d.]+),\s+new digits ([\d.]+)\D+([\d.]+\d)", page)
        assert found
        assert [float(text) for text in found.groups()] == [round(number, 2) for number in numbers]
    assert abs(row["difference"]) < 2 * row["difference_error"]


def test_the_readme_says_how_long_the_folders_of_pictures_took(rows: Any) -> None:
    for name, text in (("emoji-64", "emoji at 64"), ("emoji-32", "emoji at 32"), ("cifar10", "CIFAR-10's photographs")):
        (row,) = (row for row in rows(benchmark="own pictures") if f"--data {name} " in row["protocol"])
        assert f"it took {row['seconds'] / 60:.1f} minutes" in line_of(text)


def test_the_readme_or_its_page_has_the_rows_of_pictures(rows: Any) -> None:
    """Every row, by set, minutes, flags and label: the mean over its seeds is in one line."""
    cells: dict[tuple[Any, ...], list[Any]] = {}
    for row in rows(benchmark="pictures"):
        cells.setdefault((row["set"], row["minutes"], row["flags"], row["label"]), []).append(row)
    for (name, minutes, flags, _), found in cells.items():
        words = f"| `--data {name} {flags + ' ' if flags else ''}--minutes {minutes:g}`"
        each = {key: mean(row[key] for row in found) for key in ("ratio", "coverage", "coverage_of_reals")}
        wanted = (
            f"{each['ratio']:.1f} times real-vs-real",
            f"coverage {each['coverage']:.2f}",
            f"{each['coverage_of_reals']:.2f}",
            "no duplicates" if all(row["duplicates"] == 0 for row in found) else "% duplicates",
        )
        lines = [line for page in (README, MEASURED, OWN) for line in page.split("\n") if line.startswith(words)]
        assert any(all(text in line for text in wanted) for line in lines), (words, wanted)
        assert len(lines) == sum(key[:3] == (name, minutes, flags) for key in cells), words


def test_the_readme_compares_scores_with_the_textbook_script_seed_by_seed(rows: Any) -> None:
    found = [row for row in rows(benchmark="quality") if "digit_frechet" in row]
    script = {row["seed"]: row["digit_frechet"] for row in found if row["protocol"].startswith("textbook")}
    ours = {row["seed"]: row["digit_frechet"] for row in found if "minutes from the command" in row["protocol"]}
    ratios = [script[seed] / ours[seed] for seed in script]
    assert f"**{min(ratios):.0f} to {max(ratios):.0f} times**" in README


def test_the_readme_has_both_agreements_with_scipy(rows: Any) -> None:
    line = line_of("the Frechet distance at d = 2048")
    for n in (5000, 1000):
        (row,) = (row for row in rows(benchmark="distances") if f"n = {n}, against" in row["protocol"])
        assert f"{row['apart']:.0e}".replace("e-0", "e-") in line
        assert f"{row['ratio']:.{'1f' if row['ratio'] < 20 else '0f'}} times" in line


def test_the_readme_has_the_race_of_whole_processes(rows: Any) -> None:
    """A ratio only of rows in which both runs of ganvas reached the script's score."""
    line, found = line_of("the same as whole processes"), rows(benchmark="commands")
    for row in found:
        numbers = [row["textbook_seconds"], row["textbook_digit_frechet"], *row["ganvas_digit_frechet"]]
        assert all(f"{number:.0f}" in line for number in numbers)
    assert ("times" in line) == any(row["reached"] for row in found)


def test_intervals_contain_the_true_value_as_often_as_the_readme_says(rows: Any) -> None:
    """The rows of group "neighbours" are of the errors that "neighbours of ..." replaced."""
    every = [row for row in rows(benchmark="intervals") if row["group"] != "neighbours"]
    neighbours = [100 * row["coverage"] for row in every if row["group"].startswith("neighbours")]
    others = [100 * row["coverage"] for row in every if not row["group"].startswith("neighbours")]
    line = line_of("95 % intervals")
    assert f"{min(others):.0f} to {max(others):.0f} %" in line
    assert f"neighbours {min(neighbours):.0f} to {max(neighbours):.0f} %" in line


def test_means_of_pacgans_table_are_those_of_its_rows(rows: Any) -> None:
    line = line_of("PacGAN's table")
    for cell in ("grid", "pacgan.grid"):
        found = [row["modes"] for row in rows(benchmark="modes") if f"4.1, {cell}, 40000" in row["protocol"]]
        assert f"{mean(found):.1f}" in line


def test_rows_are_json_with_a_commit_and_a_date() -> None:
    for line in (ROOT / "benchmarks" / "results.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        assert row.keys() >= {"benchmark", "commit", "date", "torch", "machine"}


@pytest.mark.parametrize("benchmark", ["translation", "translation_speed", "unpaired"])
def test_the_page_of_picture_to_picture_has_the_table_of_the_rows(
    benchmark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    lines = importlib.import_module(benchmark).table_lines()
    assert len(lines) > 2
    page = (ROOT / "docs" / "picture-to-picture.md").read_text(encoding="utf-8").split("\n")
    assert [line for line in lines[2:] if line not in page] == []


def test_the_page_on_text_has_every_try_beside_the_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    plot = importlib.import_module("plot_text")
    page = (ROOT / "docs" / "text.md").read_text(encoding="utf-8").split("\n")
    assert [line for line in plot.table_lines() if line not in page] == []
    curve = [{"nll_held": 1.0, "nll_oracle": 4.0}, {"nll_held": 2.0, "nll_oracle": 3.0}]
    assert plot.above({"nll_held": 1.5, "nll_oracle": 3.5}, curve) == 0
    assert plot.above({"nll_held": 0.5, "nll_oracle": 5.0}, curve) == 0.5


def test_the_page_on_text_has_the_rows_of_the_oracle(rows: Any) -> None:
    page = (ROOT / "docs" / "text.md").read_text(encoding="utf-8")
    found = [row for row in rows(benchmark="text oracle") if row["recipe"] == "mle" and row["seed"] == 0]
    assert len(found) == 6
    for row in found:
        numbers = f"{row['nll_oracle']:.2f} | {row['nll_test']:.2f} | {row['self_bleu_3']:.2f}"
        assert f"| {row['temperature']:g} | {numbers} | {row['distinct_lines']:.1%} |" in page
    (speed,) = rows(benchmark="text speed")
    assert f"{speed['ratio']:.1f} times the tokens a second" in page
    (floor,) = rows(benchmark="text floor")
    assert f"{floor['nll_oracle']:.3f} +- {floor['error']:.3f}" in page


def test_the_page_on_sound_has_the_rows_of_the_baseline(rows: Any) -> None:
    page = (ROOT / "docs" / "sound.md").read_text(encoding="utf-8")
    found = rows(benchmark="sound copy", method="Griffin-Lim", split="test")
    assert len(found) == 2
    for row in found:
        numbers = f"{row['pesq']:.2f} | {row['stoi']:.3f} | {row['mel_l1']:.3f} | {row['stft_distance']:.3f} |"
        assert re.search(rf"\| Griffin-Lim, {row['iterations']} iterations[^|]*\| {re.escape(numbers)}", page)


def test_the_page_on_tables_has_every_row_misses_too(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn")
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    lines = importlib.import_module("tables").table_lines()
    assert lines
    page = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8").split("\n")
    assert [line for line in lines if line not in page] == []


def test_the_page_on_series_has_the_rows_of_real_windows_and_models(rows: Any) -> None:
    page = (ROOT / "docs" / "series.md").read_text(encoding="utf-8")
    (real,) = rows(benchmark="series", row="stock real")
    for name in ("halves", *(f"{split}_{choice}" for split in ("val", "test") for choice in range(3))):
        assert f"{real[f'discriminative_{name}']:.3f}" in page, name
    assert f"| {real['predictive']:.3f} | {real['predictive_test']:.3f} |" in page
    (made,) = rows(benchmark="series", row="stock doppelganger.r1r2")
    numbers = f"{made['discriminative']:.3f} ± {made['discriminative_error']:.3f}"
    assert f"{numbers} | {made['discriminative_test']:.3f} | {made['predictive']:.3f}" in page

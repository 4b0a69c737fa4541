"""Scores on test are taken on request and counted: in the cache by the test split's fingerprint, and in the run."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import ganvas as package
from ganvas.base.errors import UsageError
from ganvas.ingest import cache
from ganvas.recipes import override
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import Run, Scored, fingerprint_of_test, read_events
from ganvas.runs.run_files import TEST_LEDGER
from ganvas.sessions import ledger
from ganvas.sessions.ledger import add_scoring, count_scorings, last_scoring
from speaking import ganvas

ONE, OTHER = "1" * 64, "2" * 64
RING = ["source.samples=200", "samples=160", "saves=1", "snapshots=0", "threads=1", "precision=fp32", "scorings=1"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def train(out: Path, *, test: bool = False, seed: int = 0) -> Run:
    base = by_name("ring")
    quick = {"samples": 160, "saves": 1, "snapshots": 0, "scorings": 1, "precision": "fp32", "threads": 1}
    changes = {
        **tiny_overrides("ring"),
        **quick,
        "source.samples": 200,
        "seed": seed,
        "scores": [{"kind": "ModeCoverage", "n": 100}],
    }
    return package.train(override(base, changes), out=out, test=test)


def splits(run: Run) -> list[str]:
    return [event.split for event in read_events(run.events) if isinstance(event, Scored)]


def test_scorings_are_counted_by_test_split(folder: Path) -> None:
    assert count_scorings(ONE) == 0
    assert [add_scoring(ONE, model="", run=None).before for _ in range(3)] == [0, 1, 2]
    assert (add_scoring(OTHER, model="", run=None).before, count_scorings(ONE), count_scorings(OTHER)) == (0, 3, 1)
    lines = [json.loads(line) for line in (folder / TEST_LEDGER).read_text().splitlines()]
    assert [line["data"] for line in lines] == [ONE] * 3 + [OTHER]
    assert cache.clear() == 0
    assert count_scorings(ONE) == 3, "ganvas data clear leaves the ledger"


def test_the_sentence_says_how_often() -> None:
    first, second = (add_scoring(ONE, model="", run=None) for _ in range(2))
    assert "first time" in first.text
    assert "1 time before" in second.text
    assert second.total == 2


@pytest.mark.parametrize(
    "damage",
    [
        "not json",
        "[]",
        '{"data": 7, "scorings": 1}',
        f'{{"data": "{ONE}", "scorings": -1}}',
        f'{{"data": "{ONE}", "scorings": true}}',
        f'{{"data": "{ONE}", "scorings": {10**30}}}',
        f'{{"data": "{ONE}"}}',
        f'{{"data": "{ONE}", "scor',
        "\udcff" * 10,
    ],
)
def test_damaged_lines_are_skipped(folder: Path, damage: str) -> None:
    add_scoring(ONE, model="", run=None)
    with (folder / TEST_LEDGER).open("a", errors="surrogateescape") as file:
        file.write(damage)
    assert add_scoring(ONE, model="", run=None).before == 1
    assert count_scorings(ONE) == 2


def test_a_long_ledger_becomes_one_line_for_each_split(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_BYTES", 2_000)
    for place in range(40):
        before = add_scoring(ONE if place % 2 else OTHER, model="", run=None).before
        assert before == place // 2
        assert (folder / TEST_LEDGER).stat().st_size < 2_300
    for place in range(100):
        add_scoring(f"{place:064x}", model="", run=None)
        assert (folder / TEST_LEDGER).stat().st_size < 2_300
    assert count_scorings(f"{99:064x}") == 1, "the newest splits stay where not all fit"


def test_threads_and_processes_count_each_scoring_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: add_scoring(ONE, model="", run=None).before, range(24)))
    assert sorted(found) == list(range(24))


@pytest.mark.parametrize("fault", ["file", "link", "folder"])
def test_a_cache_that_cannot_be_written_is_no_error(folder: Path, tmp_path: Path, fault: str) -> None:
    run = tmp_path / "run"
    run.mkdir()
    if fault == "file":
        folder.write_text("no folder")
    else:
        folder.mkdir()
        (tmp_path / "outside").write_text("precious")
        if fault == "link":
            (folder / TEST_LEDGER).symlink_to(tmp_path / "outside")
        else:
            (folder / TEST_LEDGER).mkdir()
    first, second = (add_scoring(ONE, model="", run=run) for _ in range(2))
    assert str(folder) in first.fault
    assert first.fault in first.text
    assert (first.before, second.before) == (0, 1), "the run's own ledger counts"
    if fault == "link":
        assert (tmp_path / "outside").read_text() == "precious"


def test_training_ends_with_val_and_reads_test_on_request(tmp_path: Path) -> None:
    plain = train(tmp_path / "plain")
    assert splits(plain) == ["val"]
    assert not (plain.path / TEST_LEDGER).exists()
    data = fingerprint_of_test(plain)
    assert count_scorings(data) == 0
    tested = train(tmp_path / "tested", test=True)
    assert splits(tested) == ["val", "test"]
    assert (fingerprint_of_test(tested), count_scorings(data)) == (data, 1)
    package.resume(tested.path)
    assert count_scorings(data) == 1, "a finished run is not scored again"
    package.resume(tested.path, samples=240)
    assert splits(tested) == ["val", "test", "val", "test"], "the request stays with the run"
    found = last_scoring(tested.path)
    assert found is not None
    assert (found.before, found.total, count_scorings(data, plain.path)) == (1, 2, 2)


def test_a_recipe_without_scores_has_nothing_to_score_on_test(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="test"):
        package.train(override(by_name("ring"), {"scores": []}), out=tmp_path / "run", test=True)
    assert not (tmp_path / "run").exists()


def test_every_way_to_score_on_test_counts(tmp_path: Path) -> None:
    said = ganvas("train", "ring", *RING, "--test", "-o", tmp_path / "run")
    assert said.code == 0, said
    assert "on test" in said.err
    assert "first time" in said.err
    run = Run(tmp_path / "run")
    assert ganvas("eval", run.path).code == 0
    assert count_scorings(fingerprint_of_test(run)) == 1, "val does not count"
    said = ganvas("eval", run.path, "--split", "test")
    assert said.code == 0, said
    assert "1 time before" in said.err
    found = package.evaluate(run, split="test")
    (scorings,) = found.test_scorings
    assert (scorings.before, scorings.counted, count_scorings(fingerprint_of_test(run))) == (2, True, 3)
    kept = json.loads((run.path / "evaluation-test.json").read_text())
    assert kept["test_scorings"] == [{"data": fingerprint_of_test(run), "before": 1, "counted": True}]
    assert scorings.text in found.messages
    assert "1 time before" in (run.path / "evaluation-test.html").read_text()
    assert [line["before"] for line in ledger.lines_of(run.path / TEST_LEDGER)] == [0, 1, 2]
    (so_far,) = package.evaluate(run).test_scorings
    assert (so_far.before, so_far.counted) == (3, False)


def test_a_run_whose_ledger_is_a_link_is_refused(tmp_path: Path) -> None:
    run = train(tmp_path / "run")
    (tmp_path / "outside").write_text("precious")
    os.symlink(tmp_path / "outside", run.path / TEST_LEDGER)
    assert ganvas("eval", run.path, "--split", "test").code == 7
    assert (tmp_path / "outside").read_text() == "precious"


def test_comparisons_say_how_often_each_test_split_was_scored(tmp_path: Path) -> None:
    one, other = train(tmp_path / "one"), train(tmp_path / "other", test=True, seed=1)
    package.evaluate(one, split="test")
    assert ganvas("eval", one.path).code == 0
    assert ganvas("eval", other.path).code == 0
    said = ganvas("compare", one.path, other.path)
    assert said.code == 0, said
    assert said.out.splitlines()[-1].split("  ")[0] == "test split scored"
    assert said.out.splitlines()[-1].count("2 times") == 2, "they have the same data"
    saved = tmp_path / "one.json"
    saved.write_text(ganvas("eval", one.path, "--json").out)
    package.evaluate(one, split="test")
    told = json.loads(ganvas("compare", saved, other.path, "--json").out)
    assert told["test_scorings"] == [3, 3]
    found = package.compare({"a": [one, other], "b": package.evaluate(one)})
    assert found.test_scorings == ((3, 3), (3,))
    assert [group["test_scorings"] for group in found.plain()["groups"]] == [[3, 3], [3]]
    for form in ("text", "markdown", "latex"):
        assert found.table(form).count("3 times") == 2
    assert found._repr_html_().count("3 times") == 2
    assert f"test_scorings of {other.path},a,1,3" in found.table("csv")

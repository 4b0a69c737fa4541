"""Two evaluations side by side, and conditions under which one has failed."""

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import ganvas as package
from ganvas.base.errors import DataError, UsageError
from ganvas.data.mnist import Mnist
from ganvas.evaluation.compare import compare
from ganvas.evaluation.evaluate import evaluate
from ganvas.evaluation.stored_scores import load_scores
from ganvas.evaluation.thresholds import parse_conditions
from ganvas.metrics import Result
from ganvas.recipes import parse_overrides
from speaking import ganvas, spoken

RING = [
    "samples=2560",
    "precision=fp32",
    "threads=1",
    "source.samples=1000",
    "scores.0.n=200",
    "scorings=1",
    "snapshots=0",
    "saves=0",
]
ONE = Result("digit_frechet", 10.0, 100, 0.3, True, {"split": "val", "seed": 0, "resize": "none"})
COVERAGE = Result("digit_coverage", 0.5, 100, 0.03, False, ONE.protocol)


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny run, evaluated."""
    run = package.train("ring", out=tmp_path_factory.mktemp("compare") / "one", changes=parse_overrides(RING)).path
    assert ganvas("eval", run).code == 0
    return run


@pytest.mark.parametrize(
    ("value", "error", "better"),
    [
        (10.7, 0.3, ""),
        (10.9, 0.3, "one"),
        (9.3, 0.3, ""),
        (9.1, 0.3, "other"),
        (10.0, 0.3, ""),
        (1.0, None, ""),
        (9.3, 0.0, "other"),
        (math.nan, 0.3, ""),
    ],
)
def test_a_difference_counts_beyond_1_96_standard_errors(value: float, error: float | None, better: str) -> None:
    pairs, refused = compare([ONE], [replace(ONE, value=value, error=error)])
    assert refused == {}
    assert pairs[0].better == better
    if error:
        assert pairs[0].error == pytest.approx((0.3**2 + error**2) ** 0.5)


def test_some_scores_are_better_when_they_are_higher() -> None:
    assert compare([COVERAGE], [replace(COVERAGE, value=0.7)])[0][0].better == "other"
    assert compare([COVERAGE], [replace(COVERAGE, value=0.3)])[0][0].better == "one"


def test_unlike_protocols_are_refused_and_every_field_is_named() -> None:
    other = replace(ONE, n=50, protocol={"split": "test", "seed": 0, "resize": "none", "k": 5})
    with pytest.raises(UsageError) as caught:
        compare([ONE], [other])
    for field in (
        "n is 100 here and 50 there",
        "split is 'val' here and 'test' there",
        "k is None here and 5 there",
        "--ignore",
    ):
        assert field in str(caught.value)
    assert "seed" not in str(caught.value)
    with pytest.raises(UsageError, match="split is"):
        compare([ONE], [other], ignore=["n", "k"])
    assert compare([ONE], [other], ignore=["n", "k", "split"])[0][0].name == "digit_frechet"


def test_what_can_be_compared_is_and_the_rest_is_said() -> None:
    pairs, refused = compare([ONE, COVERAGE], [replace(ONE, n=7), COVERAGE])
    assert [pair.name for pair in pairs] == ["digit_coverage"]
    assert refused == {"digit_frechet": "n is 100 here and 7 there"}
    with pytest.raises(UsageError, match="no score in common"):
        compare([ONE], [COVERAGE])


def test_other_fakes_against_the_same_reals_compare_and_other_reals_do_not() -> None:
    x = Mnist().items("val").x
    noisy = np.where(np.random.default_rng(0).random(x[:200].shape) < 0.1, 255, x[200:400]).astype(np.uint8)
    good, bad, other = (
        evaluate(fake, real=real, metrics=["frechet", "kernel"]).results
        for fake, real in ((x[200:400], x[:200]), (noisy, x[:200]), (noisy, x[400:600]))
    )
    better = {pair.name: pair.better for pair in compare(good, bad)[0]}
    assert better["digit_frechet"] == better["random_frechet"] == better["digit_kernel"] == "one"
    with pytest.raises(UsageError, match="real is"):
        compare(good, other)


def test_two_seeds_of_one_recipe_compare(ring: Path) -> None:
    twin = package.train("ring", out=ring.parent / "two", changes=parse_overrides([*RING, "seed=1"])).path
    assert ganvas("eval", twin).code == 0
    said = ganvas("compare", ring, twin, "--json")
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert {pair["name"] for pair in told["compared"]} == {"modes", "quality", "kl"}
    assert told["refused"] == {}
    said = ganvas("compare", ring, twin)
    assert "quality" in said.out
    assert "another training" in said.err
    assert f"{ring}: evaluation-val.json" in said.err
    assert "warning" not in said.err


def test_an_evaluation_of_an_older_checkpoint_is_told(ring: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(ring, run)
    other = package.train("ring", out=tmp_path / "other", changes=parse_overrides([*RING, "seed=2"])).path
    shutil.rmtree(run / "checkpoints")
    shutil.copytree(other / "checkpoints", run / "checkpoints")
    spoken(
        0,
        ganvas("compare", ring, run),
        "warning",
        "not of the run's newest checkpoint",
        "Evaluate the run again",
    )
    told = json.loads(ganvas("compare", ring, run, "--json").out)
    assert len(told["warnings"]) == 1
    assert told["sources"] == ["evaluation-val.json"] * 2
    kept = json.loads((run / "evaluation-val.json").read_text())
    del kept["scored"]
    (run / "evaluation-val.json").write_text(json.dumps(kept))
    spoken(0, ganvas("compare", ring, run), "not of the run's newest checkpoint")
    assert ganvas("eval", run).code == 0
    assert "warning" not in ganvas("compare", ring, run).err
    shutil.rmtree(run / "checkpoints")
    assert "warning" not in ganvas("compare", ring, run).err, "nothing newer is there"


def test_other_data_and_other_splits_do_not_compare(ring: Path) -> None:
    other = package.train("ring", out=ring.parent / "wide", changes=parse_overrides([*RING, "source.sigma=0.1"])).path
    spoken(
        2,
        ganvas("compare", ring, other),
        "real is",
        "the last scores of its training, on val at 2,560 samples",
    )
    assert ganvas("eval", other).code == 0
    spoken(2, ganvas("compare", ring, other), "real is")
    assert ganvas("compare", ring, other, "--ignore", "real").code == 0


def test_scores_of_training_stand_in_for_an_evaluation(ring: Path, tmp_path: Path) -> None:
    runs = []
    for name, change in (("a", "seed=3"), ("b", "seed=4"), ("c", "source.sigma=0.1")):
        runs.append(package.train("ring", out=tmp_path / name, changes=parse_overrides([*RING, change])).path)
    assert ganvas("compare", runs[0], runs[1]).code == 0
    assert ganvas("compare", ring, runs[1]).code == 0, "an evaluation and the last scores of a training"
    spoken(2, ganvas("compare", runs[0], runs[2]), "real is")
    records = [json.loads(line) for line in (runs[0] / "metrics.jsonl").read_text().splitlines()]
    assert {"ganvas", "torch"} == set(records[-1]["protocol"]["versions"])
    for versions in ({"ganvas": "0.0.9", "torch": "2.0"}, None):  # None: as they were written before they said so
        changed = [{**record, "protocol": {**record["protocol"], "versions": versions}} for record in records]
        (runs[0] / "metrics.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in changed))
        spoken(2, ganvas("compare", runs[0], runs[1]), "versions is", "--ignore")
        assert ganvas("compare", runs[0], runs[1], "--ignore", "versions").code == 0
    (runs[0] / "metrics.jsonl").unlink()
    spoken(3, ganvas("compare", runs[0], runs[1]), "no scores", "ganvas eval")


def test_against_a_saved_file(ring: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    saved.write_text(ganvas("eval", ring, "--json").out)
    said = ganvas("compare", saved, ring)
    assert said.code == 0, said.err
    assert "no significant difference" in said.out
    good = json.loads(saved.read_text())["results"][0]
    for wrong in ({"name": "modes"}, {**good, "protocol": 3}, {**good, "value": "x"}, {**good, "error": "x"}):
        saved.write_text(json.dumps({"results": [wrong]}))
        spoken(3, ganvas("compare", saved, ring), "no evaluation", "saved.json")
    for text in ("[1, 2]", "3", '{"results": 3}', "not json", ""):
        saved.write_text(text)
        spoken(3, ganvas("compare", saved, ring), "no evaluation")
    spoken(2, ganvas("compare", tmp_path / "nowhere", ring), "nowhere")


def test_the_newest_evaluation_counts(ring: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(ring, run)
    assert {result.protocol["split"] for result in load_scores(run).results} == {"val"}
    assert ganvas("eval", run, "--split", "test").code == 0
    assert {result.protocol["split"] for result in load_scores(run).results} == {"test"}
    against_others = (run / "evaluation-test.json").read_text().replace('"test"', '"all"')
    (run / "evaluation-all.json").write_text(against_others)
    assert {result.protocol["split"] for result in load_scores(run).results} == {"all"}
    assert load_scores(run).source == "evaluation-all.json"
    (run / "evaluation-all.json").unlink()
    (run / "evaluation-test.json").write_text("{")
    with pytest.raises(DataError, match="no evaluation"):
        load_scores(run)


@pytest.mark.parametrize(
    ("condition", "fails"),
    [
        ("digit_frechet>10", False),
        ("digit_frechet>=10", True),
        ("digit_frechet < 11", True),
        ("fd>9.5", True),
        ("fd<=9", False),
        ("digit_coverage<5e-1", False),
        ("digit_coverage<.51", True),
    ],
)
def test_conditions(condition: str, fails: bool) -> None:
    (check,) = parse_conditions([condition])
    assert check.holds([COVERAGE, ONE]) is fails


@pytest.mark.parametrize(
    ("condition", "fails"),
    [("grade<usable", True), ("grade<=poor", True), ("grade<poor", False), ("grade>poor", False)],
)
def test_conditions_on_the_grade(condition: str, fails: bool) -> None:
    far = replace(ONE, name="photo_frechet", value=20.0, real_vs_real=1.0, error=0.0, lower_is_better=True)
    results = [far, replace(COVERAGE, name="photo_coverage", value=0.9, real_vs_real=1.0, error=0.0)]
    (check,) = parse_conditions([condition])
    assert check.holds(results) is fails
    assert str(check) == condition
    assert check.broken_text(results) == f"{condition} (poor)"
    with pytest.raises(UsageError, match="grade"):
        check.holds([ONE])


def test_what_is_no_number_has_failed() -> None:
    nothing = replace(ONE, value=math.nan)
    assert all(check.holds([nothing]) for check in parse_conditions(["fd>1", "fd<1"]))


def test_a_name_that_was_not_measured() -> None:
    for name, said in (("digit_frechte", "Did you mean 'digit_frechet'"), ("zzz", "There are: digit_frechet")):
        with pytest.raises(UsageError, match=said):
            parse_conditions([f"{name}>1"])[0].holds([ONE])
    with pytest.raises(UsageError, match="'fd', which was not measured"):
        parse_conditions(["fd>1"])[0].holds([COVERAGE])


@pytest.mark.parametrize(
    "text",
    ["", "fd", "fd>", ">3", "fd=3", "fd>x", "fd>1<2", "fd >> 1", "fd>nan", "1>fd", "grade<2", "fd<poor", "grade<bad"],
)
def test_words_that_are_no_condition(ring: Path, text: str) -> None:
    spoken(2, ganvas("eval", ring, "--fail-if", text), "not a condition", "digit_frechet>2")


def test_a_failed_condition_is_exit_code_7(ring: Path) -> None:
    assert ganvas("eval", ring, "--fail-if", "modes<0", "--fail-if", "quality<0").code == 0
    said = ganvas("eval", ring, "--fail-if", "modes>=0", "--fail-if", "quality<0", "--fail-if", "quality>=0")
    spoken(7, said, "failed  modes>=0", "quality>=0 (")
    assert "quality<0" not in said.err
    assert "modes" in said.out
    told = json.loads(ganvas("eval", ring, "--fail-if", "modes>=0", "--json").out)
    assert told["failed"] == ["modes>=0"]
    spoken(2, ganvas("eval", ring, "--fail-if", "mode>3"), "'mode', which was not measured", "Did you mean 'modes'?")
    assert ganvas("eval", ring, "--fail-if", "kl<0", "--split", "test").code in (0, 7)

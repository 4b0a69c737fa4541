"""Numbers that can be trusted: real digits in, each known fault found by the score that is there for it, and by no
other.
"""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

import ganvas as package
from ganvas.base.errors import DataError, UsageError
from ganvas.data.mnist import Mnist
from ganvas.evaluation import image_set, inputs
from ganvas.evaluation.embeddings import feature_spaces
from ganvas.evaluation.evaluate import evaluate
from ganvas.evaluation.evaluation import Evaluation
from ganvas.evaluation.report_data import histogram
from ganvas.metrics import Features, ModuleExtractor, RandomConvolutions
from ganvas.metrics.score_names import group_of
from ganvas.networks.inception import InceptionV3
from ganvas.recipes import parse_overrides
from ganvas.training import class_labels
from published import random_state
from speaking import Said, ganvas, spoken

Pictures = np.ndarray[Any, Any]
N = 600  # pictures on each side
LEARNT = 1_800
MEMORY = {"nearest_ratio", "copied", "authenticity_gap", "copying", "copying_z"}
SMALL = [
    "generator.width=4",
    "discriminator.width=4",
    "batch_samples=16",
    "precision=fp32",
    "threads=1",
    "snapshots=0",
    "saves=1",
    "diagnoses=0",
]


def digits(split: str, first: int, last: int) -> Pictures:
    """uint8 [n, 28, 28, 1]"""
    return Mnist().items(split).x[first:last]  # type: ignore[arg-type]


def held_out() -> Pictures:
    return digits("val", 0, N)


def fresh() -> Pictures:
    """New ones, which nobody has learnt from."""
    return digits("val", N, 2 * N)


def learnt() -> Pictures:
    return digits("train", 0, LEARNT)


@lru_cache(maxsize=1)
def honest() -> Evaluation:
    """Held-out pictures for fakes: nothing to find."""
    return evaluate(fresh(), real=held_out(), train=learnt())


@lru_cache(maxsize=1)
def repeated() -> Evaluation:
    """A hundred pictures, each six times."""
    fakes = np.tile(fresh()[:100], (6, 1, 1, 1))
    return evaluate(
        fakes, real=held_out(), train=learnt(), metrics=["frechet", "neighbours", "diversity", "memorisation"]
    )


def written(place: Path, x: Pictures, start: int = 0) -> Path:
    """A folder of PNG files."""
    place.mkdir(parents=True)
    for number, picture in enumerate(x, start):
        Image.fromarray(picture.squeeze()).save(place / f"{number:05}.png")
    return place


def beyond(found: Evaluation, name: str) -> float:
    """How many standard errors a score lies on the bad side of what reals have; below 0 it is better."""
    result = found[name]
    assert result.real_vs_real is not None, name
    gap = result.value - result.real_vs_real if result.lower_is_better else result.real_vs_real - result.value
    return gap / max(result.error or 0.0, 0.01 * abs(result.real_vs_real), 1e-9)


def test_new_pictures_get_a_clean_bill() -> None:
    found = honest()
    assert {
        "digit_frechet",
        "random_frechet",
        "digit_kernel",
        "random_coverage",
        "digit_sliced",
        "duplicates",
        *MEMORY,
    } <= {r.name for r in found.results}
    for result in found.results:
        assert math.isfinite(result.value), result
        assert result.error is None or math.isfinite(result.error), result
    assert 0.9 < found["nearest_ratio"].value < 1.1
    for name in ("copied", "authenticity_gap", "copying"):
        result = found[name]
        assert result.error is not None
        assert result.real_vs_real is not None
        assert abs(result.value - result.real_vs_real) < 4 * result.error, result
    assert abs(found["copying_z"].value) < 4
    assert found["digit_coverage"].value > 0.8


def test_copies_are_caught_by_the_scores_of_memory_and_by_nothing_else() -> None:
    found = evaluate(learnt()[-N:], real=held_out(), train=learnt())
    for result in found.results:
        if (
            result.name not in MEMORY
            and result.real_vs_real is not None
            and result.name not in ("digit_missing_classes",)
        ):
            assert beyond(found, result.name) < 4, result
    assert found["digit_frechet"].value < 2 * honest()["digit_frechet"].value
    assert found["digit_coverage"].value > 0.8
    assert found["nearest_ratio"].value == 0
    assert found["copied"].value == 1
    assert found["copying"].value == -0.5
    assert found["copying_z"].value < -10
    assert found["authenticity_gap"].value < -0.3


def test_some_copies_are_caught_too() -> None:
    found = evaluate(
        np.concatenate([fresh()[: N * 4 // 5], learnt()[: N // 5]]),
        real=held_out(),
        train=learnt(),
        metrics=["memorisation"],
    )
    assert {result.name for result in found.results} == MEMORY
    copied = found["copied"]
    assert copied.error is not None
    assert copied.value == pytest.approx(0.2, abs=0.05)
    assert copied.value > 0.01 + 8 * copied.error
    assert found["copying_z"].value < -3


def test_a_hundred_pictures_over_and_over_are_caught() -> None:
    found = repeated()
    assert found["digit_precision"].value > 0.8 * honest()["digit_precision"].value  # each alone is fine
    for name in ("digit_coverage", "random_coverage", "digit_clipped_coverage"):
        assert found[name].value < 0.6 * honest()[name].value, name
    assert found["duplicates"].value == 1
    assert honest()["duplicates"].value < 0.05
    assert found["copied"].value < 0.05


def test_a_dropped_class_is_seen_and_named() -> None:
    y = Mnist().items("val").y
    assert y is not None
    x = digits("val", N, 3 * N)
    without = x[y[N : 3 * N] != 7][:N]
    found = evaluate(without, real=held_out(), metrics=["neighbours", "classes", "frechet"])
    for name in ("digit_recall", "digit_coverage"):
        assert found[name].value < honest()[name].value - 0.02, name
    assert found["digit_class_variation"].value > honest()["digit_class_variation"].value + 0.04
    shares = histogram(found)
    assert shares is not None
    lost = [fake / real for fake, real in zip(shares.fake, shares.real, strict=True)]
    assert int(np.argmin(lost)) == 7
    assert lost[7] < 0.1
    assert min(share for digit, share in enumerate(lost) if digit != 7) > 0.6


def test_precision_and_recall_swap_when_the_sides_do() -> None:
    few = np.tile(fresh()[:60], (5, 1, 1, 1))
    one, other = (
        evaluate(fake, real=real, metrics=["neighbours", "frechet"])
        for fake, real in ((few, held_out()[:300]), (held_out()[:300], few))
    )
    for space in ("digit", "random"):
        assert one[f"{space}_precision"].value == other[f"{space}_recall"].value
        assert one[f"{space}_recall"].value == other[f"{space}_precision"].value
        assert one[f"{space}_precision"].value != one[f"{space}_recall"].value
        assert one[f"{space}_frechet"].value == pytest.approx(other[f"{space}_frechet"].value, rel=1e-9)


def test_the_order_of_files_and_the_size_of_blocks_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes, reals = fresh()[:30], held_out()[:30]
    ways = []
    for name, order in (("a", slice(None)), ("b", slice(None, None, -1))):
        written(tmp_path / name / "fake", fakes[order])
        written(tmp_path / name / "real", reals[order], start=7)
        ways.append(evaluate(tmp_path / name / "fake", real=tmp_path / name / "real"))
    assert ways[0].results == ways[1].results
    monkeypatch.setattr(image_set, "BLOCK", 7)
    monkeypatch.setattr(image_set, "TOGETHER", 7)
    again = evaluate(tmp_path / "a" / "fake", real=tmp_path / "a" / "real")
    for one, other in zip(ways[0].results, again.results, strict=True):
        assert one.value == pytest.approx(other.value, rel=1e-4, abs=1e-5), one.name
        assert one.protocol == other.protocol


def test_errors_suppose_no_order_among_the_pictures() -> None:
    y = Mnist().items("val").y
    assert y is not None
    by_class = [np.flatnonzero(y[N : 3 * N] == digit)[: N // 10] for digit in range(10)]
    taking_turns = digits("val", N, 3 * N)[
        np.stack(by_class, 1).flatten()
    ]  # as a conditional model gives them: 0, 1, ... 9, 0, 1, ...
    found = evaluate(taking_turns, real=held_out(), metrics=["frechet", "classes", "neighbours"])
    for name in ("digit_frechet", "digit_precision"):
        mine, theirs = found[name].error, honest()[name].error
        assert mine is not None
        assert theirs is not None
        assert mine < 2.5 * theirs, name
    assert found["digit_inception_score_of_splits"].value > 5


def test_every_number_says_how_it_was_measured() -> None:
    found = honest()
    other = repeated()
    for result in found.results:
        known = {"split", "real", "n_real", "n_fake", "prepared", "seed", "versions"} | (
            set() if result.name == "duplicates" else {"weights_sha256", "resize", "quantisation", "features"}
        )
        assert known <= result.protocol.keys(), result.name
        assert len(result.protocol["real"]) == 64
        assert (result.protocol["n_real"], result.protocol["n_fake"], result.protocol["split"]) == (N, N, "all")
        json.dumps(dict(result.protocol))
    for result in other.results:
        assert result.protocol == found[result.name].protocol, "a protocol holds nothing of what was measured"
    assert found["digit_frechet"].protocol["ddof"] == 1
    assert found["digit_coverage"].protocol["k"] == 5
    assert found["nearest_ratio"].protocol["n_train"] == LEARNT
    assert found["nearest_ratio"].protocol["train"] != found["nearest_ratio"].protocol["real"]
    moved = evaluate(fresh(), real=digits("val", 3 * N, 4 * N), metrics=["classes"])
    assert moved["digit_inception_score"].protocol["real"] != found["digit_inception_score"].protocol["real"]


def test_floors_are_reals_against_reals_at_the_same_n() -> None:
    found = evaluate(fresh()[:200], real=held_out(), train=learnt()[:500], metrics=["frechet", "neighbours"])
    assert found.features["other_reals"].spaces["digit"].n == 200
    assert all(result.real_vs_real is not None for result in found.results if not result.name.endswith("_infinity"))
    few = evaluate(fresh()[:200], real=held_out()[:200], train=learnt()[:100], metrics=["frechet"])
    assert few["digit_frechet"].real_vs_real is None
    assert "as many training pictures as fakes, 200" in " ".join(few.messages)


def test_every_set_is_looked_at_once() -> None:
    shown: list[int] = []

    class Counting(ModuleExtractor):
        def extract(self, x: torch.Tensor) -> Features:
            shown.append(len(x))
            return super().extract(x)

    counting = Counting(nn.AvgPool2d(7), name="mine")
    evaluate(
        fresh()[:150],
        real=held_out()[:200],
        train=learnt()[:500],
        extractors=[counting],
        metrics=["frechet", "memorisation"],
    )
    assert sum(shown) == 150 + 200 + 500
    assert max(shown) <= image_set.TOGETHER


def test_fakes_that_are_all_one_picture_get_numbers() -> None:
    found = evaluate(np.repeat(fresh()[:1], 200, 0), real=held_out()[:200], train=learnt()[:600])
    for result in found.results:
        assert math.isfinite(result.value), result
        assert result.error is None or math.isfinite(result.error), result
    assert found["duplicates"].value == 1
    assert found["digit_frechet"].value > 20 * honest()["digit_frechet"].value
    assert found["digit_recall"].value == 0


@pytest.mark.parametrize("n", [1, 2])
def test_too_few_fakes_are_one_sentence(n: int) -> None:
    with pytest.raises(DataError, match=f"at least 3 samples .* {n}"):
        evaluate(fresh()[:n], real=held_out()[:60], train=learnt()[:200])


@pytest.mark.parametrize("n", [3, 10, 100])
def test_few_fakes_get_numbers(n: int) -> None:
    found = evaluate(fresh()[:n], real=held_out()[:40], train=learnt()[:100])
    assert found["digit_frechet"].n == n
    assert all(math.isfinite(result.value) for result in found.results)


def test_reals_that_are_few_or_alike() -> None:
    with pytest.raises(DataError, match="at least 3"):
        evaluate(fresh()[:50], real=held_out()[:1])
    alike = evaluate(fresh()[:50], real=np.repeat(held_out()[:1], 50, 0))
    assert all(math.isfinite(result.value) for result in alike.results)


def test_arrays_that_are_no_pictures() -> None:
    for wrong in (fresh().astype(np.float32), fresh()[..., 0], fresh()[:0]):
        with pytest.raises(DataError, match="uint8"):
            evaluate(wrong, real=held_out())
    with pytest.raises(DataError, match="shape"):
        evaluate(fresh(), real=np.repeat(held_out(), 3, 3))
    with pytest.raises(UsageError, match="Did you mean 'frechet'"):
        evaluate(fresh(), real=held_out(), metrics=["frechett"])
    with pytest.raises(UsageError, match="--against"):
        evaluate(fresh())


def test_features_that_are_no_numbers_are_one_sentence() -> None:
    class Broken(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.flatten(1)[:, :4] / 0

    with pytest.raises(DataError, match="finite"):
        evaluate(fresh()[:30], real=held_out()[:30], extractors=[ModuleExtractor(Broken(), name="broken")])


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of digits, with splits and classes."""
    place = tmp_path_factory.mktemp("own") / "digits"
    for split, of, rows in (
        ("train", "train", slice(0, 300)),
        ("val", "val", slice(0, 100)),
        ("test", "test", slice(0, 60)),
    ):
        items = Mnist().items(of)  # type: ignore[arg-type]
        assert items.y is not None
        for digit in range(10):
            chosen = items.x[rows][items.y[rows] == digit]
            written(place / split / str(digit), chosen)
    return place


@pytest.fixture(scope="module")
def trained(own: Path) -> Path:
    """A tiny conditional run on it."""
    return package.train(
        "mnist",
        data=own,
        labels="folders",
        out=own.parent / "run",
        changes=parse_overrides(["samples=64", "scores=[]", *SMALL]),
    ).path


class Outside(HTMLParser):
    """Whatever a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [
            value or ""
            for name, value in attrs
            if name in ("src", "href", "srcset") and not (value or "").startswith(("data:", "#"))
        ]
        self.links += [tag] if tag in ("script", "link", "iframe") else []


def kept_results(run: Path, split: str) -> Any:
    return json.loads((run / f"evaluation-{split}.json").read_text())["results"]


def test_a_run_keeps_its_evaluation_and_its_page(trained: Path) -> None:
    said = ganvas("eval", trained, "--json")
    assert said.code == 0, said.err
    told = json.loads(said.out)
    kept = json.loads((trained / "evaluation-val.json").read_text())
    assert told["results"] == kept["results"]
    sha256 = package.load(trained).sha256
    assert kept["scored"] == {"checkpoint": "samples-000000000064", "samples": 64, "players_sha256": sha256}
    assert not {"checkpoint", "players_sha256"} & kept["results"][0]["protocol"].keys(), (
        "two models are compared by one protocol"
    )
    names = {result["name"] for result in kept["results"]}
    assert {
        "digit_frechet",
        "random_frechet",
        "share_7",
        "read_as_asked",
        "membership_auc",
        "d_overfitting",
        "duplicates",
        *MEMORY,
    } <= names
    assert {result["protocol"]["split"] for result in kept["results"]} == {"val"}
    assert {result["n"] for result in kept["results"] if result["name"] == "digit_frechet"} == {100}
    page = (trained / "evaluation-val.html").read_text()
    assert told["report"] == str(trained / "evaluation-val.html")
    for name in ("digit_frechet", "nearest_ratio", "read_as_asked", "samples-000000000064", sha256):
        assert name in page
    outside = Outside()
    outside.feed(page)
    assert outside.links == []
    assert not [file.name for file in trained.iterdir() if ".html" in file.name and file.name != "evaluation-val.html"]
    said = ganvas(
        "eval",
        trained,
        "--split",
        "test",
        "--metrics",
        "frechet,neighbours",
        "-n",
        "50",
        "--report",
        trained.parent / "page.html",
    )
    assert said.code == 0, said.err
    assert "digit_frechet" in said.out
    assert (trained.parent / "page.html").stat().st_size > 1000
    results = kept_results(trained, "test")
    assert {(result["n"], result["protocol"]["split"]) for result in results} == {(50, "test")}
    assert ganvas("eval", trained, "--against", trained.parent / "digits" / "test", "--metrics", "classes").code == 0
    assert kept_results(trained, "val") == kept["results"], "what was scored against others is kept apart"
    assert {result["protocol"]["split"] for result in kept_results(trained, "all")} == {"all"}


def test_classes_are_drawn_from_the_training_split_and_never_from_the_reals(trained: Path) -> None:
    found = evaluate(trained, metrics=["classes"])
    fakes, reals = found.inputs.fake, found.inputs.real  # type: ignore[union-attr]
    learnt = package.load(trained).experiment.recipe.source.items("train").y
    assert learnt is not None
    assert fakes.y is not None
    assert reals.y is not None
    assert torch.equal(fakes.y, class_labels(10, torch.from_numpy(learnt.astype(np.int64)), fakes.n, 0))
    assert not torch.equal(fakes.y, reals.y)
    assert found["read_as_asked"].protocol["classes"] == "training shares"
    assert sum(found[f"share_{digit}"].value for digit in range(10)) == pytest.approx(1)
    assert found["read_as_asked"].real_vs_real == pytest.approx(0.99, abs=0.02)
    for digit in range(10):
        assert found[f"share_{digit}"].real_vs_real == pytest.approx((reals.y == digit).float().mean().item(), abs=0.03)


def test_a_run_against_other_pictures(trained: Path, own: Path) -> None:
    found = evaluate(trained, real=own / "test", n=40, metrics=["frechet", "memorisation"])
    page = found._repr_html_()
    assert page.count("data:image/webp;base64,") == 1, "a notebook shows the fakes that were scored"
    assert "digit_frechet" in page
    assert found["digit_frechet"].n == 40
    assert found["digit_frechet"].protocol["split"] == "all"
    fakes = found.inputs.fake  # type: ignore[union-attr]
    assert fakes.y is not None
    assert len(fakes.y.unique()) > 5  # in the training split's shares, whatever the others are


def test_a_run_named_as_reals_gives_its_data_and_not_its_contact_sheets(trained: Path, own: Path) -> None:
    source = package.load(trained).experiment.recipe.source
    written(trained / "samples" / "more", fresh()[:30])  # enough to be taken for a set of pictures
    found = evaluate(own / "test", real=trained, train=str(trained), metrics=["frechet", "memorisation"])
    case = found.inputs
    assert case is not None
    assert case.train is not None
    assert (case.real.n, case.real.data) == (100, source.items("val").fingerprint)
    assert (case.train.n, case.train.data) == (300, source.items("train").fingerprint)
    assert f"{trained} is a run: the validation pictures of its data are used." in found.messages
    assert f"{trained} is a run: the training pictures of its data are used." in found.messages
    assert found["copied"].value == pytest.approx(0.01, abs=0.05)
    last = evaluate(trained, real=trained, split="test", n=30, metrics=["frechet"]).inputs
    assert last is not None
    assert (last.real.n, last.real.data) == (60, source.items("test").fingerprint)
    spoken(
        0,
        ganvas("eval", own / "test", "--against", trained, "--metrics", "frechet"),
        "the validation pictures of its data",
    )


def test_what_was_kept_is_not_replaced_by_nothing(trained: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained, run)
    (run / "evaluation-val.json").write_text("of earlier")
    spoken(2, ganvas("eval", run, "--metrics", "recipe"), "nothing was measured", "No scores of the recipe")
    assert (run / "evaluation-val.json").read_text() == "of earlier"


def test_a_group_that_has_no_score_is_told(own: Path, tmp_path: Path) -> None:
    colour = written(tmp_path / "colour", np.repeat(fresh()[:60], 3, 3) // np.array([1, 2, 3], np.uint8))
    here = ("eval", colour, "--against", colour, "--metrics")
    spoken(2, ganvas(*here, "classes"), "nothing was measured", "No classes: no feature network")
    spoken(2, ganvas(*here, "memorisation"), "nothing was measured", "--train FOLDER")
    said = ganvas(*here, "frechet,classes,recipe", "-n", "1000")
    spoken(
        0,
        said,
        "No classes",
        "No scores of the recipe",
        "Only 60 fakes are scored",
    )
    assert "random_frechet" in said.out
    few = evaluate(fresh()[:5], real=held_out()[:30], metrics=["frechet", "neighbours"])
    assert "No neighbours: they need more than 5 fakes and more than 5 reals." in few.messages
    assert not any(sentence.startswith("No ") for sentence in evaluate(fresh()[:30], real=held_out()[:30]).messages)


def test_what_python_lets_through_is_one_sentence(trained: Path) -> None:
    x = fresh()[:50]
    for wrong in (torch.zeros(50, 28, 28, 1), x.tolist(), None, 3):
        with pytest.raises(UsageError, match=f"what is scored cannot be of type {type(wrong).__name__}"):
            evaluate(wrong, real=x)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="the reals cannot be of type list"):
        evaluate(x, real=x.tolist())
    with pytest.raises(UsageError, match="the training pictures cannot be of type Model"):
        evaluate(trained, train=package.load(trained))  # type: ignore[arg-type]
    for n in (0, -1, 2.5):
        with pytest.raises(UsageError, match=f"cannot score {n} fakes"):
            evaluate(x, real=x, n=n)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no split 'foo'"):
        evaluate(x, real=x, split="foo")  # type: ignore[arg-type]
    for metrics in ("frechet", ()):
        with pytest.raises(package.GanvasError, match="metrics must be a list"):
            evaluate(x, real=x, metrics=metrics)


def test_a_run_whose_data_changed(trained: Path, own: Path, tmp_path: Path) -> None:
    changed = tmp_path / "digits"
    shutil.copytree(own, changed)
    run = package.train(
        "mnist",
        data=changed,
        labels="folders",
        out=tmp_path / "run",
        changes=parse_overrides(["samples=32", "scores=[]", *SMALL]),
    ).path
    next((changed / "train" / "3").iterdir()).unlink()
    spoken(3, ganvas("eval", run), "not those that the run was trained on")
    for option in ("--against", "--train"):
        spoken(
            2,
            ganvas("eval", own / "val", "--against", own / "val", option, run),
            "cannot be read",
            "folder of pictures",
            str(run),
        )
    shutil.rmtree(changed)
    spoken(2, ganvas("eval", own / "val", "--against", run), "cannot be read", "folder of pictures", str(run))


@pytest.mark.parametrize(
    ("recipe", "changes", "has", "has_not"),
    [
        (
            "ring",
            ["samples=2560", "source.samples=1000", "scores.0.n=200", "scorings=0"],
            {"modes"},
            {"digit_frechet", "copied"},
        ),
        (
            "digits",
            ["D.network.width=4", "batch_samples=16", "samples=32", "scores.0.n=100", "scorings=0"],
            {"accuracy"},
            {"digit_frechet", "copied"},
        ),
    ],
)
def test_a_run_that_makes_no_pictures_has_its_recipes_scores(
    tmp_path: Path, recipe: str, changes: list[str], has: set[str], has_not: set[str]
) -> None:
    run = package.train(
        recipe, out=tmp_path / "run", changes=parse_overrides([*changes, "precision=fp32", "threads=1", "snapshots=0"])
    ).path
    said = ganvas("eval", run, "--json")
    assert said.code == 0, said.err
    names = {result["name"] for result in json.loads(said.out)["results"]}
    assert has <= names
    assert not has_not & names
    assert (run / "evaluation-val.html").is_file()
    assert json.loads((run / "evaluation-val.json").read_text())["scored"]["players_sha256"] == package.load(run).sha256
    for words in (
        ["--against", "x"],
        ["--train", "x"],
        ["-n", "9"],
        ["--metrics", "frechet"],
        ["--profile", "tf1"],
        ["--weights", "x"],
        ["--features", "x"],
    ):
        spoken(2, ganvas("eval", run, *words), f"{words[0]}", "does not apply", "makes no pictures")
    with pytest.raises(UsageError, match="extractors does not apply"):
        evaluate(run, extractors=[RandomConvolutions(1)])
    assert ganvas("eval", run, "--metrics", "recipe").code == 0
    if recipe == "ring":
        spoken(2, ganvas("eval", run, "--against", run), "does not apply")
        with pytest.raises(UsageError, match="data are not pictures"):
            evaluate(fresh()[:30], real=run)


def test_runs_without_classes_and_runs_that_answer_pictures(tmp_path: Path, own: Path) -> None:
    for recipe, has, has_not in (
        ("dcgan", {"digit_frechet", "copied", "membership_auc"}, {"read_as_asked"}),
        ("inpaint-mnist", {"digit_frechet", "copied"}, {"membership_auc"}),
    ):
        run = package.train(
            recipe, data=own, out=tmp_path / recipe, changes=parse_overrides(["samples=32", *SMALL])
        ).path
        found = evaluate(run, metrics=["frechet", "neighbours", "memorisation", "recipe"])
        names = {result.name for result in found.results}
        assert has <= names, recipe
        assert not has_not & names, recipe
        assert found["digit_frechet"].n == 100
    assert "hole_l1" in names


def test_without_weights_there_is_a_sentence_and_no_substitute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.delenv("GANVAS_WEIGHTS", raising=False)
    found = evaluate(fresh()[:40], real=held_out()[:40], profile="clean", metrics=["frechet"])
    assert {result.name for result in found.results} == {"digit_frechet", "random_frechet"}
    assert "ganvas weights download inception" in found.messages[0]
    assert "their own names" in found.messages[0]
    with pytest.raises(UsageError, match="tf1, pytorch-fid, clean"):
        evaluate(fresh()[:40], real=held_out()[:40], profile="fid")


@pytest.fixture(scope="module")
def inception(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of the published shape."""
    with torch.device("meta"):
        empty = InceptionV3()
    file = tmp_path_factory.mktemp("weights") / "inception.safetensors"
    save_file(random_state(empty), file)
    return file


def test_with_weights_there_is_the_published_space_besides(inception: Path) -> None:
    found = evaluate(fresh()[:3], real=held_out()[:3], profile="clean", weights=inception, metrics=["kernel"])
    assert [result.name for result in found.results] == ["inception_own_kernel", "digit_kernel", "random_kernel"]
    said = found["inception_own_kernel"].protocol
    assert (said["profile"], said["weights"]) == ("clean", "own")  # nobody takes it for the published number
    assert "bicubic" in said["resize"]


@pytest.mark.slow
def test_the_distance_of_the_published_space(inception: Path) -> None:
    found = evaluate(fresh()[:12], real=held_out()[:12], profile="tf1", weights=inception)
    assert found["inception_own_frechet"].value > 0
    assert {"digit_frechet", "random_frechet", "inception_own_coverage"} <= {result.name for result in found.results}
    assert all(math.isfinite(result.value) for result in found.results)


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["{nowhere}"], 2, ["nowhere", "no such file"]),
        (["{own}"], 2, ["--against"]),
        ([""], 2, ["the path of what is scored is empty"]),
        (["{own}", "--against", ""], 2, ["the path of the reals is empty"]),
        (["{own}", "--against", "{own}", "--train", ""], 2, ["the path of the training pictures is empty"]),
        (["{own}", "--against", "{nowhere}"], 3, ["nowhere"]),
        (["{empty}", "--against", "{own}"], 3, ["no pictures"]),
        (["{own}", "--against", "{empty}"], 3, ["no pictures"]),
        (["{one}", "--against", "{own}"], 3, ["at least 3 samples"]),
        (["{own}", "--against", "{broken}"], 3, ["2 of 32 pictures are broken", "remove them."]),
        (["{own}", "--against", "{own}", "--train", "{nowhere}"], 3, ["nowhere"]),
        (["{own}", "--against", "{own}", "--metrics", "fid"], 2, ["fid", "frechet"]),
        (["{own}", "--against", "{own}", "--profile", "tf2"], 2, ["Did you mean 'tf1'?"]),
        (["{own}", "--against", "{own}", "--features", "{nowhere}.onnx"], 3, ["nowhere"]),
        (["{own}", "--against", "{own}", "--profile", "tf1", "--weights", "{nowhere}"], 3, ["nowhere"]),
        (["{own}", "--against", "{own}", "-n", "0"], 2, ["-n"]),
        (["{own}", "--against", "{own}", "--split", "train"], 2, ["train"]),
        (["{own}", "--against", "{own}", "--fail-if", "digit_frechet"], 2, ["not a condition"]),
    ],
)
def test_wrong_words_get_one_sentence(
    own: Path, tmp_path: Path, words: list[str], code: int, expected: list[str]
) -> None:
    places = {
        "nowhere": tmp_path / "nowhere",
        "empty": tmp_path / "empty",
        "own": own / "val",
        "one": tmp_path / "one",
        "broken": tmp_path / "broken",
    }
    places["empty"].mkdir()
    written(places["one"], fresh()[:1])
    written(places["broken"], fresh()[:30])
    for name in ("a.png", "b.png"):
        (places["broken"] / name).touch()
    said = ganvas("eval", *[word.format(**places) for word in words])
    spoken(code, said, *expected)
    assert said.out == ""
    assert "source.broken" not in said.err


def test_the_options_are_found() -> None:
    assert "`ganvas eval RUN -h`" in " ".join(ganvas("eval", "-h").out.split())
    assert "--profile" in ganvas("eval", "RUN", "-h").out


def test_a_folder_of_one_picture_over_and_over_is_scored_as_the_array_is(own: Path, tmp_path: Path) -> None:
    same = np.repeat(fresh()[:1], 30, 0)
    folder = written(tmp_path / "same", same)
    asked: dict[str, Any] = {"real": held_out()[:60], "metrics": ["frechet", "diversity"]}
    found, wanted = evaluate(folder, **asked), evaluate(same, **asked)
    assert {result.name: result.value for result in found.results} == {
        result.name: result.value for result in wanted.results
    }
    assert found["duplicates"].value == 1
    with pytest.raises(
        DataError, match="only 1 of them different"
    ):  # nor does training take them now that they are decoded
        package.train("mnist", data=folder, out=tmp_path / "run")


def test_pictures_of_another_kind_are_brought_to_the_reals_and_that_is_said(own: Path, tmp_path: Path) -> None:
    tinted = written(
        tmp_path / "colour",
        np.pad(np.repeat(fresh()[:60], 3, 3), ((0, 0), (2, 2), (2, 2), (0, 0))) // np.array([1, 2, 3], np.uint8),
    )
    said = ganvas("eval", tinted, "--against", own / "val", "--metrics", "frechet")
    spoken(0, said, "60 resized to 28 x 28", "60 converted to grey")
    assert "digit_frechet" in said.out
    said = ganvas("eval", own / "val", "--against", tinted, "--metrics", "frechet", "--json")
    told = json.loads(said.out)
    assert {result["protocol"]["prepared"].split(",")[0] for result in told["results"]} == {"32 x 32 in colour"}
    assert "100 converted to colour" in " ".join(told["notes"])


def test_how_many_are_scored_is_said(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "MOST", 40)
    found = evaluate(own / "val", real=own / "test", metrics=["frechet"])
    assert found["digit_frechet"].n == 40
    assert "40 of 100" in " ".join(found.messages)
    assert evaluate(own / "val", real=own / "test", metrics=["frechet"], n=100)["digit_frechet"].n == 100


def test_large_pictures_keep_their_size(tmp_path: Path) -> None:
    large = [np.kron(x.reshape(-1, 28, 28), np.ones((1, 6, 6), np.uint8)) for x in (fresh()[:25], held_out()[:25])]
    places = [written(tmp_path / name, x) for name, x in zip(("fake", "real"), large, strict=True)]
    found = evaluate(places[0], real=places[1], metrics=["frechet"])
    assert found.inputs is not None
    assert found.inputs.real.shape == found.inputs.fake.shape == (1, 168, 168)
    assert "168 x 168" in found["random_frechet"].protocol["prepared"]


def kept(run: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in run.iterdir() if file.is_file()}


def test_ctrl_c_is_one_word(trained: Path) -> None:
    before = kept(trained)
    words = [
        "-m",
        "ganvas",
        "eval",
        str(trained),
        "--against",
        str(trained.parent / "digits" / "train"),
        "-n",
        "100000",
    ]
    process = subprocess.Popen(
        [sys.executable, *words],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert process.stderr is not None
    assert "Scoring" in process.stderr.readline()
    time.sleep(2)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert out == ""
    assert kept(trained) == before


def test_what_is_interrupted_in_writing_leaves_the_old_page(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained, run, ignore=shutil.ignore_patterns("evaluation-*"))
    words = ["eval", str(run), "--metrics", "classes", "-n", "30"]
    assert ganvas(*words).code == 0
    before = kept(run)
    whole = Path.write_text

    def half(path: Path, text: str, **how: Any) -> int:
        whole(path, text[: len(text) // 2], **how)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", half)
    assert ganvas(*words, "--seed", "1").code == 130
    assert before.items() <= kept(run).items()


def results_and_exit(said: Said) -> tuple[set[str], int]:
    """The scores' names, of one JSON object."""
    return {result["name"] for result in json.loads(said.out)["results"]}, said.code


def test_a_fuller_evaluation_of_the_same_model_stays(trained: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(trained, tmp_path / "run", ignore=shutil.ignore_patterns("evaluation-*")))
    file = run / "evaluation-val.json"
    assert ganvas("eval", run, "--metrics", "frechet,neighbours", "-n", "60").code == 0
    before = kept(run)
    fewer, narrower = ["--metrics", "frechet,neighbours", "-n", "50"], ["--metrics", "frechet", "-n", "60"]
    spoken(0, ganvas("eval", run, *fewer), "Not saved", "evaluation-val.json", "60 for digit_frechet, not 50")
    told = json.loads(ganvas("eval", run, *narrower, "--report", tmp_path / "new" / "page.html", "--json").out)
    assert "such as digit_precision" in told["notes"][-1]
    assert {result["name"] for result in told["results"]} == {"digit_frechet", "random_frechet"}
    assert (tmp_path / "new" / "page.html").stat().st_size > 1000
    assert kept(run) == before
    file.write_text(json.dumps({**json.loads(file.read_text()), "scored": {"players_sha256": "of another model"}}))
    said = ganvas("eval", run, *narrower)
    assert "Not saved" not in said.err
    assert kept_results(run, "val") == told["results"]
    file.write_text("{")
    assert ganvas("eval", run, *narrower, "-n", "50").code == 0
    assert kept_results(run, "val")[0]["n"] == 50
    for seed in ("1", "2"):  # another look at all: neither is the fuller
        assert "Not saved" not in ganvas("eval", run, *narrower, "-n", "40", "--seed", seed).err
    assert kept_results(run, "val")[0]["n"] == 40


def test_what_cannot_be_judged_is_told_besides_what_can_and_nothing_is_lost(trained: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(trained, tmp_path / "run", ignore=shutil.ignore_patterns("evaluation-*")))
    words = ["eval", str(run), "--metrics", "frechet", "-n", "30", "--fail-if", "pixel_frechet>1", "--fail-if", "fd>0"]
    said = ganvas(*words)
    spoken(2, said, "'pixel_frechet', which was not measured", "failed  fd>0")
    assert "digit_frechet" in said.out
    assert results_and_exit(ganvas(*words, "--json")) == ({"digit_frechet", "random_frechet"}, 2)
    assert {result["name"] for result in kept_results(run, "val")} == {"digit_frechet", "random_frechet"}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("digit_frechte>2", "Did you mean 'digit_frechet'?"),
        ("copied>1", "Add memorisation to --metrics"),
        ("fid>2", "--profile"),
        ("zzz>1", "list them"),
        ("digt_frechet>1", "Did you mean"),
    ],
)
def test_a_condition_on_a_score_that_cannot_come_is_refused_at_once(
    trained: Path, condition: str, expected: str
) -> None:
    said = ganvas("eval", trained, "--metrics", "frechet", "--fail-if", condition)
    spoken(2, said, "--fail-if names", expected)
    assert "Scoring" not in said.err


def test_all_scores_have_a_group_that_conditions_know() -> None:
    assert {result.name for result in honest().results if group_of(result.name) is None} == set()
    measured = evaluate(fresh()[:60], real=held_out()[:60], train=learnt()[:200], metrics=["neighbours"])
    assert {group_of(result.name) for result in measured.results} == {"neighbours"}


@pytest.mark.parametrize(
    ("page", "code", "expected"),
    [
        ("pipe.html", 2, "a pipe"),
        ("there", 2, "this is a folder"),
        ("look.png", 2, "ends in .html"),
        ("look.png/page.html", 5, "cannot be written to this folder"),
    ],
)
def test_a_page_that_cannot_be_is_refused_at_once(
    trained: Path, tmp_path: Path, page: str, code: int, expected: str
) -> None:
    (tmp_path / "there").mkdir()
    os.mkfifo(tmp_path / "pipe.html")
    (tmp_path / "look.png").write_text("mine")
    said = ganvas("eval", trained, "--report", tmp_path / page)
    spoken(code, said, expected, str(tmp_path))
    assert "Scoring" not in said.err
    assert (tmp_path / "look.png").read_text() == "mine"


def test_scores_are_told_where_they_cannot_be_kept(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Path(shutil.copytree(trained, tmp_path / "run", ignore=shutil.ignore_patterns("evaluation-*")))
    words = ["eval", str(run), "--metrics", "classes", "-n", "30"]
    (run / "evaluation-val.json").mkdir()
    said = ganvas(*words)
    spoken(5, said, f"cannot write: Is a directory ({run / 'evaluation-val.json'})")
    assert "digit_inception_score" in said.out
    assert (run / "evaluation-val.html").is_file(), "one failure is not another's"
    names, code = results_and_exit(ganvas(*words, "--json"))
    assert ("digit_inception_score" in names, code) == (True, 5)
    assert not list(run.glob(".evaluation*")), "nothing half-written is left"
    (run / "evaluation-val.json").rmdir()
    (run / "evaluation-val.html").unlink()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != run or not mode & os.W_OK)
    said = ganvas(*words, "--report", tmp_path / "page.html")
    spoken(0, said, "will not be saved")
    assert said.err.index("will not be saved") < said.err.index("Scoring")
    assert "digit_inception_score" in said.out
    assert (tmp_path / "page.html").is_file()
    assert not list(run.glob("evaluation-*"))


def test_against_the_training_pictures_there_is_no_floor_and_nothing_held_out() -> None:
    found = evaluate(fresh()[:100], real=learnt()[:200], train=learnt()[:200], metrics=["frechet", "memorisation"])
    assert found["digit_frechet"].value > 0
    assert all(result.real_vs_real is None for result in found.results)
    assert not MEMORY & {result.name for result in found.results}
    assert (
        len(
            [
                sentence
                for sentence in found.messages
                if "training pictures" in sentence or "Copies are not searched" in sentence
            ]
        )
        == 2
    )


def test_a_set_of_other_pictures_of_that_size_is_not_read_as_digits() -> None:
    found, _ = feature_spaces((1, 28, 28), ("shirt", "shoe"), profile=None, features=None, weights=None)
    assert [extractor.name for extractor in found] == ["photo", "random"]


def test_spaces_have_names_of_their_own() -> None:
    with pytest.raises(UsageError, match="feature spaces have the name 'random'"):
        evaluate(fresh()[:20], real=held_out()[:20], extractors=[RandomConvolutions(1)])


def test_the_fid_is_not_replaced_in_a_condition(own: Path) -> None:
    said = ganvas(
        "eval",
        str(own / "val"),
        "--against",
        str(own / "val"),
        "--metrics",
        "frechet",
        "--profile",
        "tf1",
        "--fail-if",
        "fd>30",
    )
    spoken(2, said, "fid", "not measured", "ganvas weights download")
    assert "Scoring" not in said.err
    assert said.out == ""

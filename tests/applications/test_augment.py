"""The report on augmentation, on generators that are known: training pictures by class, and noise."""

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import ganvas
from ganvas.applications.augment import AugmentReport, Point, augment_report, counted_on_test, verdict_of
from ganvas.applications.augment_classifiers import CONDITIONS, ONLY, REAL
from ganvas.applications.augment_page import page
from ganvas.base.errors import UsageError
from ganvas.cli import augment as augment_command
from ganvas.cli import main as command
from ganvas.data import Items, LabelledSubset, Mnist
from ganvas.data.labelled_subset import select_rows
from ganvas.recipes.build import prepare
from ganvas.sessions.model import Model


@dataclass(frozen=True)
class Few:
    """Twenty training digits of each class, and 200 of val."""

    def items(self, split: Any) -> Items:
        items = LabelledSubset(Mnist(), per_class=20).items(split)
        return items if split == "train" else select_rows(items, np.arange(200))


class ByClass(nn.Module):
    """G(z, y): a training picture of class y, or noise."""

    conditional = True

    def __init__(self, noise: bool) -> None:
        super().__init__()
        items = Few().items("train")
        x = torch.tensor(items.x).permute(0, 3, 1, 2).float() / 127.5 - 1
        self.latent, self.noise, self.unused = (4,), noise, nn.Parameter(torch.zeros(1))
        self.x = torch.stack([x[torch.tensor(items.y) == label] for label in range(10)])

    def forward(self, z: Tensor, y: Tensor | None = None, given: Any = None) -> Tensor:
        assert y is not None
        found = self.x[y, (z[:, 0].abs() * 1e6).long() % 20]
        return torch.tanh(z[:, :1, None, None] + 0 * found) if self.noise else found


def model(noise: bool) -> Model:
    base = ganvas.load("mnist-demo")
    experiment = prepare(replace(base.experiment.recipe, source=Few()))
    return Model(experiment, {"G": ByClass(noise)}, "0" * 64, "c", 1000, base.run)


@pytest.fixture(scope="module")
def report() -> AugmentReport:
    return augment_report([model(False), model(True)], seeds=2, samples=1_000, generated=10, width=4, confidence=0.1)


def test_every_condition_is_measured(report: AugmentReport) -> None:
    good, bad = report.points
    assert {good.per_class, bad.per_class} == {20}
    assert set(good.accuracy) == set(CONDITIONS)
    assert all(len(each) == 2 for each in good.accuracy.values())
    assert good.mean(REAL)[0] > 0.3, "a classifier of digits learns something from 200"
    assert good.mean(ONLY)[0] > 0.3, "these samples are real digits"
    assert bad.mean(ONLY)[0] < 0.25, "noise teaches nothing"
    assert good.accuracy[REAL] == bad.accuracy[REAL], "the same pictures and seeds"
    assert good.accepted > bad.accepted


def test_the_page(report: AugmentReport) -> None:
    text = page(report)
    assert text.count("<tr>") == 3
    assert all(name in text for name in CONDITIONS)
    assert all(sentence.split(",")[0] in text for sentence in report.verdict)
    assert "<script" not in text


def test_the_verdict() -> None:
    def said(plain: tuple[float, ...], more: tuple[float, ...]) -> str:
        accuracy = dict.fromkeys(CONDITIONS, plain) | {"real and generated": more, "real, shifted, and generated": more}
        return verdict_of(Point(None, 50, accuracy, 1.0))  # type: ignore[arg-type]  # it is not read

    assert "add 10.0%" in said((0.8, 0.81, 0.79), (0.9, 0.91, 0.89))
    assert "leave them out" in said((0.8, 0.81, 0.79), (0.7, 0.71, 0.69))
    assert "nothing was gained" in said((0.8, 0.9, 0.7), (0.81, 0.91, 0.71))


def test_a_look_at_test_is_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path))
    models = [model(False), model(True)]
    assert counted_on_test(models, "val") == ()
    first, again = counted_on_test(models, "test"), counted_on_test(models, "test")
    assert len(first) == len(again) == 1, "both runs have one test split, which is read once"
    assert "first time" in first[0]
    assert "1 time before" in again[0]


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(augment_command, "opened", lambda run, at: model(False))
    words = "--seeds 2 --samples 16 --generated 1 --json"
    monkeypatch.setattr(sys, "argv", ["ganvas", "augment", str(tmp_path), *words.split()])
    with pytest.raises(SystemExit) as end:
        command.main()
    assert not end.value.code
    result = json.loads(capsys.readouterr().out)
    assert result["points"][0]["per_class"] == 20
    assert Path(result["page"]).read_text().startswith("<!doctype html>")


def test_what_is_refused() -> None:
    with pytest.raises(UsageError, match="seeds=1"):
        augment_report(model(False), seeds=1)
    other = model(False)
    other.networks["G"].conditional = False  # type: ignore[assignment]
    with pytest.raises(UsageError, match="pictures of classes"):
        augment_report(other)

"""Copies among sounds: a generator that repeats its recordings is caught, and one of noise is not."""

from pathlib import Path
from typing import Any

import pytest
import torch

import ganvas
from ganvas.evaluation import sound_evaluation
from ganvas.evaluation.by_domain import evaluate_own_kind
from ganvas.recipes.tiny import tiny_overrides

CHANGES = {"precision": "fp32", "threads": 1, "snapshots": 0, "scorings": 0, "diagnoses": 0}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    out = tmp_path_factory.mktemp("copied") / "run"
    changes = {**tiny_overrides("wavegan.digits"), **CHANGES, "source.samples": 150, "domain.length": 2048}
    ganvas.train("wavegan.digits", out=out, changes=changes)
    return ganvas.load(out, at="newest")


def test_repeated_recordings_are_copies(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {each.name: each for each in evaluate_own_kind(model, "val", 0).results}
    stream = model.experiment.stream("train")
    recordings = model.domain.to_tensor(stream.store.rows(torch.arange(100)))
    monkeypatch.setattr(sound_evaluation, "outputs", lambda *_, **__: recordings + 1e-5)
    copied = {each.name: each for each in evaluate_own_kind(model, "val", 0).results}
    assert copied["copied"].value > 0.8
    assert plain["copied"].value < 0.2
    assert copied["nearest_ratio"].value < 0.1 < plain["nearest_ratio"].value
    assert copied["copied"].protocol["spec_sha256"] == model.spec.sha256


def test_too_few_recordings_are_said(model: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sound_evaluation, "MOST", 1)
    assert any("not searched" in message for message in evaluate_own_kind(model, "val", 0).messages)

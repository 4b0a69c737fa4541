"""Anomalies: scores, threshold and maps of a detector, as a person uses them."""

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import ganvas
from ganvas.applications import detect_baselines
from ganvas.applications.detect_maps import coloured, write_maps
from ganvas.applications.detect_overlap import map_overlap, mask_like
from ganvas.applications.detect_scores import normal_by_folder
from ganvas.applications.detector import conformal_threshold, detector_of
from ganvas.applications.detector_file import Detector
from ganvas.base.errors import CheckFailed, DataError, UsageError
from ganvas.cli import main as command
from ganvas.data import ClassSubset, Mnist
from ganvas.recipes import override, recipe
from ganvas.recipes.tiny import tiny_overrides
from ganvas.sessions.model import Model

FIXED = {"precision": "fp32", "threads": 1, "snapshots": 0, "scores": []}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    small = override(recipe("anomaly"), {**tiny_overrides("anomaly"), **FIXED, "samples": 64})
    return ganvas.train(small, out=tmp_path_factory.mktemp("runs") / "run", quiet=True).path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """good/ has eight zeros, ink/ the same with an upper half of ink."""
    root = tmp_path_factory.mktemp("pictures")
    zeros = ClassSubset(Mnist(), classes=("0",)).items("test").x[:8]
    for place, pixels in enumerate(zeros):
        for name, shown in (("good", pixels), ("ink", np.where(np.arange(28)[:, None, None] < 14, 255, pixels))):
            (root / name).mkdir(exist_ok=True)
            Image.fromarray(shown[:, :, 0].astype(np.uint8)).save(root / name / f"{place}.png")
    return root


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)

    def go(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ganvas", *map(str, words)])
        capsys.readouterr()
        try:
            command.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return go


def test_the_threshold_keeps_its_rate_of_false_alarms() -> None:
    """Of further normal samples at most alpha exceed it, on average over many sets of few."""
    normals = tuple(float(each) for each in range(19))
    assert conformal_threshold(normals, 0.05) == 18, "the largest of 19"
    assert conformal_threshold(normals, 0.5) == 9
    with pytest.raises(DataError, match="19 held-out"):
        conformal_threshold(normals, 0.04)
    with pytest.raises(UsageError):
        conformal_threshold(normals, 1.0)
    draws = torch.Generator().manual_seed(0)
    rates = []
    for _ in range(400):
        known = torch.randn(39, generator=draws).sort().values
        rates.append(
            float((torch.randn(500, generator=draws) > conformal_threshold(tuple(known.tolist()), 0.1)).float().mean())
        )
    assert np.mean(rates) == pytest.approx(0.1, abs=0.01)


def test_p_values_count_normals_with_at_least_this_score() -> None:
    scale = Detector("", 0.25, 3.0, (1.0, 2.0, 3.0), 1.0, "")
    assert [scale.p_value(score) for score in (0.5, 2.0, 2.5, 9.0)] == [1.0, 0.75, 0.5, 0.25]


def test_a_picture_has_one_score(run: Path, folder: Path) -> None:
    """Alone and among others, before and after other pictures were scored, and from the folder of a model."""
    whole = ganvas.detect(run, folder)
    assert whole.fitted
    assert [each.name for each in whole.findings] == sorted(each.name for each in whole.findings)
    one = ganvas.detect(run, folder / "ink" / "3.png")
    assert not one.fitted
    known = {each.name: each for each in whole.findings}
    assert one.findings[0][1:] == known["ink/3.png"][1:]
    for each in whole.findings:
        assert each.abnormal == (each.score > whole.detector.threshold)
    assert len(whole.detector.normals) == len(ClassSubset(Mnist(), classes=("0",)).items("val"))


def test_the_scale_is_fitted_on_held_out_normals_and_travels(run: Path, folder: Path, tmp_path: Path) -> None:
    model = ganvas.load(run)
    scale, _ = detector_of(model)
    assert scale.threshold == conformal_threshold(scale.normals, 0.05)
    stricter, fitted = detector_of(model, 0.01)
    assert not fitted
    assert stricter.normals == scale.normals
    assert stricter.threshold > scale.threshold
    assert detector_of(model)[0].false_alarms == 0.01, "the last rate is stored"
    detector_of(model, 0.05)
    place = tmp_path / "model"
    ganvas.load(run).save_pretrained(place)
    moved = ganvas.detect(place, folder / "ink")
    assert not moved.fitted
    assert moved.detector == scale
    assert moved.findings[0].score == ganvas.detect(run, folder / "ink").findings[0].score
    model.save_pretrained(tmp_path / "half", precision="bfloat16")
    assert not (tmp_path / "half" / "detector.json").exists(), "other weights have other scores"
    (place / "detector.json").write_text("{}")
    with pytest.raises(CheckFailed, match="damaged"):
        ganvas.detect(place, folder)


def test_scores_against_the_truth_with_baselines(run: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detect_baselines, "MOST", 100)
    found = ganvas.detect(run, folder)
    truth = normal_by_folder([each.name for each in found.findings], "good")
    scores = ganvas.detection_scores(found, truth)
    assert set(scores.auroc) == {
        "this model",
        "PCA of the pixels",
        "nearest neighbours of pixels",
        "isolation forest of pixels",
        "nearest neighbours of photo features",
    }
    assert scores.auroc["PCA of the pixels"].value == 1, "half a picture of ink is far from any zero"
    assert (scores.normal, scores.abnormal) == (8, 8)
    assert len(scores.lines) >= 8
    with pytest.raises(DataError, match="two normal"):
        ganvas.detection_scores(found, [True] * 16)
    with pytest.raises(UsageError, match="3 truths"):
        ganvas.detection_scores(found, [True] * 3)
    with pytest.raises(DataError, match="'fine'"):
        normal_by_folder(["good/a.png"], "fine")


def test_maps(run: Path, folder: Path, tmp_path: Path) -> None:
    found = ganvas.detect(run, folder / "ink")
    files = write_maps(found, tmp_path / "maps")
    assert len(files) == 8
    with Image.open(files[0]) as picture:
        assert picture.size == (3 * 112, 112)
        assert "ganvas" in str(picture.text)  # type: ignore[attr-defined]
    colours = coloured(torch.tensor([[[0.0, 1.0]]]))
    assert colours[0, 0, 0].sum() == 0 < colours[0, 0, 1].min()
    masks = tmp_path / "masks"
    masks.mkdir()
    top = np.where(np.arange(56)[:, None] < 28, 255, 0).repeat(56, 1).astype(np.uint8)
    for place in range(8):
        Image.fromarray(top).save(masks / f"{place}.png")
    assert mask_like(masks / "0.png", (28, 28)).sum() == 14 * 28
    overlap = map_overlap(found, masks, [False] * 8)
    assert overlap.regions == 8
    assert overlap.value > overlap.chance
    (masks / "0.png").unlink()
    with pytest.raises(DataError, match="no mask"):
        map_overlap(found, masks, [False] * 8)


def test_the_command(run: Path, folder: Path, said: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detect_baselines, "MOST", 100)
    broken = tmp_path / "pictures" / "good"
    broken.mkdir(parents=True)
    (broken / "a.png").write_bytes(b"no picture")
    Image.open(folder / "good" / "0.png").save(broken / "b.png")
    code, out, err = said("detect", run, folder, "-o", "scores.csv", "--normal", "good", "--maps", "maps", "--json")
    assert code == 0, err
    result = json.loads(out)
    assert result["pictures"] == 16
    assert len(result["maps"]) == 16
    assert 0 <= result["auroc"]["this model"]["value"] <= 1
    with open("scores.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows][:2] == ["good/0.png", "good/1.png"]
    assert sum(int(row["abnormal"]) for row in rows) == result["abnormal"]
    code, out, err = said("detect", run, tmp_path / "pictures")
    assert code == 3
    assert "a.png" in err
    assert "1 files cannot be read" in err
    assert (tmp_path / "anomalies.csv").exists()


def test_what_is_refused(run: Path, folder: Path, said: Run, tmp_path: Path) -> None:
    assert said("detect", run)[0] == 2
    assert said("detect", run, folder, "--masks", folder)[0] == 2
    assert said("detect", run, tmp_path / "nothing")[0] == 3
    assert said("detect", run, folder, "--false-alarms", "0.00001")[0] == 3
    assert said("detect", run, folder, "--normal", "fine")[0] == 3
    assert said("detect", run, "--fit")[0] == 2
    with pytest.raises(UsageError, match="finds no anomalies"):
        ganvas.detect("mnist-demo", folder)


def test_an_encoder_makes_a_detector_of_any_run(tmp_path: Path, folder: Path, said: Run) -> None:
    small = override(recipe("dcgan"), {**tiny_overrides("dcgan"), **FIXED})
    base = ganvas.train(small, out=tmp_path / "gan", quiet=True).path
    code, _, err = said("detect", base, "--fit", "--samples", "32", "-o", tmp_path / "made")
    assert code == 0, err
    made = ganvas.load(tmp_path / "made")
    same(ganvas.load(base), made)
    assert len(ganvas.detect(made, folder / "good").findings) == 8


def same(one: Model, other: Model) -> None:
    """G and D stayed as they were."""
    for name in ("G", "D"):
        mine, theirs = (each.networks[name].state_dict() for each in (one, other))
        assert all(torch.equal(value, theirs[key]) for key, value in mine.items())

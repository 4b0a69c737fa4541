"""The audit of models that are known: one whose samples are training pictures, one whose D knows them, and neither."""

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import ganvas
from ganvas.applications import audit as auditing
from ganvas.applications.audit import RULES, checked
from ganvas.applications.release import release
from ganvas.base.errors import CheckFailed, UsageError
from ganvas.base.types import Verdict
from ganvas.cli import audit as audit_command
from ganvas.cli import main as command
from ganvas.data import Items, Mnist
from ganvas.data.labelled_subset import select_rows
from ganvas.metrics.contract import Result
from ganvas.recipes.build import prepare
from ganvas.sessions.model import Model

N = 300


@dataclass(frozen=True)
class Few:
    """The first N digits of each split."""

    def items(self, split: Any) -> Items:
        items = Mnist().items(split)
        return select_rows(items, torch.arange(N).numpy())


def pictures(split: Any, first: int = 0) -> Tensor:
    items = Mnist().items(split)
    return torch.tensor(items.x[first : first + N]).permute(0, 3, 1, 2).float() / 127.5 - 1


class Shown(nn.Module):
    """G(z) is one of known pictures, by z."""

    def __init__(self, x: Tensor) -> None:
        super().__init__()
        self.latent, self.x, self.unused = (4,), x, nn.Parameter(torch.zeros(1))

    def forward(self, z: Tensor, y: Tensor | None = None, given: Any = None) -> Tensor:
        return self.x[(z[:, 0].abs() * 1e6).long() % len(self.x)]


class Remembers(nn.Module):
    """D(x): minus the distance to the nearest picture that it knows."""

    def __init__(self, x: Tensor) -> None:
        super().__init__()
        self.x, self.unused = x.flatten(1), nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor, y: Tensor | None = None, given: Any = None) -> Verdict:
        return Verdict(-torch.cdist(x.flatten(1), self.x).amin(1, keepdim=True))


def model(G: Tensor, D: Tensor | None = None) -> Model:
    base = ganvas.load("mnist-demo")
    experiment = prepare(replace(base.experiment.recipe, source=Few()))
    networks: dict[str, nn.Module] = {"G": Shown(G)} | ({} if D is None else {"D": Remembers(D)})
    return Model(experiment, networks, "0" * 64, "c", 1000, base.run)


@pytest.fixture(scope="module")
def copier() -> Model:
    return model(pictures("train"), pictures("test"))


@pytest.fixture(scope="module")
def sound() -> Model:
    return model(pictures("test", N), pictures("test"))


def test_samples_that_are_training_pictures_are_caught(copier: Model) -> None:
    found = ganvas.audit(copier, n=N)
    leaking = {check.result.name for check in found.leaking}
    assert {"copied", "sample_membership_auc", "authenticity_gap"} <= leaking
    assert "membership_auc" not in leaking, "this D knows other pictures"
    assert "Do not give them away" in found.verdict
    assert found.plain()["leaks"]
    assert all(check.excess > 0 for check in found.leaking)


def test_a_sound_model_is_not_caught(sound: Model) -> None:
    found = ganvas.audit(sound, n=N)
    assert [check.result.name for check in found.checks] == [
        "copied",
        "authenticity_gap",
        "membership_auc",
        "sample_membership_auc",
    ]
    assert not found.leaking, found.lines
    assert "no proof of privacy" in found.verdict


def test_a_discriminator_that_remembers_is_caught_and_samples_are_not() -> None:
    found = ganvas.audit(model(pictures("test", N), pictures("train")), n=N)
    assert [check.result.name for check in found.leaking] == ["membership_auc"]
    assert found.leaking[0].result.value == 1
    assert "without D" in found.verdict


def test_a_leak_is_large_and_significant() -> None:
    def leaks(value: float, error: float | None, n: int = 100) -> bool:
        few = [Result("membership_auc", value, n, error, real_vs_real=0.5)] * 3
        return checked(few)[0].leaks

    assert leaks(0.6, 0.04)
    assert not leaks(0.6, 0.05), "2 errors of 3 checks are too few"
    assert not leaks(0.54, 0.001), "sure, and small"
    assert not leaks(0.3, 0.01), "the other side"
    shares = [Result("table_copies", 0.05, 1000, None, real_vs_real=0.01)]
    assert checked(shares)[0].leaks
    assert {rule.of for rule in RULES.values()} == {"samples", "weights"}


def test_release(sound: Model, copier: Model, tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="beyond the limit"):
        release(copier, tmp_path / "no")
    with pytest.raises(CheckFailed, match="copied"):
        release(sound, tmp_path / "no", fail_if=["copied>=0"])
    assert not (tmp_path / "no").exists()
    made = release(sound, tmp_path / "data", n=5, licence="CC0-1.0", fail_if=["copied>0.9"])
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == [
        "README.md",
        "audit.json",
        "evaluation.json",
        "samples",
    ]
    card = (tmp_path / "data" / "README.md").read_text()
    assert "CC0-1.0" in card
    assert "not copied>0.9" in card
    assert made.audit.verdict in card
    assert json.loads((tmp_path / "data" / "audit.json").read_text())["leaks"] is False
    with pytest.raises(UsageError, match="not empty"):
        release(sound, tmp_path / "data")


def test_the_commands(
    sound: Model, copier: Model, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    def said(opened: Model, *words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(audit_command, "opened", lambda run, at: opened)
        monkeypatch.setattr(sys, "argv", ["ganvas", *words])
        with pytest.raises(SystemExit) as end:
            command.main()
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    code, out, _ = said(copier, "audit", str(tmp_path), "-n", "300", "-o", "a.json")
    assert code == 7
    assert out.count("LEAKS") == 3
    assert json.loads(Path("a.json").read_text())["leaks"]
    code, out, _ = said(sound, "audit", str(tmp_path), "--json", "-n", "300")
    assert code == 0
    assert not json.loads(out)["leaks"]
    code, _, err = said(copier, "release", str(tmp_path), "-o", "d")
    assert code == 7
    assert "not released" in err


def test_what_has_nothing_to_audit() -> None:
    with pytest.raises(UsageError):
        auditing.audit("nothing-of-this-name")

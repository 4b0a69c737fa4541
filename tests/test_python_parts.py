"""A run whose loss and network a script defines: resumed, loaded and scored from Python; on the command line one
sentence.
"""

import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest
import yaml
from safetensors.torch import load_file
from torch import Tensor, nn

import ganvas as package
from ganvas.base.errors import UsageError
from ganvas.base.types import Spec
from ganvas.games.synthesis import Synthesis
from ganvas.losses.nonsaturating import NonSaturating
from ganvas.networks.player import Player
from ganvas.recipes import Recipe
from ganvas.recipes.points import ring
from ganvas.runs import Event, Run, SignalsMeasured
from speaking import ganvas, spoken

CHANGES = {
    "samples": 2560,
    "precision": "fp32",
    "threads": 1,
    "source.samples": 1000,
    "scores.0.n": 200,
    "scorings": 1,
    "snapshots": 1,
    "diagnoses": 5,
}


@dataclass(frozen=True)
class MyLoss(NonSaturating):
    """A loss of this file."""

    scale: float = 1.0

    def generator(self, real: Tensor | None, fake: Tensor) -> Tensor:
        return self.scale * super().generator(real, fake)


@dataclass(frozen=True)
class Line:
    """A generator of this file: one linear layer."""

    conditional: ClassVar[bool] = False
    width: int = 2

    def build(self, spec: Spec) -> nn.Module:
        return Module(self.width, spec.shape[0])


class Module(nn.Module):
    """The module of Line."""

    def __init__(self, width: int, features: int) -> None:
        super().__init__()
        self.latent = (width,)
        self.layer = nn.Linear(width, features)

    def forward(self, z: Tensor, y: Tensor | None = None, given: object = None) -> Tensor:
        out: Tensor = self.layer(z)
        return out


def mine() -> Recipe:
    base = ring()
    assert base.G is not None
    return replace(base, G=Player(Line(), base.G.optimiser), game=Synthesis(loss=MyLoss(scale=2.0)))


def stopping() -> Callable[[Event], None]:
    """A Ctrl-C at the doctor's first look, which comes after the same number of samples on every machine."""
    looks = iter([True])

    def stop(event: Event) -> None:
        if isinstance(event, SignalsMeasured) and next(looks, False):
            signal.raise_signal(signal.SIGINT)

    return stop


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Trained without a stop."""
    return package.train(mine(), out=tmp_path_factory.mktemp("own") / "whole", changes=CHANGES)


def test_the_file_names_the_classes(whole: Run) -> None:
    tree = yaml.safe_load(whole.config.read_text())
    assert tree["game"]["loss"] == {"kind": f"{__name__}:MyLoss", "smoothing": 0.0, "scale": 2.0}
    assert tree["G"]["network"] == {"kind": f"{__name__}:Line", "width": 2}


def test_it_is_resumed_with_the_same_classes_and_ends_alike(whole: Run, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        package.train(mine(), out=tmp_path / "half", changes=CHANGES, on_event=stopping())
    half = Run.open(tmp_path / "half")
    assert half.read_json("status.json")["state"] == "interrupted"
    with pytest.raises(UsageError, match="MyLoss"):
        package.resume(half)
    with pytest.raises(UsageError, match="Line"):
        package.resume(half, parts=[MyLoss])
    twin = tmp_path / "twin"
    shutil.copytree(half.path, twin)
    for path, parts in ((half.path, mine()), (twin, [MyLoss, Line])):
        done = package.resume(path, parts=parts)
        ends = [load_file(run.checkpoints / "samples-000000002560" / "players.safetensors") for run in (whole, done)]
        assert all(ends[0][name].equal(ends[1][name]) for name in ends[0].keys() | ends[1].keys())


def test_it_is_loaded_and_scored(whole: Run) -> None:
    model = package.load(whole, parts=[Line, MyLoss])
    assert model.sample(5).shape == (5, 2)
    assert package.evaluate(whole, parts=mine()).results
    assert package.evaluate(model).results
    with pytest.raises(UsageError, match="parts="):
        package.evaluate(whole)


def test_another_run_begins_from_it(whole: Run, tmp_path: Path) -> None:
    changes = {**CHANGES, "samples": 640, "scores": []}
    package.train(mine(), out=tmp_path / "a", init_from=whole, changes=changes)
    package.train(out=tmp_path / "b", init_from=whole, changes=changes, parts=mine())
    package.train(str(whole.config), out=tmp_path / "c", changes=changes, parts=mine())
    with pytest.raises(UsageError, match="MyLoss"):
        package.train(out=tmp_path / "d", init_from=whole, changes=changes)


@pytest.mark.parametrize("words", [("resume",), ("sample",), ("eval",), ("eval", "--fail-if", "modes<1")])
def test_the_command_names_what_is_missing(whole: Run, words: tuple[str, ...]) -> None:
    spoken(2, ganvas(words[0], whole.path, *words[1:]), "MyLoss", "Line", __name__, "ganvas.parts")


def test_commands_that_need_no_class(whole: Run) -> None:
    spoken(2, ganvas("recipes", "show", whole.config), "MyLoss")
    spoken(2, ganvas("train", whole.config), "MyLoss")
    spoken(2, ganvas("train", "--init-from", whole.path), "MyLoss")
    assert "MyLoss" not in ganvas("doctor", whole.path).err
    assert ganvas("compare", whole.path, whole.path).code == 0

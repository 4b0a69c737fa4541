"""Parameters that are frozen when the trainer is built stay as they are, whatever is played."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.types import Spec
from ganvas.networks.clip import Clip
from ganvas.networks.mlp import Mlp, MlpCritic
from ganvas.networks.spectral import SpectralNorm
from ganvas.recipes import Recipe, live_trainer, override, prepare
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.training import ProcessGroup, Trainer, checkpoint

CPU = torch.device("cpu")


@dataclass(frozen=True)
class FirstLayerFrozen:
    """Another network, as if its first layer came from elsewhere."""

    network: Any = field(default_factory=MlpCritic)

    def build(self, spec: Spec) -> nn.Module:
        built: nn.Module = self.network.build(spec)
        next(module for module in built.modules() if isinstance(module, nn.Linear)).requires_grad_(False)
        return built


def recipe(constraints: tuple[Any, ...] = ()) -> Recipe:
    base = by_name("ring")
    small = override(base, {**tiny_overrides("ring"), "samples": 400, "threads": 1, "precision": "fp32"})
    assert small.G is not None
    assert small.D is not None
    G = replace(small.G, network=FirstLayerFrozen(Mlp(widths=(8, 8))))
    return replace(
        small, G=G, D=replace(small.D, network=FirstLayerFrozen(MlpCritic(widths=(8, 8))), constraints=constraints)
    )


def live(described: Recipe) -> Trainer:
    return live_trainer(prepare(described), CPU, ProcessGroup())


def parameters(trainer: Trainer) -> dict[str, Tensor]:
    found = {
        f"{name}.{key}": value
        for name, player in trainer.players.items()
        for key, value in player.network.named_parameters()
    }
    averages = {
        f"{name}.ema.{key}": value
        for name, player in trainer.players.items()
        if player.average
        for key, value in player.average.named_parameters()
    }
    return {key: value.detach().clone() for key, value in (found | averages).items()}


def frozen(trainer: Trainer) -> set[str]:
    return {
        f"{name}.{key}"
        for name, player in trainer.players.items()
        for key, value in player.network.named_parameters()
        if not value.requires_grad
    }


@pytest.mark.parametrize("constraints", [(), (Clip(0.01),), (SpectralNorm(),)], ids=str)
def test_frozen_parameters_are_never_trained_nor_constrained(constraints: tuple[Any, ...]) -> None:
    trainer = live(recipe(constraints))
    names, before = frozen(trainer), parameters(trainer)
    assert {name.partition(".")[0] for name in names} == {"G", "D"}
    for _ in range(3):
        trainer.round()
    after = parameters(trainer)
    still = {key for key, value in before.items() if torch.equal(after[key], value)}
    assert still == names | {f"G.ema.{name.removeprefix('G.')}" for name in names if name.startswith("G.")}
    live_ones = [player.network.named_parameters() for player in trainer.players.values()]
    assert all(value.grad is None for each in live_ones for _, value in each), (
        "none of a frozen one, and the others' are spent"
    )
    stepped = {f"{name}.{key.partition('.')[2]}" for name, player in trainer.players.items() for key in player.memory()}
    assert not stepped & names


def test_the_mask_survives_a_checkpoint_and_the_course_is_the_same(tmp_path: Path) -> None:
    described = recipe((SpectralNorm(),))
    trainer = live(described)
    for _ in range(2):
        trainer.round()
    facts: dict[str, Any] = {"spec": vars(prepare(described).spec), "data": "", "recipe": {"samples": 1_000_000}}
    facts |= {"best": [], "scheduled": 0, "pinned": None, "sound": None, "remedies": []}
    facts |= dict.fromkeys(("torch", "device", "instructions"))
    path = checkpoint.save_checkpoint(trainer, tmp_path, facts)
    resumed = live(described)
    checkpoint.load_checkpoint(resumed, path)
    for each in (trainer, resumed):
        each.round()
    first, second = parameters(trainer), parameters(resumed)
    assert all(torch.equal(value, second[key]) for key, value in first.items())


def test_a_part_in_eval_mode_keeps_its_statistics() -> None:
    """Frozen batch norm is the part's own business: nobody puts it back into training mode."""
    trainer = live(recipe())
    part = next(iter(trainer.players["G"].network.children()))
    part.eval()
    trainer.round()
    assert not part.training

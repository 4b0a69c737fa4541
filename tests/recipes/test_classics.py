"""The classic recipes: what their papers fix, and that a run restored on the way is the run left alone."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from ganvas.data.mnist import Mnist
from ganvas.losses.hinge import Hinge
from ganvas.losses.least_squares import LeastSquares
from ganvas.losses.wasserstein import Wasserstein
from ganvas.networks.clip import Clip
from ganvas.networks.spectral import DividedBySigma, SpectralNorm
from ganvas.recipes import live_networks, live_trainer, override, prepare
from ganvas.recipes import recipe as by_name
from ganvas.recipes.schema import Recipe
from ganvas.recipes.tiny import tiny_overrides
from ganvas.training import ProcessGroup, Trainer
from ganvas.training.optimisers import Adam, RMSprop
from ganvas.training.state import counters, restore, state_tensors
from processes import Blobs, our_parts


def tiny(name: str, **changes: Any) -> Recipe:
    base = by_name(name)
    source = Blobs(count=64) if isinstance(base.source, Mnist) else base.source
    with our_parts():
        return override(
            replace(base, source=source),
            {**tiny_overrides(name), "precision": "fp32", "threads": 1, "samples": 480, **changes},
        )


def trainer_of(recipe: Recipe) -> Trainer:
    return live_trainer(prepare(recipe), torch.device("cpu"), ProcessGroup())


CASES: dict[str, dict[str, Any]] = {
    "sngan": {"D.ema": "Ema", "micro_batches": 2},
    "sngan.projection": {},
    "wgan": {},
    "wgan-gp": {"micro_batches": 2},
    "dragan": {"game.views": [{"kind": "InstanceNoise", "sigma": {"kind": "Linear", "start": 0.5, "end": 0.0}}]},
    "lsgan": {"game.generator_penalties": ["MeanFeatures"], "game.penalties": ["Consistency"]},
    "pacgan": {},
    "r3gan": {"game.view_share": {"kind": "Linear", "start": 0.0, "end": 1.0}, "game.views": ["Cutout"]},
    "stylegan2": {"micro_batches": 2, "game.generator_penalties.0.interval": 2},
    "progressive": {"game.detail": {"kind": "Linear", "start": 0.0, "end": 10.0}, "micro_batches": 2},
    "biggan": {},
    "sagan": {},
    "gat": {"micro_batches": 2},
    "transgan": {},
    "reacgan": {"micro_batches": 2},
    "flow.onestep": {"samples": 48},  # three rounds of each phase
}


@pytest.mark.parametrize("name", CASES)
def test_restored_on_the_way_it_is_the_run_left_alone(name: str) -> None:
    recipe = tiny(name, **CASES[name])
    alone, first, second = trainer_of(recipe), trainer_of(recipe), trainer_of(recipe)
    for _ in range(3):
        alone.round()
        first.round()
    saved = {file: {key: value.clone() for key, value in part.items()} for file, part in state_tensors(first).items()}
    restore(second, saved, counters(first))
    for _ in range(3):
        alone.round()
        second.round()
    wanted, found = state_tensors(alone), state_tensors(second)
    for file, part in wanted.items():
        assert part.keys() == found[file].keys()
        for key, value in part.items():
            assert torch.equal(value, found[file][key]), key


def test_training_and_use_see_the_same_normalised_network() -> None:
    experiment = prepare(tiny("sngan"))
    trainer = live_trainer(experiment, torch.device("cpu"), ProcessGroup())
    networks = live_networks(experiment.recipe, experiment.spec)
    ours, theirs = networks["D"].state_dict(), trainer.players["D"].network.state_dict()
    assert ours.keys() == theirs.keys()
    assert (
        sum(name.endswith(".u") for name in ours)
        == sum(isinstance(module, DividedBySigma) for module in networks["D"].modules())
        == 9
    )
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    other = live_networks(replace(experiment.recipe, seed=1), experiment.spec)["D"].state_dict()
    assert not any(
        torch.equal(value, other[name]) for name, value in ours.items() if name.endswith(".u") and len(value) > 1
    )


def test_a_clipped_critic_is_clipped_by_the_trainer() -> None:
    trainer = trainer_of(tiny("wgan"))
    trainer.round()
    assert trainer.turns == {"discriminator": 5, "generator": 1}
    assert max(parameter.abs().max().item() for parameter in trainer.players["D"].parameters) <= 0.01 + 1e-9
    assert max(parameter.abs().max().item() for parameter in trainer.players["G"].parameters) > 0.5


def test_what_the_papers_fix() -> None:
    found = {name: by_name(name) for name in CASES}
    games: dict[str, Any] = {name: each.game for name, each in found.items()}
    adams = {
        name: (each.D.optimiser.beta1, each.D.optimiser.beta2)
        for name, each in found.items()
        if each.D and isinstance(each.D.optimiser, Adam)
    }
    assert (games["lsgan"].loss, games["wgan"].loss, games["wgan-gp"].loss, games["sngan"].loss) == (
        LeastSquares(),
        Wasserstein(),
        Wasserstein(),
        Hinge(),
    )
    assert {name: game.n_critic for name, game in games.items() if game.n_critic > 1} == {"wgan": 5, "wgan-gp": 5}
    assert (games["wgan-gp"].penalties[0].weight, games["wgan-gp"].penalties[0].target) == (10.0, 1.0)
    assert adams["wgan-gp"] == adams["sngan"] == (0.0, 0.9)
    wgan = found["wgan"]
    assert wgan.D is not None
    assert isinstance(wgan.D.optimiser, RMSprop)
    assert wgan.D.constraints == (Clip(0.01),)
    assert found["sngan"].D is not None
    assert found["sngan"].D.constraints == (SpectralNorm(),)


def test_no_penalty_differentiates_a_discriminator_that_mixes_samples() -> None:
    for name in ("wgan-gp", "dragan"):
        experiment = prepare(tiny(name))
        networks = live_networks(experiment.recipe, experiment.spec)
        assert not any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in networks["D"].modules())

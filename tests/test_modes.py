"""The 2-D recipes as they are, on three seeds: every mode of the ring, at least 22 of the grid's 25."""

import pytest
import torch

from ganvas.recipes import live_trainer, override, prepare, recipe
from ganvas.training import Scorer, World


def modes(name: str, seed: int) -> dict[str, float]:
    """The scores on test after the whole recipe."""
    experiment = prepare(override(recipe(name), {"seed": seed, "threads": 1}))
    trainer = live_trainer(experiment, torch.device("cpu"), World())
    while trainer.seen < trainer.total:
        trainer.round()
    streams = {"reals": experiment.stream("test"), "train": experiment.stream("train")}
    scorer = Scorer(experiment.recipe.scores, trainer.phases[-1].game, experiment.spec, split="test", seed=0, **streams)
    return {result.name: result.value for result in scorer.score({key: player.best for key, player in trainer.players.items()})}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_ring_finds_all_eight(seed: int) -> None:
    assert modes("ring", seed)["modes"] == 8


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_relativistic_grid_finds_at_least_22_of_25(seed: int) -> None:
    assert modes("rgan.grid", seed)["modes"] >= 22

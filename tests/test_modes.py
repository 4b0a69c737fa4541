"""The 2-D recipes find the modes: all eight of the ring, at least 22 of the grid's 25.

The gate trains one seed of the ring with a part of the recipe's samples, `--slow` three seeds of each with all of them.
"""

import pytest
import torch

from ganvas.recipes import live_trainer, override, prepare, recipe
from ganvas.training import ProcessGroup, Scorer


def modes(name: str, seed: int, samples: int | None) -> float:
    """How many modes the test score finds after `samples`; None: after the whole recipe."""
    changes = {"seed": seed, "threads": 1, **({"samples": samples} if samples else {})}
    experiment = prepare(override(recipe(name), changes))
    trainer = live_trainer(experiment, torch.device("cpu"), ProcessGroup())
    while trainer.samples_seen < trainer.total:
        trainer.round()
    reals, train = experiment.stream("test"), experiment.stream("train")
    game = trainer.phases[-1].game
    scorer = Scorer(experiment.recipe.scores, game, experiment.spec, split="test", seed=0, reals=reals, train=train)
    return scorer.score({key: player.best for key, player in trainer.players.items()})[0].value


@pytest.mark.parametrize(
    ("seed", "samples"), [(0, 40_000), *(pytest.param(seed, None, marks=pytest.mark.slow) for seed in (0, 1, 2))]
)
def test_ring_finds_all_eight(seed: int, samples: int | None) -> None:
    assert modes("ring", seed, samples) == 8


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_relativistic_grid_finds_at_least_22_of_25(seed: int) -> None:
    assert modes("rgan.grid", seed, None) >= 22

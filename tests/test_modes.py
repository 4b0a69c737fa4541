"""The 2-D recipes as they are: every mode of the ring, at least 22 of the grid's 25. One seed in the gate, three with
--slow.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
import torch

from ganvas.recipes import live_trainer, override, prepare, recipe
from ganvas.training import ProcessGroup, Scorer

SEEDS = (0, 1, 2)
each_seed = pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=pytest.mark.slow if seed else ()) for seed in SEEDS]
)
Modes = dict[tuple[str, int], Future[float]]


def modes(name: str, seed: int) -> float:
    """How many are found on test after the whole recipe."""
    torch.set_num_threads(1)
    experiment = prepare(override(recipe(name), {"seed": seed, "threads": 1}))
    trainer = live_trainer(experiment, torch.device("cpu"), ProcessGroup())
    while trainer.samples_seen < trainer.total:
        trainer.round()
    streams: dict[str, Any] = {"reals": experiment.stream("test"), "train": experiment.stream("train")}
    scorer = Scorer(experiment.recipe.scores, trainer.phases[-1].game, experiment.spec, split="test", seed=0, **streams)
    return scorer.score({key: player.best for key, player in trainer.players.items()})[0].value


@pytest.fixture(scope="module")
def found(request: pytest.FixtureRequest) -> Iterator[Modes]:
    """All runs that are asked for, two at a time, in processes without the tests' shape checks, which cost as much as
    the training.
    """
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as pool:
        seeds = SEEDS if request.config.getoption("--slow") else SEEDS[:1]
        yield {(name, seed): pool.submit(modes, name, seed) for name in ("ring", "rgan.grid") for seed in seeds}


@each_seed
def test_ring_finds_all_eight(found: Modes, seed: int) -> None:
    assert found["ring", seed].result() == 8


@each_seed
def test_relativistic_grid_finds_at_least_22_of_25(found: Modes, seed: int) -> None:
    assert found["rgan.grid", seed].result() >= 22

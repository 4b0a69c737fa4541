"""Requests of one process hold in all, after the same round."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ganvas.training import RankSync, Request, Rewind, Save, Trainer

BACK = Rewind(400, "full collapse", "All samples are twins.", "D.optimiser.lr=0.001")


class World:
    """Two processes in one: `others` are the numbers that the other process brings, `said` what rank 0 broadcasts."""

    size = 1

    def __init__(self, others: list[int], said: Any = None) -> None:
        self.others, self.said = others, said

    def all_reduce_max(self, ours: list[int]) -> list[int]:
        return [max(int(mine), theirs) for mine, theirs in zip(ours, self.others, strict=True)]

    def on_rank_0(self, work: Callable[[], Any]) -> Any:
        return work() if self.said is None else self.said


def agreed(world: World, *requests: Request, arrived: str = "") -> list[Request]:
    trainer = SimpleNamespace(world=world, samples_seen=16, total=100)
    sync = RankSync([lambda trainer, before: requests], lambda: arrived, ())
    return list(sync(cast(Trainer, trainer), 8))


NOTHING = [0] * 5


def test_a_process_without_a_doctor_goes_back_with_the_one_that_has_it() -> None:
    assert agreed(World([0, 0, 0, 1, 0], said=vars(BACK))) == [BACK]
    assert agreed(World(NOTHING), BACK) == [BACK]


@pytest.mark.parametrize("others", [NOTHING, [1, 1, 0, 0, 2]])
def test_it_goes_back_before_a_signal_ends_the_run(others: list[int]) -> None:
    """Else a checkpoint would be written that the run left alone does not have; the signal ends the next round."""
    assert agreed(World(others), Save(scheduled=True), BACK, arrived="SIGINT") == [BACK]


def test_a_save_of_another_process_is_one_of_all() -> None:
    assert agreed(World([1, 0, 0, 0, 0])) == [Save(scheduled=False)]
    assert agreed(World([1, 1, 0, 0, 0]), Save()) == [Save(scheduled=True)]
    assert agreed(World(NOTHING)) == []

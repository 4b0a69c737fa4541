"""Schedules: their ends, where they are found, and that none is used unresolved."""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch

from ganvas.base.schedule import Cosine, Exponential, Linear, Logistic, Ramp, Schedule, resolve
from ganvas.games.synthesis import Synthesis
from ganvas.penalties.every import Every
from ganvas.penalties.gradient import R1
from ganvas.recipes.discover import parts
from ganvas.training.optimisers import Adam

TOTAL = 1000
SCHEDULES = [Exponential(1.0, 100.0), Linear(1.0, 3.0), Cosine(2.0, 0.5), Ramp(3.0, 500), Logistic(2.0)]


def test_all_schedules_are_here() -> None:
    found = {part for part in parts().values() if issubclass(part, Schedule)}
    assert found == {type(schedule) for schedule in SCHEDULES}


@pytest.mark.parametrize(
    ("schedule", "values"),
    [
        (Linear(1.0, 3.0), {0: 1.0, 250: 1.5, 500: 2.0, 1000: 3.0, 2000: 3.0}),
        (Linear(1.0, 3.0, samples=100), {0: 1.0, 50: 2.0, 100: 3.0, 1000: 3.0}),
        (Cosine(2.0), {0: 2.0, 500: 1.0, 1000: 0.0, 2000: 0.0}),
        (Cosine(2.0, 0.5), {0: 2.0, 500: 1.25, 1000: 0.5}),
        (Cosine(2.0, samples=100), {0: 2.0, 50: 1.0, 100: 0.0, 500: 0.0}),
        (Ramp(3.0, 500), {0: 0.0, 250: 1.5, 500: 3.0, 1000: 3.0}),
        (Logistic(2.0, 10.0, 100), {0: 0.0, 10: 2 * math.tanh(0.5), 100: 2 * math.tanh(5), 500: 2 * math.tanh(5)}),
        (Exponential(1.0, 100.0, 400), {0: 1.0, 200: 10.0, 400: 100.0, 1000: 100.0}),
    ],
)
def test_values(schedule: Schedule, values: dict[int, float]) -> None:
    for seen, wanted in values.items():
        assert schedule.at(seen, TOTAL) == pytest.approx(wanted, abs=1e-12)


def test_warm_up_rises_from_near_zero_and_joins_the_cosine() -> None:
    warm, plain = Cosine(2.0, warmup_samples=100), Cosine(2.0)
    rising = [warm.at(seen, TOTAL) for seen in range(0, 100, 10)]
    assert 0 < rising[0] <= 2.0 / 100
    assert rising == sorted(rising)
    assert [warm.at(seen, TOTAL) for seen in (99, 100, 700)] == pytest.approx(
        [plain.at(seen, TOTAL) for seen in (99, 100, 700)]
    )


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: type(schedule).__name__)
@pytest.mark.parametrize(
    "operate", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.lt]
)
def test_unresolved_arithmetic_is_an_error(schedule: Schedule, operate: Callable[[Any, Any], Any]) -> None:
    for other in (2, 2.0, torch.ones(3)):
        with pytest.raises(TypeError):
            operate(schedule, other)
        with pytest.raises(TypeError):
            operate(other, schedule)


def test_found_at_any_depth() -> None:
    game = Synthesis(
        penalties=(Every(4, R1(gamma=Ramp(2.0, 100))), R1(gamma=0.5)), discriminator_weight=Linear(0.0, 1.0)
    )
    half = resolve(game, 50, 100)
    assert half == Synthesis(penalties=(Every(4, R1(gamma=1.0)), R1(gamma=0.5)), discriminator_weight=0.5)
    assert isinstance(game.discriminator_weight, Linear)
    assert half.penalties[1] is game.penalties[1]
    adam = resolve(Adam(lr=Cosine(1.0), beta1=Linear(0.0, 0.5)), 500, TOTAL)
    assert (adam.lr, adam.beta1) == pytest.approx((0.5, 0.25))


def test_parts_without_schedules_are_the_same_object() -> None:
    for part in (Synthesis(penalties=(R1(),)), Adam(), R1(gamma=0.3)):
        assert resolve(part, 10, TOTAL) is part


def test_parts_that_hold_plain_values_are_left_alone() -> None:
    @dataclass(frozen=True)
    class Plain:
        name: str = "x"
        table: tuple[int, ...] = (1, 2)

    plain = Plain()
    assert resolve(plain, 0, TOTAL) == plain
    assert resolve(3.5, 0, TOTAL) == 3.5

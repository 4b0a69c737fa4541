"""The checkpoint that is used where none is named: the best one only if it is better beyond both errors."""

import math
from typing import Any

import pytest

from ganvas.runs.chosen_checkpoint import better_than_newest


def score(samples: int, value: float | None, error: float | None = 0.1, **changes: Any) -> dict[str, Any]:
    plain = {"name": "photo_frechet", "lower_is_better": True, "protocol": {"split": "val"}}
    return {"samples": samples, "value": value, "error": error, **plain, **changes}


BEYOND = 2 * math.hypot(0.1, 0.1)


@pytest.mark.parametrize(("gap", "taken"), [(0.99 * BEYOND, False), (1.01 * BEYOND, True)])
@pytest.mark.parametrize("lower", [True, False])
def test_two_errors_of_the_difference(gap: float, taken: bool, lower: bool) -> None:
    sign = 1 if lower else -1
    series = [score(at, sign * value, lower_is_better=lower) for at, value in ((10, 3.0), (20, 1.0), (30, 1.0 + gap))]
    found = better_than_newest(series, [10, 20, 30])
    assert (found is not None) is taken
    if found:
        assert (found.samples, found.name) == (20, "samples-000000000020")
        assert "20 samples" in found.reason
        assert "photo_frechet" in found.reason


@pytest.mark.parametrize(
    ("scores", "there"),
    [
        ([score(10, 1.0), score(20, 5.0)], [20]),
        ([score(10, 1.0), score(20, 5.0)], [10, 20, 30]),
        ([score(10, 1.0, None), score(20, 5.0)], [10, 20]),
        ([score(10, 1.0), score(20, 5.0, None)], [10, 20]),
        ([score(10, None), score(20, 5.0)], [10, 20]),
        ([score(10, 1.0, protocol={"split": "test"}), score(20, 5.0)], [10, 20]),
        ([score(10, 1.0, lower_is_better=None), score(20, 5.0, lower_is_better=None)], [10, 20]),
        ([], [10]),
        ([score(10, 1.0), score(20, 5.0)], []),
    ],
    ids=[
        "the best is deleted",
        "the newest was not scored",
        "no error of the best",
        "no error of the newest",
        "not finite",
        "another split",
        "no direction",
        "no scores",
        "no checkpoint",
    ],
)
def test_the_newest_is_used(scores: list[dict[str, Any]], there: list[int]) -> None:
    assert better_than_newest(scores, there) is None


def test_the_first_score_with_a_direction_decides() -> None:
    both = [
        each
        for at, first, second in ((10, 5.0, 1.0), (20, 1.0, 5.0))
        for each in (
            score(at, 0.0, name="classes", lower_is_better=None),
            score(at, first),
            score(at, second, name="random_frechet"),
        )
    ]
    assert better_than_newest(both, [10, 20]) is None

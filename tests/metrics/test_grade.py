"""The grade of pictures: the worst of distance, coverage and duplicates decides, beyond the scores' errors."""

from typing import Any

import pytest

from ganvas.metrics.grade import COVERAGE, DISTANCE, DUPLICATES, GRADES, RECALL, grade_of


def score(name: str, value: float | None, real_vs_real: float | None = None, error: float | None = None) -> Any:
    return {"name": name, "value": value, "real_vs_real": real_vs_real, "error": error}


def scores(distance: float = 1.0, coverage: float = 1.0, duplicates: float = 0.0, recall: float = 1.0) -> list[Any]:
    """A space in which reals have distance 2, coverage 0.8 and recall 0.7."""
    return [
        score("photo_frechet", 2 * distance, 2.0),
        score("photo_coverage", 0.8 * coverage, 0.8),
        score("duplicates", duplicates, 0.0),
        score("photo_recall", 0.7 * recall, 0.7),
        score("random_coverage", 0.0, 0.9),
    ]


def test_scores_of_few_pictures_are_not_good() -> None:
    for n, name in ((199, "usable"), (200, "good")):
        found = grade_of([{**each, "n": n} for each in scores()])
        assert found is not None
        assert found.name == name
        assert ("rough" in found.evidence) == (n < 200)


@pytest.mark.parametrize("rank", range(3))
def test_each_bound_from_both_sides(rank: int) -> None:
    below, above = GRADES[rank], GRADES[rank + 1]
    for name, bound, sign in (
        ("distance", DISTANCE[rank], 1),
        ("coverage", COVERAGE[rank], -1),
        ("duplicates", DUPLICATES[rank], 1),
    ):
        worse, better = (grade_of(scores(**{name: bound * (1 + sign * each)})) for each in (0.01, -0.01))
        assert worse is not None
        assert better is not None
        assert (worse.name, better.name) == (below, above), name


@pytest.mark.parametrize(("rank", "bound"), [(1, RECALL[1]), (2, RECALL[2])])
def test_recall_from_both_sides(rank: int, bound: float) -> None:
    found = [grade_of(scores(recall=each * bound)) for each in (0.99, 1.01)]
    assert [each and each.name for each in found] == [GRADES[rank], GRADES[rank + 1]]
    assert grade_of(scores(recall=0.0)).name == "poor"  # type: ignore[union-attr]


def test_the_numbers_are_the_distance_and_the_worse_of_coverage_and_duplicates() -> None:
    collapsed = grade_of(scores(11.0, 0.9, 0.88))
    assert collapsed is not None
    assert (collapsed.name, collapsed.distance, collapsed.score, collapsed.value) == (
        "failed",
        11.0,
        "duplicates",
        0.88,
    )
    several = grade_of(scores(11.0, 0.0, 0.88, 0.0))
    assert several is not None
    assert several.score == "duplicates"
    good = grade_of(scores())
    assert good is not None
    assert (good.name, good.score) == ("good", "photo_coverage")
    narrow = grade_of(scores(2.0, 0.5, 0.0))
    assert narrow is not None
    assert (narrow.name, narrow.score, narrow.value) == ("usable", "photo_coverage", 0.4)
    for text in ("2.0 times", "40%"):
        assert text in narrow.evidence


def test_a_difference_within_two_errors_is_no_worse_grade() -> None:
    noisy = [score("photo_frechet", 2.1 * DISTANCE[2], 2.0, 0.1 * DISTANCE[2]), score("photo_coverage", 1.0, 1.0)]
    assert grade_of(noisy).name == "good"  # type: ignore[union-attr]
    noisy[0]["error"] = 0.0
    assert grade_of(noisy).name == "usable"  # type: ignore[union-attr]


def test_a_score_that_is_not_finite_has_failed() -> None:
    found = grade_of([score("photo_frechet", None, 2.0), score("photo_coverage", 1.0, 1.0)])
    assert found is not None
    assert (found.name, found.distance) == ("failed", None)
    assert "not a finite number" in found.evidence
    assert grade_of([score("photo_frechet", 2.0, 2.0), score("photo_coverage", None, 1.0)]).name == "failed"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "given",
    [
        [],
        [score("columns_sliced", 1.0, 1.0)],
        [score("photo_frechet", 1.0), score("photo_coverage", 1.0)],
        [score("photo_frechet", 1.0, 0.0), score("photo_coverage", 1.0)],
        [score("photo_frechet", 1.0, 1.0), score("random_coverage", 1.0)],
    ],
)
def test_no_grade_without_a_distance_and_a_second_score(given: list[Any]) -> None:
    assert grade_of(given) is None

"""An evaluation in words, and the numbers that matter."""

from dataclasses import replace
from typing import Any

import pytest

from ganvas.evaluation.summary import headlines, verdict
from ganvas.metrics import Result

REAL: dict[str, tuple[float, float | None, float | None]] = {  # value, error, real against real
    "digit_frechet": (0.05, 0.01, 0.045),
    "digit_kernel": (0.0, 0.01, 0.0),
    "digit_precision": (0.9, 0.01, 0.91),
    "digit_coverage": (0.95, 0.01, 0.96),
    "pixel_frechet": (1.0, 0.1, 1.0),
    "duplicates": (0.0, 0.0, 0.0),
    "copied": (0.01, 0.005, 0.01),
    **{f"share_{digit}": (0.1, 0.005, 0.1) for digit in range(10)},
}


def results(**changes: Any) -> list[Result]:
    return [
        Result(name, value, 1_000, error, True, {}, real_vs_real)
        for name, (value, error, real_vs_real) in (REAL | changes).items()
    ]


def test_five_numbers_matter() -> None:
    assert [result.name for result in headlines(results())] == [
        "digit_frechet",
        "digit_precision",
        "digit_coverage",
        "duplicates",
        "copied",
    ]
    others = [Result(f"score_{place}", 0.0, 10) for place in range(7)]
    assert headlines(others) == others[:5]
    assert verdict(others) == ()


def test_samples_as_good_as_real_ones() -> None:
    words = verdict(results())
    assert len(words) == 6
    assert words[0].startswith("Samples are as near to the data as real samples")
    assert words[2].startswith("Samples are as varied as the data")
    assert "No copies" in words[4]


@pytest.mark.parametrize(
    ("name", "values", "place", "words"),
    [
        ("digit_frechet", (0.2, 0.01, 0.045), 0, "near to the data: digit_frechet is 4.44 times"),
        ("digit_frechet", (0.5, 0.01, 0.045), 0, "some way from"),
        ("digit_frechet", (5.0, 0.01, 0.045), 0, "far from"),
        ("digit_frechet", (0.2, 0.1, 0.045), 0, "as near to the data as real samples"),
        ("digit_frechet", (0.2, 0.1, None), 0, "cannot be graded"),
        ("digit_precision", (0.1, 0.01, 0.9), 1, "Almost no sample"),
        ("digit_precision", (0.7, 0.01, None), 1, "Most samples"),
        ("digit_coverage", (0.4, 0.01, 0.9), 2, "Much of"),
        ("duplicates", (0.3, 0.01, 0.0), 3, "30.0%"),
        ("copied", (0.2, 0.01, 0.01), 4, "20.0%"),
        ("share_3", (0.01, 0.002, 0.1), 5, ": 3 (1.0%"),
        ("share_3", (0.05, 0.02, 0.1), 5, "No class"),
    ],
)
def test_what_is_unlike_real_is_named(
    name: str, values: tuple[float, float | None, float | None], place: int, words: str
) -> None:
    assert words in verdict(results(**{name: values}))[place]


def of_two_spaces(**changes: Any) -> list[Result]:
    """The scores of samples as good as real ones in two spaces, with changes."""
    second = {
        "random_frechet": (0.03, 0.01, 0.03),
        "random_precision": (0.8, 0.02, 0.8),
        "random_coverage": (0.9, 0.02, 0.95),
    }
    return [result for result in results(**(second | changes)) if not result.name.startswith("pixel_")]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, ()),
        ({"random_coverage": (0.5, 0.02, 0.95)}, ("digit_coverage", "random_coverage", "53%")),
        ({"random_coverage": (0.5, 0.3, 0.95)}, ()),  # the error is as large as the difference
        ({"random_coverage": (0.75, 0.02, 0.95)}, ()),  # less than 0.25 apart
        ({"random_precision": (0.4, 0.02, 0.8)}, ("digit_precision", "random_precision")),  # two grades apart
        ({"random_frechet": (0.3, 0.01, 0.03)}, ("digit_frechet", "random_frechet", "10 times")),  # two grades apart
        ({"random_frechet": (0.1, 0.01, 0.03)}, ()),  # one grade apart
    ],
)
def test_spaces_that_disagree_are_named(changes: dict[str, Any], named: tuple[str, ...]) -> None:
    sentences = [words for words in verdict(of_two_spaces(**changes)) if "disagree" in words]
    assert len(sentences) == bool(named)
    assert all(each in sentences[0] for each in named)


def test_a_score_in_features_that_the_model_has_trained_in_flatters() -> None:
    found = results()
    assert not any("flatters" in words for words in verdict(found))
    marked = [replace(found[0], protocol={"trained_in": "digit"}), *found[1:]]
    assert any("digit_frechet flatters" in words for words in verdict(marked))

"""The closing sentence: the grade, the numbers that decided, and what to do by the first thing that is wrong."""

import pytest

from ganvas.diagnosis import Diagnosis
from ganvas.diagnosis.closing import closing_sentence
from ganvas.metrics.grade import Grade

COLLAPSE = Diagnosis("full collapse", "wrong", "", remedy="game.penalties.0.gamma=10")
FEW = Diagnosis("memorisation", "wrong", "")
WELL = Diagnosis("healthy", "well", "")


def test_a_collapsed_run_is_not_usable_and_the_sentence_says_what_to_do() -> None:
    said = closing_sentence(Grade("failed", 11.0, "duplicates", 0.88), [COLLAPSE])
    for text in ("not usable", "nearly all look alike", "88% duplicates", "Train longer", COLLAPSE.remedy):
        assert text in said


@pytest.mark.parametrize(("value", "many"), [(0.79, "many look"), (0.81, "nearly all look")])
def test_how_many_look_alike(value: float, many: str) -> None:
    assert many in closing_sentence(Grade("poor", 2.0, "duplicates", value), [])


def test_a_longer_run_is_no_cure_for_few_pictures() -> None:
    said = closing_sentence(Grade("poor", 5.0, "photo_coverage", 0.2), [FEW])
    assert "Use more pictures." in said
    assert "longer" not in said


def test_good_pictures_need_nothing() -> None:
    said = closing_sentence(Grade("good", 1.5, "photo_coverage", 0.8), [WELL])
    assert said.startswith("These pictures are good: 1.5 times")
    assert said.endswith("80% of the data have one near them.")

"""Rhyme and tones of poems: closed forms, and the readings of pypinyin."""

import pytest

from ganvas.data.made_quatrains import MadeQuatrains
from ganvas.metrics.poem_form import CLASSES, RHYMES, Reading, poem_results

LETTERS = {"a": Reading(0, True), "b": Reading(0, False), "c": Reading(1, True), "d": Reading(-1, False)}


def values(poems: list[list[str]]) -> dict[str, float]:
    return {each.name: each.value for each in poem_results(poems, LETTERS.get, 5)}


def test_shares_worked_out_by_hand() -> None:
    found = values([["aabba", "abbab", "abbbb", "aaaaa"], ["aabba", "aaaaa", "aabba", "bbbbb"]])
    assert found == {"poem_lines": 1, "poem_rhyme": 1, "poem_tones": 4 / 8, "poem_same_line": 0.5}


@pytest.mark.parametrize(("ends", "rhymed"), [("ab", 1), ("aa", 0), ("ac", 0), ("dd", 0), ("x?", 0), ("dx", 0)])
def test_what_rhymes(ends: str, rhymed: float) -> None:
    assert values([["aaaaa", f"aaaa{ends[0]}", "aaaaa", f"aaaa{ends[1]}"]])["poem_rhyme"] == rhymed


def test_seven_characters_have_three_that_alternate() -> None:
    poems = [["aabaaba", "aaaaaba", "aaabaaa", "aabaxaa"]]
    tones = {each.name: each.value for each in poem_results(poems, LETTERS.get, 7)}["poem_tones"]
    assert tones == 0.25, "characters 2, 4, 6 are aab, aab, aba, and a? of an unknown reading"
    assert values([["aab", "aabb", "", "a"]])["poem_lines"] == 0


def test_made_quatrains_rhyme_in_the_readings_of_pypinyin() -> None:
    pytest.importorskip("pypinyin")
    from ganvas.evaluation.poem_evaluation import reading

    assert reading("山") == Reading(CLASSES["an"], True)
    assert reading("水") == Reading(CLASSES["uei"], False)
    assert reading("，") is None
    assert reading("") is None
    assert len(CLASSES) == len(" ".join(RHYMES).split())
    poems = [
        [poem[at : at + 7] for at in range(0, 28, 7)] for poem in MadeQuatrains(length=7, samples=300).items("val").x
    ]
    found = {each.name: each.value for each in poem_results(poems, reading, 7)}
    assert found == {"poem_lines": 1, "poem_rhyme": 1, "poem_tones": 1, "poem_same_line": 0}

"""When a run goes back to a checkpoint: pure functions of measurements."""

import pytest

from ganvas.diagnosis import cure_for, finding_to_remedy, is_sound
from ganvas.diagnosis.rescue import CURES
from ganvas.diagnosis.rules import RULES
from ganvas.runs import SignalsMeasured

WELL = {"x.coverage": 0.9, "x.repeated": 0.02, "x.rank": 1.0, "x.apart": 1.2}
COLLAPSED = {"x.coverage": 0.01, "x.repeated": 0.9, "x.rank": 0.05, "x.apart": 9.0}
TOTAL = 1000


def series(*signals: dict[str, float]) -> list[SignalsMeasured]:
    """Measurements after 100, 200, ... samples."""
    return [SignalsMeasured(samples=100 * (i + 1), time=0.0, signals=each) for i, each in enumerate(signals)]


def test_a_collapse_that_lasts_is_a_reason() -> None:
    assert finding_to_remedy(series(*[WELL] * 4), TOTAL) is None
    assert finding_to_remedy(series(*[WELL] * 4, *[COLLAPSED] * 2), TOTAL) is None
    finding = finding_to_remedy(series(*[WELL] * 4, *[COLLAPSED] * 4), TOTAL)
    assert finding is not None
    assert (finding.name, finding.since) == ("full collapse", 600)


def test_another_finding_is_none() -> None:
    few = {**WELL, "data.coverage": 0.1, "data.items": 20.0}
    assert finding_to_remedy(series(*[few] * 6), TOTAL) is None


def test_a_checkpoint_is_sound_if_nothing_shows_even_once() -> None:
    assert is_sound(series(WELL, WELL))
    assert not is_sound(series(WELL, WELL, WELL, COLLAPSED)), "the last measurement alone, not a median"
    assert not is_sound(series(WELL, COLLAPSED, COLLAPSED, WELL)), "the median, as the finding may begin with it"
    assert not is_sound(series(COLLAPSED, COLLAPSED)), "from the start of the run, when nothing can be stuck yet"


@pytest.mark.parametrize("measurements", [[], series(WELL), series(WELL, {"finite": 1.0})])
def test_what_was_not_measured_is_not_sound(measurements: list[SignalsMeasured]) -> None:
    assert not is_sound(measurements)


def test_the_sound_checkpoint_is_older_than_the_finding() -> None:
    """Whatever the series, no measurement at which a checkpoint is sound is one of the finding."""
    for collapsed_from in range(1, 8):
        measurements = series(*[WELL] * collapsed_from, *[COLLAPSED] * (10 - collapsed_from))
        for last in range(1, 11):
            if (finding := finding_to_remedy(measurements[:last], TOTAL)) is not None:
                sound = [each.samples for i, each in enumerate(measurements[:last]) if is_sound(measurements[: i + 1])]
                assert all(samples < finding.since for samples in sound)


def test_each_finding_with_a_cure_is_a_rule_and_the_last_cure_is_repeated() -> None:
    assert set(CURES) <= set(RULES)
    for finding, kinds in CURES.items():
        assert cure_for(finding, 0) == kinds[0]
        assert cure_for(finding, 99) == kinds[-1]

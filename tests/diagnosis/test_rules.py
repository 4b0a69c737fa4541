from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.diagnosis.remedies import ADVICE
from ganvas.diagnosis.rules import AT_ONCE, OF_DATA, RULES, History, Thresholds, findings
from ganvas.runs import SignalsMeasured
from health import ILL, LOOKS, TOTAL, WELL, looks


def names(series: list[SignalsMeasured]) -> list[str]:
    return [finding.name for finding in findings(series, TOTAL)]


def test_a_run_that_is_well_is_called_nothing() -> None:
    assert [names(looks()[:n]) for n in range(LOOKS + 1)] == [[]] * (LOOKS + 1)


def test_a_slow_beginning_is_not_called_anything() -> None:
    """Far from the data and told apart by D with ease, but coming nearer all the time."""
    nearing = looks(
        lambda i: {"x.apart": 12 * 0.8**i + 1, "D.ahead": max(0.7, 1 - 0.01 * i), "x.coverage": min(0.9, 0.05 * i)}
    )
    assert [names(nearing[:n]) for n in range(LOOKS + 1)] == [[]] * (LOOKS + 1)


@pytest.mark.parametrize("name", RULES)
def test_each_fault_is_told_by_its_numbers(name: str) -> None:
    found = findings(looks(ILL[name]), TOTAL)
    assert name in [finding.name for finding in found]
    assert all(
        finding.evidence and any(letter.isdigit() for letter in finding.evidence)
        for finding in found
        if finding.name != "numbers broke"
    )
    assert name in ADVICE


@pytest.mark.parametrize(
    "name", sorted(set(RULES) - {*OF_DATA, "no progress"})
)  # which is silent where something tells why
def test_it_is_told_since_when(name: str) -> None:
    series = looks(ILL[name], first=8)
    told = {finding.name: finding.since for n in range(1, LOOKS + 1) for finding in findings(series[:n], TOTAL)}
    assert name in told
    earliest = series[8].samples
    assert told[name] >= earliest, "nothing was wrong before"
    if name in AT_ONCE:
        assert name in names(series[:9])
        assert told[name] == earliest
    else:
        assert name not in names(series[:10]), "two looks are not enough"


@pytest.mark.parametrize("name", sorted(set(RULES) - {*OF_DATA, *AT_ONCE}))
def test_one_look_that_is_off_is_no_finding(name: str) -> None:
    series = looks()
    series[10] = replace(series[10], signals={**WELL, **ILL[name](10)})
    assert [found for n in range(LOOKS + 1) for found in names(series[:n])] == []


@pytest.mark.parametrize("name", sorted(set(RULES) - {*OF_DATA, *AT_ONCE}))
def test_warm_up_is_not_judged(name: str) -> None:
    series = looks(ILL[name])
    early = [replace(look, samples=10 * (i + 1)) for i, look in enumerate(series)]
    assert findings(early, TOTAL) == []


def test_distance_that_rises_and_falls_again_and_again_is_oscillation() -> None:
    swings = looks(lambda i: {"x.apart": 9.0 if i // 4 % 2 else 3.2})
    assert "oscillation" in [name for n in range(LOOKS + 1) for name in names(swings[:n])]


def test_what_was_hardly_seen_is_not_known_by_heart() -> None:
    assert names(looks(lambda i: {"x.nearer": 0.95, "data.items": 50_000.0})) == []


@pytest.mark.parametrize("name", ["discriminator too strong", "weak discriminator"])
def test_reals_that_were_not_held_out_are_not_called_so(name: str) -> None:
    def told(held: float | None) -> str:
        return next(
            found.evidence
            for found in findings(looks(lambda i: {**ILL[name](i), "D.held": held}), TOTAL)
            if found.name == name
        )

    assert "of held-out reals above fakes" in told(0.5)
    assert "of training reals above fakes" in told(None)


def test_what_a_round_moves_is_said_of_the_round() -> None:
    (found,) = findings(looks(ILL["a player stands still"]), TOTAL)
    assert found.evidence == "G moves by 0 of its weights a round, the other by 0.002"


def test_few_held_out_items_are_too_few_to_say_that_d_overfits() -> None:
    """Of 20 items D may like others better by chance, and look after look, as they stay the same."""

    def told(memory: float, held: float | None) -> bool:
        return "discriminator overfits" in names(
            looks(lambda i: {"D.memory": memory, "data.shown": 256.0, "data.held": held})
        )

    assert [told(0.68, held) for held in (20.0, 40.0, 256.0, None, 0.0)] == [False, False, True, True, True], (
        "no count, no correction"
    )
    assert told(0.64, 256.0), "many items: the threshold alone"
    assert told(0.8, 20.0), "far beyond chance"


def test_what_has_passed_is_not_told() -> None:
    series = looks(lambda i: {"D.memory": 0.8 if i < 10 else 0.5})
    assert "discriminator overfits" in names(series[:10])
    assert names(series) == []


@pytest.mark.parametrize("losses", [0.0, 1e9])
def test_losses_alone_trigger_nothing(losses: float) -> None:
    assert (
        names(
            looks(
                lambda i: {
                    "discriminator.adversarial": losses,
                    "generator.adversarial": losses * i,
                    "D.real": losses,
                    "D.fake": -losses,
                }
            )
        )
        == []
    )


KEYS = st.sampled_from(sorted(WELL))
VALUES = st.none() | st.floats(0, 1e6) | st.floats(-1, 1)


@given(st.lists(st.dictionaries(KEYS, VALUES), max_size=12), st.integers(0, 2000))
def test_whatever_is_missing_nothing_fails(signals: list[dict[str, float | None]], total: int) -> None:
    """Findings are in the order of the rules, each once, since one of the looks, by what the last look measured."""
    series = [SignalsMeasured(samples=100 * (i + 1), time=0.0, signals=each) for i, each in enumerate(signals)]
    found = findings(series, total)
    order = [list(RULES).index(finding.name) for finding in found]
    assert order == sorted(set(order))
    assert {finding.since for finding in found} <= {look.samples for look in series}
    assert all(finding.evidence for finding in found)
    unmeasured = [*series[:-1], *(replace(look, signals={}) for look in series[-1:])]
    assert findings(unmeasured, total) == []


def test_a_number_is_smoothed_over_the_last_looks_alone() -> None:
    series = looks(lambda i: {"x.apart": [1.0, 9.0, 2.0, None, 3.0][i] if i < 5 else None})
    history = History(series, TOTAL, 3)
    assert [history.now("x.apart", i) for i in range(6)] == [1.0, 5.0, 2.0, None, 2.5, None]
    assert history.raw("x.apart", 1) == 9.0


def test_thresholds_can_be_moved() -> None:
    series = looks(lambda i: {"wait": 0.2})
    assert findings(series, TOTAL) == []
    assert [found.name for found in findings(series, TOTAL, replace(Thresholds(), wait=0.1))] == ["loader-bound"]

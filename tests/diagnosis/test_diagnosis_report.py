import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ganvas.diagnosis import diagnose, diagnose_run
from ganvas.diagnosis.remedies import Remedy
from ganvas.runs import Diagnosed, Event, Run, SignalsMeasured, Started, event_text
from ganvas.runs.events import Rewound, event_line, parse_event
from health import ILL, TOTAL, looks


def score(
    samples: int,
    value: float | None,
    error: float | None = 0.1,
    *,
    split: str = "val",
    name: str = "frechet",
    lower: bool | None = True,
) -> dict[str, Any]:
    return {
        "samples": samples,
        "name": name,
        "value": value,
        "error": error,
        "lower_is_better": lower,
        "protocol": {"split": split},
    }


def names(scores: list[dict[str, Any]], change: Any = lambda i: {}) -> list[str]:
    return [verdict.name for verdict in diagnose(looks(change), total=TOTAL, scores=scores)]


def test_a_run_that_is_well() -> None:
    (verdict,) = diagnose(looks(), total=TOTAL)
    assert (verdict.name, verdict.severity) == ("healthy", "well")
    assert verdict.message == "Nothing is wrong after 10,000 of 10,000 samples."


def test_of_a_game_that_makes_no_samples_it_says_what_was_looked_at() -> None:
    little = [
        replace(look, signals={name: look.signals[name] for name in ("finite", "wait", "D.update")}) for look in looks()
    ]
    (verdict,) = diagnose(little, total=TOTAL)
    assert (verdict.name, verdict.severity) == ("healthy", "well")
    assert verdict.message.endswith(
        "samples, as far as numbers, loading and scores show; samples of this game are not measured."
    )


def test_a_run_that_ends_far_from_the_data_is_not_called_healthy() -> None:
    assert names([], lambda i: {"x.apart": 30 * 0.93**i, "D.ahead": 0.8}) == ["unfinished"]
    (verdict,) = diagnose(looks(lambda i: {"x.apart": 30 * 0.93**i, "D.ahead": 0.8})[:-2], total=TOTAL)
    assert verdict.name == "healthy", "it may still come near"


def test_a_few_looks_say_nothing() -> None:
    (verdict,) = diagnose(looks()[:4], total=TOTAL)
    assert verdict.name == "too early to tell"


def test_a_run_that_is_over_is_judged_however_few_its_looks_were() -> None:
    for count in (1, 2, 4):
        (verdict,) = diagnose(looks()[-count:], total=TOTAL)
        assert (verdict.name, verdict.severity) == ("healthy", "well")
        assert f"{count} measurement" in verdict.message
        (far,) = diagnose(looks(lambda i: {"x.apart": 9.0, "D.ahead": 0.8})[-count:], total=TOTAL, advise=repr)
        assert far.name == "unfinished"
        assert far.remedy == repr(Remedy("set the length", samples=2 * TOTAL))
        assert "9.0 times" in far.message
        assert [each.name for each in diagnose(looks(ILL["memorisation"])[-count:], total=TOTAL)] == ["memorisation"]


def test_a_distance_that_means_nothing_is_no_number() -> None:
    for apart in (21.0, 327433.6):
        last = replace(looks()[-1], signals={**looks()[-1].signals, "x.apart": apart})
        (verdict,) = diagnose([last], total=TOTAL)
        assert verdict.name == "unfinished"
        assert "far from the data" in verdict.message
        assert str(int(apart)) not in verdict.message


def test_what_is_wrong_takes_the_place_of_healthy() -> None:
    assert names([], ILL["memorisation"]) == ["memorisation"]
    assert names([], ILL["loader-bound"]) == ["loader-bound", "healthy"], "that the loader is slow makes no run ill"


FALLING = [score(1000 * (i + 1), 10.0 - i) for i in range(8)]
STALLED = [score(1000, 10.0), score(2000, 5.0), *(score(1000 * i, 5.0 + 0.05 * (i % 2)) for i in range(3, 9))]


def test_time_to_stop_is_when_nothing_beats_the_best_by_more_than_its_error() -> None:
    assert names(FALLING) == ["healthy"]
    assert names(STALLED) == ["healthy", "time to stop"]
    stop = diagnose(looks(), total=TOTAL, scores=STALLED, advise=repr)[-1]
    assert stop.severity == "watch"
    assert stop.remedy == repr(Remedy("set the length", samples=2000))
    assert "since 2,000 samples; the last was frechet, 5." in stop.message
    beside = [
        {**each, "name": "quality", "lower_is_better": False, "value": 0.1 * place}
        for place, each in enumerate(STALLED)
    ]
    assert names([*STALLED, *beside]) == ["healthy"], "another score still gets better"
    assert names([*STALLED, *({**each, "value": 0.5} for each in beside)]) == ["healthy", "time to stop"]
    assert names(STALLED[:4]) == ["healthy"], "three scorings, and three tenths of the run"
    assert names([*STALLED[:2], *(score(2000 + 100 * i, 5.0) for i in range(1, 6))]) == ["healthy"], (
        "five scorings, but in no time"
    )
    slow = [score(1000 * (i + 1), 10.0 - 0.03 * i) for i in range(8)]
    assert names(slow) == ["healthy", "time to stop"], "each gain lies within its error"
    assert names([{**each, "error": 0.001} for each in slow]) == ["healthy"]


def test_where_more_is_better() -> None:
    rising = [score(1000 * (i + 1), float(i), lower=False) for i in range(8)]
    assert names(rising) == ["healthy"]
    assert "divergence" in names([*rising, score(9000, 1.0, lower=False), score(9500, 1.0, lower=False)])


def test_a_score_that_fell_twice_and_not_by_chance_is_divergence() -> None:
    lost = [*FALLING, score(9000, 9.0), score(9500, 9.0)]
    assert names(lost) == ["divergence"]
    assert names(lost[:-1]) == ["healthy"], "once may be chance"
    assert names([*FALLING, score(9000, 9.0, 5.0), score(9500, 9.0, 5.0)]) == ["healthy"], "within its error"
    assert names(lost, ILL["divergence"]).count("divergence") == 1
    (sure,) = diagnose(looks(), total=TOTAL, scores=lost, advise=repr)
    assert sure.remedy == repr(Remedy("slow down both players"))
    assert sure.message.endswith("is 9 now; it is not chance.")
    (unsure,) = diagnose(looks(), total=TOTAL, scores=[{**each, "error": None} for each in lost])
    assert unsure.message.endswith("is 9 now."), "without errors nobody knows"


@pytest.mark.parametrize(
    "scores",
    [[score(1000 * i, 5.0, split="test") for i in range(9)], [score(1000 * i, 5.0, lower=None) for i in range(9)]],
)
def test_scores_that_tell_no_better_from_worse_are_left_alone(scores: list[dict[str, Any]]) -> None:
    assert names(scores) == ["healthy"]


def test_scores_that_are_not_finite_are_left_alone() -> None:
    assert names([*FALLING[:3], score(3500, None), *FALLING[3:]]) == ["healthy"]
    assert names([score(1000 * i, 3.0, None) for i in range(3)]) == ["healthy"]


def written(path: Path, events: list[Event], config: str = "D: {optimiser: {lr: 0.5}}\n") -> Run:
    path.mkdir()
    (path / "config.yaml").write_text(config)
    (path / "events.jsonl").write_text("".join(map(event_line, events)))
    return Run(path)


def test_a_run_is_diagnosed_from_its_files(tmp_path: Path) -> None:
    run = written(tmp_path / "run", [Started(0, 0.0, TOTAL), *looks(ILL["discriminator too strong"])])
    strong = next(verdict for verdict in diagnose_run(run, repr) if verdict.name == "discriminator too strong")
    assert strong.remedy == repr(Remedy("slow down the discriminator"))
    assert diagnose_run(written(tmp_path / "none", [Started(0, 0.0, TOTAL)])) == []


def test_looks_that_were_superseded_do_not_count(tmp_path: Path) -> None:
    bad = looks(ILL["memorisation"])
    good = looks()
    run = written(
        tmp_path / "run", [Started(0, 0.0, TOTAL), *bad, Rewound(bad[1].samples, 0.0, bad[1].samples), *good[2:]]
    )
    assert [verdict.name for verdict in diagnose_run(run)] == ["healthy"]


def test_numbers_that_are_not_finite_survive_the_file(tmp_path: Path) -> None:
    event = SignalsMeasured(1, 0.0, {"D.update": float("nan"), "finite": 0.0})
    assert json.loads(event_line(event))["signals"] == {"D.update": None, "finite": 0.0}
    assert parse_event(event_line(event)) == SignalsMeasured(1, 0.0, {"D.update": None, "finite": 0.0})
    assert diagnose([SignalsMeasured(1, 0.0, {"D.update": None, "finite": 0.0})], total=10)[0].name == "numbers broke"


def test_the_log_says_what_came_and_went() -> None:
    assert event_text(looks()[0]) == "", "a look is not worth a line"
    came = event_text(Diagnosed(5000, 0.0, "divergence", "It is far.", "D.optimiser.lr=0.1"))
    assert came.endswith("doctor: divergence. It is far. Try D.optimiser.lr=0.1")
    assert event_text(Diagnosed(5000, 0.0, "divergence", "", cleared=True)).endswith("doctor: divergence has passed")

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

import ganvas
from ganvas.diagnosis import Diagnosis, diagnose_run, doctor
from ganvas.diagnosis.doctor import Doctor, measurement_times
from ganvas.recipes import Recipe, live_trainer, override, prepare
from ganvas.recipes import recipe as by_name
from ganvas.recipes.remedy_overrides import remedy_override
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import Diagnosed, Event, LogitsMeasured, SignalsMeasured, read_events
from ganvas.sessions.run_probe import run_probe
from ganvas.training import ProcessGroup
from ganvas.training.rank_sync import RankSync
from ganvas.training.trainer import Save, Stop, Trainer
from processes import digests, our_parts

SEEN = {"finite", "wait"}
SAMPLES = {
    "x.coverage",
    "x.precision",
    "x.apart",
    "x.repeated",
    "x.rank",
    "x.finite",
    "data.coverage",
    "data.repeated",
    "data.items",
}
JUDGED = {"D.ahead", "D.memory", "D.sign", "D.held_ratio", "D.real", "D.fake", "D.held", "data.shown", "data.held"}
GAMES = {  # what is measured of each kind of game
    "ring": SAMPLES | JUDGED | {"x.wobble", "generator.gradient", "G.update", "D.update", "G.turns", "D.stretch"},
    "dcgan": SAMPLES | JUDGED,
    "infogan": SAMPLES | JUDGED,
    "mnist": SAMPLES | JUDGED,
    "pacgan": SAMPLES | JUDGED,
    "sngan": SAMPLES | JUDGED,
    "inpaint-mnist": SAMPLES | JUDGED,
    "feature-matching": {"discriminator.gradient", "D.update", "D.stretch"},
    "digits": {"classifier.gradient", "D.update"},
}


@pytest.fixture(autouse=True)
def parts() -> Iterator[None]:
    with our_parts():
        yield


def small(name: str, **changes: Any) -> Recipe:
    base = by_name(name)
    source = (
        {"kind": type(base.source).__name__, "samples": 300}
        if "samples" in str(base.source) and "Mnist" not in str(base.source)
        else {"kind": "Blobs"}
    )
    if base.streams:
        changes["streams.labelled.source"] = source
    return override(
        base,
        {
            **tiny_overrides(name),
            "batch_samples": 8,
            "samples": 160,
            "precision": "fp32",
            "threads": 1,
            "scores": [],
            "source": source,
            **changes,
        },
    )


def live(recipe: Recipe, told: list[Event], times: int = 4, **options: Any) -> tuple[Trainer, Doctor]:
    experiment = prepare(recipe)
    trainer = live_trainer(experiment, torch.device("cpu"), ProcessGroup())
    return trainer, Doctor(run_probe(experiment, trainer), times, told.append, **options)


def everything(trainer: Trainer) -> list[Any]:
    """Whatever a look could disturb."""
    kept: list[Any] = [torch.get_rng_state()]
    for player in trainer.players.values():
        networks = [player.network, *([player.average] if player.average else [])]
        kept += [value.clone() for network in networks for value in network.state_dict().values()]
        kept += [[module.training for module in network.modules()] for network in networks]
        kept += [[(p.requires_grad, p.grad) for p in network.parameters()] for network in networks]
    return kept


@pytest.mark.parametrize("name", GAMES)
def test_a_look_measures_what_applies_and_disturbs_nothing(name: str) -> None:
    told: list[Event] = []
    trainer, observer = live(small(name), told)
    for network in (player.network for player in trainer.players.values()):
        next(iter(network.children())).eval()  # modes that are not all alike must come back too
    trainer.round()
    before = trainer.samples_seen
    observer(trainer, 0)
    trainer.round()
    as_it_was = everything(trainer)
    observer.measure(trainer, 1e9)
    for old, new in zip(as_it_was, everything(trainer), strict=True):
        assert torch.equal(old, new) if isinstance(old, torch.Tensor) else old == new
    assert before
    signals = [event for event in told if isinstance(event, SignalsMeasured)][-1].signals
    assert GAMES[name] | SEEN <= set(signals) | {f"{key}.update" for key in trainer.players if not observer.weights}
    assert JUDGED.isdisjoint(signals) == JUDGED.isdisjoint(GAMES[name])
    assert all(isinstance(value, float) for value in signals.values())


@pytest.mark.parametrize("name", ["ring", "dcgan"])
def test_a_run_with_the_doctor_is_bitwise_the_run_without(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "FEWEST", 1)
    looked = ganvas.train(small(name, diagnoses=5), out=tmp_path / "with")
    torch.manual_seed(5)
    ganvas.train(small(name, diagnoses=0), out=tmp_path / "without")
    weights = [{k: v for k, v in digests(tmp_path / name).items() if ":" in k} for name in ("with", "without")]
    assert weights[0] == weights[1]
    assert [event.samples for event in read_events(looked.events) if isinstance(event, SignalsMeasured)] == [
        32,
        64,
        96,
        128,
        160,
    ]
    assert not any(isinstance(event, SignalsMeasured) for event in read_events(tmp_path / "without" / "events.jsonl"))


def test_a_resumed_run_looks_at_the_same_moments_and_sees_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "FEWEST", 1)
    recipe = small("ring", diagnoses=5)
    whole = ganvas.train(recipe, out=tmp_path / "whole")
    came = iter([""] * 9)
    with monkeypatch.context() as patch:
        patch.setattr(RankSync, "__call__", halted(came))
        ganvas.train(recipe, out=tmp_path / "halved")
    halved = ganvas.resume(tmp_path / "halved")
    assert digests(whole.path) == digests(halved.path)
    first, second = (
        [event for event in read_events(run.events) if isinstance(event, SignalsMeasured)] for run in (whole, halved)
    )
    assert [event.samples for event in first] == [event.samples for event in second]
    for one, other in zip(first, second, strict=True):
        alike = {name for name in one.signals if name not in ("wait", "x.moved")}
        assert {name: one.signals[name] for name in alike} == {name: other.signals[name] for name in alike}


def halted(came: Iterator[str]) -> Any:
    """All callbacks, and a signal that comes after some rounds."""
    look = RankSync.__call__

    def call(self: RankSync, trainer: Trainer, before: int) -> Any:
        asked = look(self, trainer, before)
        return asked if next(came, None) is not None else (Save(), Stop("interrupted"))

    return call


def test_findings_are_told_once_and_their_passing_too() -> None:
    told: list[Event] = []
    stands = iter([[], ["divergence"], ["divergence"], []])
    trainer, observer = live(
        small("ring"),
        told,
        diagnose=lambda looks: [
            Diagnosis("healthy", "well", ""),
            *(Diagnosis(name, "wrong", "Far.", "", "samples=1") for name in next(stands)),
        ],
    )
    trainer.run([observer], lambda _: None)
    said = [(event.name, event.cleared, event.samples) for event in told if isinstance(event, Diagnosed)]
    assert said == [("divergence", False, 80), ("divergence", True, 160)]


def test_what_stood_before_a_resume_is_not_told_again() -> None:
    told: list[Event] = []
    past = [
        Diagnosed(0, 0.0, "divergence", "Far."),
        Diagnosed(0, 0.0, "oscillation", "To and fro."),
        Diagnosed(0, 0.0, "oscillation", "", cleared=True),
    ]
    trainer, observer = live(
        small("ring"), told, 1, diagnose=lambda _: [Diagnosis("divergence", "wrong", "Far.")], past=past
    )
    trainer.run([observer], lambda _: None)
    assert not [event for event in told if isinstance(event, Diagnosed)]


@pytest.mark.parametrize("player", ["G", "D"])
def test_numbers_that_broke_are_seen_and_break_nothing(player: str) -> None:
    told: list[Event] = []
    trainer, observer = live(small("ring"), told, 2)
    trainer.round()
    with torch.no_grad():
        trainer.players[player].parameters[0].view(-1)[0] = float("nan")
    observer.measure(trainer, 1e9)
    assert told[0].signals["finite"] == 0  # type: ignore[attr-defined]


def test_it_counts_the_different_items_that_d_is_asked_about() -> None:
    told: list[Event] = []
    trainer, observer = live(small("dcgan"), told, 1)
    trainer.run([observer], lambda _: None)
    signals, held = told[-1].signals, observer.probe.held  # type: ignore[attr-defined]
    assert held
    assert len(held.x) == 128, "some twice"
    assert signals["data.held"] == len(held.x.unique(dim=0)) == 100
    assert signals["data.shown"] == len(observer.probe.train.x.unique(dim=0)) == 128
    (shown,) = [event for event in told if isinstance(event, LogitsMeasured)]
    assert set(shown.shares) == {"real", "held_out", "fake"}
    width = (shown.high - shown.low) / 24
    for kind, shares in shown.shares.items():
        assert sum(shares) == pytest.approx(1, abs=0.01)
        middle = sum(share * (shown.low + (at + 0.5) * width) for at, share in enumerate(shares))
        assert middle == pytest.approx(float(observer.probe.logits[kind].mean()), abs=width / 2)


def test_what_was_waited_before_a_rollback_is_not_counted_again() -> None:
    """A new doctor, a trainer that goes on."""
    told: list[Event] = []
    trainer, observer = live(small("ring"), told)
    trainer.data_wait_seconds = 1e6
    trainer.run([observer], lambda _: None)
    assert all((event.signals["wait"] or 0) <= 1 for event in told if isinstance(event, SignalsMeasured))


def test_looks_are_no_more_than_they_may_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measurement_times(100, 64 * 99, 64) == 1, "at its end"
    assert measurement_times(0, 64 * 99, 64) == 0
    assert measurement_times(100, 64 * 100, 64) == 12
    assert measurement_times(100, 64 * 3000, 64) == 40
    assert measurement_times(100, 64 * 100_000, 64) == 100
    assert measurement_times(3, 64 * 100_000, 64) == 3
    trainer, observer = live(small("ring"), [], 20)
    observer.fixed = False
    monkeypatch.setattr(doctor, "ALWAYS", 0)  # measurements that are made however long they take
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    when: list[int] = []

    def slow(trainer: Trainer, now: float) -> None:
        when.append(trainer.samples_seen)
        clock[0] += 2.0

    monkeypatch.setattr(observer, "measure", slow)
    for _ in range(20):
        before = trainer.samples_seen
        trainer.round()
        clock[0] += 25.0
        observer(trainer, before)
    assert when == [*(8 * (1 + 4 * place) for place in range(5)), 160], "a look of 2 s in 100 s, and one at the end"


def test_a_player_without_an_average_is_looked_at_once() -> None:
    """No average: live samples are those that are kept, and nothing wobbles."""
    told: list[Event] = []
    trainer, observer = live(small("ring", **{"G.ema": None}), told)
    trainer.run([observer], lambda _: None)
    signals = told[-1].signals  # type: ignore[attr-defined]
    assert "x.wobble" not in signals
    assert "x.moved" in signals


def test_a_last_look_is_made_however_long_looks_take(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Event] = []
    trainer, observer = live(small("ring"), told)
    observer.fixed = False
    monkeypatch.setattr(doctor, "ALWAYS", 0)
    observer.took = 1e9  # as after a look that took longer than all that is left
    while trainer.samples_seen < trainer.total:
        before = trainer.samples_seen
        trainer.round()
        observer(trainer, before)
    assert [event.samples for event in told if isinstance(event, SignalsMeasured)] == [160]


def test_a_short_run_is_judged(tmp_path: Path) -> None:
    run = ganvas.train(small("ring"), out=tmp_path / "run")
    assert [event.samples for event in read_events(run.events) if isinstance(event, SignalsMeasured)] == [160]
    assert "too early to tell" not in {verdict.name for verdict in diagnose_run(run)}
    assert diagnose_run(run)


def test_the_advice_during_training_is_that_of_the_command(tmp_path: Path) -> None:
    run = ganvas.train(small("ring"), out=tmp_path / "run")
    (during,) = [event for event in read_events(run.events) if isinstance(event, Diagnosed)]
    (after,) = diagnose_run(run, partial(remedy_override, run.settings()))
    assert (during.name, during.message, during.remedy) == (after.name, after.message, after.remedy)
    assert (after.name, after.remedy) == ("unfinished", "samples=320")


@pytest.mark.parametrize("fixed", [True, False])
def test_where_a_run_may_go_back_no_measurement_is_left_out(fixed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the clock would decide when a collapse is found."""
    monkeypatch.setattr(Doctor, "affordable", lambda self: False)
    monkeypatch.setattr(doctor, "ALWAYS", 0)
    told: list[Event] = []
    trainer, observer = live(small("ring"), told, fixed=fixed)
    trainer.run([observer], lambda _: None)
    assert len([each for each in told if isinstance(each, SignalsMeasured)]) == (4 if fixed else 1)

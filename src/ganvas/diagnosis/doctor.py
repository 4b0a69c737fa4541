"""The doctor: measures the networks at evenly spaced moments, the last at the end, and reports faults.

It changes nothing itself: a finding may lead to a request; without one a run with it is bitwise equal to the run
without it.
"""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..metrics.histograms import histograms
from ..runs import Diagnosed, Event, LogitsMeasured, SignalsMeasured
from ..training import Request, Trainer, players_at
from ..training.callbacks import crossed
from ..training.recovery import lacks_memory
from .signals import relative_change

if TYPE_CHECKING:
    from . import Diagnosis
    from .probe import Probe

BINS = 24  # of a histogram of logits
TURNS = 75  # of D between two measurements, so that measuring takes at most 2 % of the time
LEAST, FEWEST = 12, 100  # measurements in a short run; one, at the end, if it has fewer turns than FEWEST
LONG = 0.3  # seconds; shorter measurements are always made
SHARE = 0.02  # of the time, for longer measurements
ALWAYS = 8  # evenly spaced measurements of a run that are made however long they take


class Doctor:
    """A callback of the trainer: SignalsMeasured at each measurement, Diagnosed when a fault begins or ends.

    Args:
        probe: measures the networks.
        times: measurements over the run, at most.
        add_event: gets the events.
        diagnose: the faults after the measurements so far.
        past: the events of a run that is resumed.
        react: the requests to the trainer after the measurements so far.
        fixed: whether every measurement is made however long it takes, so that no request depends on the clock.
    """

    def __init__(
        self,
        probe: "Probe",
        times: int,
        add_event: Callable[[Event], None],
        diagnose: Callable[[Sequence[SignalsMeasured]], Sequence["Diagnosis"]] = lambda _: (),
        past: Sequence[Event] = (),
        react: Callable[[Sequence[SignalsMeasured]], Sequence[Request]] = lambda _: (),
        fixed: bool = False,
    ) -> None:
        self.probe, self.times, self.add_event, self.diagnose, self.react = probe, times, add_event, diagnose, react
        self.fixed = fixed
        self.measurements = [event for event in past if isinstance(event, SignalsMeasured)]
        self.standing: set[str] = set()
        for event in past:
            if isinstance(event, Diagnosed) and event.cleared:
                self.standing.discard(event.name)
            elif isinstance(event, Diagnosed):
                self.standing.add(event.name)
        self.weights: dict[str, list[Tensor]] = {}  # one round before a measurement
        self.played: set[str] = set()  # the players that had a turn in the round before a measurement
        self.took, self.ended = 0.0, time.monotonic()
        self.data_wait_seconds: float | None = None  # the trainer's seconds of waiting at the last measurement

    def __call__(self, trainer: Trainer, before: int) -> Iterable[Request]:
        if self.data_wait_seconds is None:
            self.data_wait_seconds, self.ended = trainer.data_wait_seconds, time.monotonic()
        requests: Sequence[Request] = ()
        if crossed(before, trainer.samples_seen, self.times, trainer.total) and (
            self.fixed
            or self.affordable()
            or len(self.measurements) < int(ALWAYS * trainer.samples_seen / trainer.total)
            or trainer.samples_seen >= trainer.total
        ):
            begun, self.played = time.monotonic(), players_at(trainer.phases, before)
            self.measure(trainer, begun)
            requests = self.react(self.measurements)
            self.ended = time.monotonic()
            self.took = self.ended - begun
        soon = crossed(trainer.samples_seen, 2 * trainer.samples_seen - before, self.times, trainer.total)
        self.weights = (
            {
                name: [w.detach().clone() for w in player.parameters]
                for name, player in trainer.players.items()
                if player.parameters
            }
            if soon
            else {}
        )
        return requests

    def affordable(self) -> bool:
        """Whether a measurement, if it takes as long as the last one, stays within SHARE of the time."""
        return self.took < LONG or self.took <= SHARE * (time.monotonic() - self.ended)

    @torch.no_grad()
    def measure(self, trainer: Trainer, now: float) -> None:
        """Measure the signals, and report them and what they mean."""
        found = {name: float(value) for name, value in trainer.stats.items() if name.endswith(".gradient")}
        for name, old in self.weights.items():
            if name not in self.played:
                continue  # it has no turn in this phase, so it cannot move
            found[f"{name}.update"] = relative_change(old, [w.detach() for w in trainer.players[name].parameters])
        found |= turn_shares(trainer)
        for name, player in trainer.players.items():
            found[f"{name}.lr"] = float(player.optimiser.param_groups[0]["lr"])
        finite = all(bool(w.isfinite().all()) for player in trainer.players.values() for w in player.parameters)
        found["finite"] = float(finite and all(math.isfinite(value) for value in trainer.stats.values()))
        found["wait"] = (trainer.data_wait_seconds - (self.data_wait_seconds or 0.0)) / max(now - self.ended, 1e-9)
        self.data_wait_seconds = trainer.data_wait_seconds
        if finite:
            found |= self.probed(trainer)
        self.measurements.append(SignalsMeasured(samples=trainer.samples_seen, time=time.time(), signals=found))
        last = self.measurements[-1]
        if finite and self.probe.logits:
            shown = histograms(self.probe.logits, BINS)
            self.add_event(LogitsMeasured(samples=last.samples, time=last.time, **shown._asdict()))
        self.add_event(last)
        self.report()

    def probed(self, trainer: Trainer) -> dict[str, float]:
        """The signals of samples and of D; none if memory is too short, as the doctor must never end a run."""
        players = trainer.players.items()
        try:
            return self.probe.measure(
                {name: player.network for name, player in players}, {name: player.best for name, player in players}
            )
        except (MemoryError, RuntimeError) as error:
            if not lacks_memory(error):
                raise
            return {}

    def report(self) -> None:
        """Report the faults that are new, and those that have ended."""
        last = self.measurements[-1]
        found = {verdict.name: verdict for verdict in self.diagnose(self.measurements) if verdict.severity != "well"}
        for name in sorted(self.standing - found.keys()):
            self.add_event(Diagnosed(samples=last.samples, time=last.time, name=name, message="", cleared=True))
        for name, verdict in found.items():
            if name not in self.standing:
                self.add_event(
                    Diagnosed(
                        samples=last.samples, time=last.time, name=name, message=verdict.message, remedy=verdict.remedy
                    )
                )
        self.standing = set(found)


def measurement_times(times: int, total: int, batch_samples: int) -> int:
    """The number of measurements over a run, the last at its end.

    Args:
        times: at most so many.
        total: samples of the run.
        batch_samples: samples of a batch.
    """
    turns = total // batch_samples
    return min(times, max(LEAST, turns // TURNS) if turns >= FEWEST else 1)


def turn_shares(trainer: Trainer) -> dict[str, float]:
    """Each player's share of all turns so far, as signals PLAYER.turns."""
    owners = {name: turn.players for phase in trainer.phases for name, turn in phase.game.turns().items()}
    every = sum(trainer.turns.values())
    return (
        {
            f"{player}.turns": sum(n for name, n in trainer.turns.items() if player in owners.get(name, ())) / every
            for player in trainer.players
        }
        if every
        else {}
    )

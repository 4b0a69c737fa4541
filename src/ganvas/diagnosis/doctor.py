"""The doctor: looks at the players at evenly spaced moments, the last at the end, and says what is wrong.

It changes nothing; a run with it is bitwise the run without.
"""

import math
import time
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

from ..runs import Diagnosed, Event, SignalsMeasured
from ..training import Request, Trainer, crossed, lacks_memory
from . import Diagnosis
from .probe import Probe
from .signals import relative_change

TURNS = 75  # of D between two looks, so that looking stays within a fiftieth of the time
LEAST, FEWEST = 12, 100  # looks in a short run, unless it has fewer turns than FEWEST: then one, at its end
LONG = 1.0  # seconds that a look may take without a thought
SHARE = 0.02  # of the time, for looks that take longer


class Doctor:
    """An Examined event at each look, and a Diagnosed one when something is found or has passed.

    `diagnose` tells what stands after some looks; `past` are the events of the run that is resumed.
    """

    def __init__(
        self,
        examiner: Probe,
        times: int,
        tell: Callable[[Event], None],
        diagnose: Callable[[Sequence[SignalsMeasured]], Sequence[Diagnosis]] = lambda _: (),
        past: Sequence[Event] = (),
    ) -> None:
        self.examiner, self.times, self.tell, self.diagnose = examiner, times, tell, diagnose
        self.looks = [event for event in past if isinstance(event, SignalsMeasured)]
        self.standing: set[str] = set()
        for event in past:
            if isinstance(event, Diagnosed):
                (self.standing.discard if event.cleared else self.standing.add)(event.name)
        self.weights: dict[str, list[Tensor]] = {}  # as they were a round before a look
        self.took, self.ended = 0.0, time.monotonic()
        self.data_wait_seconds: float | None = (
            None  # seconds of the trainer until the last look; a trainer that rolled back goes on counting
        )

    def __call__(self, trainer: Trainer, before: int) -> Iterable[Request]:
        if self.data_wait_seconds is None:
            self.data_wait_seconds, self.ended = trainer.data_wait_seconds, time.monotonic()
        if crossed(before, trainer.samples_seen, self.times, trainer.total) and (
            self.affordable() or trainer.samples_seen >= trainer.total
        ):
            begun = time.monotonic()
            self.measure(trainer, begun)
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
        return ()

    def affordable(self) -> bool:
        """Whether looks that take long stay within their share of the time."""
        return self.took < LONG or self.took <= SHARE * (time.monotonic() - self.ended)

    @torch.no_grad()
    def measure(self, trainer: Trainer, now: float) -> None:
        """Measure, and tell."""
        found = {name: float(value) for name, value in trainer.stats.items() if name.endswith(".gradient")}
        for name, old in self.weights.items():
            found[f"{name}.update"] = relative_change(old, [w.detach() for w in trainer.players[name].parameters])
        found |= turn_shares(trainer)
        for name, player in trainer.players.items():
            found[f"{name}.lr"] = float(player.optimiser.param_groups[0]["lr"])
        finite = all(bool(w.isfinite().all()) for player in trainer.players.values() for w in player.parameters)
        found["finite"] = float(finite and all(math.isfinite(value) for value in trainer.stats.values()))
        found["wait"] = (trainer.data_wait_seconds - (self.data_wait_seconds or 0.0)) / max(now - self.ended, 1e-9)
        self.data_wait_seconds = trainer.data_wait_seconds
        if finite:
            found |= self.examined(trainer)
        self.looks.append(SignalsMeasured(samples=trainer.samples_seen, time=time.time(), signals=found))
        self.tell(self.looks[-1])
        self.speak()

    def examined(self, trainer: Trainer) -> dict[str, float]:
        """What samples and D say; nothing where memory is too short for it, because looking must never end a run."""
        players = trainer.players.items()
        try:
            return self.examiner.measure(
                {name: player.network for name, player in players}, {name: player.best for name, player in players}
            )
        except (MemoryError, RuntimeError) as error:
            if not lacks_memory(error):
                raise
            return {}

    def speak(self) -> None:
        """What is new, and what has passed."""
        last = self.looks[-1]
        found = {verdict.name: verdict for verdict in self.diagnose(self.looks) if verdict.severity != "well"}
        for name in sorted(self.standing - found.keys()):
            self.tell(Diagnosed(samples=last.samples, time=last.time, name=name, message="", cleared=True))
        for name, verdict in found.items():
            if name not in self.standing:
                self.tell(
                    Diagnosed(
                        samples=last.samples, time=last.time, name=name, message=verdict.message, remedy=verdict.remedy
                    )
                )
        self.standing = set(found)


def measurement_times(times: int, total: int, batch_samples: int) -> int:
    """How often to look in a run of so many samples: as often as asked, but not so often that it costs more than its share. The last look is at its end."""
    turns = total // batch_samples
    return min(times, max(LEAST, turns // TURNS) if turns >= FEWEST else 1)


def turn_shares(trainer: Trainer) -> dict[str, float]:
    """Each player's share of all turns so far."""
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

"""The progress line of a run: speed, time left, loss terms, the last score."""

from .events import Event, Progress, Remedied, Scored, Started
from .format import duration_text, event_text, terms_text

PLAYERS = {"discriminator": "D", "generator": "G", "both": ""}


class ProgressText:
    """Formats the newest event of a run; `take` must get every event first."""

    def __init__(self) -> None:
        self.total, self.first, self.begun, self.score = 0, 0, 0.0, ""

    def take(self, event: Event) -> None:
        """Store what later lines need: start and length of the run, the last score."""
        if isinstance(event, Started):
            self.total, self.begun, self.first = event.total, event.time, event.samples
        if isinstance(event, Remedied):
            self.total, self.begun, self.first = event.total, event.time, event.samples
        if isinstance(event, Scored) and event.scores:
            name, value = next(iter(event.scores.items()))
            self.score = f"{name} {value:.3g} on {event.split}"

    def text(self, event: Event, done: str = "") -> str:
        """The line of an event, after the text `done`; a narrow terminal cuts off its end."""
        if not isinstance(event, Progress):
            return event_text(event)
        seconds = (
            (self.total - event.samples) * (event.time - self.begun) / max(1, event.samples - self.first)
        )  # with scoring
        parts = [
            done,
            f"{event.samples_per_second:,.0f} samples/s",
            f"{duration_text(seconds)} left",
            self.score,
            terms_text(short_terms(event)),
        ]
        return "  ".join(part for part in parts if part)


def short_terms(event: Progress) -> dict[str, float]:
    """The loss terms under short names, D instead of discriminator.adversarial; without gradient norms."""
    named: dict[str, float] = {}
    for name, value in event.terms.items():
        turn, _, term = name.partition(".")
        if term.rpartition(".")[2] == "gradient":
            continue
        label = PLAYERS.get(turn, turn)
        named[label if term in ("adversarial", turn) else f"{label}.{term}".strip(".")] = value
    return named

"""Events as text, for log.txt and for terminals without a progress line; durations and distances as text."""

from ..base.wording import counted
from .events import (
    Commanded,
    Diagnosed,
    Event,
    Progress,
    Recovered,
    Remedied,
    Saved,
    SaveFailed,
    Scored,
    Snapshot,
    Started,
    Stopped,
)

MAX_RATIO = 20.0  # beyond it, the real-vs-real distance is too small or too uncertain for a meaningful ratio


def event_text(event: Event) -> str:
    """An event as one line; empty for kinds that are not logged as text."""
    at = f"{event.samples:>9,} samples"
    match event:
        case Progress(terms=terms, samples_per_second=rate):
            logged = {name: value for name, value in terms.items() if not name.endswith(".gradient")}
            return f"{at}  {rate:,.0f} samples/s  {terms_text(logged)}"
        case Scored(scores=scores, split=split):
            logged = {
                name: value for name, value in scores.items() if not name.startswith("share_") and "[" not in name
            }
            return f"{at}  on {split}: {terms_text(logged)}"
        case Saved(checkpoint=name):
            return f"{at}  saved {name}"
        case SaveFailed(error=error):
            return f"{at}  NOT saved: {error.rstrip('.')}. Training goes on with the older checkpoints."
        case Recovered(message=message):
            return f"{at}  recovered: {message}"
        case Remedied(found_at=found_at, total=total):
            return f"{found_at:>9,} samples  doctor: {remedied_text(event)}; {total:,} samples in all"
        case Diagnosed(name=name, cleared=True):
            return f"{at}  doctor: {name} has passed"
        case Diagnosed(name=name, message=message, remedy=remedy):
            return f"{at}  doctor: {name}. {message}" + (f" Try {remedy}" if remedy else "")
        case Commanded(command=command):
            return f"{at}  command: {command}"
        case Snapshot(file=name):
            return f"{at}  drew {name}"
        case Started(total=all_samples, resumed=resumed, notes=notes):
            return f"{at}  {'resumed' if resumed else 'started'}, {all_samples:,} samples in all. {notes}".rstrip(". ")
        case Stopped(reason=reason):
            return f"{at}  {reason}"
    return ""


def remedied_text(event: Remedied) -> str:
    """A remedy as text: "divergence, so the run went back from 5,000 to 2,000 samples and on with D.optimiser.lr=1"."""
    place = f"to {counted(event.samples, 'sample')}" if event.samples else "samples to the start"
    settings = event.overrides or "other random numbers"
    return f"{event.finding}, so the run went back from {event.found_at:,} {place} and on with {settings}"


def terms_text(terms: object) -> str:
    """'name value  name value', with four significant digits."""
    return "  ".join(f"{name} {value:.4g}" for name, value in dict(terms).items())  # type: ignore[call-overload]


def duration_text(seconds: float) -> str:
    """A duration: 45 s, 3 min 20 s, 5 h 12 min."""
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"


def distance_text(ratio: float) -> str:
    """A distance to the data as text: "6.2 times as far from the data as real samples", or "far from the data"."""
    near = f"{ratio:.1f} times as far from the data as real samples"
    return near if ratio < MAX_RATIO else "far from the data"

"""Events in plain words, for log.txt and for terminals that cannot be redrawn."""

from .events import Diagnosed, Event, Progress, Recovered, Saved, SaveFailed, Scored, Snapshot, Started, Stopped

MANY = 20.0  # times as far: beyond it, the distance between reals is too small or too uncertain for a number to mean anything


def event_text(event: Event) -> str:
    """One line, or an empty one for what is not worth a line."""
    at = f"{event.samples:>9,}" + " samples"
    match event:
        case Progress(terms=terms, images_per_second=rate):
            return f"{at}  {rate:,.0f} images/s  {terms_text({k: v for k, v in terms.items() if not k.endswith('.gradient')})}"
        case Scored(scores=scores, split=split):
            return f"{at}  on {split}: {terms_text({k: v for k, v in scores.items() if not k.startswith('share_') and '[' not in k})}"
        case Saved(checkpoint=name):
            return f"{at}  saved {name}"
        case SaveFailed(error=error):
            return f"{at}  NOT saved: {error.rstrip('.')}. Training goes on with the older checkpoints."
        case Recovered(message=message):
            return f"{at}  recovered: {message}"
        case Diagnosed(name=name, cleared=True):
            return f"{at}  doctor: {name} has passed"
        case Diagnosed(name=name, message=message, remedy=remedy):
            return f"{at}  doctor: {name}. {message}" + (f" Try {remedy}" if remedy else "")
        case Snapshot(file=name):
            return f"{at}  drew {name}"
        case Started(total=all_samples, resumed=resumed, notes=notes):
            return f"{at}  {'resumed' if resumed else 'started'}, {all_samples:,} samples in all. {notes}".rstrip(". ")
        case Stopped(reason=reason):
            return f"{at}  {reason}"
    return ""


def terms_text(terms: object) -> str:
    """name value, name value; four significant digits."""
    return "  ".join(f"{name} {value:.4g}" for name, value in dict(terms).items())  # type: ignore[call-overload]


def duration_text(seconds: float) -> str:
    """A duration for people: 45 s, 3 min 20 s, 5 h 12 min."""
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"


def distance_text(apart: float) -> str:
    """A distance to the data in words: "6.2 times as far from the data as real samples", or "far from the data" where no number means anything."""
    return f"{apart:.1f} times as far from the data as real samples" if apart < MANY else "far from the data"

"""What to say of a run that has no checkpoint yet."""

from pathlib import Path

from ..base.wording import command
from .checkup import settings
from .directory import Run
from .events import Progress, Started, read
from .text import left


def until_first(path: Path) -> str:
    """What to do until the run at `path` has its first checkpoint."""
    run = Run(path)
    if not run.in_training():
        return f"The run was stopped before its first. Begin it again: {command('ganvas', 'resume', run.path)}"
    said, events = "It is training", read(run.events)
    started, progress = (next((event for event in reversed(events) if isinstance(event, kind)), None) for kind in (Started, Progress))
    if isinstance(started, Started):
        saves = settings(run).get("saves", 1)
        first = started.total // max(1, saves if isinstance(saves, int) else 1)
        said += f" and writes its first at {first:,} samples"
        if isinstance(progress, Progress) and progress.images_per_second > 0:
            said += f", in about {left(max(0, first - progress.samples) / progress.images_per_second)}"
    return f"{said}: come back then."

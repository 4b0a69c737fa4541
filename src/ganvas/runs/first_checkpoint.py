"""Advice for a run that has no checkpoint yet."""

from pathlib import Path

from ..base.wording import command
from .directory import Run
from .events import Progress, Started, read_events
from .format import duration_text


def first_checkpoint_hint(path: Path) -> str:
    """A hint for a run without a checkpoint: how to restart it, or when its first checkpoint is due."""
    run = Run(path)
    if not run.in_training():
        return f"The run was stopped before its first. Begin it again: {command('ganvas', 'resume', run.path)}"
    hint, events = "It is training", read_events(run.events)
    started, progress = (
        next((event for event in reversed(events) if isinstance(event, kind)), None) for kind in (Started, Progress)
    )
    if isinstance(started, Started):
        saves = run.settings().get("saves", 1)
        first = started.total // (saves if isinstance(saves, int) and saves > 0 else 1)
        hint += f" and writes its first at {first:,} samples"
        if isinstance(progress, Progress) and progress.samples_per_second > 0:
            hint += f", in about {duration_text(max(0, first - progress.samples) / progress.samples_per_second)}"
    return f"{hint}: try again then."

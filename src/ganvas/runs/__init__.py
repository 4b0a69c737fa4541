"""The run directory. Nothing here needs torch."""

from .directory import Run, fresh_path, unwritable
from .events import Event, Progress, Saved, SaveFailed, Scored, Snapshot, Started, Stopped, line, read
from .marks import facts, save_picture
from .text import describe, left, terms_text

__all__ = [
    "Event",
    "Progress",
    "Run",
    "SaveFailed",
    "Saved",
    "Scored",
    "Snapshot",
    "Started",
    "Stopped",
    "describe",
    "facts",
    "fresh_path",
    "left",
    "line",
    "read",
    "save_picture",
    "terms_text",
    "unwritable",
]

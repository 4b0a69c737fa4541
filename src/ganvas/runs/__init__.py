"""The run directory. Nothing here needs torch."""

from .advice import Verdict
from .checkup import check_up, settings, verdicts
from .directory import MARKER, Run, fresh_path, unwritable
from .events import (
    Diagnosed,
    Event,
    Examined,
    Healed,
    Listener,
    Progress,
    Saved,
    SaveFailed,
    Scored,
    Snapshot,
    Started,
    Stopped,
    line,
    read,
)
from .marks import facts, mark_beside, save_picture
from .progress import ProgressText
from .shown import figure
from .text import describe, left, terms_text
from .values import save_values, suffix
from .verify import read_mark

__all__ = [
    "MARKER",
    "Diagnosed",
    "Event",
    "Examined",
    "Healed",
    "Listener",
    "Progress",
    "ProgressText",
    "Run",
    "SaveFailed",
    "Saved",
    "Scored",
    "Snapshot",
    "Started",
    "Stopped",
    "Verdict",
    "check_up",
    "describe",
    "facts",
    "figure",
    "fresh_path",
    "left",
    "line",
    "mark_beside",
    "read",
    "read_mark",
    "save_picture",
    "save_values",
    "settings",
    "suffix",
    "terms_text",
    "unwritable",
    "verdicts",
]

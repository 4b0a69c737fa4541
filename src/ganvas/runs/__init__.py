"""The run directory. Nothing here needs torch."""

from .directory import MARKER, Run, fresh_path, unwritable
from .environment import fingerprint_of_test, wants_test
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
from .format import describe, left, terms_text
from .progress_text import ProgressText
from .provenance import facts, mark_beside, save_picture
from .read_provenance import read_mark
from .summary import figure
from .value_files import save_values, suffix

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
    "describe",
    "facts",
    "figure",
    "fingerprint_of_test",
    "fresh_path",
    "left",
    "line",
    "mark_beside",
    "read",
    "read_mark",
    "save_picture",
    "save_values",
    "suffix",
    "terms_text",
    "unwritable",
    "wants_test",
]

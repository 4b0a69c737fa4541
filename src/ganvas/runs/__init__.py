"""The format of a run directory: its files are written and read here. Nothing here imports torch."""

from ..base.version import VERSION as VERSION
from .chosen_checkpoint import ChosenCheckpoint, chosen_checkpoint, chosen_scores
from .current_scores import current_scores as current_scores
from .current_scores import rules_since as rules_since
from .directory import Run
from .environment import fingerprint_of_test, wants_test
from .events import (
    Commanded,
    Diagnosed,
    Event,
    Listener,
    LogitsMeasured,
    Progress,
    Recovered,
    Remedied,
    Saved,
    SaveFailed,
    Scored,
    SignalsMeasured,
    Snapshot,
    Started,
    Stopped,
    append_line,
    event_line,
    read_events,
    read_records,
)
from .format import distance_text, duration_text, event_text, remedied_text, terms_text
from .note import RunNote, checked_note, read_note, write_note
from .progress_text import ProgressText
from .provenance import encode_picture, mark_of, save_picture, write_sidecar, xmp
from .read_provenance import read_mark
from .run_files import MARKER, STATUS, TEST_LEDGER, cannot_write, fresh_path
from .summary import html_figure
from .value_files import encode_values, save_values, value_suffix
from .wav_files import encode_wav, open_wav

__all__ = [
    "MARKER",
    "STATUS",
    "TEST_LEDGER",
    "ChosenCheckpoint",
    "Commanded",
    "Diagnosed",
    "Event",
    "Listener",
    "LogitsMeasured",
    "Progress",
    "ProgressText",
    "Recovered",
    "Remedied",
    "Run",
    "RunNote",
    "SaveFailed",
    "Saved",
    "Scored",
    "SignalsMeasured",
    "Snapshot",
    "Started",
    "Stopped",
    "append_line",
    "cannot_write",
    "checked_note",
    "chosen_checkpoint",
    "chosen_scores",
    "distance_text",
    "duration_text",
    "encode_picture",
    "encode_values",
    "encode_wav",
    "event_line",
    "event_text",
    "fingerprint_of_test",
    "fresh_path",
    "html_figure",
    "mark_of",
    "open_wav",
    "read_events",
    "read_mark",
    "read_note",
    "read_records",
    "remedied_text",
    "save_picture",
    "save_values",
    "terms_text",
    "value_suffix",
    "wants_test",
    "write_note",
    "write_sidecar",
    "xmp",
]

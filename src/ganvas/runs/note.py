"""What a person writes about a run: a note and tags, in the run's file note.json."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from ..base.errors import CheckFailed, UsageError
from ..base.files import replace_file
from ..base.trees import from_json
from .directory import Run
from .run_files import NOTE, cannot_write, read_run_file

NOTE_CHARACTERS, TAG_CHARACTERS, MOST_TAGS = 2000, 40, 20
FILE_BYTES = 2**16


@dataclass(frozen=True)
class RunNote:
    """A note and tags of a run.

    Args:
        text: at most NOTE_CHARACTERS characters.
        tags: at most MOST_TAGS, each of at most TAG_CHARACTERS characters and without a comma.
    """

    text: str = ""
    tags: tuple[str, ...] = ()


def checked_note(text: str, tags: Iterable[str]) -> RunNote:
    """A note without control characters, and its tags without spaces around them, each once.

    Raises:
        UsageError: the note or a tag is too long, a tag has a comma, or there are too many.
    """
    text = "".join(each for each in text if each == "\n" or each.isprintable()).strip()
    tags = tuple(dict.fromkeys(name for tag in tags if (name := " ".join(tag.split()))))
    if len(text) > NOTE_CHARACTERS:
        raise UsageError(f"the note has {len(text):,} characters", hint=f"At most {NOTE_CHARACTERS:,} are stored.")
    if len(tags) > MOST_TAGS:
        raise UsageError(f"there are {len(tags)} tags", hint=f"A run has {MOST_TAGS} at most.")
    for tag in tags:
        if len(tag) > TAG_CHARACTERS or "," in tag or not tag.isprintable():
            raise UsageError(
                "this is no tag", where=tag[:TAG_CHARACTERS], hint=f"At most {TAG_CHARACTERS} characters, no comma."
            )
    return RunNote(text, tags)


def read_note(run: Run) -> RunNote:
    """The note and the tags of a run, empty where there are none. A file of other content is passed over.

    Raises:
        CheckFailed: note.json is no regular file of the run, or too large.
    """
    if not (run.path / NOTE).exists():
        return RunNote()
    try:
        found = from_json(read_run_file(run.path, NOTE, FILE_BYTES))
        text, tags = found["text"], found["tags"]
        if isinstance(text, str) and isinstance(tags, list) and all(isinstance(tag, str) for tag in tags):
            return checked_note(text, tags)
    except (ValueError, KeyError, TypeError, UsageError):
        pass
    return RunNote()


def write_note(run: Run, note: RunNote) -> None:
    """Replace the note and the tags of a run; note.json is written in one step.

    Raises:
        CheckFailed: note.json is a folder or the like.
        ResourceError: it cannot be written.
    """
    try:
        replace_file(run.path / NOTE, json.dumps(asdict(note)) + "\n", inside=run.path)
    except IsADirectoryError as error:
        raise CheckFailed(f"{NOTE} is no file of this run", where=str(run.path)) from error
    except OSError as error:
        raise cannot_write(run.path, error) from error

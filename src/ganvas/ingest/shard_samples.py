"""The samples of a shard: consecutive files of one folder and the same name up to the first dot are one sample.

0017.jpg, 0017.cls, 0017.json: the WebDataset convention.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import IO, Any, NamedTuple

from . import tar
from .decode import MOST_BYTES
from .listing import ENDINGS

LABELS = {"cls": 256, "json": 2**20}  # files that may hold a label, and bytes that are read of them
MOST_LABEL = 256  # letters


class Sample(NamedTuple):
    """A picture in a shard. `cause`: why it cannot be read; `fault`: why its label cannot."""

    name: str
    offset: int
    size: int
    label: str = ""
    cause: str = ""
    fault: str = ""


class OpenSample(NamedTuple):
    """A sample whose files are still coming."""

    key: str
    picture: tar.Member | None
    ending: str
    labels: Mapping[str, tuple[str, str]]  # by cls or json: label and fault


def samples_of(file: IO[bytes], where: str, others: Counter[str]) -> Iterator[Sample]:
    """The pictures of a shard in their order; what is no part of one is counted in `others`. Raises DataError."""
    shard, counts = PurePosixPath(where).name, Counter[str]()
    now = OpenSample("", None, "", {})
    for member in tar.members(file, where):
        parts = [part for part in PurePosixPath(member.name.replace("\\", "/")).parts if part not in ("/", "..", ".")]
        if not parts or any(part[0] == "." or part == "__MACOSX" for part in parts):
            continue
        stem, _, ending = parts[-1].partition(".")
        key, ending = "/".join([*parts[:-1], stem]), ending.lower()
        if key != now.key:
            yield from finish(now, shard, counts)
            now = OpenSample(key, None, "", {})
        if f".{ending}" in ENDINGS and now.picture is None:
            now = now._replace(picture=member, ending=ending)
        elif ending in LABELS and ending not in now.labels:
            now = now._replace(labels={**now.labels, ending: label_of(file, member, ending)})
        else:
            others[f".{ending}" if ending else ""] += 1
    yield from finish(now, shard, counts)


def finish(now: OpenSample, shard: str, counts: Counter[str]) -> Iterator[Sample]:
    """The sample whose files have all come, if there is a picture among them.

    A class in .json goes before one in .cls: it can be a name.
    """
    if now.picture is None:
        return
    counts[now.key] += 1
    again = f"'{counts[now.key]}" if counts[now.key] > 1 else ""
    labels = [now.labels[ending] for ending in ("json", "cls") if ending in now.labels]
    label = next((label for label, _ in labels if label), "")
    fault = "" if label else next((fault for _, fault in labels if fault), "")
    cause = now.picture.cause or (
        "too large a file" if now.picture.size > MOST_BYTES else "" if now.picture.size else "empty file"
    )
    yield Sample(f"{shard}:{now.key}.{now.ending}{again}", now.picture.offset, now.picture.size, label, cause, fault)


def label_of(file: IO[bytes], member: tar.Member, ending: str) -> tuple[str, str]:
    """A label, or the cause why there is none; neither where a .json speaks of other things."""
    if member.cause or member.size > LABELS[ending]:
        return "", f"its .{ending} is {member.cause or f'{member.size:,} bytes long'}"
    file.seek(member.offset)
    try:
        text = file.read(member.size).decode("utf-8-sig")
        found: Any = text.strip() if ending == "cls" else class_of(json.loads(text))
    except (UnicodeDecodeError, ValueError, RecursionError):
        return "", f"its .{ending} cannot be read"
    if found is None:
        return "", ""
    if (
        isinstance(found, bool)
        or not isinstance(found, int | str)
        or not 0 < len(str(found)) <= MOST_LABEL
        or not str(found).isprintable()
    ):
        return "", f"its .{ending} is no label"
    return str(found), ""


def class_of(tree: Any) -> Any:
    """What a .json calls the sample."""
    if not isinstance(tree, dict):
        return None
    return tree.get("class", tree.get("label"))

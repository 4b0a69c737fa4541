"""Every picture decoded at its own size, for those who ask what is in the data."""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from . import decode_pool, npz
from .assign_labels import assign_labels
from .decode import Header
from .decode_options import DecodeOptions, Pixels, UnreadablePicture
from .decode_worker import comparable, difference, thumbnail
from .listing import Listing

WHITE = (255, 255, 255)


class Checked(NamedTuple):
    """A picture that can be decoded."""

    name: str
    header: Header
    digest: str  # SHA-256 of its pixels
    hash: int  # 64 bits of its edges: decode_worker.difference
    small: bytes  # its thumbnail: decode_worker.thumbnail
    split: str  # that its folder names
    label: str


class Checks(NamedTuple):
    """The pictures of a listing; `pictures` yields each with its name, or the cause why it cannot be decoded."""

    listing: Listing
    total: int
    pictures: Iterator[tuple[str, Checked | str]]


def checked(found: Listing, labels: str, encoding: str = "utf-8") -> Checks:
    """Raises DataError, for labels too."""
    if found.kind == "npz":
        return arrays(found, labels)
    splits, _, texts = assign_labels(found, labels, encoding)
    answers = decode_pool.answers("check", found.places, archive=found.archive)
    rows = zip(found.names, answers, splits, texts, strict=True)
    pictures = (
        (name, answer.cause or of_json(name, answer.payload, split, text)) for name, answer, split, text in rows
    )
    return Checks(found, len(found.names), pictures)


def of_json(name: str, payload: bytes, split: str, text: str) -> Checked:
    """From a worker's answer."""
    *header, digest, bits, thumbnail = json.loads(payload)
    return Checked(name, Header(*header), digest, bits, bytes.fromhex(thumbnail), split, text)


def arrays(found: Listing, labels: str) -> Checks:
    """From an .npz."""
    facts = npz.shape_of(found.path)
    mode = npz.MODES[facts.channels]
    header = Header(facts.width, facts.height, "NPZ", mode, "A" in mode, facts.depth)
    channels = 4 if header.transparent else 3
    options = DecodeOptions(facts.height, facts.width, channels, "stretch", WHITE, low=None, high=None)
    texts = npz.labels(found.path, facts.pictures) if labels else ("",) * facts.pictures

    def pictures() -> Iterator[tuple[str, Checked | str]]:
        for number, (row, text) in enumerate(zip(npz.raw(found.path), texts, strict=True)):
            try:
                pixels = npz.convert_row(row, options)
            except UnreadablePicture as error:
                yield str(number), str(error)
                continue
            content, picture = comparable(pixels)
            digest = hashlib.sha256(content if header.depth == "uint8" else row.tobytes()).hexdigest()
            yield str(number), Checked(str(number), header, digest, difference(picture), thumbnail(picture), "", text)

    return Checks(found, facts.pictures, pictures())


def sample(
    found: Listing, count: int, side: int, order: Callable[[int], np.ndarray[Any, Any]], channels: int = 3
) -> Iterator[Pixels]:
    """At most `count` pictures in this order of their numbers, each whole on a white square; on a transparent one with
    four channels.
    """
    options = DecodeOptions(side, side, channels, "pad", WHITE, low=None, high=None)
    if found.kind == "npz":
        chosen = set(order(npz.shape_of(found.path).pictures)[:count].tolist())
        payloads = (row for number, row in enumerate(npz.rows(found.path, options)) if number in chosen)
    else:
        places = [found.places[number] for number in order(len(found.places))[:count]]
        payloads = (
            answer.payload
            for answer in decode_pool.answers("pixels", places, options=options, archive=found.archive)
            if not answer.cause
        )
    for payload in payloads:
        yield np.frombuffer(payload, np.uint8).reshape(side, side, channels)

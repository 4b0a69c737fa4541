"""The index of a shard: place, label and SHA-256 of each of its pictures. Made once, and an entry of the cache."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ..base.errors import DataError
from ..base.progress import report_progress
from . import cache, decode_pool
from .listing import SHARDS, Listing, Place
from .shard_list import Shard, check_read, shards_of
from .shard_samples import Sample, samples_of

VERSION = 2  # another number for other indexes
KIND = "index"
LABELS = ("", "cls")  # of shards
HINT = "Each picture needs a .cls or a .json of its name."


def key_of(shard: Shard) -> str:
    """Of its entry in the cache."""
    return hashlib.sha256(json.dumps([KIND, VERSION, *shard]).encode()).hexdigest()[:32]


def indexed(shards: tuple[Shard, ...]) -> Iterator[cache.CacheEntry]:
    """The index of each shard, made now if it is missing. Raises DataError, ResourceError."""
    with closing(decode_pool.PersistentPool("index")) as workers:
        for number, shard in enumerate(shards):
            key = key_of(shard)
            entry = cache.find(key)
            yield entry or cache.get_or_make(key, partial(fill, shard=shard, workers=workers))
            report_progress("reading shards", number + 1, len(shards))


def fill(folder: Path, shard: Shard, workers: decode_pool.PersistentPool) -> Mapping[str, Any]:
    """Write the index of one shard into a folder of the cache, and return its facts. Raises DataError."""
    others = Counter[str]()
    try:
        with open(shard.path, "rb") as file:
            samples = list(samples_of(file, shard.path, others))
    except OSError as error:
        what = f"a shard cannot be read: {error.strerror or error}"
        raise DataError(what, where=shard.path, hint="Check its permissions and its disk.") from error
    headers, broken = read_sample_headers(shard, samples, workers)
    write_arrays(folder, samples, headers)
    return {
        "kind": KIND,
        "path": shard.path,
        "options": None,
        "pictures": len(headers),
        "labelled": sum(bool(sample.label) for sample in samples),
        "broken": {samples[number].name: cause for number, cause in broken.items()},
        "faults": {sample.name: sample.fault for sample in samples if sample.fault},
        "headers": Counter(json.dumps(header[:-1]) for header in headers.values()),
        "others": others,
    }


def read_sample_headers(
    shard: Shard, samples: Sequence[Sample], workers: decode_pool.PersistentPool
) -> tuple[dict[int, list[Any]], dict[int, str]]:
    """By number of the sample: header and digest of the file, and the cause where there is none. Raises DataError."""
    readable = [number for number, sample in enumerate(samples) if not sample.cause]
    futures = workers.ask([(shard.path, samples[number].offset, samples[number].size) for number in readable])
    answers = dict(zip(readable, (answer for future in futures for answer in future.result()), strict=True))
    shard.check()
    for answer in answers.values():
        check_read(shard, answer.cause)
    causes = {number: sample.cause or answers[number].cause for number, sample in enumerate(samples)}
    headers = {number: json.loads(answers[number].payload) for number in readable if not causes[number]}
    return headers, {number: cause for number, cause in causes.items() if cause}


def write_arrays(folder: Path, samples: Sequence[Sample], headers: Mapping[int, list[Any]]) -> None:
    """Write place, size, digest and name of each sample."""
    numbers = range(len(samples))
    digests = [bytes.fromhex(headers[number][-1]) if number in headers else bytes(32) for number in numbers]
    arrays = {
        "offset": np.array([sample.offset for sample in samples], np.int64),
        "size": np.array([sample.size for sample in samples], np.int64),
        "usable": np.array([number in headers for number in numbers], np.bool_),
        "digest": np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32),
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    texts = {"names": [sample.name for sample in samples], "labels": [sample.label for sample in samples]}
    (folder / "names.json").write_text(json.dumps(texts), encoding="utf-8")


def usable_rows(entry: cache.CacheEntry, name: str) -> np.ndarray[Any, Any]:
    """One of the arrays, for those pictures that can be opened."""
    return np.asarray(np.load(entry.folder / f"{name}.npy")[np.load(entry.folder / "usable.npy")])


def names_and_labels(entry: cache.CacheEntry) -> tuple[list[str], list[str]]:
    """Names and labels of all samples."""
    try:
        found = json.loads((entry.folder / "names.json").read_text(encoding="utf-8"))
        return found["names"], found["labels"]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            "the index of a shard is damaged",
            where=str(entry.folder),
            hint="`ganvas data clear --all`, then try again.",
        ) from error


def name_at(shard: Shard, offset: int) -> str:
    """What a picture is called, as long as the index is there."""
    entry = cache.find(key_of(shard))
    found = np.flatnonzero(np.load(entry.folder / "offset.npy") == offset) if entry else np.empty(0, np.int64)
    return (
        names_and_labels(entry)[0][int(found[0])]
        if entry and len(found)
        else f"{PurePosixPath(shard.path).name} at byte {offset:,}"
    )


def labels_of(listing: Listing, labels: str) -> tuple[str, ...]:
    """The label of each picture of listed shards. Raises DataError for labels but "cls", and where one is missing."""
    check_shard_labels(labels, str(listing.path))
    shards = tuple(dict.fromkeys(place[0] for place in listing.places if isinstance(place, tuple)))
    texts = tuple(text for entry in indexed(shards_of(shards)) for text in names_and_labels(entry)[1])
    without = [name for name, text in zip(listing.names, texts, strict=True) if not text]
    if without:
        what = f"{len(without):,} of {len(texts):,} pictures have no label, such as {without[0]}"
        raise DataError(what, where=str(listing.path), hint=HINT)
    return texts


def check_shard_labels(labels: str, where: str) -> None:
    """Raises DataError for labels that shards do not have."""
    if labels not in LABELS:
        hint = 'Shards have "cls": the class of each picture in a .cls or .json of its name.'
        raise DataError(f"no labels '{labels}' in shards", where=where, hint=hint)


def list_shards(path: str, shards: tuple[Shard, ...]) -> Listing:
    """Every picture in the shards. Raises DataError, ResourceError."""
    names, places, others = list[str](), list[Place](), Counter[str]()
    for shard, entry in zip(shards, indexed(shards), strict=True):
        offsets, sizes = (np.load(entry.folder / f"{name}.npy").tolist() for name in ("offset", "size"))
        names += names_and_labels(entry)[0]
        places += zip([shard.path] * len(offsets), offsets, sizes, strict=True)
        others.update(entry.facts["others"])
    stamp = hashlib.sha256(repr(shards).encode()).hexdigest()
    return Listing(SHARDS, Path(path), tuple(names), tuple(places), stamp, others)

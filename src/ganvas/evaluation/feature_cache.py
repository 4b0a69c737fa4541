"""Cached features of real pictures, so that scoring another model against them takes half the time."""

import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from ..base.errors import ResourceError
from ..ingest import cache
from ..metrics import VERSIONS, Extractor, Features, Result
from .image_set import PictureSet

MOST = 256 * 2**20  # bytes of one set's features; larger sets are not cached
FILE = "features.safetensors"


def cacheable(pictures: PictureSet, extractor: Extractor) -> bool:
    """Whether the pictures are reusable, the extractor's features may be cached, and its weights have a hash."""
    return pictures.reusable and extractor.cacheable and bool(extractor.describe().get("weights_sha256"))


def cache_key(kind: str, sets: Iterable[PictureSet], extractor: Extractor, *more: Any) -> str:
    """SHA-256 of everything that the numbers depend on."""
    which = [(each.data, each.offset, each.n, each.shape, each.prepared) for each in sets]
    content = [
        kind,
        which,
        extractor.name,
        dict(extractor.describe()),
        VERSIONS,
        torch.backends.cpu.get_cpu_capability(),
        *more,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def load_features(pictures: PictureSet, extractor: Extractor) -> list[Features] | None:
    """The cached features of all these pictures, in the blocks that they were computed in; None if there are none.

    The same blocks give the same sums to the bit.
    """
    if not cacheable(pictures, extractor):
        return None
    entry = cache.find(cache_key("features", [pictures], extractor))
    if entry is None:
        return None
    try:
        sound = file_sha256(entry.folder) == entry.facts.get("sha256")
        tensors = load_file(entry.folder / FILE) if sound else {}
    except (OSError, SafetensorError):
        return None
    if not sound:
        with suppress(OSError):
            cache.remove(entry.folder)  # so that the features are computed again
        return None
    lengths = entry.facts.get("blocks", [])
    if any(each.ndim != 2 or len(each) != sum(lengths) for each in tensors.values()) or "features" not in tensors:
        return None
    features, named = (
        tensors["features"].split(lengths),
        tensors["probabilities"].split(lengths) if "probabilities" in tensors else [None] * len(lengths),
    )
    return [Features(*part) for part in zip(features, named, strict=True)]


def save_features(pictures: PictureSet, extractor: Extractor, parts: list[Features]) -> None:
    """Cache the features if the disk has room."""
    features = torch.cat([part.features for part in parts])
    named = [part.probabilities for part in parts if part.probabilities is not None]
    tensors = {"features": features.contiguous()} | ({"probabilities": torch.cat(named).contiguous()} if named else {})

    def make(folder: Any) -> dict[str, Any]:
        try:
            save_file(tensors, folder / FILE)
        except SafetensorError as error:  # safetensors raises it for a full disk
            raise OSError(str(error)) from error
        return {
            **entry_facts(pictures, f"{extractor.name} features"),
            "blocks": [len(part.features) for part in parts],
            "sha256": file_sha256(folder),
        }

    with suppress(ResourceError):
        cache.get_or_make(cache_key("features", [pictures], extractor), make)


def file_sha256(folder: Path) -> str:
    """SHA-256 of the cached file, which shows a changed bit."""
    with (folder / FILE).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def small_enough(pictures: PictureSet, extractor: Extractor, part: Features) -> bool:
    """Whether the features of the whole set, estimated from a part, fit into MOST bytes."""
    each = part.features[0].nbytes + (0 if part.probabilities is None else part.probabilities[0].nbytes)
    return cacheable(pictures, extractor) and each * pictures.n <= MOST


def real_vs_real_values(
    sets: tuple[PictureSet, PictureSet], extractor: Extractor, more: Any, measure: Callable[[], Iterable[Result]]
) -> dict[str, float]:
    """The scores of reals against other reals, by name; computed once, then cached."""
    if not all(cacheable(each, extractor) for each in sets):
        return {result.name: result.value for result in measure()}
    found: dict[str, float] = {}

    def make(folder: Any) -> dict[str, Any]:
        found.update({result.name: result.value for result in measure()})
        return {**entry_facts(sets[0], f"{extractor.name} scores of reals"), "real_vs_real": found}

    with suppress(ResourceError):
        return dict(
            cache.get_or_make(cache_key("real_vs_real", sets, extractor, more), make).facts.get("real_vs_real", {})
        )
    return found or {result.name: result.value for result in measure()}


def entry_facts(pictures: PictureSet, what: str) -> dict[str, Any]:
    """What `ganvas data list` shows of a cache entry."""
    channels, height, width = pictures.shape
    return {"path": f"{what} of {pictures.name}", "pictures": pictures.n, "options": [height, width, channels]}

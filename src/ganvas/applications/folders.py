"""Pictures that lie somewhere, as they are."""

import hashlib
from pathlib import Path

import numpy as np

from ..data.pictures import entry_of
from ..data.survey import guess
from .sets import PictureSet, of_array


def of_folder(path: Path | str, *, like: tuple[int, ...] | None = None) -> PictureSet:
    """All pictures at a path (folder, zip, list, .npz), at their own size if they have one, else as `like` [C, H, W] or as is guessed. Raises DataError."""
    size = None if like is None else (like[2], like[1])
    source, said = guess(str(path), size=size, channels=None if like is None else (1 if like[0] == 1 else 3))
    entry = entry_of(source)
    x = np.load(entry.folder / "x.npy", mmap_mode="r")
    prepared = said[0].partition(": ")[2] if said else "none"
    together = hashlib.sha256("".join(entry.facts["fingerprints"].values()).encode()).hexdigest()
    return of_array(x, name=str(path), data=together, prepared=prepared)

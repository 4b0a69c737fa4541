"""Pictures of a folder, a zip, a list or an .npz, as a set that can be scored."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..data import custom_pictures, picture_entry
from ..data.infer_options import PictureOptions, infer_options
from ..ingest.decode_options import decode_options_of
from ..ingest.survey import HeaderSummary, survey
from ..ingest.units import BYTES, Units, span
from .image_set import PictureSet, array_images


def folder_images(path: Path | str, *, like: tuple[int, ...] | None = None, units: Units | None = None) -> PictureSet:
    """All pictures at a path: a folder, a zip, a list, an .npz, or shards.

    They have the shape `like` [C, H, W]; without it the size that they share, else a guessed one.

    `units`: the range of values that becomes black and white, where these have more than 8 bits; else it is surveyed.
    Raises DataError.
    """
    found = survey(str(path))
    seen = found.headers
    shared = next(iter(seen.sizes)) if len(seen.sizes) == 1 else None
    given = None if units is None or units == BYTES or not seen.deep else span(units.low, units.high)
    channels = None if like is None else 1 if like[0] == 1 else 3
    size = shared if like is None else (like[2], like[1])
    inferred, _ = infer_options(found, PictureOptions(size=size, channels=channels, range=given))
    source = custom_pictures.all_at_once(inferred)
    entry = picture_entry.entry_of(source, scored=True)
    x = np.load(entry.folder / "x.npy", mmap_mode="r")
    together = hashlib.sha256("".join(entry.facts["fingerprints"].values()).encode()).hexdigest()
    colour = "grey" if source.channels == 1 else "colour"
    prepared = (
        f"{source.width} x {source.height} in {colour}, of other shapes the middle, resized; on {source.background}"
    )
    known = decode_options_of(source).units
    prepared += f"; values of {span(source.low, source.high)}" if seen.deep else ""
    return replace(
        array_images(x, name=str(path), data=together, prepared=prepared, units=known),
        messages=changes(seen, source),
        reusable=True,
    )


def changes(seen: HeaderSummary, made: custom_pictures.Pictures) -> tuple[str, ...]:
    """One sentence if these pictures were not what they were made into."""
    counts = {
        f"brought to {made.width} x {made.height}": seen.pictures - seen.sizes.get((made.width, made.height), 0),
        "made grey": (seen.pictures - seen.grey) * (made.channels == 1),
        "made colour": seen.grey * (made.channels == 3),
        f"put on {made.background}": seen.transparent,
        "left out, as they cannot be opened": len(seen.broken),
    }
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    return (f"Of {seen.pictures + len(seen.broken):,} in {seen.path}: {told}.",) if told else ()

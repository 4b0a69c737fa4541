"""The pictures of a folder, a zip, a list or an .npz as a PictureSet."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..data import custom_pictures, picture_entry
from ..data.infer_options import PictureOptions, infer_options
from ..ingest.decode_options import TRANSPARENT, decode_options_of
from ..ingest.survey import HeaderSummary, survey
from ..ingest.units import BYTES, Units, span
from .image_set import GROUND, PictureSet, array_images


def folder_images(path: Path | str, *, like: tuple[int, ...] | None = None, units: Units | None = None) -> PictureSet:
    """All pictures at a path: a folder, a zip, a list, an .npz, or shards.

    Args:
        path: of the pictures.
        like: the shape [C, H, W] to bring them to. Default: their common size, else the size that the survey suggests.
        units: for more than 8 bits, the range of values that becomes black to white. Default: that of the survey.

    Returns:
        The pictures.

    Raises:
        DataError: the pictures cannot be read.
    """
    found = survey(str(path))
    headers = found.headers
    shared = next(iter(headers.sizes)) if len(headers.sizes) == 1 else None
    given = None if units is None or units == BYTES or not headers.deep else span(units.low, units.high)
    transparent = like is not None and like[0] == 4
    channels = None if like is None or transparent else 1 if like[0] == 1 else 3
    size = shared if like is None else (like[2], like[1])
    inferred, _ = infer_options(
        found,
        PictureOptions(size=size, channels=channels, range=given, background=TRANSPARENT if transparent else None),
    )
    source = custom_pictures.all_at_once(inferred)
    entry = picture_entry.entry_of(source, scored=True)
    x = np.load(entry.folder / "x.npy", mmap_mode="r")
    together = hashlib.sha256("".join(entry.facts["fingerprints"].values()).encode()).hexdigest()
    colour = "grey" if source.channels == 1 else "colour"
    prepared = f"{source.width} x {source.height} in {colour}, centre crop, resized"
    prepared += "" if source.channels == 4 else f"; background {source.background}"
    known = decode_options_of(source).units
    prepared += f"; values of {span(source.low, source.high)}" if headers.deep else ""
    return replace(
        array_images(x, name=str(path), data=together, prepared=prepared, units=known),
        messages=changes(headers, source),
        reusable=True,
    )


def ground_text(background: str) -> str:
    """What is done to transparent pictures."""
    if background == TRANSPARENT:
        return f"scored with {GROUND}"
    return f"given a {background} background"


def changes(headers: HeaderSummary, made: custom_pictures.Pictures) -> tuple[str, ...]:
    """One sentence on how many pictures were changed, and how; none if no picture was changed."""
    counts = {
        f"resized to {made.width} x {made.height}": headers.pictures - headers.sizes.get((made.width, made.height), 0),
        "converted to grey": (headers.pictures - headers.grey) * (made.channels == 1),
        "converted to colour": headers.grey * (made.channels != 1),
        ground_text(made.background): headers.transparent,
        "left out because they cannot be opened": len(headers.broken),
    }
    text = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    return (f"Of {headers.pictures + len(headers.broken):,} pictures in {headers.path}: {text}.",) if text else ()

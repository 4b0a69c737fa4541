"""How many pictures are transparent in fact: many with an alpha channel are opaque throughout."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from . import decode_pool, npz
from .decode_options import BEHIND, DecodeOptions, Pixels
from .listing import Listing
from .survey import Survey

SAMPLED = 200  # pictures that are decoded, evenly among all
SIDE = 32  # pixels a side that they are decoded at
CLEAR = 0.01  # the share of a transparent picture's pixels that are at least half transparent
ENOUGH = 0.2  # the share of transparent pictures from which transparency is kept


@lru_cache(maxsize=4)
def transparent_share(found: Survey) -> float:
    """The share of sampled pictures of which at least 1 % of the pixels are at least half transparent.

    Args:
        found: the pictures.

    Returns:
        From 0 to 1; 0 without decoding where headers show that it is below ENOUGH, or that pictures have more than 8
        bits, with which transparency is not kept.
    """
    headers = found.headers
    if headers.deep or headers.transparent < ENOUGH * headers.pictures:
        return 0.0
    clear = [float((alpha < 128).mean()) >= CLEAR for alpha in sampled_alphas(found.listing)]
    return sum(clear) / max(1, len(clear))


def sampled_alphas(listing: Listing) -> Iterator[Pixels]:
    """Alpha [SIDE, SIDE] of at most SAMPLED pictures; those that cannot be decoded are left out."""
    options = DecodeOptions(SIDE, SIDE, 4, "stretch", BEHIND)
    if listing.kind == "npz":
        chosen = evenly(npz.shape_of(listing.path).pictures)
        for number, row in enumerate(npz.raw(listing.path)):
            if number in chosen:
                yield npz.convert_row(row, options)[:, :, 3]
        return
    places = [listing.places[place] for place in sorted(evenly(len(listing.places)))]
    for answer in decode_pool.answers("pixels", places, options=options, archive=listing.archive):
        if not answer.cause:
            yield np.frombuffer(answer.payload, np.uint8).reshape(SIDE, SIDE, 4)[:, :, 3]


def evenly(count: int) -> set[int]:
    """At most SAMPLED numbers below `count`, evenly spaced."""
    return set(np.linspace(0, count - 1, min(SAMPLED, count)).round().astype(int).tolist())

"""The pairs at one or two paths, and how each side is decoded."""

from ..base.errors import DataError
from .decode_options import DecodeOptions
from .pair_names import match_names, own_pairs
from .read_pairs import PairReading as PairReading
from .read_pairs import PairSide
from .survey import survey


def list_pairs(path: str, to: str, input_options: DecodeOptions, options: DecodeOptions, *, maps: bool) -> PairReading:
    """The pairs of two folders or zips.

    Args:
        path: of the inputs.
        to: of the truths.
        input_options, options: by which inputs and truths are decoded.
        maps: whether the truths are maps of classes.

    Raises:
        DataError: there are no pairs, or both paths are the same.
    """
    inputs, truths = survey(path).listing, survey(to).listing
    if inputs.path.resolve() == truths.path.resolve():
        raise DataError(
            "inputs and truths are the same pictures", where=path, hint="Name the truths' own folder or zip."
        )
    names = match_names(inputs, truths)
    return PairReading(
        names,
        PairSide(inputs, tuple(pair.input for pair in names.pairs), "pixels", input_options),
        PairSide(truths, tuple(pair.truth for pair in names.pairs), "classes" if maps else "pixels", options),
    )


def list_halves(path: str, input_options: DecodeOptions, options: DecodeOptions, *, reverse: bool) -> PairReading:
    """The pairs of a folder or zip of pictures that hold both.

    Args:
        path: of the pictures.
        input_options, options: by which inputs and truths are decoded.
        reverse: whether inputs are the right halves.

    Raises:
        DataError: there are no pictures.
    """
    listing = survey(path).listing
    names = own_pairs(listing)
    numbers = tuple(pair.input for pair in names.pairs)
    return PairReading(
        names,
        PairSide(listing, numbers, "right" if reverse else "left", input_options),
        PairSide(listing, numbers, "left" if reverse else "right", options),
    )

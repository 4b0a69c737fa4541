"""Whether both pictures of each pair have one shape, from their headers."""

from ..base.errors import DataError
from .decode import Header
from .listing_messages import printable
from .read_pairs import PairReading, PairSide


def check_shapes(reading: PairReading) -> None:
    """Compare the shapes of both pictures of each pair, which are read from their headers; halves have one shape.

    Raises:
        DataError: the pictures of a pair have different aspect ratios, and they are not stretched.
    """
    if reading.truth.task in ("left", "right"):
        return
    inputs, truths = (side_sizes(side) for side in (reading.input, reading.truth))
    unlike = [each for each in inputs if each in truths and not alike_shapes(inputs[each], truths[each])]
    if unlike and reading.truth.options.fit != "stretch":
        first = unlike[0]
        (width, height), (other_width, other_height) = inputs[first], truths[first]
        raise DataError(
            f"the pictures of {len(unlike):,} of {len(inputs):,} pairs differ in shape, such as "
            f"{printable(reading.input.name(first))} ({width} x {height}) and "
            f"{printable(reading.truth.name(first))} ({other_width} x {other_height})",
            hint="Cut them to the same part of the scene, or use --fit stretch where both show the same part.",
        )


def side_sizes(side: PairSide) -> dict[int, tuple[int, int]]:
    """Width and height of one side's picture of each pair that can be opened."""
    headers = (
        (number, Header.read(answer.payload))
        for number, answer in enumerate(side.answers("header"))
        if not answer.cause
    )
    return {number: (header.width, header.height) for number, header in headers}


def alike_shapes(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether one size is the other's, scaled and rounded to whole pixels either way.

    Args:
        one, other: widths and heights in pixels.
    """
    small, large = sorted((one, other), key=lambda size: size[0] * size[1])
    least, most = (
        max((side - 1) / whole for side, whole in zip(small, large, strict=True)),
        min((side + 1) / whole for side, whole in zip(small, large, strict=True)),
    )
    return least <= most

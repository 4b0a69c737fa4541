"""The options that a person does not give, inferred from the headers and values of the pictures."""

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

import numpy as np

from ..ingest.background import infer_background, infer_channels
from ..ingest.labels import located
from ..ingest.picture_options import INFERRED as INFERRED
from ..ingest.picture_options import Fit
from ..ingest.picture_options import PictureOptions as PictureOptions
from ..ingest.value_summary import infer_range
from .custom_pictures import Own, Pictures, Shards
from .survey_messages import check_openable, survey_messages
from .survey_messages import unopened_messages as unopened_messages

if TYPE_CHECKING:
    from ..ingest.survey import Survey

SIDES = (32, 64, 128)  # that pictures of many sizes are resized to
DEFAULT_SIDE = 64  # the largest that is inferred: what a CPU can learn in minutes
OWN_SIDE = 128  # pictures that are all of one size keep it up to here
QUANTILE = 10  # per cent of the pictures may be enlarged


class Inferred(NamedTuple):
    """The source with every option, and messages about those that were inferred."""

    source: Own
    messages: tuple[str, ...]


def infer_options(found: "Survey", options: PictureOptions = INFERRED) -> Inferred:
    """The source for surveyed pictures; options that are not given are inferred from the pictures.

    Args:
        found: the pictures.
        options: those that are given; `labels` may name a table in the data's folder or zip.

    Raises:
        DataError: no picture can be opened.
        UsageError: a range is given, and no picture has more than 8 bits; or transparency cannot be kept.
    """
    options.check_transparency()
    headers, path, labels = found.headers, found.path, options.labels
    check_openable(headers)
    values, about_values = infer_range(found, options.range)
    width, height = options.width_height or multiples(infer_size(found), options.scale or 1)
    background = infer_background(found, options)
    source: Own = (Shards if found.shards else Pictures)(
        path=path,
        height=height,
        width=width,
        channels=cast("Literal[1, 3] | None", options.channels) or infer_channels(found, background),
        fit=cast("Fit | None", options.fit) or "crop",
        background=background,
        labels=located(labels, path) if labels and isinstance(path, str) else labels or "",
        **values,
    )
    if isinstance(source, Pictures):
        source = replace(source, encoding=found.encoding)
    return Inferred(source, (*survey_messages(headers, source, options), *about_values))


def multiples(size: tuple[int, int], scale: int) -> tuple[int, int]:
    """Both sides lowered to multiples of the scale, at least the scale."""
    width, height = (max(scale, side - side % scale) for side in size)
    return width, height


def infer_size(found: "Survey") -> tuple[int, int]:
    """Width and height: the pictures' own if all have the same small one, else a square for which few are enlarged."""
    sizes = found.headers.sizes
    if len(sizes) == 1 and max(only := next(iter(sizes))) <= OWN_SIDE:
        return only
    shorter = np.repeat([min(size) for size in sizes], list(sizes.values()))
    enough = [side for side in SIDES if side <= min(DEFAULT_SIDE, np.percentile(shorter, QUANTILE))]
    side = max(enough, default=SIDES[0])
    return side, side

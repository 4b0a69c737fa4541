"""The headers of a person's pictures: every file is opened, none is decoded."""

from ..base.progress import report_progress
from . import npz
from .decode import Header
from .decode_pool import answers
from .header_summary import GREY, summarise
from .header_summary import HeaderSummary as HeaderSummary
from .header_summary import summarise_shards as summarise_shards
from .listing import Listing


def read_headers(path: str, found: Listing) -> HeaderSummary:
    """The summary of the headers of the listed pictures: every file is opened, none is decoded. Raises DataError."""
    if found.kind == "npz":
        facts = npz.shape_of(found.path)
        mode = npz.MODES[facts.channels]
        kinds = {mode: facts.pictures}
        transparent = facts.pictures if "A" in mode else 0
        grey = facts.pictures if mode in GREY else 0
        return HeaderSummary(
            path,
            "npz",
            facts.pictures,
            {(facts.width, facts.height): facts.pictures},
            {"NPZ": facts.pictures},
            kinds,
            transparent,
            grey,
            {},
            {},
            {},
            depths={facts.depth: facts.pictures},
        )
    headers: list[Header] = []
    broken: dict[str, str] = {}
    for number, (name, answer) in enumerate(
        zip(found.names, answers("header", found.places, archive=found.archive), strict=True), start=1
    ):
        if answer.cause:
            broken[name] = answer.cause
        else:
            headers.append(Header.read(answer.payload))
        report_progress("looking at pictures", number, len(found.names))
    return summarise(path, found, headers, broken)

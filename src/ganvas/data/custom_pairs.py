"""A person's own pairs of pictures: where both sides are, inferred options, and messages about them."""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ..base.errors import DataError, UsageError
from ..ingest.survey import Survey, survey
from .infer_options import PictureOptions, infer_options
from .pair_checks import pair_messages
from .pair_entry import entry_of
from .pairs import Halves, Pairs

SIDES = (  # names of two folders side by side, of the inputs and of the truths
    ("input", "target"),
    ("inputs", "targets"),
    ("input", "output"),
    ("inputs", "outputs"),
    ("input", "truth"),
    ("inputs", "truths"),
    ("source", "target"),
    ("image", "mask"),
    ("images", "masks"),
    ("low", "high"),
    ("before", "after"),
    ("a", "b"),
    ("x", "y"),
)
WIDE = 0.02  # by which the ratio of a side-by-side picture may differ from 2
OwnPairs = Pairs | Halves


class PairFacts(NamedTuple):
    """What is known of a source's pairs once they are in the cache, and messages about them."""

    splits: tuple[int, int, int]
    messages: tuple[str, ...]


def two_sides(path: str) -> tuple[str, str] | None:
    """The folders of inputs and truths directly in a folder, by their names; None where it has no two such folders."""
    return next(filter(None, (folders_named(path, names) for names in SIDES)), None)


def folders_named(path: str, names: tuple[str, str]) -> tuple[str, str] | None:
    """Two folders of these lower-case names, written in any letter case, directly in a folder."""
    try:
        inside = {each.name.lower(): each for each in sorted(Path(path).expanduser().iterdir()) if each.is_dir()}
    except OSError:
        return None
    return (str(inside[names[0]]), str(inside[names[1]])) if inside.keys() >= set(names) else None


def infer_pairs(path: str, options: PictureOptions, *, maps: bool = False) -> tuple[OwnPairs, tuple[str, ...]]:
    """The source for pairs at one or two paths, with messages; options that are not given are inferred.

    Args:
        path: of the inputs, with `options.to` of the truths; or of one folder that holds both.
        options: of the pictures; size, fit, background and channels are of both sides.
        maps: whether the truths are maps of classes, which have 1 channel.

    Raises:
        DataError: the pictures cannot be read, or are no pairs.
        UsageError: an option does not apply to pairs.
    """
    check_pair_options(options)
    both = (path, options.to) if options.to else two_sides(path)
    if both is None and maps:
        raise no_pairs(path)
    if both is None:
        return infer_halves(survey(path), options)
    inputs, truths = (survey(each) for each in (reversed(both) if options.reverse else both))
    truths = of_numbers(truths) if maps else truths
    if options.range and not (inputs.headers.deep or truths.headers.deep):
        raise UsageError("--range is about pictures of more than 8 bits, and these have 8", hint="Leave --range out.")
    of_truths, about_truths = infer_options(
        truths, side_options(truths, replace(options, channels=1) if maps else options)
    )
    size = (of_truths.width, of_truths.height)
    of_inputs, about_inputs = infer_options(inputs, side_options(inputs, replace(options, size=size)))
    common = {name: getattr(of_truths, name) for name in ("height", "width", "channels", "fit", "background")}
    source = Pairs(
        path=inputs.where,
        to=truths.where,
        **common,
        **{name: getattr(of_truths, name) for name in ("depth", "low", "high")},
        maps=maps,
        **{f"input_{name}": getattr(of_inputs, name) for name in ("channels", "depth", "low", "high")},
    )
    named = (*(f"inputs: {each}" for each in about_inputs), *(f"truths: {each}" for each in about_truths))
    return source, (f"translates from {inputs.where} to {truths.where} (--reverse for the other direction)", *named)


def of_numbers(found: Survey) -> Survey:
    """The survey of maps, whose values are classes whatever type they have: medical ones are often of 16 bits."""
    maps = replace(found)
    vars(maps)["listing"] = found.listing
    vars(maps)["headers"] = replace(found.headers, depths={"uint8": found.headers.pictures})
    return maps


def infer_halves(found: Survey, options: PictureOptions) -> tuple[Halves, tuple[str, ...]]:
    """The source for pictures that hold an input and its truth side by side, and messages.

    Raises:
        DataError: these are not all twice as wide as high.
    """
    sizes = found.headers.sizes
    if not sizes or any(abs(width / height - 2) > 2 * WIDE for width, height in sizes):
        raise no_pairs(found.where)
    halved = replace(found)
    vars(halved)["listing"] = found.listing
    vars(halved)["headers"] = replace(
        found.headers, sizes={(width // 2, height): count for (width, height), count in sizes.items()}
    )
    of_halves, messages = infer_options(halved, side_options(halved, options))
    shared = ("height", "width", "channels", "fit", "background", "depth", "low", "high")
    source = Halves(
        path=found.where,
        reverse=bool(options.reverse),
        input_channels=of_halves.channels,  # type: ignore[arg-type]  # 4 only with the background "keep"
        **{name: getattr(of_halves, name) for name in shared},
    )
    sides = ("right", "left") if options.reverse else ("left", "right")
    about = f"two pictures side by side: translates from the {sides[0]} half to the {sides[1]} half"
    return source, (f"{about} (--reverse for the other direction)", *(f"halves: {each}" for each in messages))


def no_pairs(path: str) -> DataError:
    """The error for a path without pairs."""
    names = " or ".join("/ and ".join(each) + "/" for each in SIDES[:2])
    return DataError(
        "no pairs of pictures: neither two folders whose names are known, nor pictures twice as wide as high",
        where=path,
        hint=f"Name inputs and truths with --data INPUTS --to TRUTHS, or name the two folders inside {names}.",
    )


def check_pair_options(options: PictureOptions) -> None:
    """Raises UsageError for options that pairs do not have."""
    if options.background == "keep":
        raise UsageError("--background keep does not apply to pairs", hint="Give a colour, such as white.")
    if options.labels:
        raise UsageError("--labels does not apply to pairs, which have no classes", hint="Leave --labels out.")


def side_options(found: Survey, options: PictureOptions) -> PictureOptions:
    """The options for one side: no labels, a background, and a range only where pictures have more than 8 bits."""
    given: Any = options.range if found.headers.deep else None
    return replace(options, labels="", background=options.background or "white", range=given)


def decode_pairs(source: OwnPairs) -> PairFacts:
    """Decode the pairs into the cache, unless they are there. Raises DataError, ResourceError."""
    facts = entry_of(source).facts
    train, val, test = facts["splits"].values()
    return PairFacts((train, val, test), tuple(pair_messages(facts)))

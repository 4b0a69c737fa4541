"""The options for a person's own data as one value: size, fit, channels, background, labels, range, encoding, flips."""

from dataclasses import dataclass, fields
from typing import Literal

from ..base.errors import UsageError, suggest
from .decode_options import TRANSPARENT
from .value_ranges import check_range

CHOICES: dict[str, tuple[str | int, ...]] = {"fit": ("crop", "pad", "stretch"), "channels": (1, 3)}
Fit = Literal["crop", "pad", "stretch"]
OF_TRAINING = ("flips", "scale")  # options that apply without data of one's own too


@dataclass(frozen=True)
class PictureOptions:
    """The options that `--data` takes. None: the value is inferred from the data.

    Args:
        size: of every picture in pixels: one side (64 or "64"), "WIDTHxHEIGHT", or (width, height).
        fit: "crop", "pad" or "stretch" pictures of another shape.
        channels: 1 for grey, 3 for colour.
        background: the colour behind transparent pixels, such as "white" or "#102030"; "keep" keeps transparency.
        labels: "folders", a table of file,label, "y" of an .npz, "cls" of shards.
        range: LOW:HIGH, the values that become black and white in pictures of more than 8 bits.
        encoding: of a table or a list of files, such as "latin-1".
        flips: whether pictures are mirrored in half of the passes.
        to: the pictures that those of `--data` are translated to: the truths of pairs, or the other domain.
        reverse: whether pictures are translated in the other direction.
        scale: the factor of super-resolution; sizes are multiples of it.
    """

    size: str | int | tuple[int, int] | None = None
    fit: str | None = None
    channels: int | None = None
    background: str | None = None
    labels: str | None = None
    range: str | None = None
    encoding: str | None = None
    flips: bool | None = None
    to: str | None = None
    reverse: bool | None = None
    scale: int | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the options that are about the data and are not None; some are about training."""
        names = (field.name for field in fields(self))
        return tuple(name for name in names if name not in OF_TRAINING and getattr(self, name) is not None)

    @property
    def width_height(self) -> tuple[int, int] | None:
        """`size` as (width, height) in pixels. Raises UsageError."""
        return None if self.size is None else parse_size(self.size)

    def check_values(self) -> None:
        """Raises UsageError for a value that is wrong whatever the data are."""
        for name, choices in CHOICES.items():
            value = getattr(self, name)
            if value is not None and value not in choices:
                hint = suggest(str(value), map(str, choices)) or f"There are: {', '.join(map(str, choices))}."
                raise UsageError(f"--{name} {value} is no choice", hint=hint)
        size, scale = self.size, self.scale
        if scale and any(side % scale for side in self.width_height or ()):
            raise UsageError(
                f"--size {size} is no multiple of the scale {scale}", hint="Make both sides multiples of it."
            )
        self.check_transparency()
        if self.range is not None:
            check_range(self.range)

    def check_transparency(self) -> None:
        """Raises UsageError where transparency is kept and another number of channels is given."""
        if self.background == TRANSPARENT and self.channels is not None:
            raise UsageError(
                f"--background keep makes pictures of 4 channels, and {self.channels} are requested by --channels",
                hint="Leave one of them out.",
            )


INFERRED = PictureOptions()  # everything is inferred from the data


def parse_size(size: str | int | tuple[int, int]) -> tuple[int, int]:
    """(width, height) of 64, "64", "64x48" or (64, 48).

    Raises:
        UsageError: these are not one or two whole numbers above 0.
    """
    sides = [str(side) for side in size] if isinstance(size, tuple) else str(size).lower().split("x")
    if len(sides) > 2 or not all(side.strip().isdecimal() and int(side) > 0 for side in sides):
        hint = "Write one side, such as 64, or width x height, such as 64x48."
        raise UsageError(f"--size {size} is no size", hint=hint)
    return int(sides[0]), int(sides[-1])

"""Pictures in an .npz: x [N, H, W] or [N, H, W, C], optionally y [N]; read row by row, never unpickled."""

import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.lib import format as npy
from PIL import Image

from ..base.errors import DataError
from . import depth, flatten
from .decode import LEAST_SIDE, MOST_PIXELS
from .decode_options import DecodeOptions, Pixels, UnreadablePicture
from .fitting import fitted
from .listing import MOST_MEMBERS

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
MOST_RATIO = 200  # inflated to packed, of an array of more bytes than these; sorted labels shrink a thousandfold
LARGE = {"x": 4 * 2**20, "y": 64 * 2**20}
MOST_LABEL_BYTES = 2**30
DEPTHS = {
    "u1": "uint8",
    "u2": "uint16",
    "i1": "int16",
    "i2": "int16",
    "u4": "uint32",
    "i4": "int32",
    "f2": "float32",
    "f4": "float32",
    "f8": "float32",
}
HINT = (
    "Save it with numpy.savez(path, x=pictures, y=labels): "
    "x [N, H, W] or [N, H, W, C] of uint8, uint16, int16, int32 or float32."
)


class Arrays(NamedTuple):
    """What an .npz holds."""

    pictures: int
    height: int
    width: int
    channels: int
    dtype: np.dtype[Any]

    @property
    def depth(self) -> str:
        """Of its values."""
        return DEPTHS[self.dtype.str[1:]]

    @property
    def row(self) -> int:
        """Bytes of a picture."""
        return self.height * self.width * self.channels * self.dtype.itemsize


def shape_of(path: Path) -> Arrays:
    """Sizes from the header of x. Raises DataError."""
    with member(path, "x") as (file, info):
        shape, fortran, kind = header(file)
        if (
            kind.str[1:] not in DEPTHS
            or len(shape) not in (3, 4)
            or fortran
            or (len(shape) == 4 and shape[3] not in MODES)
        ):
            raise DataError(
                f"x is {kind} {list(shape)}{' in Fortran order' if fortran else ''}, not pictures",
                where=str(path),
                hint=HINT,
            )
        if len(shape) == 4 and shape[3] in (2, 4) and kind != np.uint8:
            raise DataError(
                f"transparency is read only in uint8, and x is {kind} {list(shape)}", where=str(path), hint=HINT
            )
        if file.tell() + int(np.prod(shape, dtype=object)) * kind.itemsize != info.file_size:
            raise DataError("x is not as long as its header says", where=str(path), hint=HINT)
        if min(shape[1:3]) < LEAST_SIDE or shape[1] * shape[2] > MOST_PIXELS:
            raise DataError(f"pictures of {shape[2]} x {shape[1]} are not read", where=str(path))
        if shape[0] > MOST_MEMBERS:
            raise DataError(
                f"{shape[0]:,} pictures in one array", where=str(path), hint=f"At most {MOST_MEMBERS:,} are read."
            )
        return Arrays(shape[0], shape[1], shape[2], shape[3] if len(shape) == 4 else 1, kind)


def rows(path: Path, options: DecodeOptions) -> Iterator[bytes]:
    """Each picture, decoded by `options`. Raises DataError."""
    with closing(raw(path)) as found:
        for number, row in enumerate(found):
            try:
                yield convert_row(row, options).tobytes()
            except UnreadablePicture as error:
                raise DataError(f"picture {number:,} of x has {error}", where=str(path)) from error


def extents(path: Path, most: int) -> Iterator[depth.Extent]:
    """Which values pictures have, of at most so many that stand evenly among all. Raises DataError."""
    facts = shape_of(path)
    wanted = set(np.linspace(0, facts.pictures - 1, min(most, facts.pictures)).round().astype(int).tolist())
    with closing(raw(path)) as found:
        for number, row in enumerate(found):
            if number not in wanted:
                continue
            try:
                yield depth.extent_of([depth.finite(row.astype(np.float32))], facts.height * facts.width, facts.width)
            except UnreadablePicture as error:
                raise DataError(f"picture {number:,} of x has {error}", where=str(path)) from error


def raw(path: Path) -> Generator[Pixels]:
    """Each picture as it stands there, [H, W, C]. Raises DataError."""
    facts = shape_of(path)
    with member(path, "x") as (file, _):
        header(file)
        for _ in range(facts.pictures):
            yield np.frombuffer(file.read(facts.row), facts.dtype).reshape(facts.height, facts.width, facts.channels)


def convert_row(row: Pixels, options: DecodeOptions) -> Pixels:
    """One picture at the size and with the requested channels. Raises UnreadablePicture."""
    if row.dtype != np.uint8:
        if options.channels == 4:
            raise UnreadablePicture("more than 8 bits a channel, with which transparency is not kept")
        return made_deep(row.astype(np.float32), DEPTHS[row.dtype.str[1:]], options)
    if options.depth != "uint8":
        raise UnreadablePicture("8 bits a channel, not more as the others have")
    if row.shape == (options.height, options.width, options.channels) and options.channels != 4:
        return row
    picture = flatten.flat(Image.fromarray(row[:, :, 0] if row.shape[2] == 1 else row), options)
    exact = fitted(picture, options, 1, picture.size)
    return flatten.pixels_of(exact, options)


def made_deep(values: Pixels, kind: str, options: DecodeOptions) -> Pixels:
    """The same for values float32 that were of this depth.

    Raises UnreadablePicture for what is no number, or exceeds the depth where no range is given.
    """
    depth.finite(values)
    options = depth.ranged(
        lambda: depth.extent_of([values], values.shape[0] * values.shape[1], values.shape[1]), kind, options
    )
    size = (values.shape[1], values.shape[0])
    planes = [
        fitted(depth.plane(values, options, channel), options, 1, size, level=depth.level(options, channel))
        for channel in range(options.channels)
    ]
    return depth.finished(planes, options)


def labels(path: Path, count: int) -> tuple[str, ...]:
    """y as text, one a picture. Raises DataError."""
    with member(path, "y") as (file, info):
        shape, _, kind = header(file)
        if len(shape) == 2 and 1 in shape:
            shape = (max(shape),)
        if kind.kind not in "iuUSb" or shape != (count,) or info.file_size > MOST_LABEL_BYTES:
            raise DataError(f"y is {kind} {list(shape)}, not one label a picture [{count}]", where=str(path), hint=HINT)
        values = np.frombuffer(file.read(count * kind.itemsize), kind)
        return tuple(
            value.decode(errors="replace") if isinstance(value, bytes) else str(value) for value in values.tolist()
        )


def header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, order and dtype of an .npy that is being read; no object arrays."""
    version = npy.read_magic(file)
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if read is None:
        raise ValueError(f"an .npy of version {version}")
    shape, fortran, kind = read(file)
    if kind.hasobject:
        raise ValueError("an array of objects")
    return shape, fortran, kind


@contextmanager
def member(path: Path, name: str) -> Iterator[tuple[IO[bytes], zipfile.ZipInfo]]:
    """One array of the .npz as a stream; whatever is wrong with the file is a DataError."""
    try:
        with zipfile.ZipFile(path) as archive:
            if f"{name}.npy" not in archive.namelist():
                held = ", ".join(sorted(each.removesuffix(".npy") for each in archive.namelist())[:5]) or "nothing"
                raise DataError(f"no array '{name}' in the file; it holds {held}", where=str(path), hint=HINT)
            info = archive.getinfo(f"{name}.npy")
            if info.file_size > LARGE[name] and info.file_size > MOST_RATIO * max(1, info.compress_size):
                hint = "If it is your own, save it with numpy.savez, which does not compress."
                raise DataError(
                    f"'{name}' inflates {info.file_size / max(1, info.compress_size):,.0f} times",
                    where=str(path),
                    hint=hint,
                )
            with archive.open(info) as file:
                yield file, info
    except (
        OSError,
        ValueError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        SyntaxError,
        TypeError,
    ) as error:
        raise DataError(f"cannot read '{name}': {error}", where=str(path), hint=HINT) from error

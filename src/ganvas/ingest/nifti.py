"""NIfTI volumes as pictures: each axial slice is one, read from a stream without unpacking the volume to memory.

The NIfTI-1 and NIfTI-2 headers: https://nifti.nimh.nih.gov
"""

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, NamedTuple

import numpy as np

from .decode_options import Pixels, UnreadablePicture
from .medical_files import INSTALL, MedicalFile, Scaling, check_size

HEADERS = ((348, 344, b"n+1\0"), (540, 4, b"n+2\0\r\n\x1a\n"))  # bytes, and where the magic is
PAIR = ((344, b"ni1\0"), (4, b"ni2\0\r\n\x1a\n"))  # of a header whose values are in another file
GZIP = b"\x1f\x8b"
MOST_VOLUME = 2**31  # bytes of a volume, packed or not
MOST_HELD = 40_000_000  # bytes of a volume that are held where slices do not lie one after the other
TYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8")


class VolumeHeader(NamedTuple):
    """What a header says.

    Attributes:
        shape: voxels of the three axes of the file, of which the first varies fastest.
        dtype: of the stored values.
        offset: where they begin, in bytes.
        slope, intercept: value = slope * stored + intercept.
        axes: the axis of the file that runs between right and left, back and front, feet and head.
        signs: whether it runs to the right, to the front and to the head (1), or the other way (-1).
        affine: [4, 4], from voxels to millimetres.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    offset: int
    slope: float
    intercept: float
    axes: tuple[int, int, int]
    signs: tuple[int, int, int]
    affine: Pixels

    @property
    def slices(self) -> int:
        """The number of axial slices."""
        return self.shape[self.axes[2]]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a slice."""
        return self.shape[self.axes[0]], self.shape[self.axes[1]]

    @property
    def scaling(self) -> Scaling:
        """From stored values to units."""
        whole = self.dtype.kind in "iu"
        low, high = (np.iinfo(self.dtype).min, np.iinfo(self.dtype).max) if whole else (0, 0)
        return Scaling.of(low, high, self.slope, self.intercept)

    @property
    def depth(self) -> str:
        """The type of the values."""
        return self.scaling.depth(whole=self.dtype.kind in "iu", byte=self.dtype == np.uint8)

    def plane(self, number: int) -> int:
        """The index of slice `number`, counted from the feet, along its axis."""
        return number if self.signs[2] > 0 else self.slices - 1 - number

    def upright(self, plane: Pixels) -> Pixels:
        """A plane with its axes in the order of the file, as [H, W]: the front at the top, the right at the left."""
        rows = plane if self.axes[1] < self.axes[0] else plane.T
        return rows[:: -self.signs[1], :: -self.signs[0]]

    def as_filed(self, picture: Pixels) -> Pixels:
        """The inverse of `upright`."""
        rows = picture[:: -self.signs[1], :: -self.signs[0]]
        return rows if self.axes[1] < self.axes[0] else rows.T


def parse_header(head: bytes) -> VolumeHeader:
    """The header in the first bytes of a volume. Raises UnreadablePicture."""
    try:
        from nibabel import Nifti1Header, Nifti2Header
    except ImportError as error:
        raise UnreadablePicture(f"a NIfTI file, which needs nibabel: {INSTALL}") from error
    kinds: dict[Any, Any] = dict(zip(HEADERS, (Nifti1Header, Nifti2Header), strict=True))
    found = next((each for each in HEADERS if head[each[1] :].startswith(each[2]) and len(head) >= each[0]), None)
    if found is None:
        pair = any(head[place:].startswith(magic) for place, magic in PAIR)
        raise UnreadablePicture(
            "a NIfTI header whose values are in another file, which is not read" if pair else "not a NIfTI file"
        )
    try:
        header = kinds[found](head[: found[0]], check=False)
        shape, dtype = tuple(map(int, header.get_data_shape())), header.get_data_dtype()
        slope, intercept = header.get_slope_inter()
        offset = max(found[0] + 4, int(header["vox_offset"]))
        affine = np.asarray(header.get_best_affine(), np.float64)
    except Exception as error:  # what nibabel raises on damage is not documented
        raise UnreadablePicture("a damaged NIfTI header") from error
    return checked_header(shape, dtype, offset, (slope, intercept), affine)


def checked_header(
    shape: tuple[int, ...], dtype: np.dtype[Any], offset: int, scale: tuple[Any, Any], affine: Pixels
) -> VolumeHeader:
    """The same with all three axes. Raises UnreadablePicture for what is no volume of numbers, and for a large one."""
    if not 2 <= len(shape) <= 7 or min(shape) < 1:
        raise UnreadablePicture("a damaged NIfTI header")
    x, y, z, *more = (*shape, 1)[: max(3, len(shape))]
    if int(np.prod(more, dtype=object)) != 1:
        raise UnreadablePicture(f"a series of {np.prod(more, dtype=object):,} volumes, and only files of one are read")
    if dtype.str[1:] not in TYPES:
        raise UnreadablePicture(f"values of the type {dtype}, which are not read")
    if offset + x * y * z * dtype.itemsize > MOST_VOLUME:
        raise UnreadablePicture(f"too large a volume ({x} x {y} x {z})")
    slope, intercept = (1.0, 0.0) if scale[0] is None else (float(scale[0]), float(scale[1] or 0.0))
    axes, signs = axes_of(affine)
    header = VolumeHeader((x, y, z), dtype, offset, slope, intercept, axes, signs, affine)
    check_size(*header.size)
    return header


def axes_of(affine: Pixels) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Which axis runs between right and left, back and front, feet and head, and in which direction."""
    from nibabel.orientations import io_orientation

    try:
        found = np.asarray(io_orientation(affine))
    except (ValueError, np.linalg.LinAlgError):
        found = np.full((3, 2), np.nan)
    if not np.isfinite(found).all():
        return (0, 1, 2), (1, 1, 1)
    places = [int(np.flatnonzero(found[:, 0] == axis)[0]) for axis in range(3)]
    x, y, z = places
    right, front, head = (int(found[place, 1]) for place in places)
    return (x, y, z), (right, front, head)


@contextmanager
def unpacked(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """A volume's bytes as a stream. Raises UnreadablePicture for damage."""
    file.seek(0)
    packed = file.read(2) == GZIP
    file.seek(0)
    try:
        if packed:
            with gzip.GzipFile(fileobj=file, mode="rb") as stream:
                yield stream  # type: ignore[misc]
        else:
            yield file
    except (gzip.BadGzipFile, zlib.error) as error:
        raise UnreadablePicture("a damaged gzip file") from error
    except EOFError as error:
        raise UnreadablePicture("truncated") from error


def header_of(file: IO[bytes]) -> VolumeHeader:
    """The header of a volume; no more than a few kilobytes are read. Raises UnreadablePicture."""
    with unpacked(file) as stream:
        return parse_header(stream.read(HEADERS[1][0]))


class Volume:
    """An open volume, of which slices are read one after the other; it is closed with `close`.

    Args:
        file: the open file, which belongs to the volume from now on.

    Raises:
        UnreadablePicture: it is no volume, or too large.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.held = file, b""
        self.header = header_of(file)
        self.stream: IO[bytes] = file
        file.seek(0)
        if file.read(2) == GZIP:
            self.stream = gzip.GzipFile(fileobj=file, mode="rb")  # type: ignore[assignment]
        file.seek(0)

    def close(self) -> None:
        """Close the file."""
        if self.stream is not self.file:
            self.stream.close()
        self.file.close()

    def slice(self, number: int, *, blank: bool = False) -> MedicalFile:
        """Axial slice `number` from the feet, in units. `blank`: zeros for its pixels. Raises UnreadablePicture."""
        header, depth = self.header, self.header.depth
        if number >= header.slices:
            raise UnreadablePicture(f"it has {header.slices:,} slices")
        if blank:
            width, height = header.size
            return MedicalFile(np.zeros((height, width), depth), "NIfTI")
        values = header.scaling.values(header.upright(self.stored(header.plane(number))), depth)
        return MedicalFile(values, "NIfTI")

    def stored(self, index: int) -> Pixels:
        """The stored numbers at this index of the axis between feet and head, with the other axes in their order."""
        header, axis = self.header, self.header.axes[2]
        if axis == 2:
            count = header.shape[0] * header.shape[1]
            start = header.offset + index * count * header.dtype.itemsize
            return self.numbers(start, count).reshape(header.shape[:2], order="F")
        total = int(np.prod(header.shape)) * header.dtype.itemsize
        if total > 5 * MOST_HELD:
            raise UnreadablePicture("too large a volume whose slices are not axial")
        whole = self.numbers(header.offset, int(np.prod(header.shape))) if not self.held else None
        if whole is not None and total <= MOST_HELD:
            self.held = whole.tobytes()
        whole = np.frombuffer(self.held, header.dtype) if whole is None else whole
        return whole.reshape(header.shape, order="F").take(index, axis)

    def numbers(self, start: int, count: int) -> Pixels:
        """So many stored numbers from this byte on. Raises UnreadablePicture."""
        size = count * self.header.dtype.itemsize
        try:
            self.stream.seek(start)
            content = self.stream.read(size)
        except (gzip.BadGzipFile, zlib.error) as error:
            raise UnreadablePicture("a damaged gzip file") from error
        except EOFError as error:
            raise UnreadablePicture("truncated") from error
        if len(content) != size:
            raise UnreadablePicture("truncated")
        return np.frombuffer(content, self.header.dtype)


class RecentVolume:
    """The volume that a slice was last read from, open: the next slice is mostly the one after it."""

    def __init__(self) -> None:
        self.key: tuple[Any, ...] = ()
        self.volume: Volume | None = None

    def get(self, file: IO[bytes]) -> Volume:
        """The volume in an open file, the one from before if that is the same. Raises UnreadablePicture."""
        facts = os.fstat(file.fileno())
        if facts.st_size > MOST_VOLUME:
            raise UnreadablePicture(f"too large a file ({facts.st_size / 2**20:,.0f} MB)")
        key = (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns)
        if self.volume is None or self.key != key:
            self.close()
            own = os.fdopen(os.dup(file.fileno()), "rb")
            try:
                self.volume, self.key = Volume(own), key
            except BaseException:
                own.close()
                raise
        return self.volume

    def close(self) -> None:
        """Close what is open."""
        if self.volume is not None:
            self.volume.close()
        self.key, self.volume = (), None

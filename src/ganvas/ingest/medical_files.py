"""Medical pictures on their way to the decoder: what DICOM files and slices of NIfTI volumes become in memory.

Each becomes an uncompressed TIFF whose values are those of the file in its units, so that everything that reads
pictures of more than 8 bits reads them too.
"""

import re
from importlib.util import find_spec
from io import BytesIO
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np
from PIL import Image

from ..runs.value_files import tiff
from .decode_options import Pixels, UnreadablePicture
from .text_files import VOLUMES

DICOM, NIFTI = (".dcm", ".dicom"), VOLUMES  # endings of names
PACKAGES = {"DICOM": "pydicom", "NIfTI": "nibabel"}
INSTALL = 'pip install "ganvas[medical]"'
SLICE = re.compile(r"(\.nii|\.nii\.gz)#([0-9]{4,})", re.IGNORECASE)  # ends the name of a slice
MOST_PIXELS = 50_000_000  # of a picture, as of others
WHOLE = ("uint16", "int16", "uint32", "int32")  # from the smallest


class Scaling(NamedTuple):
    """value = slope * stored + intercept, and the least and the greatest value that the file's bits can hold."""

    slope: float
    intercept: float
    low: float
    high: float

    @classmethod
    def of(cls, low: float, high: float, slope: float, intercept: float) -> "Scaling":
        """For stored values from low to high."""
        ends = sorted(slope * each + intercept for each in (low, high))
        return cls(slope, intercept, *ends)

    def depth(self, *, whole: bool, byte: bool) -> str:
        """The type that holds all values exactly; `whole`: stored values are whole, `byte`: they are bytes."""
        if not whole or not (float(self.slope).is_integer() and float(self.intercept).is_integer()):
            return "float32"
        if byte and (self.slope, self.intercept) == (1, 0):
            return "uint8"
        return next(
            (kind for kind in WHOLE if np.iinfo(kind).min <= self.low and self.high <= np.iinfo(kind).max),
            "int32" if abs(self.slope) == 1 else "float32",  # of 64 bits: values beyond 32 are refused
        )

    def values(self, stored: Pixels, depth: str) -> Pixels:
        """In units, of this type. Raises UnreadablePicture for values that the type cannot hold."""
        if depth == "uint8":
            return stored.astype(np.uint8)
        values = stored.astype(np.float64) * self.slope + self.intercept
        if depth == "float32":
            with np.errstate(over="ignore"):
                return values.astype(np.float32)
        bounds = np.iinfo(depth)
        if values.min() < bounds.min or values.max() > bounds.max:
            raise UnreadablePicture("values beyond those that its bits can hold")
        return values.astype(depth)


class MedicalFile(BytesIO):
    """A TIFF in memory.

    Args:
        values: in units, [H, W], or bytes [H, W, 3] of colours.
        format: DICOM or NIFTI.
        window: the values that the file itself shows as black and white, or None.
        photometric: the name of its photometric interpretation, "" for that of the TIFF.
    """

    def __init__(
        self, values: Pixels, format: str, window: tuple[float, float] | None = None, photometric: str = ""
    ) -> None:
        super().__init__(encoded(values))
        self.format, self.window, self.photometric = format, window, photometric


def encoded(values: Pixels) -> bytes:
    """The content of an uncompressed TIFF."""
    if values.dtype != np.uint8:
        return tiff(values[:, :, None], None)
    out = BytesIO()
    Image.fromarray(np.ascontiguousarray(values)).save(out, "TIFF")
    return out.getvalue()


def check_size(width: int, height: int) -> None:
    """Raises UnreadablePicture for a picture of too many pixels, before anything of it is read."""
    if width < 1 or height < 1 or width * height > MOST_PIXELS:
        raise UnreadablePicture(f"too many pixels ({width} x {height})" if width * height > 0 else "without pixels")


def is_medical(name: str) -> bool:
    """Whether a file's ending is that of DICOM or NIfTI."""
    return name.lower().endswith((*DICOM, *NIFTI))


def missing_package(name: str) -> str:
    """The package that a file of this ending needs and that is not installed; "" for none."""
    package = PACKAGES["DICOM" if name.lower().endswith(DICOM) else "NIfTI"]
    return "" if find_spec(package) else package


def without_ending(name: str) -> str:
    """The name of a picture without its ending, of a slice with its number: brain#0042 of brain.nii.gz#0042."""
    file, number = file_and_slice(name)
    ending = next((each for each in NIFTI[::-1] if file.lower().endswith(each)), "")
    bare = file[: len(file) - len(ending)] if ending else str(PurePosixPath(file).with_suffix(""))
    return bare if number is None else f"{bare}{name[len(file) :]}"


def file_and_slice(place: str) -> tuple[str, int | None]:
    """The file of a place, and the number of the slice, None where the place is a whole file."""
    found = SLICE.search(place)
    if found is None or found.end() != len(place):
        return place, None
    return place[: found.end(1)], int(found[2])

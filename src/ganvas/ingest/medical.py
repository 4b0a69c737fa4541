"""DICOM files and NIfTI slices where files of pictures are opened: as pictures that the decoder reads."""

import atexit
from io import BytesIO
from pathlib import Path
from typing import IO

from ..base.files import open_regular
from . import dicom, nifti
from .decode import Header
from .decode_options import UnreadablePicture
from .medical_files import NIFTI, MedicalFile
from .medical_files import file_and_slice as file_and_slice

RECENT = nifti.RecentVolume()
atexit.register(RECENT.close)


def is_volume(path: str) -> bool:
    """Whether a place is a slice of a volume, or a volume as a whole, which only one without a sound header is."""
    file, number = file_and_slice(path)
    return number is not None or file.lower().endswith(NIFTI)


def slice_of(file: IO[bytes], number: int | None, *, blank: bool = False) -> MedicalFile:
    """A slice of the volume in an open file, the first one without a number. Raises UnreadablePicture."""
    return RECENT.get(file).slice(number or 0, blank=blank)


def converted(file: IO[bytes], *, blank: bool = False) -> IO[bytes]:
    """The same file, or the picture in a DICOM file, with `blank` of zeros. Raises UnreadablePicture."""
    return dicom.read_dicom(file, blank=blank) if dicom.is_dicom(file) else file


def slice_at(place: str) -> bytes:
    """The picture of a place in a volume, as the content of a TIFF. Raises UnreadablePicture, OSError."""
    path, number = file_and_slice(place)
    with open_regular(Path(path)) as file:
        return slice_of(file, number).getvalue()


def content(data: bytes) -> bytes:
    """The content of a picture file: of DICOM that of a TIFF, of others the same. Raises UnreadablePicture."""
    return converted(BytesIO(data)).read()


def renamed(header: Header, file: IO[bytes]) -> Header:
    """The header with the format of the file that the picture comes from."""
    if not isinstance(file, MedicalFile):
        return header
    return header._replace(format=file.format, mode=file.photometric or header.mode)


def patient_of(file: IO[bytes]) -> str:
    """SHA-256 of the identifier of the patient in a DICOM file; "" for none, and for other files."""
    try:
        return dicom.patient_of(file) if dicom.is_dicom(file) else ""
    except UnreadablePicture:
        return ""  # it is named as broken where it is decoded

"""DICOM files as pictures: one frame, in the units of the file (Hounsfield units of a CT), and whose patient it is.

DICOM PS3.3, C.7.6.3 (pixels), C.11.1 (rescale slope and intercept), C.11.2 (window center and width).
https://dicom.nema.org/medical/dicom/current/output/chtml/part03/PS3.3.html
"""

import hashlib
from typing import IO, Any

import numpy as np

from .decode_options import Pixels, UnreadablePicture
from .medical_files import INSTALL, MedicalFile, Scaling, check_size

MAGIC, MAGIC_AT = b"DICM", 128
SYNTAXES = (  # that are read: implicit and explicit little endian, explicit big endian, RLE lossless
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.5",
)
DEFLATED, META_BYTES = b"1.2.840.10008.1.2.1.99", 4_096  # it would be inflated whole, without a limit
WHITE_IS_LOW, GREY = "MONOCHROME1", ("MONOCHROME1", "MONOCHROME2")
QUANTITIES = ("CT", "PT")  # modalities whose values are quantities
UNSPECIFIED = ("", "US")  # rescale types without a unit
OWNERS = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID")  # the first that is not empty names the patient


def is_dicom(file: IO[bytes]) -> bool:
    """Whether a file begins as DICOM files do; it is read from its beginning afterwards."""
    head = file.read(MAGIC_AT + len(MAGIC))
    file.seek(0)
    return head[MAGIC_AT:] == MAGIC


def read_dicom(file: IO[bytes], *, blank: bool = False) -> MedicalFile:
    """The picture of a DICOM file: slope * stored + intercept, or the bytes of colours.

    Where the least value is white (MONOCHROME1) and values are no quantities, stored values are mirrored within what
    their bits hold. Values of a CT or PET, and those with a unit, stay as they are.

    Args:
        file: of one frame that is not compressed, or by RLE.
        blank: read the header alone, and give zeros for the pixels.

    Raises:
        UnreadablePicture: it is damaged, compressed in another way, has several frames or no picture.
    """
    data = dataset(file, pixels=not blank)
    check_frame(data)
    shape, photometric = (int(data.Rows), int(data.Columns)), str(data.PhotometricInterpretation)
    if photometric == "RGB":
        return MedicalFile(np.zeros((*shape, 3), np.uint8) if blank else stored_of(data), "DICOM")
    bits, signed = int(data.BitsStored), bool(data.PixelRepresentation)
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    slope, intercept = (
        float(data.get(name, default)) for name, default in (("RescaleSlope", 1), ("RescaleIntercept", 0))
    )
    if not (np.isfinite([slope, intercept]).all() and slope):
        raise UnreadablePicture(f"a rescale slope of {slope:g} and an intercept of {intercept:g}")
    scaling = Scaling.of(low, high, slope, intercept)
    depth = scaling.depth(whole=True, byte=bits <= 8 and not signed)
    stored = np.zeros(shape, np.int16) if blank else stored_of(data)
    mirrored = photometric == WHITE_IS_LOW and not has_quantities(data)
    values = scaling.values(low + high - stored.astype(np.int64) if mirrored else stored, depth)
    window = window_of(data)
    if window and mirrored:
        window = (scaling.low + scaling.high - window[1], scaling.low + scaling.high - window[0])
    return MedicalFile(values, "DICOM", window, photometric if mirrored else "")


def dataset(file: IO[bytes], *, pixels: bool) -> Any:
    """The parsed file. Raises UnreadablePicture."""
    try:
        import pydicom
    except ImportError as error:
        raise UnreadablePicture(f"a DICOM file, which needs pydicom: {INSTALL}") from error
    if DEFLATED in file.read(META_BYTES):
        raise UnreadablePicture("its transfer syntax, Deflated Explicit VR Little Endian, is not read")
    file.seek(0)
    try:
        data = pydicom.dcmread(file, stop_before_pixels=not pixels)
        syntax = data.file_meta.TransferSyntaxUID
    except MemoryError:
        raise
    except Exception as error:  # what pydicom raises on damage is not documented
        raise UnreadablePicture("a damaged DICOM file") from error
    if syntax not in SYNTAXES:
        raise UnreadablePicture(f"its transfer syntax, {syntax.name}, is compressed in a way that is not read")
    return data


def check_frame(data: Any) -> None:
    """Raises UnreadablePicture unless it is one frame of grey values of up to 32 bits, or of RGB bytes."""
    needed = ("Rows", "Columns", "BitsAllocated", "BitsStored", "PixelRepresentation", "PhotometricInterpretation")
    try:
        if missing := [name for name in needed if data.get(name) in (None, "")]:
            raise UnreadablePicture(f"a DICOM file without a picture: it has no {missing[0]}")
        frames, samples = int(data.get("NumberOfFrames") or 1), int(data.get("SamplesPerPixel") or 1)
        bits, stored = int(data.BitsAllocated), int(data.BitsStored)
        check_size(int(data.Columns), int(data.Rows))
    except (TypeError, ValueError) as error:
        raise UnreadablePicture("a damaged DICOM file") from error
    if frames != 1:
        raise UnreadablePicture(f"a DICOM file of {frames:,} frames, and only files of one are read")
    kind = str(data.PhotometricInterpretation)
    if not (kind in GREY and samples == 1 and bits in (8, 16, 32)) and not (
        kind == "RGB" and samples == 3 and bits == 8
    ):
        raise UnreadablePicture(f"a DICOM file of {samples} x {bits} bits {kind}, which is not read")
    if not 1 <= stored <= bits:
        raise UnreadablePicture(f"a damaged DICOM file: {stored} bits stored in {bits}")
    if "ModalityLUTSequence" in data:
        raise UnreadablePicture("a DICOM file whose units are given by a table (Modality LUT), which is not read")


def stored_of(data: Any) -> Pixels:
    """The numbers in the file, [H, W] or [H, W, 3]. Raises UnreadablePicture."""
    try:
        return np.asarray(data.pixel_array)
    except MemoryError:
        raise
    except Exception as error:  # as above
        short = "PixelData" not in data or "bytes" in str(error) or "length" in str(error)
        raise UnreadablePicture("truncated" if short else "a damaged DICOM file") from error


def has_quantities(data: Any) -> bool:
    """Whether its values are quantities of which a smaller one means less, however they are shown."""
    unit = str(data.get("RescaleType", "") or "")
    return str(data.get("Modality", "")) in QUANTITIES or unit.upper() not in UNSPECIFIED


def window_of(data: Any) -> tuple[float, float] | None:
    """The values that the file's first window shows as black and white; None where it has none, or a curved one.

    C.11.2.1.2.1, LINEAR: center - width / 2 and center + width / 2 - 1, width at least 1; C.11.2.1.3.2, LINEAR_EXACT:
    center - width / 2 and center + width / 2.
    """
    try:
        center, width = (
            np.atleast_1d(np.array(data[name].value, float))[0] for name in ("WindowCenter", "WindowWidth")
        )
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    function = str(data.get("VOILUTFunction", "") or "LINEAR")
    if function not in ("LINEAR", "LINEAR_EXACT") or not np.isfinite([center, width]).all():
        return None
    low, high = center - width / 2, center + width / 2 - (function == "LINEAR")
    return (float(low), float(high)) if low < high else None


def patient_of(file: IO[bytes]) -> str:
    """Whose picture it is, as a SHA-256 of the patient's identifier, else of the study or series; "" for none.

    The identifier itself is not stored anywhere. Raises UnreadablePicture.
    """
    data = dataset(file, pixels=False)
    for name in OWNERS:
        if owner := str(data.get(name, "") or "").strip():
            issuer = str(data.get("IssuerOfPatientID", "") or "") if name == OWNERS[0] else ""
            return hashlib.sha256(repr((name, issuer, owner)).encode()).hexdigest()
    return ""

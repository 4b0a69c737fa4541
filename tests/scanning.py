"""DICOM files and NIfTI volumes for tests, written by pydicom and nibabel."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pydicom = pytest.importorskip("pydicom")
nibabel = pytest.importorskip("nibabel")
EXPLICIT = "1.2.840.10008.1.2.1"
CT = "1.2.840.10008.5.1.4.1.1.2"
Array = np.ndarray[Any, Any]


def dicom(stored: Array, *, syntax: str = EXPLICIT, **elements: Any) -> Any:
    """A data set of one frame of these stored numbers; `elements` replace those of a CT, None removes one."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = UID(CT), generate_uid()
    meta.TransferSyntaxUID = UID(syntax)
    data = Dataset()
    data.file_meta = meta
    data.SOPClassUID, data.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    bits = 8 * stored.dtype.itemsize
    wanted = {
        "Modality": "CT",
        "PatientID": "one",
        "Rows": stored.shape[0],
        "Columns": stored.shape[1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": int(elements.get("BitsStored", bits)) - 1,
        "PixelRepresentation": int(stored.dtype.kind == "i"),
        **elements,
    }
    for name, value in wanted.items():
        if value is not None:
            setattr(data, name, value)
    order = ">" if syntax == "1.2.840.10008.1.2.2" else "<"
    data.PixelData = stored.astype(stored.dtype.newbyteorder(order)).tobytes()
    data["PixelData"].VR = "OB" if bits == 8 else "OW"
    return data


def save_dicom(path: Path, stored: Array, **elements: Any) -> Path:
    """The same as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    dicom(stored, **elements).save_as(path, enforce_file_format=True)
    return path


def save_volume(
    path: Path,
    values: Array,
    *,
    affine: Any = None,
    slope: float | None = None,
    intercept: float = 0.0,
    kind: Any = None,
) -> Path:
    """A volume whose stored numbers are these, which mean slope * stored + intercept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    affine = np.eye(4) if affine is None else affine
    image = (kind or nibabel.Nifti1Image)(values, affine, dtype=values.dtype)
    if slope is None:
        nibabel.save(image, path)
        return path
    image.header.set_slope_inter(slope, intercept)
    image.header.set_data_offset(image.header.single_vox_offset if hasattr(image.header, "single_vox_offset") else 352)
    content = bytearray(image.header.binaryblock) + bytes(4) + values.tobytes(order="F")
    if path.name.endswith(".gz"):
        import gzip

        content = bytearray(gzip.compress(bytes(content)))
    path.write_bytes(content)
    return path

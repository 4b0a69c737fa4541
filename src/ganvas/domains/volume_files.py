"""Volumes in files: NIfTI in RAS+, with the affine and the values of the data."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import ResourceError, UsageError
from ..ingest.medical_files import INSTALL

IDENTITY = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)  # voxels of 1 mm
ENDINGS = (".nii.gz", ".nii")


def save_volumes(volumes: np.ndarray[Any, Any], out: Path, affine: tuple[float, ...]) -> None:
    """Write volumes [N, D, H, W, C] to one NIfTI file, or to a folder with a .nii.gz for each.

    In one file several volumes follow each other along the fourth axis, and channels along the fifth. The same numbers
    give the same bytes.

    Args:
        volumes: in the units and the type of the data.
        out: the file, or a folder where it has no ending.
        affine: 12 numbers, see `Volumes`.

    Raises:
        UsageError: there is no such format.
        ResourceError: nibabel is not installed.
        OSError: a file cannot be written.
    """
    ending = next((each for each in ENDINGS if out.name.lower().endswith(each)), "")
    if out.suffix and not ending:
        raise UsageError(
            f"volumes are not written as {out.suffix}",
            where=str(out),
            hint="Use -o volumes.nii.gz, a folder, -o planes.png (three planes of each), or -o volumes.npz.",
        )
    if ending:
        out.write_bytes(content(volumes, affine, packed=ending.endswith(".gz")))
        return
    out.mkdir(exist_ok=True)
    for place in range(len(volumes)):
        (out / f"{place:06d}.nii.gz").write_bytes(content(volumes[place : place + 1], affine, packed=True))


def content(volumes: np.ndarray[Any, Any], affine: tuple[float, ...], *, packed: bool) -> bytes:
    """The bytes of a file of these volumes. Raises ResourceError without nibabel."""
    try:
        from nibabel import Nifti1Image
    except ImportError as error:
        raise ResourceError(
            "NIfTI files need nibabel, which is not installed", hint=f"{INSTALL}, or use -o volumes.npz."
        ) from error
    values = volumes.transpose(3, 2, 1, 0, 4)  # [W, H, D, N, C]
    while values.ndim > 3 and values.shape[-1] == 1:
        values = values[..., 0]
    matrix = np.vstack([np.array(affine).reshape(3, 4), [0, 0, 0, 1]])
    image = Nifti1Image(np.asfortranarray(values), matrix, dtype=values.dtype)
    image.header.set_xyzt_units("mm")
    data: bytes = image.to_bytes()
    return gzip.compress(data, mtime=0) if packed else data  # without a date

"""DICOM files and NIfTI slices: exact values in units, against pydicom and nibabel; damage and limits."""

import gzip
import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganvas.base.errors import DataError, MissingExtra
from ganvas.ingest import decode_pool, medical, medical_files, nifti
from ganvas.ingest.decode import Header, decode
from ganvas.ingest.decode_options import DecodeOptions, UnreadablePicture
from ganvas.ingest.dicom import read_dicom
from ganvas.ingest.listing import ending_of
from ganvas.ingest.medical_files import without_ending
from ganvas.ingest.pair_names import match_names
from ganvas.ingest.survey import survey

scanning = pytest.importorskip("scanning")
nibabel, pydicom = scanning.nibabel, scanning.pydicom
Array = np.ndarray[Any, Any]


def numbers(low: int, high: int, shape: tuple[int, ...], kind: Any, seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(low, high, shape, dtype=kind, endpoint=True)


def values_in(file: Any) -> Array:
    """What the decoder makes of a medical file at its own size, in units."""
    picture = Image.open(file)
    if picture.mode == "L":
        return np.asarray(picture)
    low, high = float(np.finfo(np.float32).min) / 4, float(np.finfo(np.float32).max) / 4
    options = DecodeOptions(picture.height, picture.width, 1, "stretch", (0, 0, 0), "float32", low, high)
    file.seek(0)
    return decode(file, options)[:, :, 0]


def read(data: Any, **options: Any) -> Any:
    buffer = BytesIO()
    data.save_as(buffer, enforce_file_format=True)
    buffer.seek(0)
    return read_dicom(buffer, **options)


def cause(data: Any) -> str:
    with pytest.raises(UnreadablePicture) as caught:
        read(data)
    return str(caught.value)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"])
@pytest.mark.parametrize(
    ("kind", "bits", "slope", "intercept"),
    [
        ("u2", 12, 1, -1024),
        ("u2", 16, 1, -1024),
        ("i2", 16, 1, 0),
        ("u2", 12, 0.25, -3.5),
        ("i2", 12, -2, 7),
        ("u1", 8, 1, 0),
    ],
)
def test_values_of_dicom_are_those_of_pydicom(
    syntax: str, kind: str, bits: int, slope: float, intercept: float
) -> None:
    top = 2 ** (bits - (kind[0] == "i"))
    stored = numbers(-top if kind[0] == "i" else 0, top - 1, (9, 7), kind)
    data = scanning.dicom(stored, syntax=syntax, BitsStored=bits, RescaleSlope=slope, RescaleIntercept=intercept)
    wanted = pydicom.pixels.apply_rescale(stored, data)
    assert np.array_equal(values_in(read(data)), wanted.astype(np.float32))
    assert len(np.unique(wanted)) > 20


@pytest.mark.parametrize(
    ("kind", "elements", "depth"),
    [
        ("u2", {"BitsStored": 12, "RescaleSlope": 1, "RescaleIntercept": -1024}, "int16"),
        ("u2", {"BitsStored": 12}, "uint16"),
        ("u2", {"RescaleSlope": 1, "RescaleIntercept": -1024}, "int32"),
        ("u2", {"RescaleSlope": 0.5, "RescaleIntercept": 0}, "float32"),
        ("u1", {}, "uint8"),
        ("u1", {"RescaleSlope": 1, "RescaleIntercept": -10}, "int16"),
        ("u4", {}, "uint32"),
    ],
)
def test_the_smallest_type_that_holds_every_value(tmp_path: Path, kind: str, elements: Any, depth: str) -> None:
    scanning.save_dicom(tmp_path / "a.dcm", numbers(0, 200, (9, 7), kind), **elements)
    header = Header.read(next(decode_pool.answers("header", [str(tmp_path / "a.dcm")])).payload)
    assert (header.width, header.height, header.format, header.depth) == (7, 9, "DICOM", depth)


def test_run_lengths_are_read_and_other_compression_is_named() -> None:
    stored = np.repeat(numbers(0, 4095, (16, 4), np.uint16), 4, axis=1)
    data = scanning.dicom(stored, BitsStored=12)
    data.compress(pydicom.uid.RLELossless, encoding_plugin="pydicom")
    assert np.array_equal(values_in(read(data)), stored)
    for syntax in (
        pydicom.uid.JPEGBaseline8Bit,
        pydicom.uid.JPEG2000Lossless,
        pydicom.uid.DeflatedExplicitVRLittleEndian,
    ):
        packed = scanning.dicom(stored, BitsStored=12)
        packed.PixelData = pydicom.encaps.encapsulate([b"\xff\xd8\xff\xd9"])
        packed["PixelData"].is_undefined_length = True
        packed.file_meta.TransferSyntaxUID = syntax
        assert syntax.name in cause(packed)


@pytest.mark.parametrize(
    ("elements", "word"),
    [
        ({"NumberOfFrames": 3}, "frames"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "PALETTE COLOR"),
        ({"Rows": None}, "Rows"),
        ({"Rows": 60_000, "Columns": 60_000}, "pixels"),
        ({"Rows": 10}, "truncated"),
        ({"RescaleSlope": 0, "RescaleIntercept": 0}, "slope"),
        ({"BitsStored": 20}, "20 bits"),
        ({"ModalityLUTSequence": []}, "table"),
    ],
)
def test_every_dicom_that_is_not_read_has_a_cause(elements: Any, word: str) -> None:
    assert word in cause(scanning.dicom(numbers(0, 9, (9, 7), np.uint16), **elements))


def test_colours_of_dicom() -> None:
    colours = numbers(0, 255, (9, 7, 3), np.uint8)
    data = scanning.dicom(colours, SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0)
    assert np.array_equal(np.asarray(Image.open(read(data))), colours)


def test_white_at_the_least_value_is_mirrored_unless_values_are_quantities() -> None:
    stored = numbers(0, 4095, (9, 7), np.uint16)
    elements = {"PhotometricInterpretation": "MONOCHROME1", "BitsStored": 12}
    shown = read(scanning.dicom(stored, Modality="CR", **elements))
    assert np.array_equal(values_in(shown), 4095 - stored.astype(int))
    assert shown.photometric == "MONOCHROME1"
    for quantity in (
        {"Modality": "CT"},
        {"Modality": "CR", "RescaleSlope": 1, "RescaleIntercept": 0, "RescaleType": "HU"},
    ):
        kept = read(scanning.dicom(stored, **{**elements, **quantity}))
        assert np.array_equal(values_in(kept), stored)
        assert kept.photometric == ""


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT"])
@pytest.mark.parametrize(("center", "width"), [(40, 400), (50, 81), (-600, 1500)])
def test_the_window_is_where_pydicom_begins_to_be_black_and_white(function: str, center: float, width: float) -> None:
    stored = np.arange(-2048, 2048, dtype=np.int16).reshape(64, 64)
    data = scanning.dicom(stored, WindowCenter=center, WindowWidth=width, VOILUTFunction=function)
    low, high = read(data).window
    shown = pydicom.pixels.apply_windowing(stored, data)
    line = np.clip((stored - low) / (high - low), 0, 1)
    least, most = shown.min(), shown.max()
    assert np.abs((shown - least) / (most - least) - line).max() < 1e-9


def test_a_curved_window_is_none_and_the_first_of_several_counts() -> None:
    stored = numbers(0, 9, (9, 7), np.uint16)
    assert read(scanning.dicom(stored, WindowCenter=4, WindowWidth=4, VOILUTFunction="SIGMOID")).window is None
    assert read(scanning.dicom(stored, WindowCenter=[4, 9], WindowWidth=[4, 2])).window == (2, 5)
    assert read(scanning.dicom(stored)).window is None


def test_the_window_of_a_mirrored_file_is_mirrored() -> None:
    stored = numbers(0, 4095, (9, 7), np.uint16)
    elements = {"WindowCenter": 1000, "WindowWidth": 400, "VOILUTFunction": "LINEAR_EXACT", "BitsStored": 12}
    data = scanning.dicom(stored, Modality="CR", PhotometricInterpretation="MONOCHROME1", **elements)
    assert read(data).window == (4095 - 1200, 4095 - 800)


AFFINES = {
    "RAS": np.diag([1.0, 1, 1, 1]),
    "LPS": np.diag([-2.0, -2, 3, 1]),
    "LAI": np.diag([-1.0, 1, -1, 1]),
    "PSR": np.array([[0, 0, 1.0, 0], [-1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]]),
    "SLA": np.array([[0, -1.0, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]]),
}


@pytest.mark.parametrize("name", AFFINES)
@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_slices_are_axial_with_the_front_at_the_top_and_the_right_at_the_left(
    tmp_path: Path, name: str, ending: str
) -> None:
    values = numbers(-900, 900, (5, 6, 7), np.int16)
    path = scanning.save_volume(tmp_path / f"a{ending}", values, affine=AFFINES[name], slope=1)
    assert "".join(nibabel.aff2axcodes(nibabel.load(path).affine)) == name
    wanted = nibabel.as_closest_canonical(nibabel.load(path)).get_fdata()[::-1, ::-1]
    with path.open("rb") as file:
        volume = nifti.Volume(file)
        assert volume.header.slices == wanted.shape[2]
        order = [*range(wanted.shape[2]), 1, 0]  # backwards too
        for number in order:
            assert np.array_equal(values_in(volume.slice(number)), wanted[:, :, number].T)
        volume.close()


@pytest.mark.parametrize("kind", ["u1", "i1", "u2", "i2", "u4", "i4", "i8", "f4", "f8", ">i2", ">f4"])
@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.5, -3.0), (2.0, -1024.0)])
def test_values_of_volumes_are_those_of_nibabel(tmp_path: Path, kind: str, slope: float, intercept: float) -> None:
    stored = numbers(0, 100, (5, 6, 4), np.int64).astype(kind)
    path = tmp_path / "a.nii"
    if kind == "i8":
        nibabel.save(nibabel.Nifti1Image(stored, np.eye(4), dtype=np.int64), path)
    elif kind[0] == ">":
        image = nibabel.Nifti1Image(stored, np.eye(4), header=nibabel.Nifti1Header(endianness=">"))
        nibabel.save(image, path)
    else:
        scanning.save_volume(path, stored, slope=slope, intercept=intercept)
    wanted = nibabel.load(path).get_fdata()[::-1, ::-1, 2].T
    with path.open("rb") as file:
        volume = nifti.Volume(file)
        assert np.array_equal(values_in(volume.slice(2)), wanted.astype(np.float32))
        volume.close()


def test_the_second_version_of_the_header(tmp_path: Path) -> None:
    values = numbers(0, 900, (5, 6, 7), np.int16)
    nibabel.save(nibabel.Nifti2Image(values, np.eye(4)), tmp_path / "a.nii.gz")
    with (tmp_path / "a.nii.gz").open("rb") as file:
        volume = nifti.Volume(file)
        assert np.array_equal(values_in(volume.slice(3)), values[::-1, ::-1, 3].T)
        volume.close()


def test_a_listing_has_every_slice_of_every_volume(tmp_path: Path) -> None:
    scanning.save_volume(tmp_path / "x" / "a.nii.gz", numbers(0, 900, (5, 6, 3), np.int16))
    scanning.save_volume(tmp_path / "b.nii", numbers(0, 900, (5, 6, 2), np.int16))
    (tmp_path / "broken.nii.gz").write_bytes(b"\x1f\x8bnothing")
    found = survey(str(tmp_path))
    assert found.listing.names == (
        "b.nii#0000",
        "b.nii#0001",
        "broken.nii.gz",
        *(f"x/a.nii.gz#000{n}" for n in range(3)),
    )
    assert found.headers.sizes == {(5, 6): 5}
    assert found.headers.broken == {"broken.nii.gz": "truncated"}


def test_a_survey_of_volumes_is_remembered(tmp_path: Path) -> None:
    import os
    import time

    path = scanning.save_volume(tmp_path / "a.nii.gz", numbers(0, 900, (5, 6, 3), np.int16))
    for each in (path, tmp_path):
        os.utime(each, (time.time() - 60,) * 2)
    found = survey(str(tmp_path))
    assert found.unchanged is False or survey(str(tmp_path)) is found
    assert found.listing.state is not None
    assert found.listing.state.holds(found.listing.places)
    os.utime(path)
    assert not found.listing.state.holds(found.listing.places)


def headed(**changes: Any) -> bytes:
    header = nibabel.Nifti1Header()
    header.set_data_shape((8, 8, 8))
    header.set_data_dtype(np.int16)
    header["vox_offset"], header["magic"] = 352, b"n+1"
    for name, value in changes.items():
        header[name] = value
    return bytes(header.binaryblock)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (headed(), "truncated"),
        (headed(dim=(3, 30_000, 30_000, 30_000, 1, 1, 1, 1)), "too large"),
        (headed(dim=(3, 8, -8, 8, 1, 1, 1, 1)), "damaged"),
        (headed(dim=(4, 8, 8, 8, 5, 1, 1, 1)), "5 volumes"),
        (headed(datatype=32, bitpix=64), "complex64"),
        (headed(datatype=128, bitpix=24), "type"),
        (headed(datatype=77), "damaged"),
        (headed(magic=b"ni1"), "another file"),
        (headed(vox_offset=2**34), "too large"),
        (b"abc", "not a NIfTI"),
        (b"", "not a NIfTI"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_every_volume_that_is_not_read_has_a_cause(tmp_path: Path, content: bytes, word: str, packed: bool) -> None:
    path = tmp_path / "a.nii.gz"
    path.write_bytes(gzip.compress(content) if packed else content)
    answer = next(decode_pool.answers("pixels", [f"{path}#0003"], options=DecodeOptions(8, 8, 1, "crop", (0, 0, 0))))
    assert word in answer.cause


def test_a_volume_of_zeros_that_unpacks_to_gigabytes_takes_no_memory(tmp_path: Path) -> None:
    """One slice is unpacked at a time; the worker's address space is limited to 1.5 GB."""
    path = tmp_path / "a.nii.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(headed(dim=(3, 1024, 1024, 500, 1, 1, 1, 1)) + bytes(4))
        for _ in range(60):
            file.write(bytes(1024 * 1024 * 2))
    names = [f"{path}#{number:04}" for number in (0, 59, 60)]
    options = DecodeOptions(8, 8, 1, "crop", (0, 0, 0), "int16", -5, 5)
    first, last, beyond = decode_pool.answers("pixels", names, options=options)
    assert not first.cause
    assert not last.cause
    assert beyond.cause == "truncated"


def test_a_truncated_gzip_file_is_named(tmp_path: Path) -> None:
    path = scanning.save_volume(tmp_path / "a.nii.gz", numbers(0, 900, (20, 20, 20), np.int16))
    path.write_bytes(path.read_bytes()[:-4_000])
    options = DecodeOptions(20, 20, 1, "crop", (0, 0, 0), "int16", 0, 900)
    first, last = decode_pool.answers("pixels", [f"{path}#0000", f"{path}#0019"], options=options)
    assert not first.cause
    assert last.cause == "truncated"


def test_names_of_slices_pair_by_volume_and_number(tmp_path: Path) -> None:
    assert without_ending("x/sub.1.nii.gz#0042") == "x/sub.1#0042"
    assert without_ending("x/sub.1.NII") == "x/sub.1"
    assert without_ending("x/sub.1.png") == "x/sub.1"
    for side, ending in (("t1", ".nii.gz"), ("gm", ".nii")):
        scanning.save_volume(tmp_path / side / f"a{ending}", numbers(0, 900, (5, 6, 3), np.int16))
    pairs = match_names(survey(str(tmp_path / "t1")).listing, survey(str(tmp_path / "gm")).listing)
    assert [pair.name for pair in pairs.pairs] == ["a#0000", "a#0001", "a#0002"]
    assert pairs.without == ()


@pytest.mark.parametrize("name", ["a.dcm", "a.nii.gz"])
def test_without_the_package_the_extra_is_named(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / name).write_bytes(b"x")
    monkeypatch.setattr(medical_files, "find_spec", lambda package: None)
    with pytest.raises(MissingExtra, match=r"ganvas\[medical\]"):
        survey(str(tmp_path)).listing  # noqa: B018
    Image.new("L", (8, 8)).save(tmp_path / "b.png")
    found = survey(str(tmp_path)).listing
    assert found.names == ("b.png",)
    assert found.others == {ending_of(name): 1}


def test_one_volume_is_no_data_set(tmp_path: Path) -> None:
    path = scanning.save_volume(tmp_path / "a.nii.gz", numbers(0, 900, (5, 6, 3), np.int16))
    with pytest.raises(DataError, match="volume"):
        survey(str(path)).listing  # noqa: B018


def test_a_file_that_is_no_dicom_is_read_as_what_it_is() -> None:
    file = BytesIO(struct.pack("200x"))
    assert medical.converted(file) is file
    assert file.tell() == 0

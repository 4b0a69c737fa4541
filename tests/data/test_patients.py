"""No patient in two splits, and values in units from a folder to a batch and back."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ganvas.base.errors import DataError
from ganvas.data import picture_entry
from ganvas.data.custom_pairs import infer_pairs
from ganvas.data.custom_pictures import decode
from ganvas.data.infer_options import infer_options
from ganvas.data.pair_entry import entry_of
from ganvas.data.pairs import Pairs
from ganvas.data.pictures import Pictures
from ganvas.data.source import SPLITS, Items
from ganvas.domains.images import Images
from ganvas.ingest.patients import volume_key
from ganvas.ingest.picture_options import PictureOptions
from ganvas.ingest.survey import survey
from ganvas.ingest.value_ranges import ValueSample, default_range

scanning = pytest.importorskip("scanning")
CT = {"BitsStored": 12, "RescaleSlope": 1, "RescaleIntercept": -1024}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))


def slices_of_patients(root: Path, patients: int = 8, slices: int = 5, seed: int = 0, **elements: Any) -> Path:
    """PATIENT-SLICE.dcm in an order that mixes patients; the value of each pixel is 100 times the patient, or more."""
    generator = np.random.default_rng(seed)
    for number in range(patients * slices):
        patient = number % patients
        stored = (100 * patient + generator.integers(0, 100, (9, 8))).astype(np.uint16)
        scanning.save_dicom(root / f"{number:03}.dcm", stored, **{"PatientID": f"P{patient}", **CT, **elements})
    return root


def splits_of_patients(source: Any) -> dict[int, set[str]]:
    """The splits that each patient is in, by the values of pixels."""
    found: dict[int, set[str]] = defaultdict(set)
    for split in SPLITS:
        for row in source.items(split).x.astype(int):
            assert row.max() // 100 == row.min() // 100
            found[int(row.max() // 100)].add(split)
    return found


def inferred(path: Path, **options: Any) -> Any:
    return infer_options(survey(str(path)), PictureOptions(**options)).source


def test_no_patient_is_in_two_splits(tmp_path: Path) -> None:
    root = slices_of_patients(tmp_path / "ct", RescaleIntercept=0)
    source = inferred(root, range="0:4095")
    found = splits_of_patients(source)
    assert len(found) == 8
    assert all(len(splits) == 1 for splits in found.values())
    assert set.union(*found.values()) == set(SPLITS)
    assert any("8 patients" in message for message in decode(source).messages)
    loose = splits_of_patients(inferred(root, range="0:4095").__class__(**{**vars(source), "group": "[0-9]+"}))
    assert any(len(splits) > 1 for splits in loose.values())  # each file by itself


def test_items_of_one_patient_have_one_group(tmp_path: Path) -> None:
    source = inferred(slices_of_patients(tmp_path / "ct", RescaleIntercept=0), range="0:4095")
    items = source.items("train")
    assert items.group is not None
    patients = items.x[:, 0, 0, 0].astype(int) // 100
    assert len({*zip(patients.tolist(), items.group.tolist(), strict=True)}) == len(set(patients.tolist())) == 6


def test_an_identifier_is_nowhere_in_the_cache(tmp_path: Path) -> None:
    source = inferred(slices_of_patients(tmp_path / "ct", PatientID="Jane-Roe-1970", StudyInstanceUID="1.2.3"))
    with pytest.raises(DataError, match="no picture is left for val and test") as caught:
        source.items("train")
    assert "source.group" in caught.value.hint
    files = [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]
    assert files
    assert not any(b"Jane" in file.read_bytes() for file in files)


def test_folders_may_not_put_one_patient_into_two_splits(tmp_path: Path) -> None:
    slices_of_patients(tmp_path / "ct" / "train")
    slices_of_patients(tmp_path / "ct" / "val", patients=1, slices=2, StudyDate="20200101")
    with pytest.raises(DataError, match="folders put 1 patient or group into two splits"):
        inferred(tmp_path / "ct").items("train")


def test_an_empty_identifier_leaves_the_study(tmp_path: Path) -> None:
    for study in range(4):
        root = tmp_path / "ct" / f"{study}"
        slices_of_patients(root, patients=2, slices=4, seed=study, PatientID="", StudyInstanceUID=f"1.2.{study}")
    entry = picture_entry.entry_of(inferred(tmp_path / "ct"))
    assert entry.facts["groups"] == 4


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("a/b.nii.gz#0001", "a/b"),
        ("a/b.NII#0001", "a/b"),
        ("sub-01/anat/sub-01_T1w.nii.gz#0001", "sub-01"),
        ("x_sub-02_ses-1.nii#12345", "sub-02"),
        ("resub-02.nii#0000", "resub-02"),
        ("a/b.png", ""),
    ],
)
def test_the_patient_of_a_volume(name: str, key: str) -> None:
    assert volume_key(name) == key


def volumes(root: Path, count: int = 6, slices: int = 5, offset: int = 0, **options: Any) -> Path:
    """Volumes of patients; slice 0 of each is blank, and the values name patient and slice."""
    for patient in range(count):
        values = np.zeros((8, 9, slices), np.int16)
        for number in range(1, slices):
            noise = np.random.default_rng([patient, number]).integers(0, 10, (8, 9))
            values[:, :, number] = 100 * patient + 10 * number + noise + offset
        scanning.save_volume(root / f"p{patient}.nii.gz", values, **options)
    return root


def test_slices_of_a_volume_are_in_one_split_and_blank_ones_join_nothing(tmp_path: Path) -> None:
    source = inferred(volumes(tmp_path / "nii", slope=1), range="0:1000")
    entry = picture_entry.entry_of(source)
    assert entry.facts["groups"] == entry.facts["components"] == 6
    assert entry.facts["splits"] == {"train": 20, "val": 5, "test": 5}
    assert picture_entry.entry_of(source).folder == entry.folder


def test_values_of_more_than_8_bits_are_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = inferred(volumes(tmp_path / "nii", slope=1), range="0:1000")
    before = source.items("train").x
    monkeypatch.setattr(picture_entry, "decode_entry", None)
    assert np.array_equal(source.items("train").x, before)


def pairs_of_volumes(tmp_path: Path) -> Any:
    volumes(tmp_path / "t1", slope=0.5, intercept=-3.0)
    volumes(tmp_path / "t2", slope=1, offset=3)
    options = PictureOptions(to=str(tmp_path / "t2"))
    return infer_pairs(str(tmp_path / "t1"), options)[0]


def test_pairs_of_volumes_are_aligned_and_no_patient_is_in_two_splits(tmp_path: Path) -> None:
    source = pairs_of_volumes(tmp_path)
    assert isinstance(source, Pairs)
    entry = entry_of(source)
    assert entry.facts["splits"] == {"train": 20, "val": 5, "test": 5}
    seen: dict[int, set[str]] = defaultdict(set)
    for split in SPLITS:
        items = source.items(split)
        low, high = source.input_low, source.input_high
        inputs = low + (items.given["input"].astype(float) - source.low) * (high - low) / (source.high - source.low)
        for one, other in zip(inputs, items.x.astype(float), strict=True):
            wanted = np.where(other > 0, (other - 3) * 0.5 - 3, -3)
            assert np.abs(one - wanted).max() <= 0.5 * (high - low) / (source.high - source.low) + 1e-3
            if other.max() > 0:
                seen[int(other.max() - 3) // 100].add(split)
    assert len(seen) == 6
    assert all(len(splits) == 1 for splits in seen.values())


def test_masks_of_any_whole_type_are_maps_of_classes(tmp_path: Path) -> None:
    for patient in range(6):
        classes = np.random.default_rng(patient).integers(0, 4, (8, 9, 4))
        scanning.save_volume(tmp_path / "t1" / f"{patient}.nii", (100 * classes).astype(np.int16))
        scanning.save_volume(tmp_path / "masks" / f"{patient}.nii.gz", classes.astype(np.float64))
    source, _ = infer_pairs(str(tmp_path / "t1"), PictureOptions(to=str(tmp_path / "masks")), maps=True)
    assert source.depth == "uint8"
    items = source.items("train")
    assert sorted(np.unique(items.x)) == [0, 1, 2, 3]
    assert (items.x.reshape(len(items.x), -1).var(axis=1) > 0).all()


def test_the_window_of_all_files_is_the_range_and_can_be_inverted(tmp_path: Path) -> None:
    window = {"WindowCenter": 40, "WindowWidth": 400, "VOILUTFunction": "LINEAR_EXACT"}
    generator = np.random.default_rng(0)
    for number in range(24):
        stored = generator.integers(864, 1265, (9, 8)).astype(np.uint16)  # -160 to 240 Hounsfield units
        stored[0, 0], stored[0, 1], stored[0, 2] = 0, 4095, 1024
        scanning.save_dicom(tmp_path / "ct" / f"{number}.dcm", stored, PatientID=f"{number}", **CT, **window)
    source = inferred(tmp_path / "ct")
    assert (source.depth, source.low, source.high) == ("int16", -160, 240)
    items = source.items("train")
    domain = Images().fit(items)
    x = domain.to_tensor(torch.from_numpy(domain.encode(items)))
    assert (x[:, 0, 0, 0] == -1).all()
    assert (x[:, 0, 0, 1] == 1).all()
    assert torch.allclose(x[:, 0, 0, 2], torch.tensor(2 * 160 / 400 - 1), atol=1e-6)
    assert np.array_equal(domain.decode(x), items.x)  # Hounsfield units again, exactly
    scanning.save_dicom(tmp_path / "ct" / "other.dcm", stored, PatientID="x", **CT, WindowCenter=0, WindowWidth=100)
    differing = inferred(tmp_path / "ct")
    assert (differing.low, differing.high) == (-1024, 3071)
    given = inferred(tmp_path / "ct", range="-100:100")
    assert (given.low, given.high) == (-100, 100)


def test_a_window_between_whole_numbers_is_widened() -> None:
    sample = ValueSample(np.array([0.0]), np.array([9.0]), np.array([0.0, 9.0]), 1, (-160.5, 239.5))
    assert default_range(sample, True) == (-161, 240)
    assert default_range(sample, False) == (-160.5, 239.5)


def test_groups_of_ordinary_pictures(tmp_path: Path) -> None:
    from painting import noise, save

    for number in range(40):
        save(tmp_path / "a" / f"scene{number % 10}-{number}.png", noise(number, 8, 8))
    source = Pictures(str(tmp_path / "a"), 8, 8, group="scene([0-9]+)")
    wanted = {noise(number, 8, 8).tobytes(): number % 10 for number in range(40)}
    found: dict[int, set[str]] = defaultdict(set)
    every: dict[str, Items] = {split: source.items(split) for split in SPLITS}
    for split, items in every.items():
        for row in items.x:
            found[wanted[row.tobytes()]].add(split)
    assert all(len(splits) == 1 for splits in found.values())
    assert {split: len(items) for split, items in every.items()} == {"train": 32, "val": 4, "test": 4}
    assert Pictures(str(tmp_path / "a"), 8, 8).items("train").sha256 != every["train"].sha256

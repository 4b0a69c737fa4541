"""Pairs of pictures: matched by name, aligned, split without leaks, and one sentence for every fault."""

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.sparse import coo_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

from ganvas.base.errors import DataError, UsageError
from ganvas.data.pair_entry import entry_of
from ganvas.data.pairs import Halves, Pairs
from ganvas.data.source import SPLITS, Items
from ganvas.domains.images import Images
from ganvas.ingest import decode_pool
from ganvas.ingest.pair_splits import component_splits, components
from ganvas.ingest.splits import split
from ganvas.recipes.live_streams import given_rows
from painting import deep_tiff, noise, save, zipped


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def negatives(root: Path, count: int = 40, side: int = 8, names: str = "{:03}") -> Path:
    """inputs/NAME.png, and their negatives as truths/NAME.bmp."""
    for number in range(count):
        pixels = noise(number, side, side)
        save(root / "inputs" / f"{names.format(number)}.png", pixels)
        save(root / "truths" / f"{names.format(number)}.bmp", 255 - pixels)
    return root


def source(root: Path, **options: Any) -> Pairs:
    return Pairs(str(root / "inputs"), str(root / "truths"), **{"height": 8, "width": 8, **options})


def splits(pairs: Pairs | Halves) -> dict[str, Items]:
    return {name: pairs.items(name) for name in SPLITS}


def test_every_truth_comes_with_its_input(tmp_path: Path) -> None:
    found = splits(source(negatives(tmp_path)))
    assert {name: len(items) for name, items in found.items()} == {"train": 32, "val": 4, "test": 4}
    for items in found.values():
        assert np.array_equal(items.x, 255 - items.given["input"])
        assert items.is_like_x("input")
    rows = [row.tobytes() for items in found.values() for row in items.given["input"]]
    assert sorted(rows) == sorted(noise(seed).tobytes() for seed in range(40))


def test_fingerprints_known_and_computed_agree(tmp_path: Path) -> None:
    for items in splits(source(negatives(tmp_path))).values():
        given = {name: np.array(each) for name, each in items.given.items()}
        assert items.sha256 == Items(x=np.array(items.x), given=given).fingerprint


def test_zips_and_lower_folders_are_the_folders(tmp_path: Path) -> None:
    root = negatives(tmp_path / "a", names="street/{:03}")
    whole = splits(source(root))
    packed = Pairs(str(zipped(root / "inputs", tmp_path / "i.zip")), str(root / "truths" / "street"), 8, 8)
    assert [each.fingerprint for each in splits(packed).values()] == [each.fingerprint for each in whole.values()]


def test_the_second_reading_decodes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = source(negatives(tmp_path))
    first = pairs.items("train").fingerprint
    monkeypatch.setattr(decode_pool, "answers", lambda *rest, **options: pytest.fail("decoded again"))
    assert pairs.items("train").fingerprint == first


def test_a_damaged_entry_is_made_again(tmp_path: Path) -> None:
    pairs = source(negatives(tmp_path))
    entry = entry_of(pairs)
    first = pairs.items("test")
    given = np.array(first.given["input"])
    np.save(entry.folder / "input.npy", np.zeros((40, 8, 4, 6), np.uint8))
    assert np.array_equal(pairs.items("test").given["input"], given)


def test_halves_are_cut_before_they_are_resized(tmp_path: Path) -> None:
    """As Pillow resizes each half by itself; the seam would mix both otherwise."""
    for number in range(20):
        save(tmp_path / f"{number:02}.png", noise(number, 40, 100))
    for reverse in (False, True):
        found = splits(Halves(str(tmp_path), 8, 10, reverse=reverse))
        seen = {
            (x.tobytes(), y.tobytes())
            for each in found.values()
            for x, y in zip(each.x, each.given["input"], strict=True)
        }
        expected = set()
        for number in range(20):
            whole = Image.fromarray(noise(number, 40, 100))
            sides = [
                np.asarray(whole.crop((a, 0, a + 50, 40)).resize((10, 8), Image.Resampling.LANCZOS)) for a in (0, 50)
            ]
            left, right = (side.tobytes() for side in sides)
            expected.add((left, right) if reverse else (right, left))
        assert seen == expected


def test_both_sides_are_cropped_alike_at_any_size(tmp_path: Path) -> None:
    """A truth twice as large, of another format, and the same crop: inputs and truths stay aligned."""
    for number in range(20):
        small = np.asarray(Image.fromarray(noise(number, 4, 6)).resize((60, 40), Image.Resampling.BICUBIC))
        save(tmp_path / "inputs" / f"{number}.png", small)
        large = Image.fromarray(small).resize((121, 81), Image.Resampling.BICUBIC)  # rounded up
        save(tmp_path / "truths" / f"{number}.png", np.asarray(large))
    for items in splits(source(tmp_path, height=16, width=16)).values():
        assert np.abs(items.x.astype(int) - items.given["input"]).mean() < 4


def test_channels_of_both_sides_differ(tmp_path: Path) -> None:
    for number in range(20):
        pixels = noise(number)
        save(tmp_path / "truths" / f"{number}.png", pixels)
        save(tmp_path / "inputs" / f"{number}.png", np.asarray(Image.fromarray(pixels).convert("L"))[:, :, None])
    items = source(tmp_path, input_channels=1).items("train")
    grey = [np.asarray(Image.fromarray(row).convert("L")) for row in items.x]
    assert np.array_equal(items.given["input"][..., 0], np.stack(grey))
    domain = Images().fit(items)
    rows = given_rows(domain, items, "input")
    assert rows.values[torch.arange(len(items))].shape == (len(items), 1, 8, 8)


def test_deep_inputs_are_on_the_scale_of_the_truths(tmp_path: Path) -> None:
    """v' = low' + (v - low) (high' - low') / (high - low): to and from 95:4095."""
    values = np.random.default_rng(0).integers(0, 4096, (20, 8, 8)).astype(np.uint16)
    (tmp_path / "deep").mkdir()
    (tmp_path / "half").mkdir()
    for number, each in enumerate(values):
        (tmp_path / "deep" / f"{number}.tif").write_bytes(deep_tiff(each))
        (tmp_path / "half" / f"{number}.tif").write_bytes(deep_tiff(each // 8))
        save(tmp_path / "bytes" / f"{number}.png", noise(number)[:, :, :1])
    clipped = np.clip(values.astype(float), 95, 4095)
    of_inputs: dict[str, Any] = {"channels": 1, "input_channels": 1, "input_low": 95, "input_high": 4095}
    of_truths: dict[str, Any] = {"channels": 1, "input_channels": 1, "depth": "uint16"}
    of_both: dict[str, Any] = {**of_truths, **of_inputs, "input_depth": "uint16"}
    places = {name: str(tmp_path / name) for name in ("deep", "half", "bytes")}
    grey = np.stack([noise(number)[:, :, 0] for number in range(20)]).astype(float)
    cases = [
        (
            Pairs(places["bytes"], places["deep"], 8, 8, **of_truths, low=95, high=4095),
            clipped,
            95 + grey * (4000 / 255),
        ),
        (
            Pairs(places["deep"], places["half"], 8, 8, **of_both, high=1000),
            values // 8,
            (clipped - 95) / 4,
        ),
        (
            Pairs(places["deep"], places["bytes"], 8, 8, **of_inputs, input_depth="uint16"),
            grey,
            (clipped - 95) * 255 / 4000,
        ),
    ]
    for pairs, x, given in cases:
        items = pairs.items("train")
        names = [int(name) for name in json.loads((entry_of(pairs).folder / "names.json").read_text())[: len(items)]]
        assert items.x.dtype == items.given["input"].dtype == (np.uint8 if pairs.depth == "uint8" else np.uint16)
        assert np.array_equal(items.x[..., 0], x[names])
        assert np.abs(items.given["input"][..., 0] - given[names]).max() <= 0.5 + 1e-4
        assert (items.units.low, items.units.high) == (pairs.low, pairs.high or 255)


def test_values_of_maps_are_never_mixed(tmp_path: Path) -> None:
    """As Pillow's nearest pixel; a palette's numbers count, not its colours."""
    rng = np.random.default_rng(0)
    expected = set()
    for number in range(20):
        numbers = rng.choice([0, 7, 200], (30, 40)).astype(np.uint8)
        save(tmp_path / "inputs" / f"{number}.png", noise(number, 30, 40))
        picture = Image.fromarray(numbers).convert("P") if number % 2 else Image.fromarray(numbers)
        if number % 2:
            picture = Image.frombytes("P", (40, 30), numbers.tobytes())
            picture.putpalette([value for each in range(256) for value in (255 - each, 3, each)])
        (tmp_path / "truths").mkdir(exist_ok=True)
        picture.save(tmp_path / "truths" / f"{number}.png")
        expected.add(
            np.asarray(Image.fromarray(numbers).resize((8, 8), Image.Resampling.NEAREST, box=(5, 0, 35, 30))).tobytes()
        )
    found = splits(source(tmp_path, channels=1, maps=True))
    assert {row.tobytes() for items in found.values() for row in items.x} == expected
    padded = source(tmp_path, channels=1, maps=True, fit="pad").items("train").x
    assert (padded[:, [0, -1]] == 255).all()
    assert set(np.unique(padded[:, 1:-1])) == {0, 7, 200}
    with pytest.raises(DataError, match="channel"):
        source(tmp_path, maps=True).items("train")


def test_maps_with_colours_are_broken(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"pairs are broken: .*colours"):
        source(negatives(tmp_path), channels=1, maps=True).items("train")


def test_components_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    keys = [[("a", int(a)), ("b", int(b))] for a, b in rng.integers(0, 60, (50, 2))]
    edges = [(i, j) for i in range(50) for j in range(50) if set(keys[i]) & set(keys[j])]
    ones = np.ones(len(edges))
    labels = connected_components(coo_array((ones, np.transpose(edges)), shape=(50, 50)), directed=False)[1]
    found = components(keys)
    assert [[a == b for a in found] for b in found] == [[a == b for a in labels] for b in labels]
    assert len(set(found)) < 50


def test_pairs_that_share_nothing_are_split_as_pictures_are() -> None:
    digests = [noise(seed).tobytes()[:32] for seed in range(300)]
    for named in ([""] * 300, ["train"] * 200 + ["val"] * 100):
        assert component_splits(range(300), digests, named, 3) == split(digests, named, 3)


def test_no_picture_is_in_two_splits(tmp_path: Path) -> None:
    """Chains: an input that two pairs share, whose truths others share. Held against all pixels of all splits."""
    rng = np.random.default_rng(1)
    for number, (a, b) in enumerate(rng.integers(0, 70, (60, 2)).tolist()):
        save(tmp_path / "inputs" / f"{number}.png", noise(a))
        save(tmp_path / "truths" / f"{number}.png", noise(1000 + b))
    found = splits(source(tmp_path))
    assert all(len(items) for items in found.values())
    assert sum(map(len, found.values())) == 60
    for side in ("x", "input"):
        sets = [{row.tobytes() for row in (items.x if side == "x" else items.given[side])} for items in found.values()]
        assert not sets[0] & sets[1] | sets[0] & sets[2] | sets[1] & sets[2]
    groups = [set(np.asarray(items.group).tolist()) for items in found.values()]
    assert not groups[0] & groups[1] | groups[0] & groups[2] | groups[1] & groups[2]


def test_empty_masks_join_nothing(tmp_path: Path) -> None:
    for number in range(40):
        save(tmp_path / "inputs" / f"{number}.png", noise(number))
        save(tmp_path / "truths" / f"{number}.png", noise(number) if number % 2 else np.zeros((8, 8, 3), np.uint8))
    assert {name: len(items) for name, items in splits(source(tmp_path)).items()} == {"train": 32, "val": 4, "test": 4}


def test_no_patient_is_in_two_splits(tmp_path: Path) -> None:
    root = negatives(tmp_path, 60)
    for side in ("inputs", "truths"):
        for number, file in enumerate(sorted((root / side).iterdir())):
            file.rename(file.with_stem(f"patient{number % 12}_slice{number // 12}"))
    pairs = source(root, group="patient([0-9]+)")
    found = splits(pairs)
    names = json.loads((entry_of(pairs).folder / "names.json").read_text())
    ends = np.cumsum([0, *map(len, found.values())])
    patients = [{name.split("_")[0] for name in names[a:b]} for a, b in itertools.pairwise(ends)]
    assert [len(each) for each in patients] == [10, 1, 1]
    assert len(set.union(*patients)) == 12
    with pytest.raises(DataError, match="60 of 60 names have no group"):
        source(root, group="case").items("train")
    with pytest.raises(UsageError, match="no regular expression"):
        source(root, group="(").items("train")


def test_folders_name_the_splits(tmp_path: Path) -> None:
    root = negatives(tmp_path, 40)
    for side in ("inputs", "truths"):
        for number, file in enumerate(sorted((root / side).iterdir())):
            to = root / side / ("train" if number < 30 else "val" if number < 35 else "test") / file.name
            to.parent.mkdir(exist_ok=True)
            file.rename(to)
    found = splits(source(root))
    assert {name: len(items) for name, items in found.items()} == {"train": 30, "val": 5, "test": 5}
    val = {noise(seed).tobytes() for seed in range(30, 35)}
    assert {row.tobytes() for row in found["val"].given["input"]} == val
    save(root / "inputs" / "val" / "again.png", noise(3))  # which is in train too
    save(root / "truths" / "val" / "again.png", noise(500))
    assert len(source(root).items("val")) == 6
    assert entry_of(source(root)).facts["across"] == 2
    with pytest.raises(DataError, match="into two splits: 0"):
        source(root, group="^[a-z]+/(0|again)").items("val")


def test_pictures_without_a_partner_are_named(tmp_path: Path) -> None:
    root = negatives(tmp_path)
    save(root / "inputs" / "alone.png", noise(900))
    assert entry_of(source(root)).facts["without"] == ["inputs/alone.png"]
    save(root / "truths" / "other.png", noise(901))
    with pytest.raises(
        DataError, match=r"2 of 82 pictures have no partner.*inputs/alone\.png, truths/other\.png"
    ) as raised:
        source(root).items("train")
    assert raised.value.exit_code == 3
    assert len(source(root, broken=0.03).items("train")) == 32


def test_broken_pairs_are_named(tmp_path: Path) -> None:
    root = negatives(tmp_path)
    (root / "truths" / "000.bmp").write_bytes(b"nothing")
    facts = entry_of(source(root)).facts
    assert (facts["pictures"], facts["broken_pairs"]) == (39, 1)
    assert list(facts["broken"]) == ["truths/000.bmp"]
    (root / "inputs" / "001.png").write_bytes(b"nothing")
    with pytest.raises(DataError, match="2 of 40 pairs are broken"):
        source(root).items("train")


def test_shapes_that_differ_are_named(tmp_path: Path) -> None:
    root = negatives(tmp_path, side=20)
    save(root / "truths" / "007.bmp", noise(7, 20, 30))
    with pytest.raises(DataError, match=r"1 of 40 pairs .* inputs/007.png \(20 x 20\) and truths/007.bmp \(30 x 20\)"):
        source(root).items("train")
    assert len(source(root, fit="stretch").items("train")) == 32


def test_what_is_no_pair_gets_one_sentence(tmp_path: Path) -> None:
    root = negatives(tmp_path / "few", 1)
    with pytest.raises(DataError, match=r"1 usable pair.*at least 20"):
        source(root).items("train")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no pictures"):
        Pairs(str(root / "inputs"), str(tmp_path / "empty"), 8, 8).items("train")
    with pytest.raises(DataError, match="nothing at this path"):
        Pairs(str(root / "inputs"), str(tmp_path / "away"), 8, 8).items("train")
    with pytest.raises(DataError, match="the same pictures"):
        Pairs(str(root / "inputs"), str(root / "inputs"), 8, 8).items("train")
    np.savez(tmp_path / "x.npz", x=np.zeros((30, 8, 8), np.uint8))
    with pytest.raises(DataError, match="folders or zips"):
        Pairs(str(tmp_path / "x.npz"), str(root / "inputs"), 8, 8).items("train")
    save(tmp_path / "others" / "elsewhere.png", noise(0))
    with pytest.raises(DataError, match=r"no picture of .* has one of the same name"):
        Pairs(str(root / "inputs"), str(tmp_path / "others"), 8, 8).items("train")
    save(root / "inputs" / "000.bmp", noise(5))
    with pytest.raises(DataError, match=r"2 pictures cannot be told apart.*000\.bmp, 000\.png"):
        source(root).items("train")


def test_pairs_of_one_set_cannot_be_split(tmp_path: Path) -> None:
    for number in range(30):
        save(tmp_path / "inputs" / f"{number}.png", noise(number))
        save(tmp_path / "truths" / f"{number}.png", noise(100))
    with pytest.raises(DataError, match=r"no pair is left for val and test.*1 set"):
        source(tmp_path).items("train")

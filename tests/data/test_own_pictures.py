"""A person's own pictures: split laws, cache laws, labels, and one sentence for every fault."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import painting
from ganvas.base.errors import DataError, ResourceError
from ganvas.base.progress import progress_listener
from ganvas.data.custom_pictures import decode
from ganvas.data.picture_entry import entry_of
from ganvas.data.pictures import Pictures
from ganvas.data.source import SPLITS, Items
from ganvas.ingest import decode_pool, npz
from ganvas.ingest.splits import held_out, split
from painting import folder, noise, numbered, save, zipped


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def undecoded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called, decoding fails the test."""

    def from_now() -> None:
        monkeypatch.setattr(decode_pool, "answers", lambda *rest, **options: pytest.fail("decoded again"))

    return from_now


def source(path: Path, **options: Any) -> Pictures:
    return Pictures(str(path), 8, 8, **options)


def splits(pictures: Pictures) -> dict[str, Items]:
    return {name: pictures.items(name) for name in SPLITS}


def rows(items: Items) -> list[bytes]:
    return [row.tobytes() for row in items.x]


def test_every_picture_stands_in_one_split(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", numbered(100))
    found = splits(source(root))
    assert {name: len(items) for name, items in found.items()} == {"train": 80, "val": 10, "test": 10}
    everything = [row for items in found.values() for row in rows(items)]
    assert sorted(everything) == sorted(noise(seed).tobytes() for seed in range(100))
    assert sorted(np.concatenate([items.id for items in found.values()]).tolist()) == list(range(100))
    assert {items.x.shape[1:] for items in found.values()} == {(8, 8, 3)}
    assert source(root, seed=1).items("val").fingerprint != found["val"].fingerprint


@pytest.mark.parametrize(
    ("n", "count"),
    [(4, 0), (5, 1), (20, 2), (196, 19), (249, 24), (250, 50), (500, 50), (1000, 50), (2000, 100), (300_000, 10_000)],
)
def test_how_many_are_held_out(n: int, count: int) -> None:
    assert held_out(n) == count


def test_fingerprints_known_and_computed_agree(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", [f"{'ab'[number % 2]}/{number}.png" for number in range(40)])
    for labels in ("", "folders"):
        for items in splits(source(root, labels=labels)).values():
            assert items.sha256
            assert items.fingerprint == Items(x=np.array(items.x), y=items.y, classes=items.classes).fingerprint


def test_zip_list_and_npz_are_the_folder(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", [f"{'ab'[number % 2]}/{number:02}.png" for number in range(40)])
    archive = zipped(root, tmp_path / "a.zip")
    (tmp_path / "list.txt").write_text(
        "\n".join(f"a/{'ab'[number % 2]}/{number:02}.png" for number in reversed(range(40)))
    )
    np.savez(tmp_path / "a.npz", x=np.stack([noise(seed) for seed in range(40)]), y=np.array(["a", "b"] * 20))
    places = {root: "folders", archive: "folders", tmp_path / "list.txt": "folders", tmp_path / "a.npz": "y"}
    for labelled in (False, True):
        prints = [
            [items.fingerprint for items in splits(source(path, labels=label if labelled else "")).values()]
            for path, label in places.items()
        ]
        assert prints == [prints[0]] * 4
    train = source(archive, labels="folders").items("train")
    assert train.classes == ("a", "b")
    known = {noise(seed).tobytes(): seed % 2 for seed in range(40)}
    assert train.y is not None
    assert [known[row] for row in rows(train)] == train.y.tolist()


def test_names_of_files_do_not_matter(tmp_path: Path) -> None:
    one = splits(source(folder(tmp_path / "a", numbered(60))))
    other = splits(source(folder(tmp_path / "b", reversed(numbered(60, "{:03}x.png")))))
    folder(tmp_path / "c", [f"z{1000 - seed}.png" for seed in range(60)])
    third = splits(source(tmp_path / "c"))
    assert (
        [items.fingerprint for items in third.values()]
        == [items.fingerprint for items in one.values()]
        == [items.fingerprint for items in other.values()]
    )


def test_equal_pictures_stand_together(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", numbered(60))
    for seed in range(60):
        for copy in range(seed % 3):
            save(root / f"copy{copy}-{seed}.bmp", noise(seed))
    found = splits(source(root))
    groups = [set(np.asarray(items.group).tolist()) for items in found.values()]
    assert not groups[0] & groups[1] | groups[0] & groups[2] | groups[1] & groups[2]
    assert [len(group) for group in groups] == [48, 6, 6]  # copies do not count
    assert sum(map(len, found.values())) == 120
    for items in found.values():
        told = dict(zip(np.asarray(items.group).tolist(), rows(items), strict=True))
        assert [told[group] for group in np.asarray(items.group).tolist()] == rows(items)


def test_a_picture_more_moves_few() -> None:
    digests = [bytes([number % 256, number // 256]) for number in range(1000)]
    before = split(digests, [""] * 1000, 0)
    after = split([*digests, b"new"], [""] * 1001, 0)
    assert sum(one != other for one, other in zip(before, after[:1000], strict=True)) <= 4
    assert split(digests[::-1], [""] * 1000, 0) == before[::-1]


@pytest.mark.parametrize(
    "given", [("train", "val", "test"), ("train", "test"), ("train",), ("Training", "validation", "testing")]
)
def test_split_folders_are_honoured(tmp_path: Path, given: tuple[str, ...]) -> None:
    names = [f"{part}/{number:02}.png" for part in given for number in range(40)]
    found = {name: set(rows(items)) for name, items in splits(source(folder(tmp_path / "a", names))).items()}
    held = 4
    for place, part in enumerate(given):
        whole = {noise(seed).tobytes() for seed in range(40 * place, 40 * place + 40)}
        split_name = part.lower().removesuffix("ing").replace("idation", "")
        missing = 3 - len(given) if split_name == "train" else 0
        assert found[split_name] <= whole
        assert len(found[split_name]) == 40 - missing * held
    assert sum(map(len, found.values())) == 40 * len(given)


def test_the_second_start_decodes_nothing(tmp_path: Path, undecoded: Callable[[], None]) -> None:
    root = folder(tmp_path / "a", numbered(30))
    told: list[tuple[str, int, int]] = []
    with progress_listener(lambda *said: told.append(said)):
        first = splits(source(root))
    assert ("decoding pictures", 30, 30) in told
    undecoded()
    again = splits(source(root))
    assert [items.fingerprint for items in again.values()] == [items.fingerprint for items in first.values()]
    assert all(np.array_equal(again[name].x, first[name].x) for name in SPLITS)
    source(root, broken=0.5).items("train")


@pytest.mark.parametrize("change", ["touched", "added", "removed", "renamed", "option", "labels"])
def test_a_change_is_noticed(tmp_path: Path, change: str, undecoded: Callable[[], None]) -> None:
    root = folder(tmp_path / "a", numbered(30))
    table = tmp_path / "labels.csv"
    table.write_text("".join(f"{name},{place % 2}\n" for place, name in enumerate(numbered(30))))
    asked = source(root, labels=str(table))
    asked.items("train")
    replace(asked, labels="").items("train")
    undecoded()
    if change == "touched":
        save(root / "003.png", noise(99))
    elif change == "added":
        save(root / "more.png", noise(99))
        asked = replace(asked, labels="")
    elif change == "removed":
        (root / "003.png").unlink()
    elif change == "renamed":
        (root / "003.png").rename(root / "3.png")
        table.write_text(table.read_text() + "3.png,1\n")
    elif change == "labels":
        table.write_text(table.read_text().replace("000.png,0", "000.png,1"))
    asked = replace(asked, fit="pad") if change == "option" else asked
    with pytest.raises(pytest.fail.Exception, match="decoded again"):
        asked.items("train")


def test_a_damaged_entry_is_decoded_again(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", numbered(30))
    first = source(root).items("train")
    whole = np.array(first.x)
    x = entry_of(source(root)).folder / "x.npy"
    os.truncate(x, x.stat().st_size - 1)
    assert np.array_equal(source(root).items("train").x, whole)


def test_a_disk_without_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    root = folder(tmp_path / "a", numbered(30))
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=100))
    with pytest.raises(ResourceError, match="of disk"):
        source(root).items("train")
    assert [file.name for file in place.iterdir() if file.is_dir()] == []


def test_writing_to_items_does_not_reach_the_cache(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", numbered(30))
    items = source(root).items("train")
    before = np.array(items.x)
    items.x[:] = 0
    assert np.array_equal(source(root).items("train").x, before)


def test_broken_pictures_are_left_out_within_the_budget(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", numbered(60))
    (root / "007.png").write_bytes(b"")
    assert sum(map(len, splits(source(root)).values())) == 59
    assert entry_of(source(root)).facts["broken"] == {"007.png": "empty file"}
    (root / "008.png").write_text("text")
    with pytest.raises(
        DataError, match=r"2 of 60 pictures are broken: 007.png \(empty file\), 008.png \(not a picture\)"
    ) as caught:
        source(root).items("train")
    assert "source.broken=0.04" in str(caught.value)
    assert len(source(root, broken=0.04).items("train")) > 0
    with pytest.raises(DataError, match="2 of 60"):
        source(root, broken=0.0).items("train")


def few(root: Path) -> Path:
    folder(root, numbered(10))
    for seed in range(3):
        (root / f"bad{seed}.png").write_bytes(b"")
    return root


def same(root: Path) -> Path:
    for number in range(40):
        save(root / f"{number}.png", noise(number % 5))
    return root


def empty(root: Path) -> Path:
    root.mkdir()
    return root


FAULTS: list[tuple[Callable[[Path], Path], dict[str, Any], str]] = [
    (lambda root: root / "missing", {}, "nothing at this path"),
    (lambda root: folder(root, ["a.txt.d/x.png"]) / "a.txt.d" / "x.png", {}, "not a readable zip"),
    (empty, {}, "no pictures"),
    (few, {}, r"10 usable pictures; 3 skipped: bad0.png \(empty file\)"),
    (same, {}, "40 usable pictures, only 5 of them different"),
    (lambda root: folder(root, numbered(30)), {"background": "octarine"}, "unknown background colour 'octarine'"),
    (
        lambda root: folder(root, numbered(30)),
        {"labels": "folders"},
        "30 of 30 pictures have no label: 000.png, 001.png, 002.png and 27 more",
    ),
    (lambda root: folder(root, numbered(30, "cats/{}.png")), {"labels": "folders"}, "only one class: cats"),
    (lambda root: folder(root, numbered(30)), {"labels": "y"}, 'labels "y" are those of an .npz'),
]


@pytest.mark.parametrize(("make", "options", "said"), FAULTS, ids=[said[:20] for _, _, said in FAULTS])
def test_faults_are_one_sentence(
    tmp_path: Path, make: Callable[[Path], Path], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(DataError, match=said) as caught:
        source(make(tmp_path / "a"), **options).items("train")
    assert "\n" not in str(caught.value)


def arrays(path: Path, **named: Any) -> Path:
    np.savez(path, **named)
    return path


def test_an_npz_is_resized_and_coloured(tmp_path: Path) -> None:
    x = np.stack([np.full((16, 24), 4 * seed, np.uint8) for seed in range(40)])
    found = splits(source(arrays(tmp_path / "a.npz", x=x), channels=3))
    everything = np.concatenate([items.x for items in found.values()])
    assert everything.shape == (40, 8, 8, 3)
    assert sorted(everything[:, 3, 3, 1].tolist()) == [4 * seed for seed in range(40)]
    four = np.zeros((40, 8, 8, 4), np.uint8)
    four[:, 0, 0, 0] = range(40)
    four[:, 0, 0, 3] = 255
    found = splits(source(arrays(tmp_path / "b.npz", x=four), background="#0000ff"))
    assert found["train"].x[0, 5, 5].tolist() == [0, 0, 255]


GREY = np.stack([noise(seed, channels=1)[:, :, 0] for seed in range(40)])


@pytest.mark.parametrize(
    ("named", "labels", "said"),
    [
        ({"images": GREY}, "", "no array 'x' in the file; it holds images"),
        ({"x": GREY.astype(np.int64)}, "", "x is int64"),
        ({"x": np.zeros((40, 8, 8, 2), np.uint16)}, "", "transparency is read only in uint8"),
        ({"x": GREY.astype(np.float32)}, "", "source.low"),
        ({"x": np.asfortranarray(GREY)}, "", "Fortran"),
        ({"x": GREY[0]}, "", r"x is uint8 \[8, 8\]"),
        ({"x": GREY[..., None].repeat(5, 3)}, "", r"x is uint8 \[40, 8, 8, 5\]"),
        ({"x": np.array([{}], object)}, "", "array of objects|Object arrays"),
        ({"x": GREY}, "y", "no array 'y'"),
        ({"x": GREY, "y": np.zeros(39, int)}, "y", r"y is int64 \[39\]"),
        ({"x": GREY, "y": np.array([{}] * 40, object)}, "y", "objects|Object arrays"),
        ({"x": GREY, "y": np.zeros(40, int)}, "y", "only one class: 0"),
        ({"x": GREY}, "folders", "an .npz has no labels 'folders'"),
        ({"x": np.zeros((0, 8, 8), np.uint8)}, "", "0 usable pictures"),
        ({"x": np.zeros((40, 8, 3), np.uint8)}, "", "pictures of 3 x 8 are not read"),
        ({"x": np.zeros((40, 1, 1), np.uint8)}, "", "pictures of 1 x 1 are not read"),
    ],
)
def test_an_npz_that_does_not_fit(tmp_path: Path, named: dict[str, Any], labels: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        source(arrays(tmp_path / "a.npz", **named), labels=labels).items("train")


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_npz(tmp_path: Path, damage: str) -> None:
    path = arrays(tmp_path / "a.npz", x=GREY)
    content = bytearray(path.read_bytes())
    content = content[:1000] if damage == "cut" else content
    content[700] ^= 255
    path.write_bytes(content)
    with pytest.raises(DataError):
        source(path).items("train")


def test_an_npz_that_claims_more_than_it_holds(tmp_path: Path) -> None:
    import zipfile

    head = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000, 64, 64), }".ljust(117) + b"\n"
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00v\x00" + head + bytes(100))
    with pytest.raises(DataError, match="not as long as its header says"):
        source(tmp_path / "a.npz").items("train")


def test_an_npz_of_too_many_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npz, "MOST_MEMBERS", 39)
    assert npz.shape_of(arrays(tmp_path / "a.npz", x=GREY[:39])).pictures == 39
    with pytest.raises(DataError, match="40 pictures in one array"):
        npz.shape_of(arrays(tmp_path / "b.npz", x=GREY))


def test_an_npz_that_swells(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((5, 1000, 1000), np.uint8))
    with pytest.raises(DataError, match=r"'x' inflates .* times"):
        npz.shape_of(tmp_path / "a.npz")
    np.savez_compressed(tmp_path / "b.npz", y=np.repeat([0, 1], 400_000))  # sound labels in order shrink as much
    assert npz.labels(tmp_path / "b.npz", 800_000)[399_999:400_001] == ("0", "1")


def test_bombs_in_a_folder_are_named(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", numbered(30))
    bombs = painting.bombs()
    for name in ("claims.png", "canvas.gif", "claims.tif"):
        (root / name).write_bytes(bombs[name][0])
    assert len(source(root, broken=0.2).items("train")) > 0
    assert entry_of(source(root, broken=0.2)).facts["broken"] == {
        name: bombs[name][1] for name in ("canvas.gif", "claims.png", "claims.tif")
    }


def test_a_class_without_a_training_picture_is_no_class(tmp_path: Path) -> None:
    """Its pictures are left out too: no model can be asked for it, so no score can compare it."""
    names = [
        *numbered(30, "train/cats/{}.png"),
        *numbered(2, "train/dogs/x{}.png"),
        "train/eels/0.png",
        *numbered(4, "test/yaks/{}.png"),
        "test/cats/z.png",
    ]
    root = folder(tmp_path / "a", names)
    labelled = source(root, labels="folders")
    items = splits(labelled)
    assert all(each.classes == items["train"].classes and "yaks" not in each.classes for each in items.values())
    assert set(items["train"].y.tolist()) == set(range(len(items["train"].classes)))  # type: ignore[union-attr]
    assert all(each.y is not None and each.y.max() < len(each.classes) for each in items.values())
    facts = entry_of(labelled).facts
    assert facts["untrained"]["yaks"] == 4
    assert sum(facts["splits"].values()) == facts["pictures"] == len(names) - sum(facts["untrained"].values())
    assert "yaks (4)" in " ".join(decode(labelled).messages)
    assert len(source(root).items("test")) == 5, "without labels all pictures count"


def test_labels_are_the_same_from_wherever_they_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undecoded: Callable[[], None]
) -> None:
    root = folder(tmp_path / "a", numbered(30))
    (tmp_path / "t.csv").write_text("".join(f"{name},{number % 2}\n" for number, name in enumerate(numbered(30))))
    monkeypatch.chdir(tmp_path)
    source(root, labels="t.csv").items("train")
    undecoded()
    source(root, labels=str(tmp_path / "t.csv")).items("train")

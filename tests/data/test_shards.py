"""Pictures in shards: the splits, the order, the same batches with any workers, and a message for every fault."""

import os
import tarfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ganvas.augment.flip import Flip
from ganvas.base.draws import permutation
from ganvas.base.errors import DataError, ResourceError
from ganvas.data import lazy_images, stream
from ganvas.data.infer_options import infer_options
from ganvas.data.labelled_subset import LabelledSubset
from ganvas.data.lazy_images import LazyImages, ShardRows
from ganvas.data.pictures import Pictures
from ganvas.data.shard_shuffle import Layout, Windows
from ganvas.data.shards import Shards
from ganvas.data.source import SPLITS, Items
from ganvas.data.stream import Store, Stream
from ganvas.data.streaming_store import StreamingStore
from ganvas.domains.images import Images
from ganvas.ingest import decode_pool, shard_index
from ganvas.ingest.decode_options import DecodeOptions
from ganvas.ingest.picture_options import PictureOptions
from ganvas.ingest.shard_list import Shard, are_shards, shards_of
from ganvas.ingest.shard_pack import Gathered, trained_only
from ganvas.ingest.survey import survey
from packing_tars import coded, samples, shards, tar, with_links
from painting import folder, noise, numbered

COUNTS = (50, 40, 30, 50, 20, 60)
ALL = sum(COUNTS)


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes a while to start."""
    monkeypatch.setattr(decode_pool, "cores", lambda: 1)


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> str:
    """250 pictures of three classes in six shards."""
    return shards(tmp_path_factory.mktemp("shards"), COUNTS, label="cls")


def source(path: str | Path, **options: Any) -> Shards:
    return Shards(str(path), 8, 8, **options)


def rows(items: Items) -> list[bytes]:
    return [row.tobytes() for row in items.x[: len(items)]]


def unread_of(items: Items) -> LazyImages:
    x: Any = items.x
    assert isinstance(x, LazyImages)
    return x


def streamed(items: Items, *transforms: Any, seed: int = 0) -> Stream:
    return Stream(StreamingStore(items, unread_of(items), Images(8, 8, 3).encode), Images(), transforms, seed=seed)


def test_every_picture_stands_in_one_split_with_its_class(pattern: str) -> None:
    found = {split: source(pattern, labels="cls").items(split) for split in SPLITS}
    assert {split: len(items) for split, items in found.items()} == {"train": 150, "val": 50, "test": 50}
    known = {noise(seed).tobytes(): str(seed % 3) for seed in range(ALL)}
    told: dict[bytes, str] = {}
    for items in found.values():
        assert items.y is not None
        told |= {row: items.classes[label] for row, label in zip(rows(items), items.y.tolist(), strict=True)}
    assert told == known
    assert sorted(np.concatenate([items.id for items in found.values()]).tolist()) == list(range(ALL))


def test_fingerprints_tell_data_apart(pattern: str, tmp_path: Path) -> None:
    first = [source(pattern).items(split).fingerprint for split in SPLITS]
    assert [source(pattern).items(split).fingerprint for split in SPLITS] == first
    assert len(set(first)) == 3
    other_shards = shards(tmp_path / "other", COUNTS[::-1], label="cls")
    others = [source(pattern, seed=1), source(pattern, labels="cls"), source(other_shards), source(pattern, window=2)]
    assert len({first[0], *(other.items("train").fingerprint for other in others)}) == 5, (
        "the window too: it decides the order"
    )
    assert [source(pattern, window=2).items(split).fingerprint for split in SPLITS[1:]] == first[1:]
    assert [source(other_shards).items(split).fingerprint for split in SPLITS[1:]] == first[1:], (
        "the splits know nothing of shards"
    )
    val = source(pattern, labels="cls").items("val")
    assert val.fingerprint == Items(x=np.array(val.x), y=val.y, classes=val.classes).fingerprint


@pytest.mark.parametrize("window", [1, 3, 100])
def test_each_pass_has_every_item_once_few_shards_at_a_time(window: int) -> None:
    counts = np.array([7, 0, 13, 1, 29, 5, 11, 4])
    shard = np.repeat(np.arange(8), counts)[permutation(("shuffled",), counts.sum())]
    layout = Layout(np.argsort(shard, kind="stable"), np.concatenate([[0], counts.cumsum()]), window)
    n = len(shard)
    order = Windows(layout, seed=0, name="data")
    index, passes = order.at(0, 3 * n)
    assert passes.tolist() == [0] * n + [1] * n + [2] * n
    assert all(sorted(index[number * n : (number + 1) * n].tolist()) == list(range(n)) for number in range(3))
    assert len({tuple(index[number * n : (number + 1) * n]) for number in range(3)}) == 3
    again = Windows(layout, seed=0, name="data")
    for start, count in ((2 * n - 3, 7), (0, 1), (n - 1, n + 2), (5, 9), (2 * n, n)):  # in no order, and across passes
        assert [each.tolist() for each in again.at(start, count)] == [
            index[start : start + count].tolist(),
            passes[start : start + count].tolist(),
        ]
    assert Windows(layout, seed=1, name="data").at(0, n)[0].tolist() != index[:n].tolist()
    for number in range(3):
        seen = shard[index[number * n : (number + 1) * n]]
        spans = [np.flatnonzero(seen == each)[[0, -1]] for each in set(seen.tolist())]
        open_at_once = max(sum(first <= place <= last for first, last in spans) for place in range(n))
        assert open_at_once <= window, "between its first and its last picture a shard shares the time with few others"


def test_a_shard_alone_is_shuffled_anew_in_each_pass() -> None:
    index, _ = Windows(Layout(np.arange(20), np.array([0, 20]), 8), seed=0, name="data").at(0, 40)
    assert index[:20].tolist() != index[20:].tolist()


@pytest.mark.parametrize(("workers", "ahead"), [(1, 0), (3, 2)])
def test_batches_are_the_same_whatever_is_read_ahead(
    pattern: str, workers: int, ahead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = streamed(source(pattern, labels="cls", window=2).items("train"), Flip())
    asked = [
        (0, 7),
        (7, 7),
        (14, 7),
        (147, 7),
        (3, 50),
        (21, 7),
        (150, 300),
    ]  # in order, a jump, back, and over several passes
    first = [usual.batch(*each) for each in asked]
    monkeypatch.setattr(decode_pool, "cores", lambda: workers)
    monkeypatch.setattr(lazy_images, "AHEAD", ahead)
    other = streamed(source(pattern, labels="cls", window=2).items("train"), Flip())
    for each, batch in reversed(list(zip(asked, first, strict=True))):
        now = other.batch(*each)
        assert torch.equal(now.x, batch.x)
        assert now.y is not None
        assert batch.y is not None
        assert torch.equal(now.y, batch.y)
        assert now.index is not None
        assert batch.index is not None
        assert torch.equal(now.index, batch.index)


def test_rows_are_those_of_a_store(pattern: str) -> None:
    items = source(pattern).items("train")
    whole = items.x[: len(items)]
    store, lazy = (
        Store(Images(8, 8, 3).encode(Items(x=whole)), None),
        StreamingStore(items, unread_of(items), Images(8, 8, 3).encode),
    )
    index = torch.tensor([3, 140, 3, 0])
    assert torch.equal(lazy.rows(index), store.rows(index))
    assert lazy.rows(index).stride() == store.rows(index).stride()
    known = {seed: noise(seed).tobytes() for seed in range(ALL)}
    assert set(map(bytes, whole)) < set(known.values())


def test_nobody_reads_all_of_it_unawares(pattern: str) -> None:
    items = source(pattern, labels="cls").items("train")
    with pytest.raises(TypeError, match="row by row"):
        np.asarray(items.x)
    with pytest.raises(TypeError, match="a slice or"):
        _ = items.x[5]
    few = LabelledSubset(source(pattern, labels="cls"), per_class=4).items("train")
    assert few.x.shape == (12, 8, 8, 3)
    assert isinstance(few.x, np.ndarray)


def test_what_is_read_and_held_does_not_grow_with_the_data(pattern: str) -> None:
    n, count = 2_000_000, 200
    shard = shards_of(pattern)[0]
    with tarfile.open(shard.path) as archive:
        facts = archive.next()
    assert facts is not None
    row, offset, size = (
        np.broadcast_to(value, (n,)) for value in (np.int32(0), np.int64(facts.offset_data), np.int64(facts.size))
    )
    places = ShardRows((shard,), row, offset, size, None)
    layout = Layout(np.arange(n), np.arange(0, n + 1, n // count), 2)
    x: Any = LazyImages(places, DecodeOptions(8, 8, 3, "crop", (255, 255, 255)), layout, most=0)
    items = Items(x=x, id=np.arange(n))
    tracemalloc.start()
    try:
        batches = streamed(items, Flip())
        for place in range(0, 40 * 64, 64):
            batches.batch(place, 64)
        batches.batch(n - 32, 64)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * n / 4, "neither a pass's order nor its random numbers are ever held whole"
    assert len(x._waiting) <= lazy_images.AHEAD + 1


def test_random_numbers_of_a_large_pass_are_those_of_a_table(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    items = source(pattern).items("train")
    first = streamed(items, Flip()).batch(100, 100).x
    monkeypatch.setattr(stream, "TABLE", 10)
    assert torch.equal(streamed(items, Flip()).batch(100, 100).x, first)


def halved(seed: int) -> bytes:
    """A picture that opens and cannot be decoded."""
    whole = coded(noise(seed, 40, 40))
    return whole[: len(whole) // 2]


def holed(path: Path, bad: dict[int, bytes], count: int = 200) -> Path:
    """One shard in which some pictures are broken."""
    return tar(
        path,
        [
            (name, bad.get(int(name[:5]), content)) if name.endswith("png") else (name, content)
            for name, content in samples(0, count, label="cls")
        ],
    )


def trained(path: Path, **options: Any) -> Items:
    return source(path, labels="cls", **options).items("train")


def test_a_broken_picture_gives_way_to_the_next_of_its_class(tmp_path: Path) -> None:
    path = holed(tmp_path / "a.tar", {seed: halved(seed) for seed in (3, 40, 77, 120, 161)})
    items = trained(path, broken=0.05)
    assert items.y is not None
    known = {noise(seed).tobytes(): seed % 3 for seed in range(200)}
    found = rows(items)
    assert [known[row] for row in found] == items.y.tolist()
    assert len(set(found)) < len(found), "some stand twice"
    assert rows(trained(path, broken=0.05)) == found
    batch = streamed(trained(path, broken=0.05)).batch(30, 60)
    assert batch.index is not None
    assert [row.tobytes() for row in Images().decode(batch.x)] == [found[place] for place in batch.index.tolist()]


def test_the_budget_of_broken_pictures(tmp_path: Path) -> None:
    sound = holed(tmp_path / "one.tar", {5: b"no picture"})
    assert sum(len(source(sound).items(split)) for split in SPLITS) == 199
    with pytest.raises(
        DataError,
        match=r"3 of 200 pictures are broken: three.tar:00005.png \(not a picture\), three.tar:00006.png",
    ) as caught:
        source(holed(tmp_path / "three.tar", {5: b"no picture", 6: b"", 7: b"text"})).items("train")
    assert "source.broken=0.02" in str(caught.value)
    late = trained(holed(tmp_path / "late.tar", {seed: halved(seed) for seed in range(0, 200, 9)}), broken=0.06)
    with pytest.raises(
        DataError, match=r"training pictures cannot be decoded, more than are allowed: late.tar:\d+.png \(truncated\)"
    ):
        rows(late)


def test_links_and_devices_are_broken_pictures(tmp_path: Path) -> None:
    path = with_links(
        tmp_path / "a.tar",
        {
            "x/1.png": tarfile.SYMTYPE,
            "x/2.png": tarfile.LNKTYPE,
            "x/3.png": tarfile.CHRTYPE,
            "x/4.png": tarfile.FIFOTYPE,
        },
    )
    assert sum(len(source(path).items(split)) for split in SPLITS) == 400
    with pytest.raises(
        DataError,
        match=r"4 of 404 pictures are broken: a.tar:x/1.png \(a link\), a.tar:x/2.png",
    ):
        source(path, broken=0.001).items("train")


def labelled(content: bytes, ending: str = "cls") -> Callable[[Path], Path]:
    def make(root: Path) -> Path:
        bad = [(name, content if name == f"00007.{ending}" else text) for name, text in samples(0, 40, label=ending)]
        return tar(root / "a.tar", bad)

    return make


def cut(root: Path) -> Path:
    path = tar(root / "a.tar", samples(0, 40))
    os.truncate(path, 10_000)
    return path


FAULTS: dict[str, tuple[Callable[[Path], Path | str], dict[str, Any], str]] = {
    "none there": (lambda root: root / "x-*.tar", {}, "no shards: no .tar files"),
    "one missing": (
        lambda root: shards(root, (10, 10)).replace("001", "003"),
        {},
        "s-002.tar and 1 more of 4 shards cannot be found",
    ),
    "no pictures": (lambda root: tar(root / "a.tar", [("a.txt", b"x"), ("a.cls", b"1")]), {}, "0 usable pictures"),
    "nothing at all": (lambda root: tar(root / "a.tar", []), {}, "0 usable pictures"),
    "few": (lambda root: tar(root / "a.tar", samples(0, 9)), {}, "9 usable pictures"),
    "same": (
        lambda root: tar(root / "a.tar", list(samples(0, 5)) * 8),
        {},
        "40 usable pictures, only 5 of them different",
    ),
    "truncated": (cut, {}, "the shard is truncated: .* the file has 10,000 .*a.tar"),
    "unlabelled": (
        lambda root: tar(root / "a.tar", samples(0, 40)),
        {"labels": "cls"},
        r"40 of 40 pictures have no label: a.tar:00000.png \(no .cls\)",
    ),
    "labels of folders": (
        lambda root: tar(root / "a.tar", samples(0, 40)),
        {"labels": "folders"},
        "no labels 'folders' in shards",
    ),
    "long cls": (
        labelled(b"x" * 300),
        {"labels": "cls"},
        r"1 of 40 pictures have no label: a.tar:00007.png \(its .cls is 300 bytes long\)",
    ),
    "binary cls": (labelled(b"\xff\xfe\0"), {"labels": "cls"}, r"\(its .cls cannot be read\)"),
    "unprintable cls": (labelled(b"\x1b[2J"), {"labels": "cls"}, r"\(its .cls is no label\)"),
    "empty cls": (labelled(b""), {"labels": "cls"}, r"\(its .cls is no label\)"),
    "no json": (labelled(b"{", "json"), {"labels": "cls"}, r"\(its .json cannot be read\)"),
    "deep json": (labelled(b"[" * 100_000, "json"), {"labels": "cls"}, r"\(its .json cannot be read\)"),
    "json of a list": (labelled(b'{"label": [1, 2]}', "json"), {"labels": "cls"}, r"\(its .json is no label\)"),
    "json of other things": (labelled(b'{"caption": "x"}', "json"), {"labels": "cls"}, r"\(no .cls\)"),
    "one class": (
        lambda root: tar(
            root / "a.tar", [(n, b"1" if n.endswith("cls") else c) for n, c in samples(0, 40, label="cls")]
        ),
        {"labels": "cls"},
        "only one",
    ),
    "colour": (
        lambda root: tar(root / "a.tar", samples(0, 40)),
        {"background": "octarine"},
        "unknown background colour",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_one_sentence(tmp_path: Path, name: str) -> None:
    make, options, said = FAULTS[name]
    with pytest.raises(DataError, match=said) as caught:
        source(make(tmp_path), **options).items("train")
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_class_in_json_is_a_name(tmp_path: Path) -> None:
    files = [*samples(0, 40, label="json"), ("z.png", coded(noise(999))), ("z.cls", b"7"), ("z.json", b'{"label": 8}')]
    assert trained(tar(tmp_path / "a.tar", files)).classes == ("8", "kind 0", "kind 1", "kind 2")


def test_a_shard_that_goes_away_while_training_is_named(tmp_path: Path) -> None:
    pattern = shards(tmp_path, (40, 40))
    batches = streamed(source(pattern).items("train"))
    batches.batch(0, 8)
    lost = tmp_path / "s-001.tar"
    time = lost.stat().st_mtime_ns
    os.utime(lost, ns=(1, 1))  # it may hold other pictures at the same places
    with pytest.raises(DataError, match=r"a shard has changed since it was read first .*s-001.tar"):
        list(map(batches.batch, range(8, 80, 8), [8] * 9))
    os.utime(lost, ns=(time, time))
    batches.batch(8, 8)
    lost.unlink()
    with pytest.raises(DataError, match=r"a shard cannot be read any more: No such file or directory .*s-001.tar"):
        list(map(batches.batch, range(8, 80, 8), [8] * 9))
    with pytest.raises(DataError, match=r"s-001.tar of 2 shards cannot be found"):
        source(pattern).items("train")


def test_a_shard_that_changes_is_another(tmp_path: Path) -> None:
    path = tar(tmp_path / "a.tar", [])
    shard = shards_of(str(path))[0]
    shard.check()
    os.utime(path, ns=(1, 1))
    with pytest.raises(DataError, match=r"has changed since it was read first .*a.tar"):
        shard.check()
    os.utime(path, ns=(shard.time, shard.time))
    shard.check()
    with path.open("ab") as file:
        file.write(b"more")
    os.utime(path, ns=(shard.time, shard.time))
    with pytest.raises(DataError, match="has changed"):
        shard.check()


def test_the_ways_to_name_shards(tmp_path: Path) -> None:
    shards(tmp_path / "one", (5, 5, 5))
    shards(tmp_path / "two", (5, 5))
    names = {place.name for place in (tmp_path / "one").iterdir()}
    (tmp_path / "list.txt").write_text(
        f"# on two disks\n\none/s-{{000..002}}.tar\n{tmp_path}/two/*.tar\none/s-001.tar\n"
    )

    def found(path: str) -> list[str]:
        assert are_shards(path)
        return [os.path.relpath(shard.path, tmp_path) for shard in shards_of(path)]

    one = [f"one/s-00{number}.tar" for number in range(3)]
    assert names == {os.path.basename(path) for path in one}
    for path in (
        "one",
        "one/s-{000..002}.tar",
        "one/s-*.tar",
        "one/s-00[0-2].tar",
        "one/s-00{0,1,2}.tar",
        "{one,one}/s-00{0..2}.tar",
    ):
        assert found(str(tmp_path / path)) == one, path
    assert found(str(tmp_path / "one" / "s-001.tar")) == ["one/s-001.tar"]
    assert found(str(tmp_path / "list.txt")) == [*one, "two/s-000.tar", "two/s-001.tar"]
    assert found(str(tmp_path / "{two,one}" / "s-00{1..0}{0..1}.tar").replace("{1..0}", "")) == [
        "two/s-000.tar",
        "two/s-001.tar",
        *one[:2],
    ]
    folder(tmp_path / "pictures", numbered(3))
    tar(tmp_path / "pictures" / "too.tar", [])
    (tmp_path / "pictures.txt").write_text("pictures/000.png\n")
    for path in ("pictures", "pictures.txt", "nothing", "pictures/000.png", ""):
        assert not are_shards(str(tmp_path / path) if path else path), path


def mixed(root: Path) -> Path:
    kinds = [
        coded(noise(seed, 20 + seed % 2, 30, 1 if seed % 4 else 3), "JPEG" if seed % 3 else "PNG") for seed in range(40)
    ]
    return tar(
        root / "a.tar", [(f"{seed}.{'jpg' if seed % 3 else 'png'}", content) for seed, content in enumerate(kinds)]
    )


def test_what_is_guessed_is_what_is_guessed_of_a_folder(tmp_path: Path) -> None:
    path = mixed(tmp_path / "tars")
    found, said = infer_options(survey(str(tmp_path / "tars")))
    with tarfile.open(path) as archive:
        (tmp_path / "folder").mkdir()
        for member in archive:
            file = archive.extractfile(member)
            assert file is not None
            (tmp_path / "folder" / member.name).write_bytes(file.read())
    other, told = infer_options(survey(str(tmp_path / "folder")))
    assert isinstance(found, Shards)
    assert isinstance(other, Pictures)
    assert (found.height, found.width, found.channels) == (other.height, other.width, other.channels) == (32, 32, 3)
    assert said[0].startswith("1 shard of pictures: decoded during training")
    assert said[1:] == told
    assert "30 of 40 are grey: made colour like the rest (--channels)" in said
    assert {items.x[:1].shape for items in (found.items(split) for split in SPLITS)} == {(1, 32, 32, 3)}


def test_labels_are_offered(pattern: str) -> None:
    assert "250 have a class in a .cls or .json of their name: --labels cls" in infer_options(survey(pattern))[1]
    assert not any(
        "--labels" in sentence for sentence in infer_options(survey(pattern), PictureOptions(labels="cls"))[1]
    )


def test_parts_of_a_sample_belong_together(tmp_path: Path) -> None:
    def files() -> Iterator[tuple[str, bytes]]:
        for seed in range(30):
            yield f"a/{seed}.json", b'{"caption": "no class"}'
            yield f"a/{seed}.seg.png", coded(noise(900 + seed))
            yield f"a/{seed}.PNG", coded(noise(seed))
            yield f"a/{seed}.jpg", coded(noise(800 + seed), "JPEG")
            yield f"a/{seed}.cls", str(seed % 2).encode()
            yield f"b/._{seed}.png", b"what macOS leaves"
            yield f"b/{seed}.cls", b"alone"

    path = tar(tmp_path / "a.tar", files())
    found = {split: trained(path) if split == "train" else source(path, labels="cls").items(split) for split in SPLITS}
    assert {
        row: label
        for items in found.values()
        for row, label in zip(rows(items), np.asarray(items.y).tolist(), strict=True)
    } == {noise(seed).tobytes(): seed % 2 for seed in range(30)}


def test_an_index_is_made_once_for_each_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shards(tmp_path, (30, 30))
    source(tmp_path).items("train")
    tar(tmp_path / "s-002.tar", samples(500, 30))
    opened: list[str] = []
    kept = shard_index.fill

    def noted(folder: Path, shard: Shard, workers: decode_pool.PersistentPool) -> Any:
        opened.append(shard.path)
        return kept(folder, shard, workers)

    monkeypatch.setattr(shard_index, "fill", noted)
    assert len(source(tmp_path).items("train")) + 18 == 90
    assert [os.path.basename(path) for path in opened] == ["s-002.tar"]


def test_what_fails_once_is_asked_again_and_a_disk_that_fails_is_no_broken_picture(
    pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = source(pattern).items("train")
    first = rows(items)
    kept, told = decode_pool.WorkerPool.ask, list[str]()

    def flaky(self: decode_pool.WorkerPool, places: Any, *, exclusive: bool = False) -> list[decode_pool.DecodeAnswer]:
        if len(places) > 1:
            return [decode_pool.DecodeAnswer(b"", "takes longer than 20 s") for _ in places]
        return [decode_pool.DecodeAnswer(b"", cause) for cause in told] or kept(self, places, exclusive=exclusive)

    monkeypatch.setattr(decode_pool.WorkerPool, "ask", flaky)
    assert rows(items) == first
    for cause in (
        "takes longer than 20 s",
        "crashes the decoder",
        "needs too much memory",
    ):  # which another time or another process may not see
        told[:] = [cause]
        with pytest.raises(ResourceError, match=rf"a training picture {cause} \(s-\d+.tar:\d+.png\)"):
            rows(items)
    assert not unread_of(items).broken
    told[:] = ["cannot be read: Input/output error"]
    with pytest.raises(DataError, match=r"a shard cannot be read: Input/output error \(.*\.tar\)"):
        rows(items)


def test_a_class_without_a_training_picture_is_left_out_of_shards_too() -> None:
    n = 6
    found = Gathered(
        (),
        np.zeros(n, np.int32),
        np.arange(n),
        np.ones(n, np.int64),
        np.arange(n),
        np.array([0, 1, 1, 2, 2, 0]),
        ("a", "b", "c"),
        {},
    )
    left, split, group, untrained = trained_only(found, np.array([0, 1, 2, 0, 1, 0], np.int8), np.arange(n))
    assert untrained == {"b": 2}
    assert left.classes == ("a", "c")
    assert left.y is not None
    assert left.y.tolist() == [0, 1, 1, 0]
    assert (left.offset.tolist(), split.tolist(), group.tolist()) == ([0, 3, 4, 5], [0, 0, 1, 0], [0, 3, 4, 5])

"""Own pictures packed into shards: the same pictures, the same bytes."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from ganvas.base.errors import DataError, ResourceError
from ganvas.data.pictures import Pictures
from ganvas.data.shards import Shards
from ganvas.data.source import SPLITS, Source
from ganvas.ingest import decode_pool, raw_files, shard_writer
from ganvas.ingest.shard_writer import write_shards
from ganvas.ingest.survey import survey
from painting import folder, zipped


def prints(out: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(out.iterdir())}


def test_what_is_packed_is_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode_pool, "cores", lambda: 1)
    monkeypatch.setattr(shard_writer, "MEGABYTE", 10_000)
    root = folder(tmp_path / "a", [f"{'ab'[number % 2]}/{number:02}.png" for number in range(60)])
    (root / "a" / "large.png").write_bytes(b"x")
    monkeypatch.setattr(raw_files, "MOST_BYTES", 5_000)
    (root / "b" / "larger.png").write_bytes(bytes(5_001))
    done = write_shards(survey(str(root)), tmp_path / "out", size_mb=2, labels="folders")
    assert (done.shards, done.pictures) == (7, 61)
    assert done.left_out == {"b/larger.png": "more than 5,000 bytes"}
    write_shards(survey(str(zipped(root, tmp_path / "a.zip"))), tmp_path / "again", size_mb=2, labels="folders")
    assert prints(tmp_path / "again") == prints(tmp_path / "out"), "a zip is the folder, and no date gets in"
    found: list[Source] = [
        Shards(str(tmp_path / "out"), 8, 8, labels="cls", broken=0.1),
        Pictures(str(root), 8, 8, labels="folders", broken=0.1),
    ]
    told = []
    for source in found:
        items = [source.items(split) for split in SPLITS]
        told.append(
            {
                row.tobytes(): each.classes[label]
                for each in items
                for row, label in zip(each.x[: len(each)], np.asarray(each.y), strict=True)
            }
        )
    assert told[0] == told[1]
    assert len(told[0]) == 60


def test_shards_are_mixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard_writer, "MEGABYTE", 20_000)
    root = folder(tmp_path / "a", [f"{'ab'[number // 30]}/{number:02}.png" for number in range(60)])
    write_shards(survey(str(root)), tmp_path / "out", size_mb=2, labels="folders")
    first = (tmp_path / "out" / "shard-000000.tar").read_bytes()
    assert first.count(b"\0a" + bytes(511)) > 3
    assert first.count(b"\0b" + bytes(511)) > 3


def test_what_is_not_packed(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", ["1.png", "2.png"])
    with pytest.raises(ResourceError, match="not empty"):
        write_shards(survey(str(root)), root)
    np.savez(tmp_path / "a.npz", x=np.zeros((3, 8, 8), np.uint8))
    with pytest.raises(DataError, match="only a folder, a zip or a list"):
        write_shards(survey(str(tmp_path / "a.npz")), tmp_path / "out")
    with pytest.raises(DataError, match="have no label"):
        write_shards(survey(str(root)), tmp_path / "out", labels="folders")
    assert not (tmp_path / "out").exists()

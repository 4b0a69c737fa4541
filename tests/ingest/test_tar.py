"""Tars are read as Python's tarfile reads them, and what is wrong with one is a sentence."""

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from ganvas.base.errors import DataError
from ganvas.ingest import tar as own
from packing_tars import header, tar

LONG = "folder/" * 30 + "ä-" + "n" * 120 + ".png"
FILES = [("a.png", b"12345"), ("sub/b.jpg", b"x" * 512), (LONG, b"y" * 700), ("empty.png", b""), ("ünï.json", b"{}")]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_members_are_those_of_tarfile(tmp_path: Path, form: int) -> None:
    files = [each for each in FILES if form != tarfile.USTAR_FORMAT or len(each[0].encode()) < 100]
    files += [("p/" * 60 + "split.png", b"z")]
    path = tar(tmp_path / "a.tar", files, form)
    with tarfile.open(path, "a", format=form) as archive:
        for name, kind in (
            ("folder", tarfile.DIRTYPE),
            ("link.png", tarfile.SYMTYPE),
            ("hard.png", tarfile.LNKTYPE),
            ("pipe.png", tarfile.FIFOTYPE),
        ):
            facts = tarfile.TarInfo(name)
            facts.type, facts.linkname = kind, "a.png"
            archive.addfile(facts)
    with path.open("rb") as file:
        found = list(own.members(file, str(path)))
        for member, (name, content) in zip(found, files, strict=False):
            file.seek(member.offset)
            assert (member.name, file.read(member.size)) == (name, content)
    with tarfile.open(path) as archive:
        theirs = [(each.name, each.offset_data, each.size) for each in archive if not each.isdir()]
    assert [(each.name, each.offset, each.size) for each in found] == theirs
    assert [each.cause for each in found] == [""] * len(files) + ["a link", "a link", "a pipe"]


def test_a_size_of_more_than_eight_gigabytes_is_a_binary_number(tmp_path: Path) -> None:
    size = b"\x80" + (2**40).to_bytes(11, "big")
    assert own.parse_number(size, 0, "") == 2**40


def read(content: bytes) -> list[own.Member]:
    return list(own.members(io.BytesIO(content), "x.tar"))


def extended(text: bytes, size: int | None = None, kind: bytes = b"x") -> bytes:
    block = header(b"h", f"{len(text) if size is None else size:011o}".encode(), kind)
    return block + text.ljust(own.padded(len(text)), b"\0") + header() + bytes(512)


FAULTS = {
    "half a header": (header()[:300], "truncated: it ends at byte 300 without a mark of its end"),
    "whole files and no end": (header() + bytes(512), "truncated: it ends at byte 1,024 without a mark of its end"),
    "an empty file": (b"", "truncated: it ends at byte 0"),
    "half of the last block": (header() + bytes(100), "truncated: a.png should end at byte 520, and the file has 612"),
    "half a file": (
        header(size=b"00000001000") + bytes(500),
        "truncated: a.png should end at byte 1,024, and the file has 1,012",
    ),
    "a huge claim": (header(size=b"77777777777") + bytes(512), "truncated: a.png should end at byte 8,589,935,103"),
    "a huger claim": (header(size=b"\x80" + b"\xff" * 11) + bytes(512), "truncated: a.png should end"),
    "a negative size": (header(size=b"\xff" * 12) + bytes(512), "not a tar"),
    "letters for a size": (header(size=b"0000x000010") + bytes(512), "not a tar"),
    "no tar": (b"GIF89a" + bytes(2000), "not a tar"),
    "packed": (b"\x1f\x8b\x08" + bytes(600), "packed with gzip"),
    "damage in the middle": (header() + bytes(512) + b"?" * 512, "damaged: no header stands at byte 1,024"),
    "a wrong sum": (header().replace(b"a.png", b"b.png"), "not a tar"),
    "a huge extended header": (extended(b"", 2**30), "a header at byte 512 claims 1,073,741,824 bytes"),
    "a huge long name": (extended(b"", 2**33 - 1, b"L"), "a header at byte 512 claims"),
    "an extended header cut short": (header(b"h", b"00000001000", b"x") + b"12 path=a", "truncated"),
    "a record longer than the header": (extended(b"99 path=a\n"), "damaged|not a tar"),
    "a record of no length": (extended(b"0 path=a\n"), "damaged|not a tar"),
    "a record of letters": (extended(b"path=a\n"), "damaged|not a tar"),
    "a negative size in a record": (extended(b"11 size=-9\n"), "damaged|not a tar"),
    "a sparse file": (header(kind=b"S") + bytes(512), "a.png is packed as a sparse file"),
    "a sparse file in records": (extended(b"22 GNU.sparse.major=1\n"), "sparse"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_a_sentence(name: str) -> None:
    content, said = FAULTS[name]
    with pytest.raises(DataError, match=said) as caught:
        read(content)
    assert "x.tar" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_names_are_only_names() -> None:
    found = read(header(b"../../etc/\x1b[2J\npasswd.png") + bytes(1024))
    assert found == [own.Member("../../etc/\x1b[2J\npasswd.png", 512, 8)]
    assert own.shown_name(found[0].name) == "../../etc/?[2J?passwd.png"


def test_a_shard_of_too_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "MOST_MEMBERS", 3)
    assert len(read((header() + bytes(512)) * 3 + bytes(512))) == 3
    with pytest.raises(DataError, match="more than 3 files in one shard"):
        read((header() + bytes(512)) * 4)


def test_only_what_matters_of_an_extended_header_is_kept() -> None:
    text = b"5 a=\n" * 100_000 + b"14 path=b.jpg\n" + b"24 SCHILY.xattr.user=aa\n" + b"11 size=10\n"
    assert own.parse_records(text, 0, "x.tar") == {"path": "b.jpg", "size": "10"}


def test_records_are_walked_once() -> None:
    """Whatever is sliced off is counted: copying the rest after each record would be half a gigabyte."""

    class Text(bytes):
        copied = 0

        def __getitem__(self, key: Any) -> Any:
            part = super().__getitem__(key)
            Text.copied += len(part) if isinstance(key, slice) else 1
            return Text(part) if isinstance(key, slice) else part

    text = Text(b"5 a=\n" * 20_000)
    assert own.parse_records(text, 0, "x.tar") == {}
    assert Text.copied < 10 * len(text)


def test_extended_headers_in_a_row_are_bounded_together() -> None:
    one = b"600012 path=" + b"n" * 599_999 + b"\n"
    block = header(b"h", f"{len(one):011o}".encode(), b"x") + one.ljust(own.padded(len(one)), b"\0")
    file = header() + bytes(512)
    assert len(read((block + file) * 3 + bytes(512))) == 3, "each file has its own"
    with pytest.raises(
        DataError, match=r"a header at byte 601,088 claims 600,012 bytes .* of all extended headers before a file"
    ):
        read(block + block + file + bytes(512))
    empty = header(b"h", b"00000000000", b"x")
    with pytest.raises(DataError, match="claims 0 bytes"):
        read(empty * 2_050 + file + bytes(512))


def test_zeros_end_a_tar() -> None:
    assert len(read(header() + bytes(1024))) == len(read(header() + bytes(1536) + b"left over")) == 1
    assert read(bytes(1024)) == []

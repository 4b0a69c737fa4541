"""Marks read back from real files: whole, stripped, damaged, re-saved, and made to do harm."""

import json
import os
import struct
import tracemalloc
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ganvas.base.errors import DataError
from ganvas.runs import mark_of, read_mark, read_provenance, save_picture
from ganvas.runs.provenance import xmp
from ganvas.runs.read_provenance import LARGEST, ROOM, TEXTS, unpacked

MARK = mark_of("f" * 64, 7)
HEAD = b"\x89PNG\r\n\x1a\n"


def picture() -> Image.Image:
    return Image.frombytes("L", (24, 16), bytes(place % 251 for place in range(24 * 16)))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def npz(path: Path, **arrays: Any) -> Path:
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)
    return path


@pytest.mark.parametrize("ending", ["png", "webp"])
def test_a_marked_picture_says_so(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"made.{ending}"
    save_picture(picture(), path, MARK)
    assert read_mark(path) == MARK
    renamed = path.rename(tmp_path / "picture.of.something")
    assert read_mark(renamed) == MARK


@pytest.mark.parametrize("ending", ["png", "webp"])
def test_no_mark_where_none_was_wanted(ending: str, tmp_path: Path) -> None:
    save_picture(picture(), tmp_path / f"bare.{ending}", None)
    assert read_mark(tmp_path / f"bare.{ending}") is None


def test_xmp_alone_will_do_and_so_will_text(tmp_path: Path) -> None:
    both = {"ganvas": json.dumps(MARK), "XML:com.adobe.xmp": xmp(MARK)}
    for name, text in both.items():
        for packed in (False, True):
            info = PngInfo()
            info.add_itxt(name, text, lang="en", tkey="say", zip=packed)
            picture().save(tmp_path / "one.png", pnginfo=info)
            assert read_mark(tmp_path / "one.png") == MARK, (name, packed)
    info = PngInfo()
    info.add_text("ganvas", both["ganvas"], zip=True)
    picture().save(tmp_path / "one.png", pnginfo=info)
    assert read_mark(tmp_path / "one.png") == MARK


def test_xmp_as_other_tools_write_it_anew(tmp_path: Path) -> None:
    """dc:source as an attribute, with a packet wrapper and padding."""
    quoted = json.dumps(MARK).replace('"', "&quot;")
    packet = (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'dc:source="{quoted}"/></rdf:RDF></x:xmpmeta>    <?xpacket end="w"?>'
    )
    picture().save(tmp_path / "other.webp", xmp=packet.encode())
    assert read_mark(tmp_path / "other.webp") == MARK


def test_a_picture_saved_again_has_lost_its_mark(tmp_path: Path) -> None:
    save_picture(picture(), tmp_path / "made.png", MARK)
    with Image.open(tmp_path / "made.png") as image:
        image.load()
        for name in ("again.png", "again.jpg", "again.webp"):
            Image.fromarray(np.asarray(image)).save(tmp_path / name)
            assert read_mark(tmp_path / name) is None


def test_an_array_carries_it_too(tmp_path: Path) -> None:
    x = np.zeros((3, 4, 4, 1), np.uint8)
    assert read_mark(npz(tmp_path / "made.npz", x=x, mark=np.array(json.dumps(MARK)))) == MARK
    assert read_mark(npz(tmp_path / "bare.npz", x=x)) is None
    assert read_mark(npz(tmp_path / "many.npz", x=x, mark=np.array([json.dumps(MARK)] * 3))) is None


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "sprung",))

    member = BytesIO()
    np.save(member, np.array(Trap(), dtype=object), allow_pickle=True)
    with zipfile.ZipFile(tmp_path / "trap.npz", "w") as archive:
        archive.writestr("mark.npy", member.getvalue())
    assert read_mark(tmp_path / "trap.npz") is None
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("ending", ["png", "webp", "npz"])
def test_a_damaged_file_has_no_mark_and_never_an_error(ending: str, tmp_path: Path) -> None:
    whole = tmp_path / f"made.{ending}"
    if ending == "npz":
        npz(whole, x=np.zeros((3, 4, 4, 1), np.uint8), mark=np.array(json.dumps(MARK)))
    else:
        save_picture(picture(), whole, MARK)
    data = whole.read_bytes()
    for length in range(0, len(data), 7):
        assert read_mark(written(tmp_path / "cut", data[:length])) in (None, MARK)
    for place in range(0, len(data), 5):
        found = read_mark(written(tmp_path / "bent", data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]))
        assert found in (None, MARK) or (
            ending == "webp" and found is not None and found.keys() == MARK.keys()
        )  # WebP has no checksums


def test_a_bent_text_does_not_count(tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text("ganvas", json.dumps(MARK))
    picture().save(tmp_path / "made.png", pnginfo=info)
    data = (tmp_path / "made.png").read_bytes()
    assert read_mark(written(tmp_path / "bent.png", data.replace(b'"seed": 7', b'"seed": 8'))) is None


def test_what_would_swell_is_left_alone(tmp_path: Path) -> None:
    bomb = zlib.compress(b" " * (50 * LARGEST), 9) + b"x"
    swollen = (
        HEAD
        + chunk(b"zTXt", b"ganvas\0\0" + bomb)
        + chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + bomb)
        + chunk(b"IEND", b"")
    )
    assert read_mark(written(tmp_path / "bomb.png", swollen)) is None
    assert len(unpacked(bomb, True, LARGEST)) <= LARGEST
    entities = (
        '<!DOCTYPE a [<!ENTITY b "'
        + "x" * 1000
        + '"><!ENTITY c "'
        + "&b;" * 1000
        + '">]>'
        + xmp(MARK).replace(MARK["model"], "&c;")
    )
    picture().save(tmp_path / "bomb.webp", xmp=entities.encode())
    assert read_mark(tmp_path / "bomb.webp") is None
    header = (
        b"\x93NUMPY\x01\x00"
        + struct.pack("<H", 118)
        + b"{'descr': '<U999999999', 'fortran_order': False, 'shape': (), }".ljust(117)
        + b"\n"
    )
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w") as archive:
        archive.writestr("mark.npy", header)
    assert read_mark(tmp_path / "bomb.npz") is None


def test_elements_without_a_text_are_not_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(read_provenance, "parse_mark", looked.append)
    packet = (
        '<b xmlns:dc="http://purl.org/dc/elements/1.1/">'
        + "<a/>" * 1000
        + '<dc:source/><a dc:source=""/><a dc:source="!"/><dc:source>?</dc:source></b>'
    )
    picture().save(tmp_path / "many.webp", xmp=packet.encode())
    assert read_mark(tmp_path / "many.webp") is None
    assert looked == ["!", "?"]


def after(path: Path, *chunks: bytes) -> dict[str, Any] | None:
    """What is read where the mark stands behind these chunks."""
    return read_mark(
        written(
            path,
            HEAD + b"".join(chunks) + chunk(b"tEXt", b"ganvas\0" + json.dumps(MARK).encode()) + chunk(b"IEND", b""),
        )
    )


@pytest.mark.parametrize(
    ("waste", "borne"),
    [
        (chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b"<a/>")), TEXTS - 1),
        (chunk(b"zTXt", b"ganvas\0\0" + zlib.compress(b" " * LARGEST)), ROOM // LARGEST - 1),
        (chunk(b"tEXt", b"ganvas\0" + b" " * (LARGEST - 7)), ROOM // LARGEST - 1),
    ],
    ids=["count", "packed", "plain"],
)
def test_a_file_is_given_up_after_so_many_texts(waste: bytes, borne: int, tmp_path: Path) -> None:
    other = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b" " * LARGEST))
    assert after(tmp_path / "a.png", *[other] * 50, *[waste] * borne) == MARK
    assert after(tmp_path / "b.png", *[waste] * (borne + 1)) is None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_declarations_do_not_hide_in_utf_16(encoding: str, tmp_path: Path) -> None:
    packet = f'<!DOCTYPE a [<!ENTITY b "{MARK["model"]}">]>' + xmp(MARK).replace(MARK["model"], "&b;")
    picture().save(tmp_path / "wide.webp", xmp=packet.encode(encoding))
    assert read_mark(tmp_path / "wide.webp") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1]",
        "7",
        json.dumps({**MARK, "generated": False}),
        json.dumps({**MARK, "tool": "paint 3"}),
        json.dumps({**MARK, "seed": "7"}),
        "[" * 5000,
    ],
)
def test_a_text_of_another_kind_is_no_mark(text: str, tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text("ganvas", text)
    picture().save(tmp_path / "other.png", pnginfo=info)
    assert read_mark(tmp_path / "other.png") is None


def test_a_picture_too_large_to_open_is_read_all_the_same(tmp_path: Path) -> None:
    size = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0))
    text = chunk(b"tEXt", b"ganvas\0" + json.dumps(MARK).encode())
    assert (
        read_mark(written(tmp_path / "vast.png", HEAD + size + text + chunk(b"IDAT", b"") + chunk(b"IEND", b"")))
        == MARK
    )


def test_other_files_and_missing_ones(tmp_path: Path) -> None:
    assert read_mark(written(tmp_path / "note.txt", b"ganvas")) is None
    assert read_mark(written(tmp_path / "empty.png", b"")) is None
    with pytest.raises(DataError, match=r"missing\.png"):
        read_mark(tmp_path / "missing.png")
    with pytest.raises(DataError, match="cannot read"):
        read_mark(tmp_path)


@pytest.mark.parametrize("inside", ["directory", "ZIP64"])
def test_an_archive_with_a_vast_directory_is_not_read(inside: str, tmp_path: Path) -> None:
    path = npz(tmp_path / "made.npz", x=np.zeros(3), mark=np.array(json.dumps(MARK)))
    assert read_mark(path) == MARK
    data = bytearray(path.read_bytes())
    end, vast = len(data) - 22, 2**31
    place = struct.unpack_from("<I", data, end + 16)[0]
    if inside == "directory":
        data[end + 12 : end + 16] = struct.pack("<I", vast)
    else:
        record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 2, 2, vast, place)
        data[end:end] = record + struct.pack("<4sLQL", b"PK\x06\x07", 0, vast + place, 1)
    with path.open("wb") as file:  # zeros that take no room
        file.write(data[:place])
        file.seek(vast - (len(data) - place), 1)
        file.write(data[place:])
    tracemalloc.start()
    try:
        assert read_mark(path) is None
        assert tracemalloc.get_traced_memory()[1] < 10 * ROOM
    finally:
        tracemalloc.stop()


def test_a_pipe_and_a_device_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path / "pipe.png", Path("/dev/zero"), Path("/dev/tty")):
        with pytest.raises(DataError, match="cannot read"):
            read_mark(path)

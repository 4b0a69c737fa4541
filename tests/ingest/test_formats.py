"""Files that are not read are named by their content; JPEGs that lack their end marker alone are taken."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganvas.ingest import decode_pool, jpeg
from ganvas.ingest.decode import decode
from ganvas.ingest.decode_options import DecodeOptions, UnreadablePicture
from ganvas.ingest.formats import foreign
from painting import noise, save, zipped

KNOWN = {
    b"\0\0\0\x1cftypavif\0\0\0\0": "an AVIF file",
    b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif": "a HEIC file",
    b"\0\0\0\x18ftypheic\0\0\0\0": "a HEIC file",
    b"\0\0\0\x18ftypisom\0\0\0\0": "a video",
    b"8BPS\0\1": "a PSD file",
    b"%PDF-1.7": "a PDF file",
    b"\xff\x0a\xfa": "a JPEG XL file",
    b"\0\0\0\x0cJXL \r\n\x87\n": "a JPEG XL file",
    b"\0\0\0\x0cjP  \r\n\x87\n": "a JPEG 2000 file",
    b"\xef\xbb\xbf\n<!DOCTYPE html><p>": "an HTML page",
    b"<?xml version='1.0'?>\n<svg xmlns='a'/>": "an SVG drawing",
    b"<?xml version='1.0'?>\n<a/>": "an XML file",
    bytes(128) + b"DICM": "a DICOM file",
    b"PK\3\4": "a zip",
    b"RIFF\0\0\0\0WAVE": "a sound file",
    b"P6\n8 8\n": "a PNM file",
    b"hello": "",
    b"": "",
}


@pytest.mark.parametrize(("head", "name"), KNOWN.items(), ids=[name or "nothing" for name in KNOWN.values()])
def test_names(head: bytes, name: str) -> None:
    assert foreign(head) == name


def causes(places: Any, archive: str = "") -> list[str]:
    return [answer.cause for answer in decode_pool.answers("header", places, archive=archive)]


def test_the_ending_is_named_too(tmp_path: Path) -> None:
    avif = b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(99)
    (tmp_path / "in").mkdir()
    for name, content in {
        "a.jpg": avif,
        "b.png": b"<html><body>404",
        "c.jpg": b"text",
        "d.png": b"\x89PNG\r\n\x1a\nxx",
    }.items():
        (tmp_path / "in" / name).write_bytes(content)
    save(tmp_path / "in" / "e.jpg", noise(0), format="PNG")  # read for what it is
    wanted = ["an AVIF file with the ending .jpg", "an HTML page with the ending .png", "not a picture", "damaged", ""]
    assert causes([str(file) for file in sorted((tmp_path / "in").iterdir())]) == wanted
    assert causes(range(5), str(zipped(tmp_path / "in", tmp_path / "a.zip"))) == wanted
    (tmp_path / "shard").write_bytes(avif)
    assert causes([(str(tmp_path / "shard"), 0, len(avif))]) == ["an AVIF file"]


def content_of(pixels: np.ndarray[Any, Any], **options: Any) -> bytes:
    held = io.BytesIO()
    Image.fromarray(pixels).save(held, "JPEG", **options)
    return held.getvalue()


def decoded(content: bytes, **options: Any) -> np.ndarray[Any, Any]:
    return decode(io.BytesIO(content), DecodeOptions(48, 64, 3, "crop", (0, 0, 0)), **options)


KINDS: list[dict[str, Any]] = [
    {},
    {"progressive": True},
    {"subsampling": 0, "quality": 95},
    {"restart_marker_blocks": 2},
]


@pytest.mark.parametrize("options", KINDS, ids=str)
@pytest.mark.parametrize("lost", [1, 2])
def test_a_jpeg_without_its_end_marker_is_taken(options: dict[str, Any], lost: int) -> None:
    content = content_of(noise(0, 48, 64), **options)
    np.testing.assert_array_equal(decoded(content[:-lost]), decoded(content))


@pytest.mark.parametrize("options", KINDS, ids=str)
@pytest.mark.parametrize("lost", [6, 20, 500, 1500])
def test_a_jpeg_that_lacks_more_is_not(options: dict[str, Any], lost: int) -> None:
    with pytest.raises(UnreadablePicture, match="truncated"):
        decoded(content_of(noise(0, 48, 64), **options)[:-lost])


def test_a_progressive_jpeg_that_lacks_whole_scans_is_not_taken() -> None:
    content = content_of(noise(0, 48, 64), progressive=True)
    scans = [place for place in range(len(content) - 1) if content[place : place + 2] == b"\xff\xda"]
    assert len(scans) > 3
    for place in scans[1:]:
        assert not jpeg.whole(content[:place])
        with pytest.raises(UnreadablePicture, match="truncated"):
            decoded(content[:place])
    assert jpeg.whole(content[:-2])


def test_other_formats_and_large_files_are_left_alone() -> None:
    content = content_of(noise(0, 48, 64))[:-2]
    assert jpeg.with_end(io.BytesIO(content), 100) is None
    assert jpeg.with_end(io.BytesIO(b"\x89PNG" + content), 10**6) is None
    assert jpeg.with_end(io.BytesIO(content), 10**6) is not None

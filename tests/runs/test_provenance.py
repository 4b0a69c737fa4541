import json
import re
import time
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image

import ganvas
from ganvas.runs import mark_of, save_picture

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
DC = "{http://purl.org/dc/elements/1.1/}"


def picture() -> Image.Image:
    image = Image.new("L", (24, 16))
    image.putdata([place % 251 for place in range(24 * 16)])
    return image


def packet(path: Path) -> str:
    """The XMP packet as Pillow hands it over."""
    with Image.open(path) as image:
        found: Any = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    return found.decode() if isinstance(found, bytes) else str(found)


@pytest.mark.parametrize("ending", ["png", "webp", "PNG", "WEBP"])
def test_a_picture_says_in_xmp_what_made_it(ending: str, tmp_path: Path) -> None:
    mark = mark_of('run "<&>" ü', 7)
    path = tmp_path / f"made.{ending}"
    save_picture(picture(), path, mark)
    root = ElementTree.fromstring(packet(path))
    described = root.find(f"{RDF}RDF/{RDF}Description")
    assert described is not None
    assert (
        described.findtext(f"{IPTC}DigitalSourceType")
        == "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    )
    assert json.loads(described.findtext(f"{DC}source") or "") == mark
    assert mark == {"generated": True, "tool": f"ganvas {ganvas.__version__}", "model": 'run "<&>" ü', "seed": 7}
    with Image.open(path) as image:
        assert image.size == (24, 16)
        assert image.format == ending.upper()


def test_png_is_lossless_and_carries_the_facts_as_text_too(tmp_path: Path) -> None:
    save_picture(picture(), tmp_path / "made.png", mark_of("m", 1))
    with Image.open(tmp_path / "made.png") as image:
        assert json.loads(image.info["ganvas"]) == mark_of("m", 1)
        assert image.tobytes() == picture().tobytes()


@pytest.mark.parametrize("ending", ["png", "webp"])
def test_no_dates_so_the_same_picture_is_the_same_bytes(ending: str, tmp_path: Path) -> None:
    first, second = tmp_path / f"first.{ending}", tmp_path / f"second.{ending}"
    save_picture(picture(), first, mark_of("m", 1))
    time.sleep(1.1 if ending == "png" else 0)
    save_picture(picture(), second, mark_of("m", 1))
    assert first.read_bytes() == second.read_bytes()
    data = first.read_bytes().replace(b"Iptc4xmpExt/2008-02-29", b"")  # a name, no date
    assert not re.search(rb"20\d\d[-:]\d\d|tIME|eXIf|EXIF|Date", data)


@pytest.mark.parametrize("ending", ["png", "webp"])
def test_no_mark_where_none_is_wanted(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"plain.{ending}"
    save_picture(picture(), path, None)
    data = path.read_bytes()
    assert not any(word in data for word in (b"ganvas", b"xmp", b"XMP", b"trainedAlgorithmicMedia"))
    with Image.open(BytesIO(data)) as image:
        assert image.size == (24, 16)

"""Generated files say that they are: tool, model and seed, but no date and no name. IPTC digital source type 2022. https://cv.iptc.org/newscodes/digitalsourcetype"""

import hashlib
import json
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ..base.files import open_regular
from ..base.version import VERSION

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
KEY = "ganvas"
SIDECAR = ".ganvas.json"  # behind the name of a file that has no room for a mark


def mark_of(model: str, seed: int) -> dict[str, Any]:
    """What a mark says."""
    return {"generated": True, "tool": f"ganvas {VERSION}", "model": model, "seed": seed}


def xmp(mark: dict[str, Any]) -> str:
    """The mark as an XMP packet, which picture libraries and search engines read."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>'
        f"<xmp:CreatorTool>{escape(mark['tool'])}</xmp:CreatorTool><dc:source>{escape(json.dumps(mark))}</dc:source>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def save_picture(picture: Image.Image, path: Path, mark: dict[str, Any] | None) -> None:
    """PNG (lossless) or WebP by the file's ending, marked unless `mark` is None. Raises OSError, also where a pipe or a device has this name."""
    data = encode_picture(picture, path.suffix, mark)
    with open_regular(path, "wb") as file:
        file.write(data)


def encode_picture(picture: Image.Image, ending: str, mark: dict[str, Any] | None) -> bytes:
    """The bytes of a picture's file: WebP where the ending is ".webp", else PNG."""
    file = BytesIO()
    if ending.lower() == ".webp":
        picture.save(file, "WEBP", quality=90, method=2, xmp=xmp(mark).encode() if mark else b"")
        return file.getvalue()
    info = PngInfo()
    if mark:
        info.add_text(KEY, json.dumps(mark))
        info.add_itxt("XML:com.adobe.xmp", xmp(mark))
    picture.save(file, "PNG", pnginfo=info)
    return file.getvalue()


def write_sidecar(path: Path, mark: dict[str, Any]) -> Path:
    """Write the mark of a file that has no room for one, such as a table, into a file beside it, with the SHA-256 of the bytes that it speaks of."""
    beside = path.with_name(path.name + SIDECAR)
    beside.write_text(
        json.dumps({**mark, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}) + "\n", encoding="utf-8"
    )
    return beside

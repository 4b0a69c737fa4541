"""The mark of generated files: tool, model and seed, but no date and no user name.

IPTC digital source type 2022. https://cv.iptc.org/newscodes/digitalsourcetype
"""

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
SIDECAR = ".ganvas.json"  # appended to the name of a file whose format cannot hold a mark


def mark_of(model: str, seed: int) -> dict[str, Any]:
    """The content of a mark.

    Args:
        model: SHA-256 of the weights.
        seed: of the samples.
    """
    return {"generated": True, "tool": f"ganvas {VERSION}", "model": model, "seed": seed}


def xmp(mark: dict[str, Any]) -> str:
    """The mark as an XMP packet, which image libraries and search engines read."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>"
        f"<xmp:CreatorTool>{escape(mark['tool'])}</xmp:CreatorTool><dc:source>{escape(json.dumps(mark))}</dc:source>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def save_picture(picture: Image.Image, path: Path, mark: dict[str, Any] | None) -> None:
    """Write a picture as PNG (lossless) or WebP.

    Args:
        picture: the picture.
        path: its ending ".webp" means WebP; any other, PNG.
        mark: what `mark_of` returns, or None for a file without a mark.

    Raises:
        OSError: the file cannot be written, or is a pipe or a device.
    """
    data = encode_picture(picture, path.suffix, mark)
    with open_regular(path, "wb") as file:
        file.write(data)


def encode_picture(picture: Image.Image, ending: str, mark: dict[str, Any] | None) -> bytes:
    """The content of a picture's file, as `save_picture` writes it."""
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
    """Write the mark of a file whose format cannot hold one, such as a table, into a second file PATH.ganvas.json.

    Args:
        path: the file; its SHA-256 is part of the mark.
        mark: what `mark_of` returns.

    Returns:
        The path of the second file.
    """
    sidecar = path.with_name(path.name + SIDECAR)
    sidecar.write_text(
        json.dumps({**mark, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}) + "\n", encoding="utf-8"
    )
    return sidecar

"""HTML with every text escaped and pictures embedded as data URLs."""

import base64
import html
import io
from typing import Any

import numpy as np
from PIL import Image

GREY = (128, 128, 128)  # behind transparent pictures
Pixels = np.ndarray[Any, np.dtype[np.uint8]]  # [h, w, c]


class Html(str):
    """Text that is already markup. Outside text becomes markup only in `element` and `join`."""

    __slots__ = ()


def escaped(text: object) -> Html:
    """Any text, escaped for markup and attributes; unprintable characters become a replacement mark."""
    if isinstance(text, Html):
        return text
    printable = "".join(letter if letter.isprintable() or letter in "\n\t" else "\ufffd" for letter in str(text))
    return Html(html.escape(printable.encode("utf-8", "replace").decode()))


def element(name: str, /, *inner: object, **attributes: object) -> Html:
    """<name attributes>inner</name>.

    `cls` is class, `stroke_width` is stroke-width; attributes that are None are left out.
    """
    known = {"cls": "class", "viewBox": "viewBox"}
    written = [
        f' {known.get(key, key.replace("_", "-"))}="{escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    ]
    if name in ("img", "meta"):
        return Html(f"<{name}{''.join(written)}>")
    return Html(f"<{name}{''.join(written)}>{join(*inner)}</{name}>")


def join(*parts: object) -> Html:
    """The parts, escaped and concatenated."""
    return Html("".join(escaped(part) for part in parts))


def drawable(picture: Pixels) -> Image.Image:
    """A picture [h, w, c] as grey or colour; of two channels the third is black, and RGBA is put on mid grey."""
    if picture.shape[2] == 1:
        return Image.fromarray(np.ascontiguousarray(picture[:, :, 0]))
    if picture.shape[2] == 4:
        rgba, page = Image.fromarray(np.ascontiguousarray(picture)), Image.new("RGB", picture.shape[1::-1], GREY)
        page.paste(rgba, mask=rgba.getchannel("A"))
        return page
    whole = picture if picture.shape[2] > 2 else np.concatenate([picture, np.zeros_like(picture[:, :, :1])], axis=2)
    return Image.fromarray(np.ascontiguousarray(whole[:, :, :3]))


def png(picture: Pixels | Image.Image) -> bytes:
    """A PNG of the pixels without metadata."""
    held = io.BytesIO()
    bare = (picture if isinstance(picture, Image.Image) else drawable(picture)).convert("RGB")
    bare.save(held, "PNG")
    return held.getvalue()


def embedded(picture: Pixels | Image.Image, alt: str, cls: str | None = None) -> Html:
    """An img element with the picture as a data URL."""
    data = base64.b64encode(png(picture)).decode()
    height, width = picture.shape[:2] if isinstance(picture, np.ndarray) else (picture.height, picture.width)
    return element("img", src=f"data:image/png;base64,{data}", alt=alt, width=width, height=height, cls=cls)

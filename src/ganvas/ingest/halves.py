"""The halves of a picture that holds an input and its truth side by side."""

from io import BytesIO
from typing import IO

from .decode import load_values, opened, turn, upright
from .decode_options import UnreadablePicture

LEFT, RIGHT = "left", "right"
SAVED = ("1", "L", "LA", "P", "I", "I;16", "I;16B", "F", "RGB", "RGBA", "CMYK")  # modes that TIFF holds


def half_of(file: IO[bytes], side: str, *, exclusive: bool = True) -> BytesIO:
    """One half of a picture, upright, as an uncompressed TIFF in memory: no pixel is changed.

    Of an odd width the middle column is in neither half. A half is cut off before it is resized, so that no pixel of
    one half gets into the other.

    Args:
        file: of the whole picture.
        side: "left" or "right".
        exclusive: whether no other picture of much memory is decoded at the same time.

    Raises:
        UnreadablePicture: it cannot be read, or has values that are not read side by side.
        NeedsExclusiveMemory: unless `exclusive`.
    """
    with opened(file) as picture:
        numbers = load_values(file, picture, picture.size, exclusive)
        if numbers.colour or numbers.partly:
            raise UnreadablePicture("colour of 16 bits a channel, which is not read side by side")
        if numbers.white is not None:
            raise UnreadablePicture("a TIFF of more than 8 bits whose least value is white, not read side by side")
        whole, profile = upright(picture, turn(picture)), picture.info.get("icc_profile")
        if "transparency" in picture.info and numbers.depth == "uint8":
            whole = whole.convert("RGBA")
        if whole.mode not in SAVED:
            whole = whole.convert("RGBA" if "a" in whole.mode.lower() else "RGB")
        width, height = whole.width // 2, whole.height
        left = 0 if side == LEFT else whole.width - width
        out = BytesIO()
        whole.crop((left, 0, left + width, height)).save(out, "TIFF", icc_profile=profile)
    out.seek(0)
    return out

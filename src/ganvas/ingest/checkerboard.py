"""Transparent pictures for the eye: on a checkerboard of light greys."""

import numpy as np
from PIL import Image

GREYS = (255, 216)


def on_checkerboard(picture: Image.Image, side: int) -> Image.Image:
    """An RGBA picture on a checkerboard of squares of `side` pixels, as RGB."""
    rows, columns = np.ogrid[: picture.height, : picture.width]
    squares = np.where((rows // side + columns // side) % 2 == 0, *GREYS).astype(np.uint8)
    page = Image.fromarray(squares).convert("RGB")
    page.paste(picture, mask=picture.getchannel("A"))
    return page

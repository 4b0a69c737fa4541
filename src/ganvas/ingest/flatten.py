"""From a picture of any mode of 8 bits to grey, colour, or colour and alpha."""

import numpy as np
from PIL import Image

from . import colour_profiles
from .decode_options import DecodeOptions, Pixels, UnreadablePicture


def flat(picture: Image.Image, options: DecodeOptions, change: colour_profiles.Change | None = None) -> Image.Image:
    """Any mode of 8 bits as L or RGB, on the background, so hidden colours never show; `change`: to sRGB.

    With four channels: RGBA, which Pillow resizes and reduces with premultiplied colours.
    """
    mode = picture.mode
    clear = mode == "P" or mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info
    if not clear:
        opaque = opaque_picture(picture, change)
        return opaque.convert("RGBA") if options.channels == 4 else opaque
    rgba = picture.convert("RGBA")
    colours = rgba if change is None else change.apply(picture).convert("RGB")
    if options.channels == 4:
        if change is not None:
            colours.putalpha(rgba.getchannel("A"))
        return colours
    base = Image.new("RGB", picture.size, options.background)
    base.paste(colours, mask=rgba.getchannel("A"))
    return base


def opaque_picture(picture: Image.Image, change: colour_profiles.Change | None) -> Image.Image:
    """A picture without transparency as L or RGB."""
    if change is not None:
        return change.apply(picture)
    if picture.mode in ("1", "L"):
        return picture.convert("L")
    try:
        return picture.convert("RGB")
    except ValueError as error:
        raise UnreadablePicture(f"unsupported colours ({picture.mode})") from error


def pixels_of(picture: Image.Image, options: DecodeOptions) -> Pixels:
    """The bytes [height, width, channels]; colours under alpha 0 are 0."""
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[options.channels]
    pixels = np.asarray(picture.convert(mode)).reshape(options.height, options.width, options.channels)
    return pixels if options.channels != 4 else pixels * (pixels[:, :, 3:] > 0)

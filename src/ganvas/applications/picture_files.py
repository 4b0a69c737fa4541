"""A person's pictures for a translator: read by the decoder with its limits, written marked, each file in one step."""

from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from ..base.errors import DataError, UsageError
from ..base.files import read_regular, replace_file
from ..domains.images import picture_of
from ..ingest import decode_options, medical
from ..ingest.decode import MOST_BYTES, Header, decode, read_header
from ..runs import cannot_write, encode_picture, encode_values, value_suffix

Pixels = np.ndarray[Any, Any]
OPAQUE, WHITE = 255, 128  # alpha of a pixel that is whole; grey from which a mask's pixel is white
BLACK = (0, 0, 0)  # behind the transparent pixels of a mask: they are not filled


class Form(NamedTuple):
    """The form in which a model reads pictures.

    Args:
        channels: 1 grey, 3 colour, 4 colour and alpha.
        depth: type of the values.
        low, high: values of files of more than 8 bits that become black and white; 0 and 0: the range of their type.
    """

    channels: int
    depth: Any = "uint8"
    low: float = 0.0
    high: float = 0.0


class UserPicture(NamedTuple):
    """A picture as a model reads it.

    Args:
        pixels: [H, W, C], upright, in the form's type.
        alpha: uint8 [H, W] where the model does not read alpha and some pixels are transparent; else None.
    """

    pixels: Pixels
    alpha: Pixels | None = None


def read_picture(path: Path, form: Form, *, exact: bool = False) -> UserPicture:
    """A picture file in the form that a model reads, turned upright, its colour profile converted to sRGB.

    Args:
        path: a file of one of the formats of training pictures.
        form: grey or colour, type and range of the values.
        exact: refuse what would lose colours or bits, for models that leave known pixels as they are.

    Returns:
        Pixels and alpha. Colours under alpha 0 are black.

    Raises:
        DataError: the file cannot be read, or not in this form.
    """
    return parsed_picture(read_data(path), path, form, exact=exact)


def parsed_picture(data: bytes, path: Path, form: Form, *, exact: bool = False, most_pixels: int = 0) -> UserPicture:
    """The content of a picture file, as `read_picture` reads it.

    Args:
        data: the content.
        path: its name, for messages.
        form, exact: as in `read_picture`.
        most_pixels: a picture of more is refused; 0: the decoder's own limit.

    Returns:
        Pixels and alpha.

    Raises:
        DataError: it cannot be read, or not in this form.
    """
    try:
        header = read_header(BytesIO(data))
        if most_pixels and header.width * header.height > most_pixels:
            what = f"the picture has {header.width:,} x {header.height:,} pixels, more than {most_pixels:,}"
            raise DataError(what, where=str(path), hint="Make it smaller first.")
        if exact:
            check_exact(path, data, header, form)
        if form.depth == "uint8" and form.channels != 4 and header.transparent:
            rgba = decoded(data, header, form._replace(channels=4))
            colours = rgba[:, :, :3]
            pixels = colours if form.channels == 3 else grey_of(colours)
            return UserPicture(pixels, rgba[:, :, 3] if (rgba[:, :, 3] < OPAQUE).any() else None)
        return UserPicture(decoded(data, header, form))
    except decode_options.UnreadablePicture as error:
        raise DataError(f"cannot read the picture: {error}", where=str(path)) from error


def read_mask(path: Path) -> Pixels:
    """A picture as a mask, bool [H, W]: True where it is white (at least half of the range) and not transparent.

    Args:
        path: a picture file.

    Raises:
        DataError: it cannot be read.
    """
    data = read_data(path)
    try:
        return decoded(data, read_header(BytesIO(data)), Form(1), BLACK)[:, :, 0] >= WHITE
    except decode_options.UnreadablePicture as error:
        raise DataError(f"cannot read the mask: {error}", where=str(path)) from error


def read_data(path: Path) -> bytes:
    """The bytes of a file; of a medical one, of the picture in it.

    Raises DataError: it is missing, no regular file, or too large, or a medical file that cannot be read.
    """
    try:
        if medical.is_volume(str(path)):
            return medical.slice_at(str(path))
        return medical.content(read_regular(path, MOST_BYTES))
    except OSError as error:
        raise DataError(f"cannot read the picture: {error.strerror or error}", where=str(path)) from error
    except decode_options.UnreadablePicture as error:
        raise DataError(f"cannot read the picture: {error}", where=str(path)) from error


def decoded(
    data: bytes, header: Header, form: Form, background: tuple[int, int, int] = decode_options.BEHIND
) -> Pixels:
    """[H, W, C] at the picture's own size. Raises UnreadablePicture."""
    size = header.height, header.width
    return decode(
        BytesIO(data),
        decode_options.DecodeOptions(*size, form.channels, "stretch", background, form.depth, form.low, form.high),
    )


def grey_of(colours: Pixels) -> Pixels:
    """Colours [H, W, 3] as grey [H, W, 1], as the decoder makes them grey."""
    return np.asarray(Image.fromarray(np.ascontiguousarray(colours)).convert("L"))[:, :, None]


def check_exact(path: Path, data: bytes, header: Header, form: Form) -> None:
    """Raises DataError where known pixels would not come out as they are in the file."""
    if form.depth == "uint8" and (header.depth != "uint8" or header.partly):
        raise DataError(
            "the picture has more than 8 bits a channel and the model 8, so that known pixels would be rounded",
            where=str(path),
            hint="Save it with 8 bits first.",
        )
    if form.channels == 1 and form.depth == "uint8":
        colours = decoded(data, header, Form(4))[:, :, :3]
        if (colours != colours[:, :, :1]).any():
            raise DataError(
                "the picture has colours and the model was trained on grey ones, so that known pixels would change",
                where=str(path),
                hint="Make it grey first, or train on colour: --channels 3.",
            )


def write_picture(
    pixels: Pixels, alpha: Pixels | None, path: Path, mark: dict[str, Any] | None, palette: Pixels | None = None
) -> None:
    """Write a translated picture in one step, so that an interrupted command leaves no half file.

    Args:
        pixels: [H, W, C], uint8 or in the units of the training data.
        alpha: uint8 [h, w] of the input, resized to the output; None for none.
        path: ends in .png or .webp for bytes, else in what `value_suffix` names.
        mark: what `mark_of` returned, or None.
        palette: colours uint8 [256, 3] of the values of pixels [H, W, 1] that are classes; None: they are no classes.

    Raises:
        UsageError: the format cannot hold a picture of this size.
        ResourceError: the file cannot be written.
    """
    data = picture_content(pixels, alpha, path.suffix, mark, palette)
    try:
        replace_file(path, data)
    except OSError as error:
        raise cannot_write(path, error) from error


def picture_content(
    pixels: Pixels, alpha: Pixels | None, ending: str, mark: dict[str, Any] | None, palette: Pixels | None = None
) -> bytes:
    """The content of the file of a translated picture, as `write_picture` writes it.

    Args:
        pixels, alpha, mark, palette: as in `write_picture`.
        ending: of the file's name.

    Returns:
        The bytes.

    Raises:
        UsageError: the format cannot hold a picture of this size.
    """
    if pixels.dtype != np.uint8:
        return encode_values(pixels, mark)
    picture = picture_of(pixels)
    if palette is not None:
        picture.putpalette(palette.tobytes())
    try:
        return encode_picture(with_alpha(picture, alpha), ending, mark)
    except ValueError as error:  # WebP ends at 16,383 pixels
        raise UsageError(f"cannot write the picture: {error}", hint="Use PNG.") from error


def with_alpha(picture: Image.Image, alpha: Pixels | None) -> Image.Image:
    """The picture with a channel of alpha, if there is one and it has none; alpha is resized to it."""
    if alpha is None or picture.mode == "RGBA":
        return picture
    channel = Image.fromarray(np.ascontiguousarray(alpha))
    if channel.size != picture.size:
        channel = channel.resize(picture.size, Image.Resampling.BICUBIC)
    whole = picture.copy()
    whole.putalpha(channel)
    return whole


def check_ending(path: Path, dtype: Any, *, lossless: str) -> None:
    """Check that a file of this name can hold a result.

    Args:
        path: where the picture goes.
        dtype: of its pixels.
        lossless: what must stay as it is, such as "known pixels"; empty where WebP will do.

    Raises:
        UsageError: it cannot; the hint says which endings can.
    """
    known: dict[str, tuple[str, ...]] = {".png": (".png",), ".tif": (".tif", ".tiff")}
    endings = known[value_suffix(dtype)]
    if str(dtype) == "uint8" and not lossless:
        endings += (".webp",)
    if path.suffix.lower() not in endings:
        why = f", as WebP changes {lossless}" if lossless and path.suffix.lower() == ".webp" else ""
        raise UsageError(
            f"cannot write this picture as '{path.suffix}'{why}",
            where=str(path),
            hint=f"Use {' or '.join(endings)}, or a folder.",
        )

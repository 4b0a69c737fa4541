"""One picture file, read whole: its own size, or smaller."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import DataError
from ..base.files import read_regular
from .decode import MOST_BYTES, decode, read_header
from .decode_options import BEHIND, DecodeOptions, UnreadablePicture


def whole_picture(path: str, longest: int) -> np.ndarray[Any, Any]:
    """A file as uint8 [H, W, 3], shrunk so that its longer side has at most `longest` pixels.

    Args:
        path: of a picture of one of the formats of training pictures.
        longest: pixels; a smaller picture is not enlarged.

    Raises:
        DataError: it cannot be read.
    """
    try:
        data = read_regular(Path(path), limit=MOST_BYTES)
        header = read_header(BytesIO(data))
        shrink = min(1.0, longest / max(header.width, header.height))
        height, width = (max(1, round(shrink * each)) for each in (header.height, header.width))
        return decode(BytesIO(data), DecodeOptions(height, width, 3, "stretch", BEHIND))
    except UnreadablePicture as error:
        raise DataError(f"cannot read the picture: {error}", where=path) from error
    except OSError as error:
        raise DataError(f"cannot read the picture: {error.strerror or error}", where=path) from error

"""The bytes of a person's picture files as they are, in an order that is drawn once."""

import zipfile
import zlib
from collections.abc import Iterator

from ..base.draws import permutation
from ..base.files import read_regular
from ..base.progress import report_progress
from .decode import MOST_BYTES
from .listing import Listing


def raw_files(
    listing: Listing, texts: tuple[str, ...], archive: zipfile.ZipFile | None, left_out: dict[str, str]
) -> Iterator[tuple[str, bytes, str]]:
    """Name, bytes and label of each picture in the order that is drawn; what cannot be read is noted."""
    for done, number in enumerate(permutation((0, "shards"), len(listing.names)).tolist()):
        try:
            content = content_of(listing, number, archive)
        except (OSError, ValueError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            left_out[listing.names[number]] = getattr(error, "strerror", None) or str(error)
        else:
            yield listing.names[number], content, texts[number]
        report_progress("packing pictures", done + 1, len(listing.names))


def content_of(listing: Listing, number: int, archive: zipfile.ZipFile | None) -> bytes:
    """A picture's file. Raises ValueError where it is too large for one."""
    place = listing.places[number]
    if archive is not None:
        info = archive.infolist()[int(str(place))]
        if info.file_size > MOST_BYTES:
            raise ValueError("too large a file")
        return archive.read(info)
    return read_regular(str(place), MOST_BYTES)

"""What a file is, by its first bytes: for those that are not read, so that the message can name them."""

HEAD = 4096  # bytes that are read
MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"8BPS", "a PSD file"),
    (0, b"%PDF", "a PDF file"),
    (0, b"%!PS", "an EPS file"),
    (0, b"\xff\x0a", "a JPEG XL file"),
    (4, b"JXL \r\n\x87\n", "a JPEG XL file"),
    (4, b"jP  \r\n\x87\n", "a JPEG 2000 file"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 file"),
    (0, b"\0\0\1\0", "an ICO file"),
    (0, b"\x76\x2f\x31\x01", "an OpenEXR file"),
    (0, b"#?RADIANCE", "a Radiance HDR file"),
    (0, b"DDS ", "a DDS file"),
    (0, b"SIMPLE  =", "a FITS file"),
    (128, b"DICM", "a DICOM file"),
    (344, b"n+1\0", "a NIfTI file"),
    (0, b"gimp xcf", "a GIMP file"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (0, b"\x93NUMPY", "a NumPy file"),
    (0, b"PK\3\4", "a zip"),
    (0, b"\x1f\x8b", "a gzip file"),
    (0, b"\x1aE\xdf\xa3", "a video"),
)
BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), "an AVIF file"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "a HEIC file"),
}
READ = ((b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"BM", "BMP"))
TIFFS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
PNM = tuple(b"P%d" % number for number in range(1, 8))


def foreign(head: bytes) -> str:
    """The format of a file that begins with these bytes, with its article; "" if unknown, or one that is decoded."""
    if head[4:8] == b"ftyp":
        brands = [head[8:12], *(head[place : place + 4] for place in range(16, min(len(head), 64), 4))]
        return next((BRANDS[brand] for brand in brands if brand in BRANDS), "a video")
    for place, magic, name in MAGIC:
        if head[place:].startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] not in (b"WEBP", b""):
        return "a sound file" if head[8:12] == b"WAVE" else "a video"
    if head[:2] in PNM and head[2:3].isspace():
        return "a PNM file"
    if head.startswith(TIFFS):
        return "a TIFF of a kind that is not read"
    return markup(head.lstrip(b"\xef\xbb\xbf \t\r\n").lower())


def markup(text: bytes) -> str:
    """HTML, SVG or XML: what servers send in place of a picture, and drawings."""
    if text.startswith((b"<svg", b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in text:
        return "an SVG drawing"
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or (
        text.startswith(b"<") and b"<html" in text
    ):
        return "an HTML page"
    return "an XML file" if text.startswith(b"<?xml") else ""


def damaged(head: bytes) -> bool:
    """Whether it begins as one of the formats that are read."""
    return any(head.startswith(magic) for magic, _ in READ) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")

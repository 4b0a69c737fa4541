"""Lines of text as a picture, for places that show pictures."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIZE = 18  # pixels of a letter
MARGIN = 12
WIDEST = 100  # characters of a line that are drawn
FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts", "C:/Windows/Fonts")
NAMES = ("*CJK*", "wqy*", "*uming*", "*ukai*", "PingFang*", "msyh*", "simsun*", "*Unicode*", "DejaVuSans.ttf")


def text_picture(lines: Sequence[str]) -> Image.Image:
    """Black text on white, a line below the other; lines of more than WIDEST characters are cut."""
    shown = [line if len(line) <= WIDEST else line[: WIDEST - 1] + "…" for line in lines] or [""]
    font = font_for(all(ord(letter) < 0x250 for letter in chain.from_iterable(shown)))
    widths = [int(font.getlength(line)) for line in shown]
    picture = Image.new("L", (max([*widths, 200]) + 2 * MARGIN, len(shown) * (SIZE * 3 // 2) + 2 * MARGIN), 255)
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(shown):
        draw.text((MARGIN, MARGIN + number * (SIZE * 3 // 2)), line, fill=0, font=font)
    return picture


@lru_cache(maxsize=2)
def font_for(latin: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font for Latin letters; else the first font of the machine that has more, where there is one."""
    if not latin:
        for folder, name in ((Path(folder), name) for name in NAMES for folder in FOLDERS):
            for file in sorted(folder.rglob(name)) if folder.is_dir() else ():
                try:
                    return ImageFont.truetype(str(file), SIZE)
                except OSError:
                    continue
    return ImageFont.load_default(SIZE)

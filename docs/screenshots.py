"""The pictures of the lab in the docs, from real runs in a real browser: python docs/screenshots.py RUN

RUN is a run of pictures with checkpoints and its data in their place. The sandbox trains while it is photographed.
"""

import io
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser import Page, browser  # noqa: E402
from serving import served  # noqa: E402

IMAGES = ROOT / "docs" / "images"
WIDE, NARROW = (1280, 900), (390, 844)
ROUNDS = "Number(document.querySelector('.score-table b').textContent.replace(',', ''))"


def photograph(page: Page, name: str, file: Path) -> None:
    """What the window shows, as WebP."""
    page.photograph(file)
    with Image.open(io.BytesIO(file.read_bytes())) as picture:
        picture.convert("RGB").save(IMAGES / f"{name}.webp", quality=88, method=6)


def both(page: Page, name: str, file: Path) -> None:
    """Light and dark, wide and narrow."""
    for ending, size, dark in (("", WIDE, False), ("-dark", WIDE, True), ("-narrow", NARROW, False)):
        page.screen(*size, dark=dark)
        time.sleep(0.7)
        photograph(page, name + ending, file)
    page.screen(*WIDE)


def main(run: Path) -> None:
    """Photograph a run, the sandbox, the explorer and the tour."""
    with tempfile.TemporaryDirectory() as folder, served(run) as address, browser(Path(folder) / "profile") as page:
        file = Path(folder) / "shot.png"
        page.screen(*WIDE)
        page.call("Page.navigate", url=address)
        page.until("document.querySelector('.sheet img')?.naturalWidth > 0", 30)
        both(page, "lab", file)
        page.run("location.hash = 'sandbox=mode-collapse-both'")
        page.until("document.querySelectorAll('.score').length === 2", 60)
        page.run("document.querySelector('#layer-grid').click()")
        page.choose("[aria-label^=Rounds]", "50")
        page.click("#play")
        page.until(f"{ROUNDS} >= 900", 300)
        page.click("#play")
        page.until("document.querySelector('#play').textContent === 'Play'")
        both(page, "sandbox", file)
        page.run("location.hash = 'sandbox=game'")
        page.until("document.querySelectorAll('.score').length === 1", 60)
        page.click("#play")
        page.until("Number(document.querySelector('.score').dataset.modes) === 8", 90)
        time.sleep(3)
        page.click("#play")
        for _ in range(4):
            page.run("document.querySelector('#slow').click()")
            time.sleep(0.3)
        photograph(page, "sandbox-slow", file)
        found = page.run("fetch('runs').then(a => a.json()).then(a => a.runs[0].id)")
        page.run(f"location.hash = 'explore={found}'")
        page.until("document.querySelector('.main img')?.naturalWidth > 0", 60)
        page.run("document.querySelector('#ask-walk').click(); document.querySelector('#ask-neighbours').click()")
        page.until("document.querySelectorAll('.strip img').length >= 13", 60)
        page.screen(1280, 1020)
        time.sleep(0.5)
        photograph(page, "explorer", file)
        assert page.complaints == [], page.complaints


if __name__ == "__main__":
    main(Path(sys.argv[1]))

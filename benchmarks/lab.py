"""How long the lab takes to open a long run, and how smoothly its slider moves: python benchmarks/lab.py

A run of 100,000 progress events and 2,000 sheets of 640 x 640 is written by the run's own writer, served by the real
command, and opened in headless Chromium. `open_seconds`: from the navigation to the first sheet on the page, `frames`:
different sheets shown in a second while the slider moves from sheet to sheet. The medians of five.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from ganvas.runs import Progress, Run, Snapshot, Started, event_line
from rows import append_row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from browser import browser

EVENTS, SHEETS, SIDE, MOVES, TIMES = 100_000, 2_000, 640, 100, 5
MOVE = f"""
(async () => {{
  const slider = document.querySelector('input[type=range]'), frame = () => new Promise(requestAnimationFrame);
  const shown = () => document.querySelector('.sheet img').src, start = performance.now();
  for (let move = 0; move < {MOVES}; move++) {{
    const before = shown();
    slider.value = (FIRST + move) * {64 * EVENTS // SHEETS};
    slider.dispatchEvent(new Event('input'));
    while (shown() === before && performance.now() - start < 60000) await frame();
  }}
  return 1000 * {MOVES} / (performance.now() - start);
}})()
"""


def long_run(path: Path) -> None:
    """A run with as many events and sheets as the goal names."""
    run = Run.create(path, config="kind: Recipe\n", environment={})
    pixels = np.random.default_rng(0).integers(0, 256, (16, SIDE // 10, SIDE // 10, 3), dtype=np.uint8)
    terms = {"D": 1.0, "G": 2.0, "D.gradient": 3.0, "G.gradient": 4.0}
    drawn = []
    for number, each in enumerate(pixels):
        drawn.append(path / f"{number}.webp")
        Image.fromarray(each).resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(drawn[-1], quality=85)
    with run.events.open("w") as file:
        file.write(event_line(Started(samples=0, time=0.0, total=64 * EVENTS)))
        for number in range(1, EVENTS + 1):
            file.write(event_line(Progress(samples=64 * number, time=0.0, terms=terms, samples_per_second=64.0)))
            if number % (EVENTS // SHEETS) == 0:
                name = f"{64 * number:012}.webp"
                shutil.copy(drawn[number // (EVENTS // SHEETS) % len(drawn)], run.samples / name)
                file.write(event_line(Snapshot(samples=64 * number, time=0.0, file=name)))
    run.status("finished")


def main() -> None:
    """Append one row."""
    opened, frames = [], []
    with tempfile.TemporaryDirectory() as temporary:
        long_run(Path(temporary) / "run")
        command = [sys.executable, "-m", "ganvas", "lab", f"{temporary}/run", "--no-browser"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            address = re.findall(r"http://\S+", process.stderr.readline())[0]
            for number in range(TIMES):
                with browser(Path(temporary) / f"profile-{number}") as page:
                    page.screen(1280, 900)
                    started_at = time.perf_counter()
                    page.call("Page.navigate", url=address)
                    page.until("document.querySelector('.sheet img')?.complete", seconds=60)
                    opened.append(time.perf_counter() - started_at)
                    frames.append(page.run(MOVE.replace("FIRST", str(100 + 200 * number))))
            process.terminate()
    protocol = f"{EVENTS:,} events, {SHEETS:,} sheets of {SIDE} x {SIDE}, headless Chromium on the same machine"
    append_row(
        benchmark="lab",
        protocol=protocol,
        open_seconds=median(opened),
        open_spread=[min(opened), max(opened)],
        frames=median(frames),
        frames_spread=[min(frames), max(frames)],
    )


if __name__ == "__main__":
    main()

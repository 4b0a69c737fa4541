"""How long the lab takes to open a long run, and how smoothly its slider moves: python benchmarks/lab.py

A run of 100,000 progress events and 2,000 sheets of 640 x 640 is written by the run's own writer, served by the real
command, and opened in headless Chromium. `open_seconds`: from the navigation to the first sheet on the page, `frames`:
different sheets shown in a second while the slider moves from sheet to sheet. The medians of five.

`python benchmarks/lab.py sandbox`: pictures that the sandbox shows in a second while it trains the recipe `ring`, its
page, server and training on one core. `python benchmarks/lab.py slowdown`: seconds of a training with a page of the lab
open over seconds without, on two cores, interleaved. `python benchmarks/lab.py soak MINUTES`: memory of page and server
in a live run, which is trained beside them.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from ganvas.runs import Progress, Run, Snapshot, Started, event_line
from rows import append_row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from browser import Page, browser

EVENTS, SHEETS, SIDE, MOVES, TIMES = 100_000, 2_000, 640, 100, 5
COUNT = """
(async () => {
  let count = 0, last = '';
  const end = performance.now() + 10000;
  while (performance.now() < end) {
    await new Promise(requestAnimationFrame);
    const now = document.querySelector('.scrub .at').textContent;
    if (now !== last) count += 1;
    last = now;
  }
  return count / 10;
})()
"""
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


def opening() -> None:
    """The row of a long run."""
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


@contextmanager
def lab(*words: str, core: int | None = None) -> Iterator[tuple[str, int]]:
    """`ganvas lab` with these words: its address and its process."""
    command = [sys.executable, "-m", "ganvas", "lab", *words, "--no-browser"]
    pinned = command if core is None else ["taskset", "-c", str(core), *command]
    with subprocess.Popen(pinned, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            yield re.findall(r"http://\S+", process.stderr.readline())[0], process.pid
        finally:
            process.terminate()


def sandbox() -> None:
    """The row of the sandbox's pictures in a second, for several numbers of rounds from one picture to the next."""
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    shown: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, lab(folder, "--sandbox", "game", core=core) as (address, _):
        for number in range(3):
            for rounds in ("1", "10"):
                with browser(Path(folder) / f"profile-{number}-{rounds}") as page:
                    page.screen(1280, 900)
                    page.call("Page.navigate", url=address)
                    page.until("document.querySelector('.score') !== null", 60)
                    page.choose("[aria-label^=Rounds]", rounds)
                    page.click("#play")
                    time.sleep(2)
                    shown.setdefault(rounds, []).append(page.run(COUNT))
    protocol = "recipe ring, 128 x 3 layers, batch 128, R1; page, server and training on one core, headless Chromium"
    medians = {f"pictures_{rounds}_rounds": median(each) for rounds, each in shown.items()}
    append_row(benchmark="lab_sandbox", protocol=protocol, **medians, each=shown)


def seconds_of_training(folder: Path, page: Page | None = None) -> float:
    """Seconds of `ganvas train ring`; a page of the lab shows the run from its start on."""
    words = ["ring", "-o", str(folder), "samples=1000000", "threads=1", "precision=fp32", "scores=[]", "--quiet"]
    started_at = time.perf_counter()
    with subprocess.Popen([sys.executable, "-m", "ganvas", "train", *words], stdout=subprocess.DEVNULL) as training:
        if page is not None:
            named = f"a.runs.find(each => each.name === '{folder.name}')?.id"
            while not (found := page.run(f"fetch('runs').then(a => a.json()).then(a => {named} ?? '')")):
                time.sleep(0.5)
            page.run(f"location.hash = '{found}'")
        assert training.wait() == 0
    return time.perf_counter() - started_at


def slowdown() -> None:
    """The row of a training's seconds with its page open over those without."""
    ratios = []
    with tempfile.TemporaryDirectory() as temporary:
        runs = Path(temporary) / "runs"
        runs.mkdir()
        for number in range(4):
            alone = seconds_of_training(runs / f"alone-{number}")
            with lab(str(runs)) as (address, _), browser(Path(temporary) / f"profile-{number}") as page:
                page.screen(1280, 900)
                page.call("Page.navigate", url=address)
                page.until("document.querySelector('.runs') !== null", 30)
                ratios.append(seconds_of_training(runs / f"watched-{number}", page) / alone)
                assert page.run("document.querySelector('.sheet img') !== null")
    protocol = "ganvas train ring samples=1000000 threads=1, its page open in headless Chromium, two cores, four pairs"
    append_row(benchmark="lab_slowdown", protocol=protocol, ratio=median(ratios), spread=[min(ratios), max(ratios)])


def memory(pid: int) -> float:
    """Megabytes that a process holds."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]) / 1024


def soak(minutes: float) -> None:
    """The row of memory over a live run: of the server, and of the page's JavaScript."""
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "run"
        words = ["ring", "-o", str(path), "--minutes", str(minutes + 1), "threads=1", "snapshots=1000"]
        with subprocess.Popen([sys.executable, "-m", "ganvas", "train", *words], stderr=subprocess.DEVNULL) as training:
            while not (path / "events.jsonl").exists():
                time.sleep(0.2)
            with lab(str(path)) as (address, pid), browser(Path(temporary) / "profile") as page:
                page.screen(1280, 900)
                page.call("Page.navigate", url=address)
                page.until("document.querySelector('.sheet img') !== null", 60)
                server, heap = [], []
                for _ in range(10):
                    time.sleep(6 * minutes)
                    page.call("HeapProfiler.collectGarbage")
                    server.append(round(memory(pid), 1))
                    heap.append(round(page.run("performance.memory.usedJSHeapSize") / 2**20, 2))
                    page.events.clear()
            training.terminate()
    append_row(benchmark="lab_soak", protocol=f"a live run of {minutes:g} minutes", server_mb=server, page_mb=heap)


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    if wanted == "soak":
        soak(float(sys.argv[2]))
    else:
        {"": opening, "sandbox": sandbox, "slowdown": slowdown}[wanted]()

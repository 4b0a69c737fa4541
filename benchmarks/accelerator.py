"""Training, an interrupted run resumed, samples, and memory that runs out, on an accelerator. One row a cell.

python benchmarks/accelerator.py [train sample resume memory] [--device cuda]

`train`: images per second of whole runs of recipes. `sample`: the same seed gives the same bytes, whatever the count.
`resume`: a run that is stopped after a checkpoint and resumed, against the uninterrupted run: how many tensors are
equal to the bit, and the largest difference of the others relative to the largest number of the tensor. `memory`: a
real shortage of device memory halves the micro-batches, and the run ends.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

import ganvas
from ganvas.runs import checkpoints
from ganvas.runs.events import Progress, Recovered, Saved, read_all_events, read_events
from rows import append_row

SPEEDS = {"mnist": 400_000, "dcgan": 400_000, "inpaint-mnist": 60_000, "ring": 400_000}
RESUMED = {"mnist": 12_800, "ring": 20_000}
SHORT = 0.006  # of the device's memory: below what one whole batch needs


def train(device: str) -> None:
    """Images per second between the first and the last progress event, and the seconds of the whole run."""
    for name, samples in SPEEDS.items():
        with tempfile.TemporaryDirectory() as folder:
            begun = time.monotonic()
            run = ganvas.train(
                name, changes={"samples": samples, "scores": []}, out=Path(folder) / "run", device=device
            )
            seconds = time.monotonic() - begun
            told = [event for event in read_events(run.events) if isinstance(event, Progress)]
            settled = {key: run.read_json("environment.json")[key] for key in ("device", "threads", "torch")}
        rate = (told[-1].samples - told[0].samples) / max(told[-1].time - told[0].time, 1e-9)
        append_row(
            benchmark="accelerator",
            cell="train",
            recipe=name,
            samples=samples,
            samples_per_second=rate,
            seconds=seconds,
            **settled,
        )


def sample(device: str) -> None:
    """Bytes of 1, 64 and 100 samples of one seed."""
    with tempfile.TemporaryDirectory() as folder:
        run = ganvas.train("mnist", changes={"samples": 20_000, "scores": []}, out=Path(folder) / "run", device=device)
        model = ganvas.load(run.path)
        whole = model.sample(100, seed=3)
        same = [bool((model.sample(n, seed=3) == whole[:n]).all()) for n in (1, 64, 100)]
    append_row(benchmark="accelerator", cell="sample", device=device, same_bytes=all(same))


def resume(device: str) -> None:
    """SIGTERM after the second checkpoint, then on to the end."""
    for name, samples in RESUMED.items():
        with tempfile.TemporaryDirectory() as folder:
            words = [
                "train",
                name,
                f"samples={samples}",
                "saves=10",
                "snapshots=0",
                "scores=[]",
                "threads=1",
                "--device",
                device,
            ]
            alone, stopped = Path(folder) / "alone", Path(folder) / "stopped"
            command(*words, "-o", str(alone))
            child = subprocess.Popen([sys.executable, "-m", "ganvas", "-q", *words, "-o", str(stopped)])
            events = stopped / "events.jsonl"
            wait_for(lambda: sum(isinstance(each, Saved) for each in read_all_events(events)) > 1, child)  # noqa: B023
            child.send_signal(signal.SIGTERM)
            child.wait(120)
            command("resume", str(stopped), "--device", device)
            append_row(
                benchmark="accelerator",
                cell="resume",
                recipe=name,
                device=device,
                samples=samples,
                **difference(alone, stopped),
            )


def difference(one: Path, other: Path) -> dict[str, Any]:
    """Of the players' tensors of two runs' last checkpoints."""
    ends = [load_file(checkpoints.newest_path(run / "checkpoints") / "players.safetensors") for run in (one, other)]
    far = [
        float((value.double() - ends[1][name].double()).abs().max() / value.double().abs().max().clamp(min=1e-30))
        for name, value in ends[0].items()
    ]
    return {"tensors": len(far), "equal": sum(each == 0 for each in far), "largest_difference": max(far)}


def memory(device: str) -> None:
    """The device's memory limited for this process until a batch does not fit."""
    if device == "cpu":
        return
    torch.cuda.set_per_process_memory_fraction(SHORT)
    try:
        with tempfile.TemporaryDirectory() as folder:
            wide = {"generator.widths": [1024, 1024], "discriminator.widths": [1024, 1024], "source.samples": 2**16}
            changes = {
                "samples": 2**17,
                "batch_samples": 2**16,
                "scores": [],
                "precision": "fp32",
                "threads": 1,
                **wide,
            }
            run = ganvas.train("ring", changes=changes, out=Path(folder) / "run", device=device)
            healed = [event.message for event in read_all_events(run.events) if isinstance(event, Recovered)]
            ended = run.read_json("status.json")["state"]
        append_row(
            benchmark="accelerator",
            cell="memory",
            limit_mb=SHORT * torch.cuda.get_device_properties(0).total_memory / 2**20,
            healed=healed,
            ended=ended,
        )
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def command(*words: str) -> None:
    """`ganvas`, which must end well."""
    subprocess.run(
        [sys.executable, "-m", "ganvas", "-q", *words], check=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )


def wait_for(happened: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    """Until it has happened, or the child has ended."""
    while not happened() and child.poll() is None:
        time.sleep(0.01)


CELLS = {"train": train, "sample": sample, "resume": resume, "memory": memory}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cells", nargs="*", help=f"of {', '.join(CELLS)}; all without")
    parser.add_argument("--device", default="cuda")
    asked = parser.parse_args()
    for cell in asked.cells or CELLS:
        CELLS[cell](asked.device)

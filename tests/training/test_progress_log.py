"""What a progress event says of memory and of waiting for data."""

import resource
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from ganvas.runs import Progress, Run, read_events
from ganvas.training import progress_log
from ganvas.training.progress_log import ProgressLogger, memory_bytes, resident_bytes

MEGA = 2**20


def test_resident_bytes_grow_with_what_is_held(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = (  # another process: here memory that was freed before may be used again
        "import numpy as np; from ganvas.training.progress_log import resident_bytes; "
        f"before = resident_bytes(); held = np.ones({64 * MEGA}, np.uint8); print(resident_bytes() - before, held[0])"
    )
    grown = int(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout.split()[0])
    assert 48 * MEGA < grown < 96 * MEGA
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    monkeypatch.setattr(progress_log, "STATM", tmp_path / "none")
    assert resident_bytes() in (peak, 1024 * peak)
    assert set(memory_bytes(torch.device("cpu"))) == {"memory"}


def test_an_accelerator_says_its_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: 12345)
    assert memory_bytes(torch.device("cuda"))["device_memory"] == 12345


def test_the_wait_is_that_since_the_last_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("ganvas.training.progress_log.time.monotonic", lambda: now[0])
    run = Run.create(tmp_path / "run", config="kind: Recipe\n", environment={})
    trainer: Any = SimpleNamespace(
        samples_seen=0, total=1000, stats={}, data_wait_seconds=0.0, device=torch.device("cpu")
    )
    log = ProgressLogger(run)
    for seconds, waited in ((2.0, 0.5), (4.0, 3.0), (2.0, 0.0), (1.0, 5.0)):
        now[0] += seconds
        trainer.samples_seen += 64
        trainer.data_wait_seconds += waited
        log(trainer, trainer.samples_seen - 64)
    events = [event for event in read_events(run.events) if isinstance(event, Progress)]
    assert [event.usage["data_wait"] for event in events] == pytest.approx([0.25, 0.75, 0.0, 1.0])
    assert [event.samples_per_second for event in events] == pytest.approx([32, 16, 32, 64])
    assert all(event.usage["memory"] > MEGA for event in events)

"""A run in TensorBoard: its terms, scores, signals, findings and sheets, by samples."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..base.errors import MissingExtra
from .tracked import scalars

FOLDER = "tensorboard"  # in the run's folder


class TensorBoard:
    """Writes event files of TensorBoard into the run's folder, under `tensorboard`; steps are samples.

    Raises:
        MissingExtra: tensorboardX is not installed.
    """

    def __init__(self) -> None:
        if find_spec("tensorboardX") is None:
            raise MissingExtra("TensorBoard's files need tensorboardX", hint='pip install "ganvas[tensorboard]"')
        self.writer: Any = None
        self.samples = Path()

    def begin(self, run: Path) -> None:
        """Open the file."""
        from tensorboardX import SummaryWriter  # type: ignore[import-untyped]

        self.samples = run / "samples"
        self.writer = SummaryWriter(str(run / FOLDER), flush_secs=10)

    def follow(self, event: dict[str, Any]) -> None:
        """Write what an event holds."""
        if self.writer is None:
            return
        for name, value in scalars(event).items():
            self.writer.add_scalar(name, value, event["samples"], walltime=event["time"])
        if event["kind"] == "Snapshot" and (file := self.samples / event["file"]).is_file():
            sheet = np.asarray(Image.open(file).convert("RGB"))
            self.writer.add_image("samples", sheet, event["samples"], walltime=event["time"], dataformats="HWC")
        if event["kind"] == "Diagnosed":
            text = f"{event['name']}: {event['message'] or 'no longer'}"
            self.writer.add_text("doctor", text, event["samples"], walltime=event["time"])

    def close(self) -> None:
        """Close the file."""
        if self.writer is not None:
            self.writer.close()

"""A run in Weights & Biases: its recipe, terms, scores, signals, findings and sheets, by samples."""

import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..base.errors import MissingExtra, UsageError
from .tracked import identity, recipe_settings, scalars

OFFLINE = "offline"
PROJECT = "ganvas"  # unless WANDB_PROJECT names another
AS_PLAYED: Mapping[str, Any] = {"disable_git": True, "disable_code": True, "console": "off", "silent": True}
NO_MACHINE: Mapping[str, Any] = {f"x_disable_{what}": True for what in ("meta", "stats", "machine_info")} | {
    "x_save_requirements": False
}


class WeightsAndBiases:
    """Writes a run of Weights & Biases into the run's folder, under `wandb`, without a network.

    Nothing is sent before the environment variable WANDB_MODE is "online", or `wandb sync` is called on the folder.
    Of the machine, the code and the data's paths nothing is recorded.

    Raises:
        MissingExtra: wandb is not installed.
    """

    def __init__(self) -> None:
        if find_spec("wandb") is None:
            raise MissingExtra("the tracker 'wandb' needs the package wandb", hint='pip install "ganvas[wandb]"')
        self.run, self.made, self.failed = Path(), None, False

    def begin(self, run: Path) -> None:
        """Remember the run's folder; the first event begins."""
        self.run = run

    def start(self) -> Any:
        """The run of Weights & Biases; the same one after a resume. Raises UsageError if it cannot be made."""
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # reports of wandb's own errors to its makers
        import wandb

        try:
            made = wandb.init(
                project=os.environ.get("WANDB_PROJECT", PROJECT),
                id=identity(self.run),
                resume=None if mode() == OFFLINE else "allow",
                name=self.run.name,
                dir=str(self.run),
                mode=mode(),  # type: ignore[arg-type]  # wandb checks it
                config=recipe_settings(self.run),
                settings=wandb.Settings(**AS_PLAYED, **NO_MACHINE),
            )
        except Exception as error:  # its own classes, from the network to the settings
            raise UsageError(
                f"Weights & Biases cannot begin: {error}", hint="WANDB_MODE=offline needs neither network nor key."
            ) from error
        made.define_metric("*", step_metric="samples")
        return made

    def follow(self, event: dict[str, Any]) -> None:
        """Log what an event holds."""
        self.made = made = self.made or self.start()
        found: dict[str, Any] = dict(scalars(event))
        if event["kind"] == "Snapshot" and (file := self.run / "samples" / event["file"]).is_file():
            import wandb

            found["sheet"] = wandb.Image(str(file))
        if event["kind"] == "Diagnosed":
            found["doctor"] = f"{event['name']}: {event['message'] or 'no longer'}"
        if found:
            made.log({**found, "samples": event["samples"]})
        self.failed = event["kind"] == "Stopped" and event["reason"] in ("failed", "aborted")

    def close(self) -> None:
        """Write what waits, and end the run."""
        if self.made is not None:
            self.made.finish(exit_code=int(self.failed))


def mode() -> str:
    """WANDB_MODE if it is set, else "offline"."""
    return os.environ.get("WANDB_MODE") or OFFLINE

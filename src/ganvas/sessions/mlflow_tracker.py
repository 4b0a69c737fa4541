"""A run in MLflow: its recipe, terms, scores, signals, findings and sheets, by samples."""

import logging
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import Image

from ..base.errors import MissingExtra, UsageError
from .tracked import identity, recipe_settings, scalars

EXPERIMENT = "ganvas"  # unless MLFLOW_EXPERIMENT_NAME names another
KEY = "ganvas.run"  # the tag by which a resumed run is found
STORE = "mlflow.db"  # beside the run's folder: runs of one folder are compared
MOST_PARAMETERS = 100  # of one message
ENDS = {"finished": "FINISHED", "failed": "FAILED", "aborted": "FAILED"}  # else KILLED: it can be resumed


class MlFlow:
    """Writes into the store that MLFLOW_TRACKING_URI names; without that into an SQLite file beside the run's folder.

    MLflow's reports of its use to its makers are off, unless the variable MLFLOW_DISABLE_TELEMETRY says otherwise.

    Raises:
        MissingExtra: MLflow, or what its SQLite store needs, is not installed.
    """

    def __init__(self) -> None:
        needed = ["mlflow"] if uri() else ["mlflow", "sqlalchemy", "alembic"]
        if any(find_spec(name) is None for name in needed):
            raise MissingExtra(f"the tracker 'mlflow' needs {', '.join(needed)}", hint='pip install "ganvas[mlflow]"')
        self.run, self.client, self.id, self.end = Path(), None, "", "KILLED"

    def begin(self, run: Path) -> None:
        """Remember the run's folder; the first event begins."""
        self.run = run

    def start(self) -> Any:
        """A client of the store, with the run open in it. Raises UsageError if the store cannot be used."""
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        from mlflow import MlflowClient

        logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)  # tables are made: no news for a run
        try:
            client = MlflowClient(uri() or f"sqlite:///{self.run.absolute().parent / STORE}")
            self.id = self.opened(client)
        except Exception as error:  # MLflow's own classes, from the network to the database
            raise UsageError(f"MLflow's store cannot be used: {error}", hint="Look at MLFLOW_TRACKING_URI.") from error
        return client

    def opened(self, client: Any) -> str:
        """The id of the run in MLflow: that of before a resume, or a new one with the recipe as its parameters."""
        name, key = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT), identity(self.run)
        artifacts = None if uri() else (self.run.absolute().parent / "mlflow").as_uri()
        known = client.get_experiment_by_name(name)
        experiment = known.experiment_id if known else client.create_experiment(name, artifact_location=artifacts)
        for each in client.search_runs([experiment], f"tags.`{KEY}` = '{key}'"):
            client.update_run(each.info.run_id, status="RUNNING")
            return str(each.info.run_id)
        made = str(client.create_run(experiment, run_name=self.run.name, tags={KEY: key}).info.run_id)
        from mlflow.entities import Param

        settings = [Param(name, str(value)) for name, value in recipe_settings(self.run).items()]
        for start in range(0, len(settings), MOST_PARAMETERS):
            client.log_batch(made, params=settings[start : start + MOST_PARAMETERS])
        return made

    def follow(self, event: dict[str, Any]) -> None:
        """Log what an event holds."""
        self.client = client = self.client or self.start()
        when, samples = int(event["time"] * 1000), event["samples"]
        if found := scalars(event):
            from mlflow.entities import Metric

            client.log_batch(self.id, metrics=[Metric(name, value, when, samples) for name, value in found.items()])
        if event["kind"] == "Snapshot" and (file := self.run / "samples" / event["file"]).is_file():
            with Image.open(file) as sheet:
                client.log_image(self.id, sheet.convert("RGB"), key="sheet", step=samples, synchronous=True)
        if event["kind"] == "Diagnosed":
            client.set_tag(self.id, f"doctor.{event['name']}", event["message"] or "no longer")
        if event["kind"] == "Stopped":
            self.end = ENDS.get(event["reason"], "KILLED")

    def close(self) -> None:
        """End the run in MLflow."""
        if self.client is not None:
            self.client.set_terminated(self.id, self.end)


def uri() -> str:
    """MLFLOW_TRACKING_URI, or empty."""
    return os.environ.get("MLFLOW_TRACKING_URI", "")

"""`ganvas.detect`: which of a person's pictures are unlike the normal ones that a model has learnt."""

import csv
import io
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from ..base.errors import DataError, GanvasError
from ..sessions.load_model import Model, load
from .detect_pictures import pictures_of, scored
from .detector import detector_of
from .text_file import write_text_file
from .translate_folder import Job, jobs_of

if TYPE_CHECKING:
    from .detector_file import Detector

Place = str | os.PathLike[str]


class ScoredPicture(NamedTuple):
    """What was found of one picture.

    Attributes:
        name: of the file, below its folder.
        score: large for a picture unlike the normal ones; it does not depend on other pictures.
        p_value: the share of normal pictures that have at least this score.
        abnormal: whether the score is above the detector's threshold.
    """

    name: str
    score: float
    p_value: float
    abnormal: bool


@dataclass(frozen=True)
class Detection:
    """Findings of all pictures, in the order of their names.

    Args:
        model: that scored them.
        detector: its threshold and its scale.
        findings: one a picture.
        jobs: the files of the findings.
        faults: errors of files that cannot be read and are left out.
        fitted: whether the threshold was fitted now.
    """

    model: Model
    detector: "Detector"
    findings: tuple[ScoredPicture, ...]
    jobs: tuple[Job, ...] = field(repr=False)
    faults: tuple[GanvasError, ...] = ()
    fitted: bool = False

    @property
    def scores(self) -> Tensor:
        """float64 [n]."""
        return torch.tensor([each.score for each in self.findings], dtype=torch.float64)

    def save(self, out: Place) -> Path:
        """Write file, score, p value and decision of each picture as a .csv.

        Args:
            out: the file.

        Returns:
            Its path.

        Raises:
            ResourceError: it cannot be written.
        """
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(["file", "score", "p_value", "abnormal"])
        rows.writerows(
            [each.name, f"{each.score:.8g}", f"{each.p_value:.6g}", int(each.abnormal)] for each in self.findings
        )
        return write_text_file(Path(out), text.getvalue())


def detect(
    run: "Model | Place",
    pictures: Place,
    *,
    false_alarms: float | None = None,
    at: str = "auto",
) -> Detection:
    """Score pictures by a model that has learnt normal ones, and call those above its threshold abnormal.

    The threshold is fitted on the run's held-out normal pictures alone, once, and stored with the model: a further
    normal picture exceeds it with a probability of at most `false_alarms`. A picture has the same score whatever other
    pictures are scored with it.

    Args:
        run: a run of the recipes `anomaly` or `ganomaly` or of `train_detector`, or the Model that `load` returned.
        pictures: a picture, or a folder, whose subfolders are read too.
        false_alarms: the rate, between 0 and 1; None: the stored one, at first 0.05.
        at: the checkpoint, as `load` takes it.

    Returns:
        Scores and decisions. Files of a folder that cannot be read are left out, and are in `faults`.

    Raises:
        UsageError: the model finds no anomalies.
        DataError: no picture can be read; or the threshold must be fitted and the training data are missing, or they
            are too few for the rate.
    """
    model = run if isinstance(run, Model) else load(run, at=at)
    detector, fitted = detector_of(model, false_alarms)
    here = Path(pictures)
    if not here.exists():
        raise DataError("there is nothing at this path", where=str(here), hint="Check how it is spelt.")
    jobs, scores = [], []
    faults: list[GanvasError] = []
    for part, x in pictures_of(model, jobs_of(here, None), faults):
        jobs += part
        scores += scored(model, x)[0].tolist()
    if not jobs:
        raise faults[0]
    found = [
        ScoredPicture(job.name, score, detector.p_value(score), score > detector.threshold)
        for job, score in zip(jobs, scores, strict=True)
    ]
    return Detection(model, detector, tuple(found), tuple(jobs), tuple(faults), fitted)

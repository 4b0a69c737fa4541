"""Pictures of a person as a detector reads and scores them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..base.errors import DataError, GanvasError
from ..base.progress import report_progress
from ..base.types import Batch
from ..training import BUCKET, assessments
from .person_pictures import model_pictures
from .translate_folder import Job

if TYPE_CHECKING:
    from ..sessions.model import Model


def scored(model: "Model", x: Tensor) -> tuple[Tensor, Tensor]:
    """Scores [n] and maps [n, H, W] of samples; those of a sample do not depend on the others.

    Args:
        model: whose game finds anomalies.
        x: samples [n, *shape] in the networks' units.
    """
    scores, maps = [], []
    for part in buckets(x):
        found = assessments(model.game, model.networks, Batch(x=part))
        scores.append(found["anomaly"])
        maps.append(found["map"])
    return torch.cat(scores)[: len(x)], torch.cat(maps)[: len(x)]


def buckets(x: Tensor) -> Iterator[Tensor]:
    """x in parts of BUCKET rows; the last one is filled up with its last row."""
    for part in x.split(BUCKET):
        yield torch.cat([part, part[-1:].expand(BUCKET - len(part), *part.shape[1:])])


def pictures_of(
    model: "Model", jobs: Sequence[Job], faults: list[GanvasError] | None = None
) -> Iterator[tuple[list[Job], Tensor]]:
    """Files and their pictures [n, C, H, W], BUCKET at a time.

    Args:
        model: in whose form they are read.
        jobs: the files.
        faults: to which the errors of files that cannot be read are added.
    """
    faults = [] if faults is None else faults
    for start in range(0, len(jobs), BUCKET):
        report_progress("scoring pictures", start, len(jobs))
        part: list[Job] = []
        read: list[Tensor] = []
        for job in jobs[start : start + BUCKET]:
            try:
                read.append(model_pictures(model, job.source))
                part.append(job)
            except DataError as error:
                faults.append(error)
        if read:
            yield part, torch.cat(read)
    report_progress("scoring pictures", len(jobs), len(jobs))

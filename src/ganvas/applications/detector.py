"""The threshold of a detector of anomalies, from scores of held-out normal samples."""

import math

import numpy as np
import torch
from torch import Tensor

from ..base.errors import DataError, UsageError
from ..base.progress import report_progress
from ..sessions.model import Model
from ..training import BUCKET
from .detect_pictures import scored
from .detector_file import MOST, Detector, read_detector, write_detector

FALSE_ALARMS = 0.05
TOP = 0.999  # share of the maps' values of normal samples that are below the brightest colour


def conformal_threshold(normals: tuple[float, ...], false_alarms: float) -> float:
    """The k-th smallest of n scores, k = ceil((n + 1)(1 - alpha)): a further normal sample exceeds it with probability
    alpha at most. Vovk, Gammerman and Shafer 2005; Angelopoulos and Bates 2021, appendix D.
    https://arxiv.org/abs/2107.07511

    Args:
        normals: scores of held-out normal samples, ascending.
        false_alarms: alpha.

    Raises:
        UsageError: alpha is not between 0 and 1.
        DataError: n < 1 / alpha - 1, too few for this rate.
    """
    if not 0 < false_alarms < 1:
        raise UsageError(f"a rate of false alarms of {false_alarms:g} is impossible", hint="Such as 0.05.")
    n = len(normals)
    place = math.ceil((n + 1) * (1 - false_alarms) - 1e-9)
    if place > n:
        needed = math.ceil(1 / false_alarms - 1 - 1e-9)
        raise DataError(
            f"{n} held-out normal samples are too few for a rate of false alarms of {false_alarms:g}",
            hint=f"{needed} are needed; bring more, or allow a rate of {1 / (n + 1):.2g} or more.",
        )
    return normals[place - 1]


def detector_of(model: Model, false_alarms: float | None = None) -> tuple[Detector, bool]:
    """The detector that is stored with a model, or a new one, which is fitted on val and stored.

    Args:
        model: whose game finds anomalies.
        false_alarms: another rate than the stored one; None: the stored one, or 0.05.

    Returns:
        The detector, and whether it was fitted now.

    Raises:
        UsageError: the model finds no anomalies.
        DataError: there is no detector, and the training data are missing; or too few for the rate.
    """
    require_detector(model)
    known = read_detector(model)
    rate = false_alarms if false_alarms is not None else FALSE_ALARMS if known is None else known.false_alarms
    if known is not None and rate == known.false_alarms:
        return known, False
    if known is None:
        normals, top = normal_scores(model)
    else:
        normals, top = known.normals, known.map_top
    threshold = conformal_threshold(normals, rate)
    made = Detector(model.sha256, rate, threshold, normals, top, model.experiment.fingerprint)
    write_detector(made, model.run)
    return made, known is None


def require_detector(model: Model) -> None:
    """Raises UsageError for a model whose game finds no anomalies."""
    if not model.game.finds_anomalies:
        raise UsageError(
            "this model finds no anomalies",
            where=str(model.run),
            hint="Train one: ganvas train anomaly --data GOOD, or an encoder for this run: ganvas detect RUN --fit.",
        )


def normal_scores(model: Model) -> tuple[tuple[float, ...], float]:
    """Scores of held-out normal samples, ascending, and the value of maps that nearly all of their pixels are below."""
    model.check_data()
    stream = model.experiment.stream("val")
    n = min(MOST, len(stream.store))
    scores: list[Tensor] = []
    tops: list[Tensor] = []
    for start in range(0, n, BUCKET):
        report_progress("scoring normal samples", start, n)
        rows = np.arange(start, min(n, start + BUCKET))
        score, maps = scored(model, stream.at(rows, np.zeros(len(rows), np.int64)).x)
        scores.append(score)
        tops.append(maps.flatten(1).quantile(TOP, dim=1))
    report_progress("scoring normal samples", n, n)
    return tuple(torch.cat(scores).sort().values.tolist()), float(torch.cat(tops).median())

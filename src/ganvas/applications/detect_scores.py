"""How good a detection is, where the truth is known: which pictures are normal, and where the others are abnormal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ..base.errors import DataError, MissingExtra, UsageError
from ..base.progress import report_progress
from ..metrics.average_precision import AveragePrecision, average_precision
from ..metrics.membership import Auc, auc_interval
from ..metrics.normal_baselines import isolation, neighbour_distance, pca_error
from ..metrics.photo_features import PhotoFeatures
from ..metrics.proportion import Proportion, proportion
from ..ops.unit_range import to_bytes
from .detect import Detection, pictures_of

if TYPE_CHECKING:
    from ..sessions.model import Model

MOST = 2_000  # normal training pictures that the baselines learn from
DETECTOR = "this model"


@dataclass(frozen=True)
class DetectionScores:
    """Scores of a detection against the truth.

    Args:
        auroc: by the name of the detector: the model's own and the baselines'.
        auprc: by the same names.
        precision: share of pictures called abnormal that are; None where none was called so.
        recall: share of abnormal pictures that were called so.
        false_alarms: share of normal pictures that were called abnormal.
        normal: normal pictures.
        abnormal: abnormal pictures.
    """

    auroc: Mapping[str, Auc]
    auprc: Mapping[str, AveragePrecision]
    precision: Proportion | None
    recall: Proportion
    false_alarms: Proportion
    normal: int
    abnormal: int

    @property
    def lines(self) -> list[str]:
        """For a person, a line each."""
        found = [f"{self.normal:,} normal and {self.abnormal:,} abnormal pictures; 95 % intervals in brackets"]
        for name, auc in self.auroc.items():
            ap = self.auprc[name]
            found.append(
                f"{name}: AUROC {auc.value:.3f} [{auc.low:.3f}, {auc.high:.3f}], "
                f"AUPRC {ap.value:.3f} [{ap.low:.3f}, {ap.high:.3f}] (chance {ap.chance:.3f})"
            )
        shares = {"recall": self.recall, "false alarms": self.false_alarms, "precision": self.precision}
        found += [
            f"at the threshold, {name}: {share.value:.3f} [{share.low:.3f}, {share.high:.3f}]"
            for name, share in shares.items()
            if share is not None
        ]
        best = max(self.auroc, key=lambda name: self.auroc[name].value)
        if best != DETECTOR:
            found.append(f"{best[0].upper()}{best[1:]} finds more here than the model: prefer it.")
        return found


def detection_scores(detection: Detection, normal: Sequence[bool], *, baselines: bool = True) -> DetectionScores:
    """Compare a detection with the truth, and with detectors that are not trained by gradients.

    Args:
        detection: of the pictures.
        normal: for each picture whether it is normal.
        baselines: whether to fit them on the run's training pictures, and score the same pictures.

    Raises:
        DataError: fewer than two pictures of a side; the training data are missing.
    """
    is_normal = torch.tensor(list(normal))
    if len(is_normal) != len(detection.findings):
        raise UsageError(f"{len(is_normal)} truths were given for {len(detection.findings)} pictures")
    if min(int(is_normal.sum()), int((~is_normal).sum())) < 2:
        raise DataError(
            "at least two normal and two abnormal pictures are needed for scores",
            hint="Bring more, or leave out truth.",
        )
    scores = {DETECTOR: detection.scores}
    if baselines:
        scores |= baseline_scores(
            detection.model, torch.cat([x for _, x in pictures_of(detection.model, detection.jobs)])
        )
    called = torch.tensor([each.abnormal for each in detection.findings])
    hits, alarms = int((called & ~is_normal).sum()), int((called & is_normal).sum())
    abnormal = int((~is_normal).sum())
    return DetectionScores(
        auroc={name: auc_interval(member=each[~is_normal], nonmember=each[is_normal]) for name, each in scores.items()},
        auprc={
            name: average_precision(positive=each[~is_normal], negative=each[is_normal])
            for name, each in scores.items()
        },
        precision=proportion(hits=[hits], of=[hits + alarms]) if hits + alarms else None,
        recall=proportion(hits=[hits], of=[abnormal]),
        false_alarms=proportion(hits=[alarms], of=[len(is_normal) - abnormal]),
        normal=len(is_normal) - abnormal,
        abnormal=abnormal,
    )


def baseline_scores(model: "Model", x: Tensor) -> dict[str, Tensor]:
    """Scores [n] of pictures x [n, C, H, W] by PCA, nearest neighbours and an isolation forest, by name.

    The forest is left out where scikit-learn is not installed, and the features of photographs where they do not suit
    the pictures.
    """
    model.check_data()
    stream = model.experiment.stream("train")
    rows = np.linspace(0, len(stream.store) - 1, min(MOST, len(stream.store))).astype(np.int64)
    train = stream.at(rows, np.zeros(len(rows), np.int64)).x
    return scores_of_baselines(train, x)


def scores_of_baselines(train: Tensor, x: Tensor, *, photo: bool = True) -> dict[str, Tensor]:
    """Scores [n] of pictures by detectors fitted on normal ones, by name.

    Args:
        train: normal pictures [m, C, H, W] in [-1, 1].
        x: pictures [n, C, H, W].
        photo: whether features of photographs are compared too, which takes some milliseconds a picture.
    """
    flat, flat_x = train.flatten(1), x.flatten(1)
    space = PhotoFeatures()
    methods: dict[str, Callable[[], Tensor]] = {
        "PCA of the pixels": lambda: pca_error(flat_x, train=flat),
        "nearest neighbours of pixels": lambda: neighbour_distance(flat_x, train=flat),
        "isolation forest of pixels": lambda: isolation(flat_x, train=flat),
    }
    if photo and space.covers(tuple(x.shape[1:])):
        methods["nearest neighbours of photo features"] = lambda: neighbour_distance(
            space.extract(to_bytes(x)).features, train=space.extract(to_bytes(train)).features
        )
    found: dict[str, Tensor] = {}
    for place, (name, method) in enumerate(methods.items()):
        report_progress("fitting baselines", place, len(methods))
        try:
            found[name] = method().double()
        except MissingExtra:
            continue
    report_progress("fitting baselines", len(methods), len(methods))
    return found


def normal_by_folder(names: Sequence[str], normal: str) -> list[bool]:
    """For each file whether it lies in the folder of normal pictures.

    Args:
        names: of files, below the folder that was scored.
        normal: the name of that folder.

    Raises:
        DataError: no file, or every file, lies in it.
    """
    found = [normal in Path(name).parts[:-1] for name in names]
    if all(found) or not any(found):
        raise DataError(
            f"{'every' if all(found) else 'no'} picture lies in a folder '{normal}'",
            hint="Put normal pictures into a folder of that name, and abnormal ones into others beside it.",
        )
    return found

"""How good a detection is, where the truth is known: which pictures are normal, and where the others are abnormal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ..base.errors import DataError, UsageError
from ..metrics.membership import Auc, auc_interval
from ..metrics.precision_recall_curve import AveragePrecision, average_precision
from ..metrics.proportion import Proportion, proportion
from .detect_baselines import baseline_scores
from .detect_pictures import pictures_of

if TYPE_CHECKING:
    from .detect import Detection

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


def detection_scores(detection: "Detection", normal: Sequence[bool], *, baselines: bool = True) -> DetectionScores:
    """Compare a detection with the truth, and with detectors that are not trained by gradients.

    Args:
        detection: of the pictures.
        normal: for each picture whether it is normal.
        baselines: whether to fit them on the run's training pictures, and score the same pictures.

    Returns:
        Areas under curves with intervals for the model and the baselines, and the model's shares at its threshold.

    Raises:
        UsageError: there are not as many truths as pictures.
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

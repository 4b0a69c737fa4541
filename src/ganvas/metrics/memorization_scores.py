"""Scores of memorisation: do fakes lie nearer to what their maker has learnt from than new real samples do?"""

import math
from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor

from .contract import Result
from .membership import Z95, auc_interval, score_gap
from .memorization import Memorization, memorization, three_sample_test
from .statistics import FeatureStatistics

COMPARED = 5_000  # fakes and held-out samples; training samples all count
CELLS = 5  # of the three-sample test
HALF = "half the 95 % interval / 1.96"


def copy_scores(
    *,
    train: FeatureStatistics,
    held: FeatureStatistics,
    fake: FeatureStatistics,
    protocol: Mapping[str, object],
    seed: int,
) -> tuple[tuple[Result, ...], Memorization]:
    """nearest_ratio (1 without copies), copied, authenticity_gap (0), copying (0): each with its error; real_vs_real is the value without copies."""
    asked = {"train": train.sample, "held": held.sample[:COMPARED], "fake": fake.sample[:COMPARED]}
    found, test = memorization(**asked), three_sample_test(**asked, cells=CELLS, seed=seed)
    m, h, share = len(asked["fake"]), len(asked["held"]), found.copied
    drawn = (
        share * (1 - share) * (1 / m + 1 / h)
    ) ** 0.5  # of the share as it is; copied_error is that of a share without copies
    said = {**protocol, "n_train": len(asked["train"]), "n_held": h}
    return (
        Result(
            "nearest_ratio",
            found.ratio,
            m,
            half_width(found.ratio_low, found.ratio_high),
            None,
            {**said, "error": HALF},
            1.0,
        ),
        Result("copied", share, m, max(found.copied_error, drawn), True, said, found.expected),
        Result("authenticity_gap", found.gap, m, found.gap_error, None, said, 0.0),
        Result("copying", test.effect.value, m, test.effect.error, None, {**said, "cells": CELLS}, 0.0),
        Result("copying_z", test.z, m, test.z_error, None, {**said, "cells": CELLS}, 0.0),
    ), found


def membership_scores(
    *, train: Float[Tensor, "n"], held: Float[Tensor, "m"], fake: Float[Tensor, "k"]
) -> tuple[Result, ...]:
    """What D's scores give away: membership_auc (1/2 if nothing) and d_overfitting (0 if nothing, 1 if all)."""
    auc, gap = auc_interval(member=train, nonmember=held), score_gap(train=train, held=held, fake=fake)
    said = {"scores": "D's mean logit", "n_train": len(train), "n_held": len(held)}
    return (
        Result(
            "membership_auc",
            auc.value,
            len(held),
            half_width(auc.low, auc.high),
            True,
            {**said, "interval": "DeLong, Wilson", "error": HALF},
            0.5,
        ),
        Result("d_overfitting", gap.value, len(held), gap.error, True, said, 0.0),
    )


def half_width(low: float, high: float) -> float | None:
    """The standard error that a 95 % interval stands for; None for one without an end."""
    error = (high - low) / (2 * Z95)
    return error if math.isfinite(error) else None

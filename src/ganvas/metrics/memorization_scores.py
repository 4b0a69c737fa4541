"""Scores of memorisation: copies of training samples among the fakes, and what the discriminator's scores reveal."""

import math
from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor

from .contract import Result
from .membership import Z95, auc_interval, score_gap
from .memorization import Memorization, memorization
from .statistics import FeatureStatistics
from .three_sample_test import three_sample_test

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
    """nearest_ratio, copied, authenticity_gap, copying and copying_z, from distances to the training data.

    Args:
        train: statistics of the training samples.
        held: statistics of held-out samples; 5,000 of them count.
        fake: statistics of fakes; 5,000 of them count.
        protocol: how the features were made.
        seed: of the cells of the three-sample test.

    Returns:
        The scores, with values without copying as `real_vs_real`: 1, `expected`, 0, 0, 0; and what they were computed
        from.

    Raises:
        DataError: too few samples, or half of the held-out samples are copies.
    """
    sides = {"train": train.sample, "held": held.sample[:COMPARED], "fake": fake.sample[:COMPARED]}
    found, test = memorization(**sides), three_sample_test(**sides, cells=CELLS, seed=seed)
    m, h, share = len(sides["fake"]), len(sides["held"]), found.copied
    drawn = (
        share * (1 - share) * (1 / m + 1 / h)
    ) ** 0.5  # of the share as it is; copied_error is that of a share without copies
    common = {**protocol, "n_train": len(sides["train"]), "n_held": h}
    return (
        Result(
            "nearest_ratio",
            found.ratio,
            m,
            half_width(found.ratio_low, found.ratio_high),
            None,
            {**common, "error": HALF},
            1.0,
        ),
        Result("copied", share, m, max(found.copied_error, drawn), True, common, found.expected),
        Result("authenticity_gap", found.gap, m, found.gap_error, None, common, 0.0),
        Result("copying", test.effect.value, m, test.effect.error, None, {**common, "cells": CELLS}, 0.0),
        Result("copying_z", test.z, m, test.z_error, None, {**common, "cells": CELLS}, 0.0),
    ), found


def membership_scores(
    *, train: Float[Tensor, "n"], held: Float[Tensor, "m"], fake: Float[Tensor, "k"]
) -> tuple[Result, ...]:
    """membership_auc and d_overfitting, from D's scores (metrics/membership.py).

    Args:
        train: mean logits of training samples.
        held: mean logits of held-out samples.
        fake: mean logits of fakes.

    Returns:
        membership_auc, 1/2 where D's scores reveal nothing; d_overfitting, 0 where nothing, 1 where everything.

    Raises:
        DataError: fewer than two scores of a kind, scores that are not finite, or equal means of training samples and
            fakes.
    """
    auc, gap = auc_interval(member=train, nonmember=held), score_gap(train=train, held=held, fake=fake)
    common = {"scores": "D's mean logit", "n_train": len(train), "n_held": len(held)}
    return (
        Result(
            "membership_auc",
            auc.value,
            len(held),
            half_width(auc.low, auc.high),
            True,
            {**common, "interval": "DeLong, Wilson", "error": HALF},
            0.5,
        ),
        Result("d_overfitting", gap.value, len(held), gap.error, True, common, 0.0),
    )


def half_width(low: float, high: float) -> float | None:
    """The standard error of a 95 % interval, half its width / 1.96; None for an infinite one."""
    error = (high - low) / (2 * Z95)
    return error if math.isfinite(error) else None

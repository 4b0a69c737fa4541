"""The sets of sequences that an evaluation compares: generated, real, and those of baselines; and their scores."""

from typing import Any, NamedTuple

import numpy as np
import torch

from ..base.draws import permutation
from ..domains.series import Series
from ..metrics.post_hoc import Score, Sequences, discriminative_scores, predictive_scores
from ..metrics.series_baselines import autoregression, block_bootstrap
from ..metrics.series_distances import autocorrelation_distance, correlation_distance, spectrum_distance

MOST = 5_000  # sequences of each side
STEPS, LR = 1_000, 5e-3  # of the networks that judge; published: 2,000 and 5,000 steps at 0.001, which take longer
GENERATED, REAL = "generated", "real sequences"
Numbers = np.ndarray[Any, np.dtype[np.float64]]


class SideScores(NamedTuple):
    """The scores of one set of sequences; each but `discriminative` is against held-out ones.

    Attributes:
        discriminative: against the training split, as published; of the training split itself: held-out ones.
        held: the same against held-out sequences.
        predictive: error of the next step of held-out sequences.
        autocorrelation, spectrum, correlation: metrics/series_distances.py.
    """

    discriminative: Score
    held: Score
    predictive: Score
    autocorrelation: float
    spectrum: float
    correlation: float


def sides_of(domain: Series, train: Numbers, held: Numbers, generated: Numbers, seed: int) -> dict[str, Sequences]:
    """Every set by name, channels in [0, 1] by the training split; baselines of sequences of one length."""
    chosen = train[permutation((seed, "sequences of an evaluation"), len(train))][:MOST]
    n = len(generated)
    found = {GENERATED: generated, REAL: chosen, "held out": held[:MOST]}
    if not domain.ends:
        found["block bootstrap"] = block_bootstrap(chosen, n, seed=seed)
        found["autoregression"] = autoregression(chosen, n, seed=seed)
    return {name: side_of(domain, values) for name, values in found.items()}


def side_of(domain: Series, values: Numbers) -> Sequences:
    """Sequences [N, T, F] as `Series.decode` has them as channels in [0, 1] and masks."""
    channels = list(domain.channels)
    scaled = (values[:, :, channels] - np.array(domain.low)[channels]) / (2 * domain.half[channels])
    mask = ~np.isnan(scaled[:, :, 0])
    return Sequences(torch.from_numpy(np.nan_to_num(scaled)).float(), torch.from_numpy(mask).float())


def scores_of_sides(sides: dict[str, Sequences], seed: int) -> dict[str, SideScores]:
    """The scores of every set but the held-out one."""
    held, train = sides["held out"], sides[REAL]
    names = [name for name in sides if name != "held out"]
    pairs = {f"train {name}": (train, sides[name] if name != REAL else held) for name in names}
    pairs |= {f"held {name}": (held, sides[name]) for name in names}
    separated = discriminative_scores(pairs, steps=STEPS, lr=LR, seed=seed)
    predicted = predictive_scores({name: sides[name] for name in names}, {"held": held}, steps=STEPS, lr=LR, seed=seed)
    return {
        name: SideScores(
            separated[f"train {name}"],
            separated[f"held {name}"],
            predicted[name]["held"],
            autocorrelation_distance(channels_first(held), channels_first(sides[name])),
            spectrum_distance(channels_first(held), channels_first(sides[name])),
            correlation_distance(channels_first(held), channels_first(sides[name])),
        )
        for name in names
    }


def channels_first(side: Sequences) -> tuple[torch.Tensor, torch.Tensor]:
    """x [N, C, T], and its mask."""
    return side.x.transpose(1, 2), side.mask

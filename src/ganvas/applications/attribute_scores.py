"""Scores of samples by what a person names: a measure, a class, a file of scores, or a function."""

import os
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..base.errors import UsageError
from .class_reader import ClassReader
from .latent_space import Classes, LatentPoints, LatentSpace
from .picture_measures import MEASURES, Scorer, finite_rows, named_measure, scored
from .score_files import read_scores

Attribute = str | os.PathLike[str] | Scorer
CLASS = "class:"


class ScoredPoints(NamedTuple):
    """Latents, or styles, and their scores.

    Args:
        points: [n, d].
        score: [n].
    """

    points: Tensor
    score: Tensor


def attribute_scores(space: LatentSpace, by: Attribute, *, samples: int, seed: int, label: Classes) -> ScoredPoints:
    """Points of samples and their scores.

    Args:
        space: z or w.
        by: as `attribute` takes it.
        samples: how many; of a file those that it scores.
        seed, label: of the samples.

    Raises:
        UsageError: `by` is nothing of this kind.
        DataError: the file, or the data of a class, cannot be read.
    """
    if isinstance(by, str) and by.startswith(CLASS):
        return class_scores(space, by.removeprefix(CLASS), samples, seed, label)
    if isinstance(by, str | os.PathLike) and str(by) not in MEASURES:
        if not str(by).lower().endswith(".csv"):
            raise UsageError(
                f"'{by}' is no measure, class or file of scores",
                hint=f"Use {', '.join(MEASURES)}, class:NAME, or a .csv of file,score.",
            )
        given = read_scores(by)
        points = space.start(max(given.numbers) + 1, seed=seed, label=label)
        return ScoredPoints(flat(points)[list(given.numbers)], torch.tensor(given.score, dtype=torch.float64))
    scorer: Any = named_measure(space.model, [str(by)]) if isinstance(by, str | os.PathLike) else by
    points = space.start(samples, seed=seed, label=label)
    score = scored(space.model, space.generate(points, "making pictures to score"), scorer)
    if score.shape[1] != 1:
        raise UsageError(f"the scorer returned {score.shape[1]} numbers for each picture, and one is needed")
    rows = finite_rows(score)
    return ScoredPoints(flat(points)[rows], score[rows, 0])


def class_scores(space: LatentSpace, name: str, samples: int, seed: int, label: Classes) -> ScoredPoints:
    """How much samples are of a class: by the class that they were made with, or by the labels of the training data.

    Raises UsageError: there is no such class, or the class is no part of the latents.
    """
    model = space.model
    reader = ClassReader(model)
    wanted = reader.number_of(name)
    if model.conditional and not space.styles:
        raise UsageError("the class of this model's samples is not in their latents", hint="Ask for it: --class.")
    if model.conditional:
        points = space.start(samples, seed=seed)
        assert points.y is not None  # it is conditional
        return ScoredPoints(flat(points), (points.y == wanted).double())
    points = space.start(samples, seed=seed, label=label)
    x = space.generate(points, "making pictures to score")
    return ScoredPoints(flat(points), reader.scores(x)[:, wanted])


def flat(points: LatentPoints) -> Tensor:
    """z [n, d], or the style w [n, d] of samples, which is the same in all layers."""
    return points.z[:, 0] if points.z.ndim == 3 else points.z

"""Scores of a run that is over."""

import numpy as np

from ..data.source import Split
from ..metrics.contract import Result
from ..recipes import prepare
from ..training import Scorer
from .sample import Model


def evaluate(model: Model, split: Split = "val") -> tuple[Result, ...]:
    """The recipe's metrics on a split, with their protocols; the data must be those the run was trained on or of the same spec."""
    experiment = prepare(model.experiment.recipe)
    recipe = experiment.recipe
    scorer = Scorer(recipe.scores, model.game, model.spec, reals=experiment.stream(split), split=split, train=experiment.stream("train"), seed=recipe.seed)
    return scorer.score(model.networks)


def plain(result: Result) -> dict[str, object]:
    """A result as JSON has it; numbers that are not finite become null."""
    finite = {key: value if not isinstance(value, float) or np.isfinite(value) else None for key, value in vars(result).items()}
    return {**finite, "protocol": dict(result.protocol)}

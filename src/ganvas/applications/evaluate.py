"""Scores of a run that is over."""

import numpy as np

from ..base.errors import DataError
from ..data.source import Split
from ..metrics.contract import Result
from ..recipes import prepare
from ..training import Scorer
from .sample import Model


def evaluate(model: Model, split: Split = "val") -> tuple[Result, ...]:
    """The recipe's metrics on a split, with their protocols. Raises DataError where the data have changed."""
    experiment = prepare(model.experiment.recipe)
    if experiment.fingerprint != model.experiment.fingerprint:
        raise DataError("the data are not those that the run was trained on", mend="Bring them back; a score on others would mislead.")
    recipe = experiment.recipe
    scorer = Scorer(recipe.scores, model.game, model.spec, reals=experiment.stream(split), split=split, train=experiment.stream("train"), seed=recipe.seed)
    return scorer.score(model.networks)


def plain(result: Result) -> dict[str, object]:
    """A result as JSON has it; numbers that are not finite become null."""
    finite = {key: value if not isinstance(value, float) or np.isfinite(value) else None for key, value in vars(result).items()}
    return {**finite, "protocol": dict(result.protocol)}

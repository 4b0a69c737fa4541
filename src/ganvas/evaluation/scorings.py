"""The number of scorings of the test splits of an evaluation, counted in the ledgers and printed with the scores."""

import os
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..runs import Run, fingerprint_of_test
from ..runs.model_folder import is_model_folder
from ..sessions.ledger import add_scoring, scorings_so_far
from ..sessions.model import Model
from .evaluation import Evaluation
from .inputs import EvaluationInputs, is_run


def with_test_scorings(
    found: Evaluation, model: Model | None, real: Any, *, split: str, groups: Collection[str]
) -> Evaluation:
    """The evaluation with the number of scorings of each test split that it read; those are counted in the ledgers.

    Args:
        found: the evaluation.
        model: what was scored; None for pictures.
        real: the reals, as the caller gave them; None for the model's own split.
        split: "val" or "test". On val, the evaluation gets the count for the model's own test split.
        groups: the requested groups of scores.

    Returns:
        The evaluation with `test_scorings`, and on test with a message for each.
    """
    run = None if model is None or is_model_folder(Path(model.run)) else Path(model.run)
    if split != "test":
        data = "" if run is None else fingerprint_of_test(Run(run))
        known = (scorings_so_far(data, run),) if data else ()
        return replace(found, test_scorings=known)
    sha256 = "" if model is None else model.sha256
    read = dict.fromkeys(splits_read(model, real, found.inputs, groups))
    scorings = tuple(add_scoring(data, model=sha256, run=run) for data in read)
    return replace(found, test_scorings=scorings, messages=(*found.messages, *(each.text for each in scorings)))


def splits_read(
    model: Model | None, real: Any, inputs: EvaluationInputs | None, groups: Collection[str]
) -> Iterator[str]:
    """The fingerprints of the test splits that an evaluation on test reads."""
    if model is not None and (real is None or "memorisation" in groups or model.game.needs_data):
        yield model.experiment.recipe.source.items("test").fingerprint
    if inputs is not None and isinstance(real, str | os.PathLike) and is_run(real):
        yield inputs.real.data

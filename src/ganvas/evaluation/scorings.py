"""How often the test splits behind an evaluation were scored: counted in the ledgers, and said with the scores."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from ..runs import Run, fingerprint_of_test
from ..sessions.ledger import Scorings, add_scoring, scorings_so_far
from ..sessions.model import Model
from .inputs import Case, is_run


def count_test_scorings(
    model: Model | None, real: Any, case: Case | None, *, split: str, groups: Collection[str]
) -> tuple[Scorings, ...]:
    """Count an evaluation in the ledgers, if it read a test split.

    Args:
        model: what was scored, None for pictures.
        real: the reals as they were given; None for the model's own split.
        case: the sets of pictures, None for a run that makes none.
        split: "val" or "test".
        groups: the groups of scores that were asked for.

    Returns:
        For each test split that was read how often it was scored before. Without one, what is known of the model's own.
    """
    if split != "test":
        data = "" if model is None else fingerprint_of_test(Run(model.run))
        return (scorings_so_far(data, Path(model.run)),) if model is not None and data else ()
    sha256 = "" if model is None else model.sha256
    run = None if model is None else Path(model.run)
    read = dict.fromkeys(splits_read(model, real, case, groups))
    return tuple(add_scoring(data, model=sha256, run=run) for data in read)


def splits_read(model: Model | None, real: Any, case: Case | None, groups: Collection[str]) -> Iterator[str]:
    """The fingerprints of the test splits that an evaluation on test reads."""
    if model is not None and (real is None or "memorisation" in groups or model.game.needs_data):
        yield model.experiment.recipe.source.items("test").fingerprint
    if case is not None and isinstance(real, str | os.PathLike) and is_run(real):
        yield case.real.data

"""The scores of a table as results with a protocol, and as sentences."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..metrics import VERSIONS, Result
from .table_scores_of import RealRows, RowScores

SEPARATED = 0.75  # area under the curve from which rows do not pass for real ones


def results_of(scores: RowScores, reals: RowScores, n: int, protocol: dict[str, Any]) -> Iterator[Result]:
    """The scores with their protocol, and those of real rows beside."""
    protocol = {**protocol, "versions": VERSIONS}

    def result(name: str, value: float, reals: float | None, **more: Any) -> Result:
        return Result(name, value, n, protocol=protocol, real_vs_real=reals, **more)

    error = scores.auc_error
    yield result("table_c2st", scores.auc, reals.auc, error=error, lower_is_better=True)
    if scores.four is not None and reals.four is not None:
        yield result("table_f1", scores.four, reals.four, lower_is_better=False)
        yield result("table_f1_boosting", scores.f1["boosting"], reals.f1["boosting"], lower_is_better=False)
    yield result(
        "table_column_shapes", float(scores.columns.mean()), float(reals.columns.mean()), lower_is_better=False
    )
    yield result("table_pair_trends", scores.pair_mean, reals.pair_mean, lower_is_better=False)
    private = scores.privacy
    if private is not None:
        yield result("table_copies", private.copies, private.chance, lower_is_better=True)
        yield result("table_nearer_to_train", private.nearer, 0.5, lower_is_better=None)
        yield result(
            "table_membership_auc", private.auc, 0.5, error=(private.high - private.auc) / 1.96, lower_is_better=None
        )


def separability_note(scores: RowScores, names: list[str]) -> str:
    """The meaning of the two-sample test, and the pair of columns that is least alike."""
    sentence = (
        f"In {100 * scores.auc:.0f} of 100 pairs of a generated row and a real one a classifier knows which is which "
        "(table_c2st; 50 is best): the rows do not pass for real ones, also where classifiers learn well from them."
    )
    if len(names) < 2:
        return sentence
    one, other = np.triu_indices(len(names), 1)
    worst = int(scores.pairs[one, other].argmin())
    return f"{sentence} The pair of columns that is most off: {names[one[worst]]} and {names[other[worst]]}."


def notes(scores: dict[str, RowScores], real: RealRows) -> Iterator[str]:
    """Sentences on the two-sample test, on what a baseline does better, and on privacy."""
    ours = scores["generated"]
    if ours.auc > SEPARATED:
        yield separability_note(ours, [column.name for column in real.domain.learnt])
    for name in ("independent columns", "Gaussian copula"):
        better = scores[name].auc < ours.auc and scores[name].pair_mean > ours.pair_mean
        if better:
            yield f"A baseline is nearer to the data than the model: {name} (train longer, or use it)."
    private = ours.privacy
    if private is not None and private.low > 0.5:
        yield "Rows that were learnt from can be told from others by the generated ones: the model remembers rows."
    if private is not None and private.copies > 2 * private.chance and private.copies > 1e-3:
        yield f"{private.copies:.2%} of the generated rows are copies of training rows, {private.chance:.2%} of reals."
    if real.target is None:
        yield "No column of categories: usefulness was not measured."

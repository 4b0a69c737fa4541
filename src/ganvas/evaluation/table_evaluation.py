"""The evaluation of a table: similarity, a two-sample test, usefulness and privacy, beside real rows and baselines."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.draws import permutation
from ..domains.tables import Tables
from ..metrics import VERSIONS, Result
from ..metrics.table_baselines import gaussian_copula, independent_columns
from ..sessions.model import Model
from ..sessions.table_rows import table_rows
from .evaluation import Evaluation
from .recipe_scores import evaluate_recipe
from .table_pages import table_page
from .table_scores_of import RealRows, RowScores, scores_of, target_of

if TYPE_CHECKING:
    from ..data.source import Split

MOST = 10_000  # rows of each side


def evaluate_table(model: Model, split: "Split", seed: int) -> Evaluation:
    """The evaluation of a run on a table.

    Raises:
        DataError: its data are missing or have changed.
        MissingExtra: scikit-learn is not installed.
    """
    found = evaluate_recipe(model, split, seed)
    domain, source = model.domain, model.experiment.recipe.source
    assert isinstance(domain, Tables)
    train, held = source.items("train").x, source.items(split).x
    train = train[permutation((seed, "rows of an evaluation"), len(train))][:MOST]
    real = RealRows(domain, train.astype(np.float64), held[:MOST].astype(np.float64), target_of(domain))
    n = min(len(train), MOST)
    sides = {
        "generated": table_rows(model, n, seed=seed),
        "real rows": real.train,
        "independent columns": independent_columns(real.train, n, seed=seed),
        "Gaussian copula": gaussian_copula(real.train, n, seed=seed),
    }
    scores = {name: scores_of(rows, real, learnt_from=name == "real rows", seed=seed) for name, rows in sides.items()}
    protocol = {
        "space": "rows as they are written",
        "split": split,
        "real": source.items(split).fingerprint,
        "spec_sha256": model.spec.sha256,
        "seed": seed,
        "versions": VERSIONS,
    }
    results = tuple(results_of(scores["generated"], scores["real rows"], n, protocol))
    tables, pictures = table_page(real, sides["generated"], scores)
    title = f"{type(source).__name__}: {n:,} generated rows against {len(real.held):,} of {split}"
    return Evaluation(
        title,
        (*results, *found.results),
        messages=(*found.messages, *notes(scores, real)),
        scored=found.scored,
        tables=tables,
        pictures=pictures,
    )


def results_of(scores: RowScores, reals: RowScores, n: int, protocol: dict[str, Any]) -> Iterator[Result]:
    """The scores with their protocol, and those of real rows beside."""

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


def notes(scores: dict[str, RowScores], real: RealRows) -> Iterator[str]:
    """Sentences on what a baseline does better, and on privacy."""
    ours = scores["generated"]
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

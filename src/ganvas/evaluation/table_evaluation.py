"""The evaluation of a table: similarity, a two-sample test, usefulness and privacy, beside real rows and baselines."""

from typing import TYPE_CHECKING

from ..sessions.table_rows import domain_of, table_rows
from .evaluation import Evaluation
from .recipe_scores import evaluate_recipe
from .table_pages import table_page
from .table_results import notes, results_of
from .table_sides import real_rows, scores_of_sides

if TYPE_CHECKING:
    from ..data.source import Split
    from ..sessions.model import Model


def evaluate_table(model: "Model", split: "Split", seed: int) -> Evaluation:
    """The evaluation of a run on a table.

    Raises:
        DataError: its data are missing or have changed.
        MissingExtra: scikit-learn is not installed.
    """
    found = evaluate_recipe(model, split, seed)
    source = model.experiment.recipe.source
    real = real_rows(domain_of(model), source.items("train").x, source.items(split).x, seed)
    generated = table_rows(model, len(real.train), seed=seed)
    scores = scores_of_sides(generated, real, seed)
    protocol = {
        "space": "rows as they are written",
        "split": split,
        "real": source.items(split).fingerprint,
        "spec_sha256": model.spec.sha256,
        "seed": seed,
    }
    results = tuple(results_of(scores["generated"], scores["real rows"], len(generated), protocol))
    tables, pictures = table_page(real, generated, scores)
    title = f"{type(source).__name__}: {len(generated):,} generated rows against {len(real.held):,} of {split}"
    return Evaluation(
        title,
        (*results, *found.results),
        messages=(*found.messages, *notes(scores, real)),
        scored=found.scored,
        tables=tables,
        pictures=pictures,
    )

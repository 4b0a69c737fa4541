"""The evaluation of series: what a small network can separate or predict, what happens over time, beside baselines."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..domains.series import Series
from ..metrics import VERSIONS, Result
from .evaluation import Evaluation
from .recipe_scores import evaluate_recipe
from .series_pages import series_page
from .series_sides import GENERATED, LR, MOST, REAL, STEPS, SideScores, scores_of_sides, sides_of

if TYPE_CHECKING:
    from ..data.source import Split
    from ..sessions.model import Model


def evaluate_series(model: "Model", split: "Split", seed: int) -> Evaluation:
    """The evaluation of a run on series.

    Raises DataError if its data are missing or have changed.
    """
    found, domain = evaluate_recipe(model, split, seed), model.domain
    assert isinstance(domain, Series)
    source = model.experiment.recipe.source
    train, held = source.items("train"), source.items(split)
    generated = model.sample(min(MOST, len(train)), seed=seed)
    sides = sides_of(domain, train.x, held.x, generated, seed)
    scores = scores_of_sides(sides, seed)
    protocol = {
        "space": "channels in [0, 1] by the training split",
        "split": split,
        "real": held.fingerprint,
        "spec_sha256": model.spec.sha256,
        "seed": seed,
        "versions": VERSIONS,
    }
    results = tuple(results_of(scores, len(generated), protocol))
    names = [domain.learnt[place].name for place in domain.channels]
    tables, pictures = series_page(names, sides, scores)
    title = f"{type(source).__name__}: {len(generated):,} generated sequences against {len(held):,} of {split}"
    return Evaluation(
        title,
        (*results, *found.results),
        messages=(*found.messages, *notes(scores)),
        scored=found.scored,
        tables=tables,
        pictures=pictures,
    )


def results_of(scores: dict[str, SideScores], n: int, protocol: dict[str, Any]) -> Iterator[Result]:
    """The scores with their protocol, and those of real sequences beside."""
    ours, reals = scores[GENERATED], scores[REAL]
    network = "one layer of gated recurrent units, half as many numbers as channels"
    judged = {"network": network, "steps": STEPS, "lr": LR, **protocol}
    for name, mine, theirs, how in (
        ("series_discriminative", ours.discriminative, reals.discriminative, {**judged, "against": "train"}),
        ("series_discriminative_held", ours.held, reals.held, judged),
        ("series_predictive", ours.predictive, reals.predictive, judged),
    ):
        yield Result(name, mine.value, n, mine.error, protocol=how, real_vs_real=theirs.value)
    for field in ("autocorrelation", "spectrum", "correlation"):
        value, real = getattr(ours, field), getattr(reals, field)
        yield Result(f"series_{field}_distance", value, n, protocol=protocol, real_vs_real=real)


def notes(scores: dict[str, SideScores]) -> Iterator[str]:
    """Sentences on what a baseline does better."""
    ours = scores[GENERATED]
    if len(scores) == 2:
        yield "Sequences differ in length: baselines were not measured."
    for name in ("block bootstrap", "autoregression"):
        other = scores.get(name)
        if (
            other is not None
            and other.discriminative.value < ours.discriminative.value
            and other.spectrum < ours.spectrum
        ):
            yield f"A baseline is nearer to the data than the model: {name} (train longer, or use it)."

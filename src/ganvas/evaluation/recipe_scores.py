"""The scores of a run by the metrics of its recipe."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..metrics import Result
from ..recipes import from_tree, read_recipe
from ..runs.model_folder import MARKER, is_model_folder, read_facts
from ..sessions.load_model import Model, found_model
from ..training import Scorer
from .evaluation import Evaluation

if TYPE_CHECKING:
    from ..data.source import Split
    from ..metrics.contract import Metric
    from ..recipes import Recipe


def further_metrics(recipe: "Recipe") -> tuple["Metric", ...]:
    """The recipe's metrics that an evaluation of pictures does not already contain."""
    return tuple(metric for metric in recipe.scores if not metric.in_every_evaluation)


def has_further_metrics(what: Path) -> bool:
    """Whether a run or a model folder has such metrics; False for pictures."""
    place = found_model(what)
    if is_model_folder(place):
        return bool(further_metrics(from_tree(read_facts(place).recipe)))
    return (place / MARKER).is_file() and bool(further_metrics(read_recipe(place / MARKER, inside=place)))


def recipe_scores(model: Model, split: "Split", seed: int) -> tuple[Result, ...]:
    """Results of the recipe's further metrics on a split; the protocol has the split's fingerprint as `real`."""
    experiment = model.experiment
    metrics = further_metrics(experiment.recipe)
    scorer = Scorer(
        metrics,
        model.game,
        model.spec,
        reals=experiment.stream(split),
        split=split,
        train=experiment.stream("train"),
        seed=seed,
        data=experiment.recipe.source.items(split).fingerprint if metrics else "",
        trained=experiment.recipe.trained_spaces,
    )
    return scorer.score(model.networks)


def evaluate_recipe(model: Model, split: "Split", seed: int) -> Evaluation:
    """The evaluation of a run that makes no pictures: the scores of its recipe.

    Raises DataError if its data are missing or have changed.
    """
    model.check_data()
    title = f"{type(model.experiment.recipe.source).__name__}, scores of the recipe"
    return Evaluation(title, recipe_scores(model, split, seed), messages=model.notes, scored=model.facts)

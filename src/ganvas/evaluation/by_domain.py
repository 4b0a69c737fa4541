"""The evaluation of a run that makes no pictures, by its kind of data."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .poem_evaluation import evaluate_poems
from .recipe_scores import evaluate_recipe
from .series_evaluation import evaluate_series
from .sound_evaluation import evaluate_sounds
from .table_evaluation import evaluate_table

if TYPE_CHECKING:
    from ..data.source import Split
    from ..sessions.model import Model
    from .evaluation import Evaluation

EVALUATIONS: dict[str, "Callable[[Model, Split, int], Evaluation]"] = {
    "tables": evaluate_table,
    "series": evaluate_series,
    "poems": evaluate_poems,
    "audio": evaluate_sounds,
    "mels": evaluate_sounds,
}


def evaluate_own_kind(model: "Model", split: "Split", seed: int) -> "Evaluation":
    """The scores of the recipe, and those that its kind of data has besides.

    Raises DataError if the run's data are missing or have changed.
    """
    evaluation = EVALUATIONS.get(kind_of(model), evaluate_recipe) if makes_samples(model) else evaluate_recipe
    return evaluation(model, split, seed)


def makes_samples(model: "Model") -> bool:
    """Whether the game puts out samples."""
    return model.game.output_kind == "samples"


def kind_of(model: "Model") -> str:
    """The kind of data: that of the spec, but "poems" for text in lines of one length."""
    return "poems" if "lines" in model.spec.settings else model.spec.domain

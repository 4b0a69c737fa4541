"""The evaluation of generated pictures, of a model or of files, against real ones."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..metrics import Extractor, Result
from .embeddings import feature_spaces
from .evaluation import Evaluation
from .inputs import EvaluationInputs
from .picture_scores import (
    check_spaces,
    features_of_sets,
    final_results,
    memorization_scores,
    scores_of_pictures,
)
from .recipe_scores import recipe_scores

if TYPE_CHECKING:
    from ..data.source import Split
    from ..sessions.model import Model


def evaluate_pictures(
    model: "Model | None",
    inputs: EvaluationInputs,
    groups: Collection[str],
    *,
    requested: Collection[str],
    extractors: Collection[Extractor],
    files: Mapping[str, Any],
    recipe_split: "Split | None",
    seed: int,
) -> Evaluation:
    """The scores of these groups.

    Args:
        model: the generator of the fakes; None for pictures.
        inputs: the sets of pictures.
        groups: the groups of scores.
        requested: the groups that were named; for each without a score there is a message.
        extractors: further feature spaces.
        files: `profile`, `features` and `weights`, as `feature_spaces` takes them.
        recipe_split: the split for the recipe's own metrics; None to leave them out.
        seed: of the random samples of scoring.

    Returns:
        The evaluation.

    Raises:
        UsageError: an extractor does not take such pictures.
        CheckFailed: the model's output is not finite.
    """
    own = recipe_scores(model, recipe_split, seed) if model is not None and recipe_split is not None else ()
    trained = frozenset[str]() if model is None else model.experiment.recipe.trained_spaces
    spaces, of_spaces = feature_spaces(inputs.real.scored_shape, inputs.real.classes, trained=trained, **files)
    spaces = check_spaces((*extractors, *spaces), inputs.real.scored_shape)
    features = features_of_sets(inputs, spaces, seed=seed, memorization="memorisation" in groups)
    results = scores_of_pictures(inputs, spaces, features, groups)
    added, memorization, of_copies = memorization_scores(model, inputs, spaces, features, seed)
    results += added
    missing = missing_groups(requested, results, own)
    notes = () if model is None else model.notes
    return Evaluation(
        inputs.title,
        final_results(results, inputs, own, trained),
        inputs,
        (*notes, *of_spaces, *inputs.messages, *of_copies, *missing),
        features,
        memorization,
        {"pictures": inputs.fake.data} if model is None else model.facts | training_facts(trained),
    )


def training_facts(trained: Collection[str]) -> dict[str, str]:
    """What an evaluation says of a model that has trained in feature spaces; nothing of others."""
    return {"trained_in": ", ".join(sorted(trained))} if trained else {}


def missing_groups(requested: Collection[str], results: Collection[Result], own: Collection[Result]) -> Iterator[str]:
    """A sentence for each requested group without a score, except memorisation, which has other sentences."""
    ends = tuple(result.name.rpartition("_")[2] for result in results)
    if "neighbours" in requested and "precision" not in ends:
        yield "No neighbours: they need more than 5 fakes and more than 5 reals."
    if "classes" in requested and not any(result.name.endswith("_inception_score") for result in results):
        yield "No classes: no feature network in use classifies such pictures; --profile tf1 adds one."
    if "recipe" in requested and not own:
        yield "No scores of the recipe: its metrics need a run and its own data, or are measured in any case."

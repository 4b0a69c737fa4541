"""How good a run, or a folder of pictures, is: `ganvas.evaluate("runs/mnist")`."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..base.errors import UsageError
from ..metrics.score_names import ALL_GROUPS, check_groups
from .by_domain import evaluate_own_kind
from .inputs import Pictures, check_arguments, find_inputs, open_model
from .picture_evaluation import evaluate_pictures
from .scorings import with_test_scorings

if TYPE_CHECKING:
    from ..metrics import Extractor
    from ..recipes import Recipe
    from ..sessions.model import Model
    from .evaluation import Evaluation


def evaluate(
    what: "Model | Pictures",
    *,
    real: Pictures | None = None,
    train: Pictures | None = None,
    split: Literal["val", "test"] = "val",
    n: int | None = None,
    metrics: Collection[str] | None = None,
    profile: str | None = None,
    features: Path | None = None,
    weights: Path | None = None,
    extractors: "Collection[Extractor]" = (),
    seed: int = 0,
    data: Path | str | None = None,
    parts: "Recipe | Collection[Any]" = (),
) -> "Evaluation":
    """Scores of a model, a run or pictures against real ones, each with its error, n, protocol and real-vs-real value.

    Args:
        what: a run, a Model, a path of pictures, or uint8 [n, h, w, c].
        real: the reals, as `what`; of a run its `split`. Default: the split of the scored run.
        train: the training pictures, among which copies are searched; of a run its training split. Default: those of
            the scored run.
        split: "val" or "test"; the ledger counts each scoring on test (docs/evaluate.md).
        n: the number of fakes, at least 1. Default: as many as reals, at most 10,000.
        metrics: groups of scores: frechet, kernel, neighbours, diversity, sliced, classes, memorisation, recipe.
            Default: all.
        profile: "tf1", "pytorch-fid" or "clean": scores in the Inception space too.
        features: a network's file (.onnx or .safetensors): scores in its space too.
        weights: a file of the Inception network's weights.
        extractors: further feature spaces.
        seed: of the latents, the classes and the random samples of scoring.
        data: the new path of the run's data, if they were moved.
        parts: custom classes that the run's recipe uses, or the Recipe.

    Returns:
        All scores with standard error, n and protocol; `evaluation["digit_frechet"]` is one of them.

    Raises:
        UsageError: the arguments do not fit together or do not fit the run.
        DataError: pictures cannot be read, or the run's data are missing or have changed.
        CheckFailed: the run is damaged, or the model's output is not finite.
    """
    check_arguments(what, real, train, split=split, n=n)
    groups = ALL_GROUPS if metrics is None else checked_groups(metrics)
    model = with_data(open_model(what, parts), data)
    files = {"weights": weights, "profile": profile, "features": features}
    if model is not None and not makes_pictures(model):
        options = {"--against": real, "--train": train, "-n": n, **{f"--{name}": file for name, file in files.items()}}
        refuse_options({**options, "extractors": extractors or None}, metrics or ())
        found = evaluate_own_kind(model, split, seed)
    else:
        if model is not None:
            model.check_data()
        inputs = find_inputs(model or what, real, train, split=split, n=n, seed=seed, parts=parts)
        own: dict[str, Any] = {"recipe_split": split if real is None and "recipe" in groups else None, "seed": seed}
        requested = metrics or ()
        found = evaluate_pictures(model, inputs, groups, requested=requested, extractors=extractors, files=files, **own)
    return with_test_scorings(require_results(found), model, real, split=split, groups=groups)


def makes_pictures(model: "Model") -> bool:
    """Whether the run's samples are pictures."""
    return model.spec.domain == "images" and model.game.output_kind == "samples"


def with_data(model: "Model | None", data: Path | str | None) -> "Model | None":
    """The model, with its data at another path if one is given.

    Raises DataError if these are other data, UsageError if there is no model.
    """
    if data is None:
        return model
    if model is None:
        raise UsageError(
            "--data is the new path of a run's data, and this is no run",
            hint="Name real pictures with --against.",
        )
    return model.with_data(data)


def checked_groups(metrics: Collection[str]) -> tuple[str, ...]:
    """The groups of scores, checked. Raises UsageError for an unknown one."""
    if isinstance(metrics, str) or not metrics:
        raise UsageError("metrics must be a list of names", hint="For example: metrics=['frechet', 'neighbours'].")
    check_groups(metrics, ALL_GROUPS)
    return tuple(metrics)


def refuse_options(options: Mapping[str, object], metrics: Collection[str]) -> None:
    """Raises UsageError for an option that does not apply to a run without pictures."""
    given = [option for option, value in options.items() if value is not None]
    given += [f"--metrics {name}" for name in metrics if name != "recipe"]
    if given:
        raise UsageError(
            f"{given[0]} does not apply: this run makes no pictures and has only the scores that its recipe names",
            hint="Leave it out.",
        )


def require_results(found: "Evaluation") -> "Evaluation":
    """The evaluation. Raises UsageError if it has no score."""
    if not found.results:
        raise UsageError(
            "nothing was measured",
            hint=" ".join(found.messages) or "Name scores in the recipe; only pictures have scores without that.",
        )
    return found

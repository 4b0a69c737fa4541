"""A recipe for a person's own pictures: options, inferred values, and the scores that fit."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..base.errors import UsageError
from ..data.custom_pictures import DataPath as DataPath
from ..data.custom_pictures import Own, decode, kind_of
from ..data.infer_options import INFERRED as INFERRED
from ..data.infer_options import PictureOptions as PictureOptions
from ..data.infer_options import infer_options, unopened_messages
from ..ingest.survey import survey
from ..recipes import Recipe, override, prepare, reasons_text
from ..recipes import recipe as by_name
from ..recipes.auto import Facts, check_choice, choose, choose_scores

if TYPE_CHECKING:
    from ..metrics.contract import Metric


def check_options(
    options: PictureOptions, changes: Mapping[str, Any], *, data: DataPath | None, choosing: bool
) -> None:
    """Check what can be checked before the pictures are read.

    Args:
        options: of the pictures.
        changes: overrides by dotted name.
        data: paths of the pictures.
        choosing: whether the recipe is chosen for the data.

    Raises:
        UsageError: an option or an override is wrong for any pictures.
    """
    options.check_values()
    if choosing:
        check_choice(kind_of(data or ""), options.width_height, changes, flips=bool(options.flips))


def with_data(
    base: Recipe | None,
    path: DataPath,
    options: PictureOptions,
    changes: Mapping[str, Any],
) -> tuple[Recipe, tuple[str, ...]]:
    """A recipe for these pictures: the base with its source replaced, or one that is chosen.

    Args:
        base: a recipe whose source is replaced; None to choose one.
        path: of the pictures, one or several.
        options: of the pictures.
        changes: overrides by dotted name; those of the source apply before anything is chosen.

    Returns:
        The recipe, and messages about what was inferred and chosen.

    Raises:
        DataError: the pictures cannot be read.
        UsageError: an override is wrong, or the recipe has further data.
    """
    found = survey(path, options.encoding or "utf-8")
    source, messages = infer_options(found, options)
    source = changed(source, changes)
    known = decode(source)
    if known.broken:  # which holds those that could not even be opened
        messages = tuple(each for each in messages if each not in unopened_messages(found.headers))
    messages += known.messages
    train, val, test = known.splits
    facts = Facts((source.channels, source.height, source.width), train, val, known.classes, test)
    if base is None:
        chosen, reasons = choose(source, facts, flips=bool(options.flips))
        return chosen, (*messages, *reasons_text(reasons, changes))
    if base.streams:
        raise UsageError(
            f"this recipe has further data ({', '.join(base.streams)}), which --data does not replace",
            hint="Set source and streams in a YAML file.",
        )
    fitting_recipe, more = scores_that_fit(replace(base, source=source, domain=None), lambda: choose_scores(facts))
    return fitting_recipe, (*messages, *more)


def changed(source: Own, changes: Mapping[str, Any]) -> Own:
    """The source with its overrides, such as source.broken=0.1. Raises UsageError for a source of another kind."""
    of_source = {key: value for key, value in changes.items() if key.startswith("source.")}
    found = override(replace(by_name("dcgan"), source=source), of_source).source
    if not isinstance(found, Own):
        raise UsageError("--data names pictures, and source.kind another source", hint="Leave one of them out.")
    return found


def scores_that_fit(
    recipe: Recipe, others: Callable[[], tuple[tuple["Metric", ...], str]]
) -> tuple[Recipe, tuple[str, ...]]:
    """The recipe without the scores that do not apply to its data.

    Args:
        recipe: with the source of these data.
        others: makes other scores and a message; called where no score of the recipe is left.

    Returns:
        The recipe, and a message for each change.
    """
    spec = prepare(replace(recipe, scores=())).spec.opaque
    retained, messages = [], []
    for metric in recipe.scores:
        try:
            metric.check_spec(spec, recipe.game.output_kind)
            retained.append(metric)
        except UsageError:
            messages.append(f"{type(metric).__name__} does not fit these data and is left out.")
    if messages and not retained and not recipe.game.needs_data and recipe.game.output_kind == "samples":
        scores, message = others()
        return replace(recipe, scores=scores), (*messages, message)
    if messages and not retained:
        messages = ["no score of this recipe fits these data: judge by the sheets of samples"]
    return replace(recipe, scores=tuple(retained)), tuple(messages)

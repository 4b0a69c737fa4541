"""A person's own pictures under a recipe: what was asked for, what was guessed, and the scores that fit."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..base.errors import UsageError
from ..data.custom_pictures import DataPath as DataPath
from ..data.custom_pictures import Own, decode, kind_of
from ..data.infer_options import PictureOptions, infer_options
from ..ingest.survey import survey
from ..recipes import Recipe, override, prepare
from ..recipes import recipe as by_name
from ..recipes.auto import Facts, check_choice, choose, choose_scores

if TYPE_CHECKING:
    from ..metrics.contract import Metric


def check_options(
    options: PictureOptions, changes: Mapping[str, Any], *, data: DataPath | None, choosing: bool
) -> None:
    """Raises UsageError for options and changes that are wrong whatever the pictures are, before they are read."""
    options.check_values()
    if choosing:
        check_choice(kind_of(data or ""), options.width_height, changes, flips=bool(options.flips))


def with_data(
    base: Recipe | None,
    path: DataPath,
    options: PictureOptions,
    changes: Mapping[str, Any],
    *,
    device: str,
    minutes: float | None,
) -> tuple[Recipe, tuple[str, ...]]:
    """A recipe for these pictures: the base with its source replaced, or one that is chosen."""
    source, messages = infer_options(survey(path, options.encoding or "utf-8"), options)
    source = changed(source, changes)
    known = decode(source)
    messages += known.messages
    train, val, test = known.splits
    facts = Facts((source.channels, source.height, source.width), train, val, known.classes, test)
    if base is None:
        chosen, reasons = choose(source, facts, device=device, minutes=minutes, flips=bool(options.flips))
        as_said = (f"as you said: {', '.join(f'{key}={value}' for key, value in changes.items())}",) if changes else ()
        return chosen, (*messages, *(reason.text for reason in reasons if reason.holds(changes)), *as_said)
    if base.streams:
        raise UsageError(
            f"this recipe has further data ({', '.join(base.streams)}), which --data does not replace",
            hint="Set source and streams in a YAML file.",
        )
    kept, words = scores_that_fit(replace(base, source=source, domain=None), lambda: choose_scores(facts))
    return kept, (*messages, *words)


def changed(source: Own, changes: Mapping[str, Any]) -> Own:
    """The source with its part of the overrides, before anything is chosen for it: source.broken=0.1."""
    of_source = {key: value for key, value in changes.items() if key.startswith("source.")}
    found = override(replace(by_name("dcgan"), source=source), of_source).source
    if not isinstance(found, Own):
        raise UsageError("--data names pictures, and source.kind another source", hint="Leave one of them out.")
    return found


def scores_that_fit(
    recipe: Recipe, others: Callable[[], tuple[tuple["Metric", ...], str]]
) -> tuple[Recipe, tuple[str, ...]]:
    """The recipe without the scores that these data cannot have; where none is left, with `others`, which come with a sentence."""
    spec = prepare(replace(recipe, scores=())).spec
    kept, said = [], []
    for metric in recipe.scores:
        try:
            metric.check_spec(spec, recipe.game.output_kind)
            kept.append(metric)
        except UsageError:
            said.append(f"{type(metric).__name__} does not fit these data and is left out.")
    if said and not kept and not recipe.game.needs_data and recipe.game.output_kind == "samples":
        scores, words = others()
        return replace(recipe, scores=scores), (*said, words)
    return replace(recipe, scores=tuple(kept)), tuple(said)

"""A person's own pictures under a recipe: what was asked for, what was guessed, and the scores that fit."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..base.errors import UsageError, suggest
from ..data.custom_pictures import Own, about_classes, counts, kind_of, left_out
from ..data.custom_pictures import Where as Where
from ..data.survey import guess
from ..ingest import build_cache, value_ranges
from ..recipes import Recipe, override, prepare
from ..recipes import recipe as by_name
from ..recipes.auto import Facts, choose, score
from ..recipes.auto import check as check_choice

if TYPE_CHECKING:
    from ..metrics.contract import Metric

CHOICES: dict[str, tuple[str | int, ...]] = {"fit": ("crop", "pad", "stretch"), "channels": (1, 3)}


def check(
    asked: Mapping[str, Any], changes: Mapping[str, Any], *, data: Where | None, choosing: bool, flips: bool
) -> None:
    """Refuse what is wrong whatever the pictures are, before they are read. Raises UsageError."""
    for name, choices in CHOICES.items():
        if asked[name] is not None and asked[name] not in choices:
            listed = ", ".join(map(str, choices))
            raise UsageError(
                f"--{name} {asked[name]} is no choice",
                hint=suggest(str(asked[name]), map(str, choices)) or f"There are: {listed}.",
            )
    size = sides(asked["size"])
    if asked["range"] is not None:
        value_ranges.check(asked["range"])
    if choosing:
        check_choice(kind_of(data or ""), size, changes, flips=flips)


def sides(size: str | int | tuple[int, int] | None) -> tuple[int, int] | None:
    """Width and height of 64, "64" or "64x48"."""
    if size is None:
        return None
    words = [str(side) for side in size] if isinstance(size, tuple) else str(size).lower().split("x")
    if len(words) > 2 or not all(word.strip().isdecimal() and int(word) > 0 for word in words):
        raise UsageError(
            f"--size {size} is no size", hint="Write one side, such as 64, or width x height, such as 64x48."
        )
    return int(words[0]), int(words[-1])


def with_data(
    base: Recipe | None,
    path: Where,
    asked: Mapping[str, Any],
    changes: Mapping[str, Any],
    *,
    device: str,
    minutes: float | None,
    flips: bool,
) -> tuple[Recipe, tuple[str, ...]]:
    """A recipe for these pictures: the base with its source replaced, or one that is chosen."""
    source, guessed = guess(path, **{**asked, "size": sides(asked["size"])})
    source = changed(source, changes)
    train = source.items("train")
    broken = left_out(source)
    if broken:
        guessed = (*guessed, f"{len(broken):,} pictures are broken and left out: {build_cache.causes(broken)}")
    guessed = (*guessed, *about_classes(source))
    trained, val, test = counts(source)
    facts = Facts((train.x.shape[3], *train.x.shape[1:3]), trained, val, train.classes, test)
    if base is None:
        chosen, reasons = choose(source, facts, device=device, minutes=minutes, flips=flips)
        as_said = (f"as you said: {', '.join(f'{key}={value}' for key, value in changes.items())}",) if changes else ()
        return chosen, (*guessed, *(reason.words for reason in reasons if reason.stands(changes)), *as_said)
    if base.streams:
        raise UsageError(
            f"this recipe has further data ({', '.join(base.streams)}), which --data does not replace",
            hint="Set source and streams in a YAML file.",
        )
    kept, words = scores_that_fit(replace(base, source=source, domain=None), lambda: score(facts))
    return kept, (*guessed, *words)


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
            metric.check(spec, recipe.game.output_kind)
            kept.append(metric)
        except UsageError:
            said.append(f"{type(metric).__name__} does not fit these data and is left out.")
    if said and not kept and not recipe.game.needs_data and recipe.game.output_kind == "samples":
        scores, words = others()
        return replace(recipe, scores=scores), (*said, words)
    return replace(recipe, scores=tuple(kept)), tuple(said)

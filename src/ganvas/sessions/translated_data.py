"""The data of translation from picture to picture: pairs, two domains, or one folder whose inputs are made."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..data.custom_domains import decode_domains, infer_domains
from ..data.custom_pairs import decode_pairs, infer_pairs
from ..recipes import Recipe, override
from ..recipes.auto import Facts, choose_scores
from .custom_data import DataPath, PictureOptions, scores_that_fit
from .given_inputs import INPUT, kind_of_data, one_path, without_made_inputs


def with_translated(
    base: Recipe | None, path: DataPath, options: PictureOptions, changes: Mapping[str, Any]
) -> tuple[Recipe, tuple[str, ...]] | None:
    """The recipe with pairs, or with two domains, in place of its data, and messages.

    Args:
        base: of which the game and the networks decide what its data are.
        path: of the inputs, or of both sides of pairs.
        options: of the pictures.
        changes: overrides by dotted name; those of the source and the streams apply before anything is decoded.

    Returns:
        None where the recipe needs neither, so that the path names ordinary pictures.

    Raises:
        DataError: the pictures cannot be read, or are no pairs.
        UsageError: an option does not apply.
    """
    kind = kind_of_data(base, path, options)
    if base is None or not kind:
        return None
    path = one_path(path)
    of_data = {key: value for key, value in changes.items() if key.split(".")[0] in ("source", "streams")}
    if kind == "domains":
        found = infer_domains(path, options)
        streams: dict[str, Any] = {**base.streams, INPUT: found.input}
        recipe = override(replace(base, source=found.main, streams=streams, domain=None), of_data)
        return scored(recipe, found.messages)
    maps = hasattr(base.domain, "domain_of_given")  # whose x is of another kind than the pictures it is made from
    source, messages = infer_pairs(path, options, maps=maps)
    recipe, dropped = without_made_inputs(replace(base, source=source, domain=base.domain if maps else None))
    recipe = override(recipe, of_data)
    return scored(recipe, (*messages, *dropped))


def scored(recipe: Recipe, messages: tuple[str, ...]) -> tuple[Recipe, tuple[str, ...]]:
    """The recipe with the scores that fit, and messages, also about the pictures once they are decoded."""
    source: Any = recipe.source
    other: Any = recipe.streams.get(INPUT)
    splits, known = decode_pairs(source) if other is None else decode_domains(other, source)
    facts = Facts((source.channels, source.height, source.width), splits[0], splits[1], (), splits[2])
    fitting_recipe, more = scores_that_fit(recipe, lambda: choose_scores(facts))
    return fitting_recipe, (*messages, *known, *more)

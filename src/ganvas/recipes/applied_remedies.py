"""The recipe of a run after remedies: overrides from a checkpoint on, and fewer samples."""

import shlex
from collections.abc import Iterable
from dataclasses import replace

from ..runs.checkpoint_state import AppliedRemedy
from .files import override, parse_overrides
from .schema import Recipe


def given_up(remedies: Iterable[AppliedRemedy]) -> int:
    """The samples that were trained on and given up."""
    return sum(each.found_at - each.samples for each in remedies)


def remedied(recipe: Recipe, remedies: Iterable[AppliedRemedy]) -> Recipe:
    """The recipe by which a run trains after remedies.

    The samples that were given up count as trained on, so that a run does not become longer; phases stretch with the
    rest.

    Args:
        recipe: that of config.yaml.
        remedies: in the order in which they were applied.
    """
    remedies = tuple(remedies)
    for each in remedies:
        recipe = override(recipe, parse_overrides(shlex.split(each.overrides)))
    return replace(recipe, samples=max(1, recipe.samples - given_up(remedies)))

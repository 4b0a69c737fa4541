"""Complete, named experiments."""

from .build import Experiment, live_networks, live_trainer, network_shapes, prepare
from .catalogue import catalogue, recipe
from .files import from_yaml, override, parse_overrides, read_recipe, to_yaml
from .schema import Phase, Recipe
from .tree import differences, dump

__all__ = [
    "Experiment",
    "Phase",
    "Recipe",
    "catalogue",
    "differences",
    "dump",
    "from_yaml",
    "live_networks",
    "live_trainer",
    "network_shapes",
    "override",
    "parse_overrides",
    "prepare",
    "read_recipe",
    "recipe",
    "to_yaml",
]

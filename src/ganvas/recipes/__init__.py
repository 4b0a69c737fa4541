"""Complete, named experiments."""

from .build import Experiment, live_networks, live_trainer, network_shapes, prepare
from .catalogue import catalogue, recipe
from .custom_parts import OwnParts, comparable, dump, own_parts
from .differences import differences
from .files import from_yaml, override, parse_overrides, read_recipe, to_yaml
from .moved_data import check_same, moved, prepared
from .schema import Phase, Recipe

__all__ = [
    "Experiment",
    "OwnParts",
    "Phase",
    "Recipe",
    "catalogue",
    "check_same",
    "comparable",
    "differences",
    "dump",
    "from_yaml",
    "live_networks",
    "live_trainer",
    "moved",
    "network_shapes",
    "override",
    "own_parts",
    "parse_overrides",
    "prepare",
    "prepared",
    "read_recipe",
    "recipe",
    "to_yaml",
]

"""Complete, named experiments; their players, phases and files."""

from typing import TYPE_CHECKING

from ..base.lazy import lazy_face

if TYPE_CHECKING:
    from ..base.types import Count, NonNegative, Share
    from ..networks.player import Player
    from .applied_remedies import given_up as given_up
    from .applied_remedies import remedied as remedied
    from .build import Experiment as Experiment
    from .build import check_room as check_room
    from .build import live_networks as live_networks
    from .build import live_phases as live_phases
    from .build import live_trainer as live_trainer
    from .build import network_shapes as network_shapes
    from .build import prepare as prepare
    from .catalogue import recipe, recipe_functions
    from .compare_trees import differences as differences
    from .custom_parts import OwnParts as OwnParts
    from .custom_parts import comparable as comparable
    from .custom_parts import dump as dump
    from .custom_parts import own_parts as own_parts
    from .files import from_tree as from_tree
    from .files import from_yaml, override, parse_overrides, read_recipe, to_yaml
    from .moved_data import check_same as check_same
    from .moved_data import moved as moved
    from .moved_data import prepared as prepared
    from .moved_data import recorded_path as recorded_path
    from .portable import LEFT_OUT as LEFT_OUT
    from .portable import portable_tree as portable_tree
    from .portable import without_paths as without_paths
    from .reasons import reasons_text as reasons_text
    from .scale import scale_factors as scale_factors
    from .scale import with_scale as with_scale
    from .schema import Phase, Recipe
    from .training_spaces import trained_spaces as trained_spaces
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "Count",
    "NonNegative",
    "Phase",
    "Player",
    "Recipe",
    "Share",
    "from_yaml",
    "override",
    "parse_overrides",
    "read_recipe",
    "recipe",
    "recipe_functions",
    "to_yaml",
]

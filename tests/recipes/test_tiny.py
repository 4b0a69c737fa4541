"""The sizes of recipes in tests: declared beside each recipe, and no part of it."""

from ganvas.recipes import override, recipe, recipe_functions, to_yaml
from ganvas.recipes.tiny import PICTURES, POINTS, tiny_overrides


def test_the_declaration_nearest_to_the_recipe_counts() -> None:
    assert tiny_overrides("dcgan") == tiny_overrides("rgan") == PICTURES
    assert tiny_overrides("grid") == tiny_overrides("rgan.grid") == POINTS, "of the module; of the function alone"
    assert tiny_overrides("inpaint-mnist") == {**PICTURES, "samples": 32}


def test_no_recipe_is_stored_with_it() -> None:
    for name in recipe_functions():
        assert "tiny" not in to_yaml(recipe(name)).casefold()
        assert override(recipe(name), tiny_overrides(name)).batch_samples <= 20

"""Which feature spaces a recipe trains in."""

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, ClassVar

from ganvas.networks.player import Player
from ganvas.recipes import recipe
from ganvas.recipes.training_spaces import parts_of


@dataclass(frozen=True)
class Pretrained:
    """A part that uses a pretrained network."""

    pretrained: ClassVar[tuple[str, ...]] = ("photo",)


@dataclass(frozen=True)
class Wrapper:
    """A part that has another."""

    inner: Any = field(default_factory=Pretrained)


def test_a_recipe_without_a_pretrained_network_trains_in_no_space() -> None:
    assert recipe("mnist").trained_spaces == frozenset()


def with_network(network: Any) -> Player:
    """A player that has this network."""
    player = recipe("mnist").D
    assert player is not None
    return replace(player, network=network)


def test_a_pretrained_network_is_found_in_every_place() -> None:
    base = recipe("mnist")
    for changed in (
        replace(base, D=with_network(Wrapper())),
        replace(base, G=with_network(Pretrained())),
        replace(base, game=replace(base.game, penalties=(Wrapper(),))),  # type: ignore[type-var]
        replace(base, others={"E": with_network(Pretrained())}),
    ):
        assert changed.trained_spaces == {"photo"}


def test_scores_do_not_train() -> None:
    assert replace(recipe("mnist"), scores=(Pretrained(),)).trained_spaces == frozenset()  # type: ignore[arg-type]


def test_parts_are_found_in_tuples_and_mappings() -> None:
    tree = (Wrapper(), MappingProxyType({"a": [Pretrained()]}), 3, "photo")
    assert [type(part) for part in parts_of(tree)] == [Wrapper, Pretrained, Pretrained]

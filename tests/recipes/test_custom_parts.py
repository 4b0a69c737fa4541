"""Parts that a notebook or a script defines: used as objects, named in YAML, never imported from there."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import yaml
from torch import Tensor, nn

from ganvas.base.errors import GanvasError, UsageError
from ganvas.base.types import NonNegative, Spec
from ganvas.games.synthesis import Synthesis
from ganvas.losses.hinge import Hinge as OurHinge
from ganvas.networks.player import Player
from ganvas.recipes import comparable, differences, dump, from_yaml, live_networks, override, own_parts, to_yaml
from ganvas.recipes.discover import parts
from ganvas.recipes.points import ring
from ganvas.recipes.schema import Phase, Recipe

HERE = __name__


class Corner(Enum):
    """A choice."""

    ROUND = "round"
    SHARP = "sharp"


@dataclass(frozen=True)
class Scale:
    """A dataclass inside a part, of no contract."""

    factor: float = 1.0


@dataclass(frozen=True)
class MyLoss:
    """Squares."""

    needs_real: ClassVar[bool] = False
    margin: NonNegative = 1.0
    scale: Scale = Scale()
    scales: tuple[Scale, ...] = ()
    names: list[str] = field(default_factory=list)
    corner: Corner = Corner.ROUND
    where: Path = Path("here")
    anything: Any = None
    cached: int = field(init=False, default=3)

    def __post_init__(self) -> None:
        if self.margin == 13:
            raise ValueError("13 is not a margin")

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return (real - self.shift).square() + fake.square()

    def generator(self, real: Tensor | None, fake: Tensor) -> Tensor:
        return (fake - self.shift).square()

    @property
    def shift(self) -> float:
        assert isinstance(self.margin, float | int)
        return self.margin


@dataclass(frozen=True)
class Hinge:
    """A loss with the name of one of ganvas's."""

    needs_real: ClassVar[bool] = False

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return fake - real

    def generator(self, real: Tensor | None, fake: Tensor) -> Tensor:
        return -fake


@dataclass(frozen=True)
class HalfALoss:
    """No generator's side."""

    needs_real: ClassVar[bool] = False

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return fake - real


@dataclass
class Soft:
    """Not frozen."""

    needs_real: ClassVar[bool] = False
    discriminator = MyLoss.discriminator
    generator = MyLoss.generator


class NoDataclass:
    """Everything that a loss has, but no description."""

    needs_real = False
    discriminator = MyLoss.discriminator
    generator = MyLoss.generator


@dataclass(frozen=True)
class Held:
    """A network that holds a module."""

    module: nn.Module
    turn: Callable[[Tensor], Tensor] = abs

    def build(self, spec: Spec) -> nn.Module:
        return self.module


def with_loss(loss: Any) -> Recipe:
    return replace(ring(), game=Synthesis(loss=loss))


def refused(*words: str, act: Callable[[], Any]) -> None:
    with pytest.raises(UsageError) as caught:
        act()
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value), str(caught.value)


def test_a_part_of_ones_own_is_named_by_module_and_qualname_and_comes_back() -> None:
    made = with_loss(MyLoss(margin=0.5, scale=Scale(2), scales=(Scale(3), Scale(4)), names=["a"], corner=Corner.SHARP))
    text = to_yaml(made)
    assert yaml.safe_load(text)["game"]["loss"]["kind"] == f"{HERE}:MyLoss"
    for given in (made, [MyLoss], [MyLoss, Scale], (MyLoss(), Scale()), made.game):
        assert from_yaml(text, parts=given) == made
    assert override(made, {}) == made
    assert override(made, {"game.loss.margin": 0.25}).game.loss == replace(made.game.loss, margin=0.25)  # type: ignore[attr-defined]
    changed = override(ring(), {"loss": MyLoss(margin=2.0)})
    assert changed.game.loss == MyLoss(margin=2.0)  # type: ignore[attr-defined]
    assert override(ring(), {"loss": OurHinge()}).game.loss == OurHinge()  # type: ignore[attr-defined]


def test_a_class_with_the_name_of_a_part_of_ours_does_not_become_it() -> None:
    made = override(with_loss(Hinge()), {})
    assert type(made.game.loss) is Hinge  # type: ignore[attr-defined]
    assert type(from_yaml(to_yaml(made), parts=[Hinge]).game.loss) is Hinge  # type: ignore[attr-defined]
    refused("Hinge", HERE, act=lambda: from_yaml(to_yaml(made)))
    now, then = comparable(dump(made)), comparable(dump(with_loss(OurHinge())))
    assert differences(now, then) == ["game.loss is :Hinge, and was Hinge"]


def test_a_class_of_a_function_works_too() -> None:
    @dataclass(frozen=True)
    class Local(MyLoss):
        """Of this function."""

    made = with_loss(Local(margin=3.0))
    assert override(made, {}) == made
    assert from_yaml(to_yaml(made), parts=made) == made


def test_a_class_may_move_to_another_module() -> None:
    made = with_loss(MyLoss())
    text = to_yaml(made).replace(f"{HERE}:", "__main__:")
    assert from_yaml(text, parts=[MyLoss]) == made
    assert comparable(yaml.safe_load(text)) == comparable(yaml.safe_load(to_yaml(made)))
    refused("script", "HalfALoss", act=lambda: from_yaml(text.replace("MyLoss", "HalfALoss"), parts=[MyLoss, Scale]))


def test_a_file_never_reaches_a_class_that_nobody_passed() -> None:
    """Neither by import nor among the modules that are loaded."""
    text = to_yaml(with_loss(MyLoss()))
    refused("MyLoss", HERE, "parts=[MyLoss]", "ganvas.parts", act=lambda: from_yaml(text))
    for kind in ("subprocess:Popen", "os:system", "ganvas.losses.hinge:Hinge", "antigravity:Thing", "builtins:object"):
        refused(
            "game.loss",
            kind.partition(":")[2],
            act=lambda kind=kind: override(ring(), {"game.loss": {"kind": kind}}),  # type: ignore[misc]
        )
        refused("game.loss", act=lambda kind=kind: from_yaml(text.replace(f"{HERE}:MyLoss", kind), parts=[Scale]))  # type: ignore[misc]
    assert "antigravity" not in sys.modules


def test_a_class_of_a_package_with_an_entry_point_is_found_by_either_name(monkeypatch: pytest.MonkeyPatch) -> None:
    made = with_loss(MyLoss())
    text = to_yaml(made)
    known = {**parts(), "MyLoss": MyLoss, "Scale": Scale}
    for module in ("custom_parts", "serialise"):
        monkeypatch.setattr(f"ganvas.recipes.{module}.parts", lambda: known)
    assert from_yaml(text) == made
    assert from_yaml(text.replace(f"{HERE}:", "__main__:")) == made
    assert from_yaml(to_yaml(made)) == made
    assert "kind: MyLoss" in to_yaml(made)
    assert comparable(dump(made)) == comparable(yaml.safe_load(text))


def test_what_does_not_fit_is_told_in_one_sentence() -> None:
    wrong: Any = MyLoss(margin="wide", names=[3])  # type: ignore[arg-type, list-item]
    with pytest.raises(UsageError) as caught:
        override(with_loss(wrong), {})
    assert "2 faults" in str(caught.value)
    assert "game.loss.margin" in str(caught.value)
    assert "game.loss.names.0" in str(caught.value)
    refused("game.loss.scale", "Scale", act=lambda: override(with_loss(MyLoss(scale=OurHinge())), {}))  # type: ignore[arg-type]
    refused("game.loss", "13 is not a margin", act=lambda: override(with_loss(MyLoss()), {"game.loss.margin": 13}))
    refused("game.loss", "HalfALoss", "generator", act=lambda: override(ring(), {"loss": HalfALoss()}))
    refused("Soft", "frozen=True", act=lambda: override(ring(), {"loss": Soft()}))
    refused("game.loss", "NoDataclass", "frozen=True", act=lambda: override(ring(), {"loss": NoDataclass()}))
    refused("game.loss", "MyLoss(...)", act=lambda: override(ring(), {"loss": MyLoss}))
    refused("G.network", "Linear", "build", act=lambda: override(ring(), {"G.network": nn.Linear(2, 2)}))
    refused("game.loss.corner", act=lambda: override(with_loss(MyLoss(corner=lambda: 3)), {}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given",
    [MyLoss, "MyLoss", 3, None, [3], ["MyLoss"], {"MyLoss": MyLoss}, [NoDataclass], [Soft], [Soft()], [NoDataclass()]],
    ids=range(11),
)
def test_what_is_no_list_of_classes(given: Any) -> None:
    with pytest.raises(GanvasError):
        own_parts(given)


def test_two_classes_of_one_name_are_refused() -> None:
    def cell() -> type:
        @dataclass(frozen=True)
        class Twice(MyLoss):
            """Run again."""

        return Twice

    first, second = cell(), cell()
    base = with_loss(first())
    refused("Twice", act=lambda: override(base, {"loss": second()}))
    assert type(override(with_loss(second()), {}).game.loss) is second  # type: ignore[attr-defined]


def test_a_phase_may_change_to_a_part_of_ones_own() -> None:
    made = replace(ring(), phases=(Phase(1), Phase(1, changes={"game.loss": MyLoss()})))
    again = override(made, {})
    assert again.phases[1].changes == {"game.loss": MyLoss()}
    assert from_yaml(to_yaml(made), parts=made).phases == made.phases


def test_an_object_that_no_file_holds_comes_from_the_recipe() -> None:
    module = nn.Linear(2, 2)
    base = ring()
    assert base.G is not None
    made = replace(base, G=Player(Held(module), base.G.optimiser))
    again = override(made, {"batch_samples": 8})
    assert again.G is not None
    assert isinstance(again.G.network, Held)
    assert again.G.network.module is module
    text = to_yaml(again)
    assert "torch.nn.modules.linear:Linear" in text
    assert from_yaml(text, parts=made) == again
    assert live_networks(from_yaml(text, parts=made), Spec("points", (2,), False))["G"] is not module
    assert live_networks(made, Spec("points", (2,), False))["G"].weight.equal(module.weight)  # type: ignore[operator]
    with pytest.raises(UsageError, match="parts=recipe"):
        from_yaml(text, parts=[Held])
    other = replace(base, G=Player(Held(nn.Bilinear(2, 2, 2)), base.G.optimiser))
    with pytest.raises(UsageError, match="module"):
        from_yaml(text, parts=other)
    refused("G.network.module", "Module", act=lambda: override(made, {"G.network.module": 3}))


def test_types_that_cannot_be_found_are_not_checked() -> None:
    @dataclass(frozen=True)
    class Hidden:
        """Its types are texts that only this function knows."""

        inner: "Scale2"  # type: ignore[name-defined]
        number: "int" = 3
        needs_real: ClassVar[bool] = False
        discriminator = MyLoss.discriminator
        generator = MyLoss.generator

    made = with_loss(Hidden({"a": 1}))
    assert override(made, {}) == made


def test_numbers_of_numpy_are_numbers() -> None:
    made = override(
        ring(), {"D.optimiser.lr": np.float64(1e-4), "batch_samples": np.int64(8), "source.sigma": np.float32(0.5)}
    )
    assert made == override(ring(), {"D.optimiser.lr": 1e-4, "batch_samples": 8, "source.sigma": 0.5})
    assert from_yaml(to_yaml(made)) == made
    refused("D.optimiser.lr", act=lambda: override(ring(), {"D.optimiser.lr": np.float64(-1)}))
    refused("batch_samples", act=lambda: override(ring(), {"batch_samples": np.zeros(3)}))


def test_games_of_ones_own() -> None:
    @dataclass(frozen=True)
    class Mine(Synthesis):
        """Synthesis by another name."""

    made = replace(ring(), game=Mine(n_critic=2))
    assert type(override(made, {}).game) is Mine

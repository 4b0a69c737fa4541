"""The overrides that the doctor's findings lead to, for every recipe."""

import shlex
from functools import partial
from typing import get_args

import pytest

from ganvas.diagnosis.remedies import ADVICE, Remedy, RemedyKind, diagnosis_of
from ganvas.diagnosis.rules import Finding
from ganvas.recipes import dump, override, parse_overrides, recipe_functions, to_yaml
from ganvas.recipes import recipe as by_name
from ganvas.recipes.remedy_overrides import remedy_override, value_at

ALWAYS = {
    "numbers broke",
    "discriminator too strong",
    "divergence",
    "oscillation",
}  # where there is a D, it has a learning rate


@pytest.mark.parametrize("name", sorted(recipe_functions()))
def test_every_remedy_is_valid_for_every_recipe(name: str) -> None:
    recipe = by_name(name)
    advise = partial(remedy_override, dump(recipe))
    for finding in ADVICE:
        remedy = diagnosis_of(Finding(finding, 100, "numbers."), advise).remedy
        if remedy:
            changed = override(recipe, parse_overrides(shlex.split(remedy)))
            assert to_yaml(changed) != to_yaml(recipe), remedy
        assert remedy or finding not in ALWAYS or "D" not in recipe.players, (finding, name)


def test_every_kind_of_remedy_has_its_override() -> None:
    tree = {
        "G": {"network": {"widths": [8]}, "optimiser": {"lr": 0.1}},
        "D": {"network": {"widths": [8]}, "optimiser": {"lr": 0.2}},
        "game": {"penalties": []},
    }
    overrides = [remedy_override(tree, Remedy(kind, samples=70)) for kind in get_args(RemedyKind)]
    assert all(overrides)
    assert "samples=70" in overrides


CASES = [  # recipe, changes, finding, remedy
    ("ring", {}, "discriminator too strong", "D.optimiser.lr.start=0.001"),
    ("ring", {"D.optimiser.lr": 0.5}, "discriminator too strong", "D.optimiser.lr=0.25"),
    ("ring", {"game.n_critic": 12}, "starved generator", "game.n_critic=3"),
    ("gan", {}, "vanishing generator gradient", "game.loss.kind=NonSaturating"),
    ("gan", {}, "partial collapse", "game.loss.kind=NonSaturating"),
    ("gan.nonsaturating", {}, "partial collapse", "game.penalties='[{kind: R1, gamma: 0.1}]'"),
    ("sngan", {}, "full collapse", "D.optimiser.lr.start=0.001"),
    ("ring", {}, "full collapse", "game.penalties.0.gamma=0.4"),
    ("grid", {}, "discriminator overfits", "game.penalties.0.each.gamma=0.4"),
    ("wgan-gp", {}, "memorisation", "game.penalties.0.weight=40"),
    ("ring", {"discriminator.widths": [2]}, "weak discriminator", "discriminator.widths='[128, 128]'"),
    ("mnist", {"discriminator.width": 4}, "weak discriminator", "discriminator.width=16"),
    ("ring", {"G.optimiser.lr": 0.0}, "a player stands still", "G.optimiser.lr=0.002"),
    ("ring", {"G.optimiser.lr.start": 0.0}, "a player stands still", "G.optimiser.lr.start=0.002"),
    ("ring", {}, "a player stands still", ""),
    ("ring", {}, "repeated data", ""),
    ("gan", {}, "numbers broke", "G.optimiser.lr=6.67e-05 D.optimiser.lr=6.67e-05"),
]


@pytest.mark.parametrize(("name", "changes", "finding", "remedy"), CASES)
def test_a_finding_leads_to_this_override(name: str, changes: dict[str, object], finding: str, remedy: str) -> None:
    advise = partial(remedy_override, dump(override(by_name(name), changes)))
    assert diagnosis_of(Finding(finding, 0, "so."), advise).remedy == remedy


def test_a_part_of_another_package_gets_no_remedy_rather_than_a_wrong_one() -> None:
    odd = {
        "D": {"kind": "Theirs", "network": {"kind": "Alien"}, "optimiser": {"kind": "Sgd", "speed": 3}},
        "game": {"kind": "Other"},
        "G": None,
    }
    advise = partial(remedy_override, odd)
    assert {diagnosis_of(Finding(finding, 0, "x"), advise).remedy for finding in ADVICE} == {""}
    assert value_at({"network": {"network": {"width": 3}}}, "width") == 3

import shlex

import pytest

from ganvas.diagnosis.remedies import ADVICE, Diagnosis, diagnosis_of, value_at
from ganvas.diagnosis.rules import Finding
from ganvas.recipes import dump, override, parse_overrides, recipe_functions, to_yaml
from ganvas.recipes import recipe as by_name

ALWAYS = {"numbers broke", "discriminator too strong", "divergence", "oscillation"}  # D's learning rate is always there


@pytest.mark.parametrize("name", sorted(recipe_functions()))
def test_every_remedy_is_valid_for_every_recipe(name: str) -> None:
    recipe = by_name(name)
    tree = dump(recipe)
    for what in ADVICE:
        verdict = diagnosis_of(Finding(what, 100, "numbers."), tree)
        if verdict.remedy:
            changed = override(recipe, parse_overrides(shlex.split(verdict.remedy)))
            assert to_yaml(changed) != to_yaml(recipe), verdict.remedy
        assert verdict.remedy or what not in ALWAYS, (what, name)


CASES = [  # recipe, changes, finding, remedy
    ("ring", {}, "discriminator too strong", "D.optimiser.lr.start=0.001"),
    ("ring", {"D.optimiser.lr": 0.5}, "discriminator too strong", "D.optimiser.lr=0.25"),
    ("ring", {"game.n_critic": 12}, "starved generator", "game.n_critic=3"),
    ("gan", {}, "vanishing generator gradient", "game.loss.kind=NonSaturating"),
    ("gan", {}, "partial collapse", "game.loss.kind=NonSaturating"),
    ("gan.nonsaturating", {}, "partial collapse", "game.penalties='[{kind: R1, gamma: 0.1}]'"),
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


@pytest.mark.parametrize(("name", "changes", "what", "remedy"), CASES)
def test_what_is_advised(name: str, changes: dict[str, object], what: str, remedy: str) -> None:
    assert diagnosis_of(Finding(what, 0, "so."), dump(override(by_name(name), changes))).remedy == remedy


def test_words_say_what_and_since_when() -> None:
    verdict = diagnosis_of(Finding("memorisation", 12_000, "90 % lie nearer"), {})
    assert verdict == Diagnosis(
        "memorisation", "wrong", "90 % lie nearer, since 12,000 samples.", ADVICE["memorisation"][1], "", 12_000
    )


def test_a_part_of_another_package_gets_no_remedy_rather_than_a_wrong_one() -> None:
    odd = {
        "D": {"kind": "Theirs", "network": {"kind": "Alien"}, "optimiser": {"kind": "Sgd", "speed": 3}},
        "game": {"kind": "Other"},
        "G": None,
    }
    assert {diagnosis_of(Finding(what, 0, "x"), odd).remedy for what in ADVICE} == {""}
    assert value_at({"network": {"network": {"width": 3}}}, "width") == 3

"""Laws over the whole catalogue: text and back, built and played at a tiny size; and what is said of a wrong recipe."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from torch import Tensor

from ganvas.base.draws import Draws
from ganvas.base.errors import ResourceError, UsageError
from ganvas.base.play import Play
from ganvas.base.schedule import Cosine, Linear
from ganvas.base.types import Batch, Term
from ganvas.data.pictures import Pictures
from ganvas.games.contract import Game, Terms, Turn
from ganvas.losses.minimax import Minimax
from ganvas.losses.relativistic import Relativistic
from ganvas.penalties.every import Every
from ganvas.penalties.gradient import R1, R2
from ganvas.recipes import differences, dump
from ganvas.recipes.build import check_turns, live_phases, live_trainer, network_shapes, prepare
from ganvas.recipes.catalogue import recipe, recipe_functions, recipe_name
from ganvas.recipes.discover import parts
from ganvas.recipes.files import from_yaml, override, parse_overrides, read_recipe, to_yaml
from ganvas.recipes.points import ring
from ganvas.recipes.schema import Phase, Recipe
from ganvas.recipes.tiny import tiny_overrides
from ganvas.training.distributed import ProcessGroup

each_recipe = pytest.mark.parametrize("name", recipe_functions())
CPU = torch.device("cpu")


def tiny(name: str, **more: Any) -> Recipe:
    return override(recipe(name), {**tiny_overrides(name), "precision": "fp32", "threads": 1, **more})


def tree_of(made: Recipe) -> Any:
    return yaml.safe_load(to_yaml(made))


def refused(tree: Any) -> str:
    with pytest.raises(UsageError) as caught:
        from_yaml(tree if isinstance(tree, str) else yaml.safe_dump(tree))
    return str(caught.value)


def test_the_catalogue_knows_its_recipes() -> None:
    assert {
        "ring",
        "grid",
        "gan",
        "gan.nonsaturating",
        "dcgan",
        "cgan",
        "mnist",
        "digits",
        "inpaint-mnist",
        "rgan",
        "rgan.grid",
    } <= set(recipe_functions())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dcgam", "dcgan"),
        ("wgan.gp", "wgan-gp"),
        ("wgan_gp", "wgan-gp"),
        ("feature.matching", "feature-matching"),
        ("matching", "feature-matching"),
        ("inpaint.mnist", "inpaint-mnist"),
        ("inpant", "inpaint"),
        ("gan-nonsaturating", "gan.nonsaturating"),
    ],
)
def test_a_name_that_is_nearly_right_is_suggested(typed: str, meant: str) -> None:
    with pytest.raises(UsageError) as caught:
        recipe(typed)
    assert f"'{meant}'" in caught.value.hint


def test_a_dot_marks_a_variant_of_a_recipe_in_the_same_module() -> None:
    functions = ("a", "a_b", "a_b_c", "ab_c", "c_d")
    assert [recipe_name(name, functions) for name in functions] == ["a", "a.b", "a-b.c", "ab-c", "c-d"]
    for name in recipe_functions():
        assert "_" not in name
        assert "." not in name or name.partition(".")[0] in recipe_functions(), f"{name} is a variant of no recipe"


@each_recipe
def test_text_and_back(name: str) -> None:
    made = recipe(name)
    assert from_yaml(to_yaml(made)) == made
    small = tiny(name)
    assert from_yaml(to_yaml(small)) == small
    assert small != made


@each_recipe
def test_two_rounds_at_its_tiny_size(name: str) -> None:
    experiment = prepare(tiny(name))
    assert from_yaml(to_yaml(experiment.recipe)) == experiment.recipe
    trainer = live_trainer(experiment, CPU, ProcessGroup())
    before = [parameter.detach().clone() for player in trainer.players.values() for parameter in player.parameters]
    played: set[str] = set()
    for phase in trainer.phases:
        played |= {name for turn in phase.turns for name in phase.game.turns()[turn].players}
    while trainer.samples_seen < trainer.total:
        trainer.round()
    assert trainer.total <= 40, "two rounds, or two in each of two phases; tables take packs of ten in two processes"
    assert sum(trainer.turns.values()) >= 2
    assert played == set(trainer.players)
    after = [parameter for player in trainer.players.values() for parameter in player.parameters]
    assert all(torch.isfinite(parameter).all() for parameter in after)
    assert sum(not torch.equal(a, b) for a, b in zip(before, after, strict=True)) > 0.8 * len(
        after
    )  # a relativistic D's last bias has no gradient
    assert all(torch.isfinite(value) for value in trainer.stats.values())
    for name, shapes in network_shapes(
        experiment.recipe, experiment.spec
    ).items():  # known without a number being allocated
        assert all(value.is_meta for value in shapes.values())
        now = trainer.players[name].network.state_dict()
        assert [(key, value.shape, value.dtype) for key, value in shapes.items()] == [
            (key, value.shape, value.dtype) for key, value in now.items()
        ]


def test_networks_larger_than_the_memory_are_refused_before_they_are_built() -> None:
    wide = tiny("ring", **{"G.network.widths": [2**24, 2**24]})
    with pytest.raises(ResourceError, match="GB"):
        live_trainer(prepare(wide), CPU, ProcessGroup())


@each_recipe
def test_every_part_says_its_kind(name: str) -> None:
    def kinds(tree: Any) -> set[str]:
        inner = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
        own = {tree["kind"]} if isinstance(tree, dict) and "kind" in tree else set()
        return own.union(*map(kinds, inner))

    found = kinds(tree_of(recipe(name)))
    assert found <= set(parts())
    assert {"Recipe", "Player"} <= found


def test_a_missing_kind_is_an_error() -> None:
    for path in (("game",), ("game", "loss"), ("G", "network"), ("game", "penalties", 0), ()):
        tree = tree_of(ring())
        part = tree
        for step in path:
            part = part[step]
        del part["kind"]
        said = refused(tree)
        assert ".".join(map(str, path)) in said
        assert "kind" in said


def test_an_unknown_key_gives_a_suggestion() -> None:
    tree = tree_of(ring())
    tree["game"]["penaltys"] = []
    assert "game.penaltys" in (said := refused(tree))
    assert "Did you mean 'penalties'?" in said
    tree = tree_of(ring())
    tree["game"]["loss"]["kind"] = "NonSaturatin"
    assert "Did you mean 'NonSaturating'?" in refused(tree)


@pytest.mark.parametrize("key", [True, 3, None, 2.5])
def test_a_key_that_is_no_text_is_told_too(key: Any) -> None:
    tree = tree_of(ring())
    tree["game"][key] = 1
    assert f"game.{key}" in refused(tree)


def test_all_faults_are_listed_at_once() -> None:
    tree = tree_of(ring())
    tree["batch_samples"] = 0
    tree["D"]["optimiser"]["lr"] = -1
    tree["game"]["loss"] = {"kind": "Hinje"}
    tree["G"]["network"]["withs"] = [8]
    del tree["source"]
    said = refused(tree)
    assert said.startswith("5 faults")
    for path in ("batch_samples", "D.optimiser.lr", "game.loss", "G.network.withs", "source"):
        assert re.search(rf"^\s+{re.escape(path)}: ", said, re.MULTILINE), path


@pytest.mark.parametrize(
    "text", ["", "3", "[1, 2]", "just words", "kind: Adam", "{", "kind: [Recipe]", "kind: Nothing", "kind: Recipe"]
)
def test_what_is_no_recipe_is_refused_in_a_sentence(text: str) -> None:
    assert refused(text)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("D.optimiser.lr", -1e-4),
        ("D.optimiser.beta1", 1.0),
        ("D.optimiser.eps", 0),
        ("batch_samples", 0),
        ("batch_samples", 2.5),
        ("samples", -1),
        ("snapshots", -1),
        ("game.n_critic", 0),
        ("penalties.0.gamma", -0.1),
        ("precision", "fp16"),
        ("generator.widths", [8, 0]),
        ("generator.conditional", "perhaps"),
        ("seed", "today"),
        ("G", 3),
        ("D.optimiser.lr", None),
        ("D.optimiser.lr", "Adam"),
        ("D.optimiser.lr", {"kind": "Adam"}),
        ("D.optimiser", {"kind": "R1"}),
        ("scores", {"kind": "ModeCoverage"}),
        ("scores", None),
        ("penalties", "R1"),
        ("streams", 3),
        ("phases", 3),
    ],
)
def test_values_out_of_range_are_refused(key: str, value: Any) -> None:
    with pytest.raises(UsageError, match=re.escape(key.split(".")[-1])):
        override(ring(), {key: value})


@pytest.mark.parametrize(
    ("word", "path", "value"),
    [
        ("D.optimiser.lr=1e-3", ("D", "optimiser", "lr"), 1e-3),
        ("generator.widths=[16, 8]", ("G", "network", "widths"), (16, 8)),
        ("discriminator.conditional=true", ("D", "network", "conditional"), True),
        ("penalties.0.gamma=0.5", ("game", "penalties", 0, "gamma"), 0.5),
        ("loss=Relativistic", ("game", "loss"), Relativistic()),
        ("game.loss.kind=Minimax", ("game", "loss"), Minimax()),
        ("penalties.0.kind=R2", ("game", "penalties", 0), R2()),
        ("penalties=[R1, R2]", ("game", "penalties"), (R1(), R2())),
        (
            "penalties.0={kind: Every, interval: 4, each: {kind: R2, gamma: 2}}",
            ("game", "penalties", 0),
            Every(4, R2(2.0)),
        ),
        ("G.optimiser.lr={kind: Linear, start: 1e-3, end: 0}", ("G", "optimiser", "lr"), Linear(1e-3, 0.0)),
        ("G.optimiser.lr.start=2e-3", ("G", "optimiser", "lr"), Cosine(2e-3)),
        ("G.ema=null", ("G", "ema"), None),
        ("batch_samples=32", ("batch_samples",), 32),
        ("source.modes=5", ("source", "modes"), 5),
        ("domain=Points", ("domain", "scale"), 1.0),
    ],
)
def test_overrides_by_dotted_path(word: str, path: tuple[Any, ...], value: Any) -> None:
    changed: Any = override(ring(), parse_overrides([word]))
    assert from_yaml(to_yaml(changed)) == changed
    for step in path:
        changed = changed[step] if isinstance(step, int) else getattr(changed, step)
    assert changed == value
    assert type(changed) is type(value)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("generater.widths=[8]", "Did you mean 'generator'|generater"),
        ("game.los.kind=Minimax", "Did you mean 'loss'"),
        ("penalties.1.gamma=1", "no '1'"),
        ("penalties.x.gamma=1", "no 'x'"),
        ("batch_samples.deep=1", "does not exist"),
        ("batch_sample=1", "Did you mean 'batch_samples'"),
        ("batch_samples", "not an override"),
        ("=3", "not an override"),
        ("seed={", "not a value"),
        ("D.ema.halflife_samples=3", "does not exist"),
    ],
)
def test_overrides_that_lead_nowhere(word: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        override(ring(), parse_overrides([word]))


finite = st.floats(min_value=0, max_value=1e30, allow_nan=False)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    lr=finite,
    gamma=finite,
    beta=st.floats(min_value=0, max_value=1, exclude_max=True),
    batch=st.integers(1, 10**9),
    widths=st.lists(st.integers(1, 10**6), max_size=4),
    seed=st.integers(-(2**63), 2**63),
)
@example(lr=1e-05, gamma=5e-324, beta=1e-3, batch=1, widths=[], seed=0)
@example(lr=1e16, gamma=1e22, beta=0.1 + 0.2, batch=10**9, widths=[1], seed=-1)
def test_numbers_survive_text(lr: float, gamma: float, beta: float, batch: int, widths: list[int], seed: int) -> None:
    changes = {
        "G.optimiser.lr": lr,
        "penalties.0.gamma": gamma,
        "D.optimiser.beta1": beta,
        "batch_samples": batch,
        "generator.widths": widths,
        "seed": seed,
    }
    changed = override(ring(), changes)
    assert changed.G is not None
    assert changed.D is not None
    assert changed.G.optimiser.lr == lr  # type: ignore[attr-defined]
    assert (changed.D.optimiser.beta1, changed.batch_samples, changed.seed) == (beta, batch, seed)  # type: ignore[attr-defined]
    assert changed.G.network.widths == tuple(widths)  # type: ignore[attr-defined]
    assert from_yaml(to_yaml(changed)) == changed
    words = [f"{key}={str(value).replace(' ', '')}" for key, value in changes.items()]
    assert override(ring(), parse_overrides(words)) == changed


def phased(*phases: Phase) -> Recipe:
    return replace(tiny("ring", samples=32, **{"G.optimiser.lr": 1e-3, "D.optimiser.lr": 1e-3}), phases=phases)


def test_phases_survive_text_with_all_their_fields() -> None:
    made = phased(
        Phase(3, ("discriminator",), changes={"penalties.0.gamma": 2.0, "game.loss": {"kind": "Minimax"}}), Phase(1)
    )
    back = from_yaml(to_yaml(made))
    assert back == made
    assert back.phases[0].turns == ("discriminator",)


def test_phases_share_the_samples_in_proportion() -> None:
    live = live_phases(phased(Phase(3, ("discriminator",)), Phase(1)))
    assert [phase.samples for phase in live] == [24, 8]
    assert live[1].turns == ("discriminator", "generator")
    thirds = live_phases(replace(phased(Phase(1), Phase(1), Phase(1)), samples=32))
    assert sum(phase.samples for phase in thirds) == 32


def test_a_phases_changes_take_effect() -> None:
    made = phased(Phase(1), Phase(1, changes={"G.optimiser.lr": 0, "penalties.0.gamma": 7, "game.loss": "Minimax"}))
    first, second = live_phases(made)
    assert (first.game.penalties, second.game.penalties) == ((R1(0.1),), (R1(7.0),))  # type: ignore[attr-defined]
    assert second.game.loss == Minimax()  # type: ignore[attr-defined]
    trainer = live_trainer(prepare(made), CPU, ProcessGroup())
    moved = {}
    for name in ("first", "second"):
        before = {
            key: [parameter.clone() for parameter in player.parameters] for key, player in trainer.players.items()
        }
        trainer.round()
        trainer.round()
        moved[name] = {
            key: any(not torch.equal(a, b) for a, b in zip(before[key], player.parameters, strict=True))
            for key, player in trainer.players.items()
        }
    assert moved == {"first": {"G": True, "D": True}, "second": {"G": False, "D": True}}
    assert trainer.samples_seen == trainer.total == 32


def test_a_phase_plays_its_own_turns() -> None:
    trainer = live_trainer(prepare(phased(Phase(1, ("discriminator",)), Phase(1))), CPU, ProcessGroup())
    while trainer.samples_seen < trainer.total:
        trainer.round()
    assert trainer.turns == {"discriminator": 4, "generator": 2}


def test_the_inpainting_recipe_lowers_its_learning_rate() -> None:
    first, second = live_phases(recipe("inpaint-mnist"))
    assert [phase.players["G"].optimiser.lr for phase in (first, second)] == [1e-3, 2e-4]  # type: ignore[attr-defined]


def test_turns_must_be_the_games_and_their_players_there() -> None:
    made = ring()
    with pytest.raises(UsageError, match="Did you mean 'generator'"):
        check_turns(made.game, ("generater",), made)
    with pytest.raises(UsageError, match="needs a player G"):
        check_turns(made.game, ("generator",), replace(made, G=None))


def test_batches_that_cannot_be_split_or_filled_are_refused() -> None:
    with pytest.raises(UsageError, match="micro-batches"):
        live_trainer(prepare(tiny("ring", micro_batches=3)), CPU, ProcessGroup())
    with pytest.raises(Exception, match="fewer than one batch"):
        live_trainer(prepare(tiny("ring", batch_samples=256)), CPU, ProcessGroup())


def test_files_that_cannot_be_read(tmp_path: Any) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_recipe(tmp_path / "none.yaml")
    path = tmp_path / "some.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="cannot read"):
        recipe(str(path))
    path.write_text(to_yaml(ring()))
    assert recipe(str(path)) == ring()


def test_yaml_is_never_code() -> None:
    assert "not a recipe in YAML" in refused("!!python/object/apply:os.getcwd []")


def test_players_of_other_names_are_built_and_trained() -> None:
    @dataclass(frozen=True)
    class Encoding(Game):
        def turns(self) -> Mapping[str, Turn]:
            return {"encoder": Turn(("E",), self.encoder_turn)}

        def encoder_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
            return {"classes": Term(play.discriminator("E")(batch.x, None, {}).scores.square())}

        def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
            return batch.x

    base = tiny("ring", scores=[])
    assert base.D is not None
    made = replace(base, game=Encoding(), G=None, D=None, others={"E": base.D})
    trainer = live_trainer(prepare(made), CPU, ProcessGroup())
    before = [weight.clone() for weight in trainer.players["E"].parameters]
    trainer.round()
    assert trainer.samples_seen == made.batch_samples
    assert any(not torch.equal(a, b) for a, b in zip(before, trainer.players["E"].parameters, strict=True))
    assert from_yaml(to_yaml(replace(ring(), others={"E": base.D}))).others == {"E": base.D}


def test_an_override_reaches_the_network_that_another_wraps() -> None:
    changed = override(recipe("mnist"), {"discriminator.width": 5})
    assert changed.D is not None
    assert changed.D.network.network.width == 5  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="has no such field"):
        override(recipe("mnist"), {"discriminator.wdth": 5})


def test_a_field_that_is_newer_than_a_tree_has_its_default_there() -> None:
    now = dump(Pictures("a", 8, 8))
    then = {name: value for name, value in now.items() if name != "encoding"}
    assert differences(now, then) == []
    assert differences(dump(Pictures("a", 8, 8, encoding="latin-1")), then) == ["encoding is latin-1, and was nothing"]


def test_several_paths_survive_yaml() -> None:
    several = replace(recipe("dcgan"), source=Pictures(("a", "b"), 8, 8))
    assert from_yaml(to_yaml(several)) == several


def test_a_recipe_is_shown_on_one_line() -> None:
    assert repr(recipe("ring")) == "Recipe(Ring, Synthesis, G=Mlp, D=MlpCritic, 500,000 samples)"

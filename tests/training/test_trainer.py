import copy
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import ganvas
from ganvas.base.draws import Draws
from ganvas.base.errors import DataError, UsageError
from ganvas.base.play import Play
from ganvas.base.types import Batch
from ganvas.evaluation.evaluate import evaluate
from ganvas.recipes import Phase, Recipe, live_trainer, override, prepare
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.training import ProcessGroup, Trainer
from ganvas.training.trainer import Save, Stop
from processes import in_float64, our_parts, widen


@pytest.fixture(autouse=True)
def parts() -> Iterator[None]:
    with our_parts():
        yield


def tiny(name: str, **changes: Any) -> Recipe:
    base = by_name(name)
    source = {"kind": "Ring", "samples": 200} if "ring" in name or "grid" in name else {"kind": "Blobs"}
    keep = {key: value for key, value in tiny_overrides(name).items() if not key.startswith("source")}
    return override(base, {**keep, "source": source, "scores": [], "precision": "fp32", "threads": 1, **changes})


def live(recipe: Recipe) -> Trainer:
    return live_trainer(prepare(recipe), torch.device("cpu"), ProcessGroup())


def dealt(trainer: Trainer) -> list[int]:
    """Positions of the batches that are dealt from now on."""
    positions: list[int] = []
    deal = trainer.next_batch

    def noted() -> Batch:
        positions.append(trainer.position)
        return deal()

    trainer.next_batch = noted  # type: ignore[method-assign]
    return positions


@pytest.mark.parametrize(
    ("name", "changes", "seen", "position", "turns"),
    [
        ("ring", {}, 8, 8, {"discriminator": 1, "generator": 1}),
        ("ring", {"game.n_critic": 3}, 24, 24, {"discriminator": 3, "generator": 1}),
        ("rgan.grid", {}, 8, 16, {"discriminator": 1, "generator": 1}),  # a relativistic G looks at reals too
        ("rgan.grid", {"game.n_critic": 2}, 16, 24, {"discriminator": 2, "generator": 1}),
        ("digits", {}, 8, 8, {"classifier": 1}),
        ("inpaint-mnist", {"phases": []}, 8, 16, {"discriminator": 1, "generator": 1}),
        ("inpaint-mnist", {}, 8, 8, {"reconstruction": 1}),  # no D: the first player's reals count
    ],
)
def test_reals_are_counted_where_d_sees_them(
    name: str, changes: dict[str, Any], seen: int, position: int, turns: dict[str, int]
) -> None:
    trainer = live(tiny(name, samples=960, **changes))
    for number in (1, 2, 3):
        positions = dealt(trainer)
        trainer.round()
        assert (trainer.samples_seen, trainer.position) == (number * seen, number * position)
        assert trainer.turns == {turn: number * count for turn, count in turns.items()}
        assert positions == list(range((number - 1) * position, number * position, 8))
        trainer.next_batch = type(trainer).next_batch.__get__(trainer)  # type: ignore[method-assign]


def test_a_turn_without_reals_plays_with_the_batch_before_it() -> None:
    trainer = live(tiny("cgan", **{"game.n_critic": 2}))
    labels: list[Any] = []
    turn = trainer.turn

    def noted(game: Any, name: str, batch: Batch, phase: Any) -> None:
        assert batch.y is not None
        labels.append((name, batch.index.tolist() if batch.index is not None else None))
        turn(game, name, batch, phase)

    trainer.turn = noted  # type: ignore[method-assign]
    trainer.round()
    assert [name for name, _ in labels] == ["discriminator", "discriminator", "generator"]
    assert labels[0][1] != labels[1][1] == labels[2][1]


def test_a_round_that_never_looks_at_the_data_is_refused() -> None:
    """Its samples would never be counted, and the run never end."""
    recipe = replace(tiny("ring"), phases=(Phase(samples=1, turns=("generator",)),))
    with pytest.raises(UsageError, match="data"):
        live(recipe)


def test_phases_begin_at_their_share_with_their_turns_and_changes() -> None:
    phases = [
        {"kind": "Phase", "samples": 1, "turns": ["reconstruction"]},
        {"kind": "Phase", "samples": 2, "changes": {"G.optimiser.lr": 5e-5, "game.reconstruction_weight": 7.0}},
        {"kind": "Phase", "samples": 1, "turns": ["discriminator", "generator", "reconstruction"]},
    ]
    trainer = live(tiny("inpaint-mnist", samples=96, phases=phases))
    assert [phase.samples for phase in trainer.phases] == [24, 48, 24]
    rates, played, before = [], [], dict[str, int]()
    while trainer.samples_seen < trainer.total:
        trainer.round()
        rates.append(trainer.players["G"].optimiser.param_groups[0]["lr"])
        played.append(
            {name: count - before.get(name, 0) for name, count in trainer.turns.items() if count > before.get(name, 0)}
        )
        before = dict(trainer.turns)
    assert rates == [1e-3] * 3 + [5e-5] * 6 + [1e-3] * 3
    assert (
        played
        == [{"reconstruction": 1}] * 3
        + [{"discriminator": 1, "generator": 1}] * 6
        + [{"discriminator": 1, "generator": 1, "reconstruction": 1}] * 3
    )
    assert trainer.phases[1].game.reconstruction_weight == 7.0  # type: ignore[attr-defined]
    assert trainer.phases[0].game.reconstruction_weight == by_name("inpaint-mnist").game.reconstruction_weight  # type: ignore[attr-defined]


@pytest.mark.parametrize("samples", [100, 101, 7, 1])
def test_phases_together_last_for_the_run_whatever_its_length(samples: int) -> None:
    trainer = live(tiny("inpaint-mnist", samples=samples))
    assert sum(phase.samples for phase in trainer.phases) == trainer.total == samples
    assert abs(trainer.phases[0].samples - trainer.phases[1].samples) <= 1


def test_the_learning_rate_is_the_cosine_of_samples_seen() -> None:
    falling = {"kind": "Cosine", "start": 0.01, "end": 0.001, "warmup_samples": 40}
    trainer = live(
        tiny("ring", samples=160, **{"G.optimiser.lr": {"kind": "Cosine", "start": 0.001}, "D.optimiser.lr": falling})
    )
    while trainer.samples_seen < trainer.total:
        seen = trainer.samples_seen
        trainer.round()
        cosine = (1 + math.cos(math.pi * seen / 160)) / 2
        assert trainer.players["G"].optimiser.param_groups[0]["lr"] == pytest.approx(1e-3 * cosine, rel=1e-12)
        warm = min(1.0, (seen + 1) / 40)
        assert trainer.players["D"].optimiser.param_groups[0]["lr"] == pytest.approx(
            (0.001 + 0.009 * cosine) * warm, rel=1e-12
        )
        assert trainer.players["D"].optimiser.param_groups[0]["betas"] == (0.0, 0.99)


def test_a_schedule_in_the_rules_is_resolved_before_each_turn() -> None:
    """With gamma rising from zero the penalty's share of what D minimises rises with it."""
    ramp = {"kind": "Ramp", "end": 2.0, "samples": 80}
    steep, flat = (live(tiny("ring", samples=160, **{"penalties.0.gamma": gamma})) for gamma in (ramp, 2.0))
    steep.round()
    flat.round()
    assert float(steep.stats["discriminator.R1"]) == 0.0 < float(flat.stats["discriminator.R1"])
    while steep.samples_seen < 80:
        steep.round()
    assert float(steep.stats["discriminator.R1"]) > 0


def test_micro_batches_have_the_gradient_of_the_whole() -> None:
    """Where no sample mixes with another, how a batch is cut changes roundings only."""
    with in_float64():
        whole, cut = (
            live(tiny("rgan.grid", **{"game.n_critic": 2})),
            live(tiny("rgan.grid", micro_batches=4, **{"game.n_critic": 2})),
        )
        for trainer in (whole, cut):
            widen(trainer)
            trainer.round()
    for name, value in whole.stats.items():
        torch.testing.assert_close(cut.stats[name], value, rtol=1e-9, atol=1e-12)
    for name, value in whole.players["D"].memory().items():
        torch.testing.assert_close(cut.players["D"].memory()[name], value, rtol=1e-9, atol=1e-12)


def test_batch_norm_keeps_the_mean_over_micro_batches() -> None:
    trainer = live(tiny("dcgan", micro_batches=2))
    trainer.round()
    twin = copy.deepcopy({name: player.network for name, player in trainer.players.items()})
    phase, batch = trainer.phases[0], trainer.batches(trainer.position, 8)
    number, seen = trainer.turns["discriminator"], trainer.samples_seen
    parts: list[dict[str, Tensor]] = []
    for rows in (range(4), range(4, 8)):
        networks = copy.deepcopy(twin)
        draws = Draws(trainer.seed, 0, "discriminator", number, seen, rows=rows)
        phase.game.turns()["discriminator"].terms(Play(networks, None, number), batch.rows(rows), draws)
        parts.append(
            {f"{name}.{key}": value for name, network in networks.items() for key, value in network.named_buffers()}
        )
    trainer.turn(phase.game, "discriminator", trainer.next_batch(), phase)
    after = {
        f"{name}.{key}": value
        for name, player in trainer.players.items()
        for key, value in player.network.named_buffers()
    }
    running = [name for name in after if name.endswith(("running_mean", "running_var"))]
    assert len(running) >= 4
    for name in running:
        assert not torch.equal(parts[0][name], parts[1][name]), "the parts must differ for this to mean anything"
        torch.testing.assert_close(after[name], (parts[0][name] + parts[1][name]) / 2, rtol=1e-6, atol=1e-9)
    for name in after.keys() - set(running):
        assert after[name] == parts[0][name], "a count is that of one micro-batch, as each starts from the same"


def test_only_the_player_whose_turn_it_is_learns() -> None:
    trainer = live(tiny("dcgan"))
    trainer.round()
    phase = trainer.phases[0]
    for turn, player, other in (("discriminator", "D", "G"), ("generator", "G", "D")):
        before = {name: [p.clone() for p in trainer.players[name].parameters] for name in "GD"}
        trainer.turn(phase.game, turn, trainer.next_batch(), phase)
        assert all(torch.equal(a, b) for a, b in zip(before[other], trainer.players[other].parameters, strict=True))
        assert not all(
            torch.equal(a, b) for a, b in zip(before[player], trainer.players[player].parameters, strict=True)
        )
        assert all(p.grad is None for each in trainer.players.values() for p in each.parameters)


def test_the_loop_saves_when_asked_and_at_the_end_and_stops_when_told() -> None:
    trainer = live(tiny("ring", samples=80))
    saved: list[int] = []
    asks: dict[int, tuple[Save | Stop, ...]] = {
        24: (Save(), Save()),
        48: (Save(), Stop("enough"), Stop("more than enough")),
    }

    def fulfil(_: Save) -> None:
        saved.append(trainer.samples_seen)

    assert trainer.run([lambda trainer, before: asks.get(trainer.samples_seen, ())], fulfil) == "enough"
    assert saved == [24, 48]
    assert trainer.run([], fulfil) == "finished"
    assert saved == [24, 48, 80]
    assert trainer.run([], fulfil) == "finished"
    assert saved == [24, 48, 80]


def test_nothing_depends_on_torchs_generator_or_on_what_was_trained_before(tmp_path: Path) -> None:
    runs = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        trainer = live(tiny("digits", micro_batches=2))
        for _ in range(3):
            trainer.round()
            torch.rand(seed)
        runs.append(trainer.players["D"].weights())
    assert all(torch.equal(value, runs[1][name]) for name, value in runs[0].items())
    other = live(tiny("digits", micro_batches=2, seed=1))
    other.round()
    assert not torch.equal(other.players["D"].weights()["network.head.weight"], runs[0]["network.head.weight"])


@pytest.mark.parametrize(("n_critic", "of_G", "of_D"), [(1, 8, 8), (3, 24, 8)])
def test_averages_count_the_samples_that_pass_between_their_steps(n_critic: int, of_G: int, of_D: int) -> None:
    steps: dict[str, list[float]] = {"G": [], "D": []}
    trainer = live(tiny("ring", **{"game.n_critic": n_critic}))
    for name, player in trainer.players.items():
        step = player.step

        def noted(
            described: Any,
            *,
            samples_seen: int,
            total: int,
            passed: float,
            lr_scale: float = 1.0,
            name: str = name,
            step: Any = step,
        ) -> None:
            steps[name].append(passed)
            step(described, samples_seen=samples_seen, total=total, passed=passed, lr_scale=lr_scale)

        player.step = noted  # type: ignore[method-assign]
    trainer.round()
    assert steps == {"G": [of_G], "D": [of_D] * n_critic}


def test_a_run_cannot_go_on_in_another_number_of_parts(tmp_path: Path) -> None:
    recipe = tiny("dcgan", samples=32, scores=[], snapshots=0)
    run = ganvas.train(recipe, out=tmp_path / "run")
    run.config.write_text(run.config.read_text().replace("micro_batches: 1", "micro_batches: 2"))
    with pytest.raises(UsageError, match="in 1 part, and now there are 2"):
        ganvas.resume(run.path)


def test_a_score_on_changed_data_is_refused(tmp_path: Path) -> None:
    points = tmp_path / "points.csv"
    points.write_text("\n".join(f"{i % 7},{i % 5}" for i in range(200)))
    recipe = tiny("ring", source={"kind": "Csv", "path": str(points)}, scores=[], snapshots=0, samples=32)
    run = ganvas.train(recipe, out=tmp_path / "run")
    model = ganvas.load(run.path)
    with pytest.raises(UsageError, match="nothing was measured"):
        evaluate(model)
    points.write_text("\n".join(f"{i % 7},{i % 3}" for i in range(200)))
    with pytest.raises(DataError, match="not those"):
        evaluate(model)
    with pytest.raises(DataError, match="not those"):
        ganvas.resume(run.path)

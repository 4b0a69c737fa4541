"""Numbers that are not finite and memory that runs out: what a run gets over, and what it says where it cannot."""

import os
import resource
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

import ganvas
from ganvas.base.errors import Diverged, ResourceError
from ganvas.diagnosis import diagnose_run
from ganvas.games.synthesis import Synthesis
from ganvas.penalties.dragan import Dragan
from ganvas.penalties.every import Every
from ganvas.recipes import Recipe, from_yaml, live_trainer, override, prepare, to_yaml
from ganvas.recipes import recipe as by_name
from ganvas.recipes.tiny import tiny_overrides
from ganvas.runs import Event, Recovered, Run, checkpoints, read_events
from ganvas.runs.checkpoint_state import read_state
from ganvas.runs.events import Stopped, read_all_events
from ganvas.sessions import restore
from ganvas.training import ProcessGroup, Trainer
from ganvas.training.recovery import finite, lacks_memory, mixing, norm, used, what_broke
from processes import Faulty, Greedy, digests, finish, in_float64, our_parts, start, told, train_and_kill, widen

QUICK: dict[str, Any] = {"samples": 320, "saves": 8, "snapshots": 0, "scores": [], "precision": "fp32", "threads": 1}


@pytest.fixture(autouse=True)
def parts() -> Iterator[None]:
    Faulty.struck.clear()
    with our_parts():
        yield


def ring(**changes: Any) -> Recipe:
    base = by_name("ring")
    return override(base, {**tiny_overrides("ring"), **QUICK, **changes})


def faulty(**game: Any) -> Recipe:
    base = ring()
    assert isinstance(base.game, Synthesis)
    return replace(base, game=Faulty(loss=base.game.loss, penalties=base.game.penalties, **game))


def live(recipe: Recipe) -> Trainer:
    return live_trainer(prepare(recipe), torch.device("cpu"), ProcessGroup())


def healed(path: Path) -> list[Recovered]:
    return [event for event in read_all_events(path / "events.jsonl") if isinstance(event, Recovered)]


def weights_of(path: Path) -> dict[str, str]:
    """Digests of all tensors, the optimisers' and the game's too."""
    return {name: digest for name, digest in digests(path).items() if ":" in name}


def test_a_transient_fault_is_played_again_and_leaves_no_trace(tmp_path: Path) -> None:
    ganvas.train(faulty(at=1000), out=tmp_path / "alone")
    ganvas.train(faulty(at=80, once=True), out=tmp_path / "struck")
    assert Faulty.struck == [80]
    assert weights_of(tmp_path / "struck") == weights_of(tmp_path / "alone")
    (event,) = healed(tmp_path / "struck")
    assert event.fault == "numbers"
    assert "discriminator.adversarial" in event.message


def test_a_fault_that_repeats_is_left_behind_by_other_random_numbers_and_data(tmp_path: Path) -> None:
    run = ganvas.train(faulty(at=100, attempts=1), out=tmp_path / "run")
    assert run.read_json("status.json")["state"] == "finished"
    (event,) = healed(run.path)
    assert event.samples == 80, "the newest checkpoint before the fault"
    assert "Went back to 80 samples" in event.message
    assert "learning rates" not in event.message
    state = read_state(checkpoints.newest_path(run.checkpoints))
    assert (state.attempt, state.rollback_level, state.lr_scale, state.samples_seen) == (1, 1, 1.0, 320)
    assert state.position == 320 + (104 + 8 - 80), "the batches up to the fault were left behind"
    assert (run.checkpoints / "samples-000000000080").is_dir(), "what it went back to is kept"
    assert event in read_events(run.events)


def test_the_second_time_learning_rates_are_halved(tmp_path: Path) -> None:
    run = ganvas.train(faulty(at=100, attempts=2), out=tmp_path / "run")
    first, second = healed(run.path)
    assert "half the learning rates" not in first.message
    assert "half the learning rates" in second.message
    state = read_state(checkpoints.newest_path(run.checkpoints))
    assert (state.attempt, state.rollback_level, state.lr_scale) == (2, 2, 0.5)
    trainer = live(ring())
    whole = trainer.players["G"].optimiser
    trainer.round()
    rate = whole.param_groups[0]["lr"]
    trainer.lr_scale, trainer.samples_seen = 0.5, 0
    trainer.round()
    assert whole.param_groups[0]["lr"] == rate / 2


def test_a_fault_that_stays_stops_the_run_with_its_diagnosis(tmp_path: Path) -> None:
    with pytest.raises(
        Diverged,
        match=r"discriminator.adversarial.* is not finite after 104 samples.*half the learning rates did not help",
    ) as raised:
        ganvas.train(faulty(at=100), out=tmp_path / "run")
    assert raised.value.exit_code == 6
    run = Run.open(tmp_path / "run")
    assert len(healed(run.path)) == 2
    last = read_events(run.events)[-1]
    assert isinstance(last, Stopped)
    assert (last.reason, run.read_json("status.json")["state"]) == ("failed", "failed")
    assert checkpoints.newest_path(run.checkpoints).name == "samples-000000000080", "the good checkpoint is there"
    (verdict,) = diagnose_run(run, lambda remedy: remedy.kind)
    assert (verdict.name, verdict.severity) == ("numbers broke", "wrong")
    assert "discriminator.adversarial" in verdict.message
    assert verdict.remedy == "slow down both players"


def test_without_a_checkpoint_it_begins_again(tmp_path: Path) -> None:
    run = ganvas.train(replace(faulty(at=40, attempts=1), saves=1), out=tmp_path / "run")
    (event,) = healed(run.path)
    assert "Went back to the start" in event.message
    assert run.read_json("status.json")["state"] == "finished"


def test_who_has_got_further_has_two_more_rollbacks(tmp_path: Path) -> None:
    """One at 40 and one at 200 of 320 samples: each is the first of its stretch."""

    done: set[int] = set()
    play = Trainer.round

    def poisoned(trainer: Trainer) -> None:
        play(trainer)
        if trainer.samples_seen in (40, 200) and trainer.samples_seen not in done and trainer.check_finite:
            done.add(trainer.samples_seen)
            trainer.players["G"].parameters[0].data.fill_(float("inf"))

    Trainer.round = poisoned  # type: ignore[method-assign, assignment]
    try:
        run = ganvas.train(ring(), out=tmp_path / "run")
    finally:
        Trainer.round = play  # type: ignore[method-assign]
    assert ["half the learning rates" in event.message for event in healed(run.path)] == [False, False]
    assert all("weights are not finite: G" in event.message for event in healed(run.path))
    assert read_state(checkpoints.newest_path(run.checkpoints)).lr_scale == 1.0


def test_a_run_that_was_healed_and_killed_is_the_one_that_was_healed_and_left_alone(tmp_path: Path) -> None:
    from random import Random

    recipe = faulty(at=100, attempts=2)
    ganvas.train(recipe, out=tmp_path / "alone")
    train_and_kill(recipe, tmp_path / "broken", kills=3, random=Random(3))
    assert digests(tmp_path / "broken") == digests(tmp_path / "alone")


def test_what_was_saved_on_a_course_that_is_given_up_goes(tmp_path: Path) -> None:
    """It breaks at 100 at first, and at 130 in the second attempt, when 120 has been saved: the third begins at 80
    again, as would a resume.
    """
    saved: list[str] = []

    def watch(event: Event) -> None:
        if isinstance(event, Recovered):
            saved.append(checkpoints.newest_path(tmp_path / "run" / "checkpoints").name)

    run = ganvas.train(faulty(at=100, later=130, attempts=2), out=tmp_path / "run", on_event=watch)
    assert saved == ["samples-000000000080"] * 2
    assert [event.samples for event in healed(run.path)] == [80, 80]
    assert run.read_json("status.json")["state"] == "finished"


def test_a_signal_before_the_break_does_not_change_where_it_goes_back_to(tmp_path: Path) -> None:
    """The checkpoint that a signal asks for is one that the run left alone does not have."""
    recipe = faulty(at=130, attempts=1)
    ganvas.train(recipe, out=tmp_path / "alone")
    play = Trainer.round

    def stopped(trainer: Trainer) -> None:
        play(trainer)
        if trainer.samples_seen == 128 and trainer.check_finite and not (tmp_path / "told").exists():
            (tmp_path / "told").touch()
            os.kill(os.getpid(), signal.SIGINT)

    Trainer.round = stopped  # type: ignore[method-assign, assignment]
    try:
        run = ganvas.train(recipe, out=tmp_path / "run", on_signal=lambda name: None)
    finally:
        Trainer.round = play  # type: ignore[method-assign]
    assert checkpoints.newest_path(run.checkpoints).name == "samples-000000000128"
    ganvas.resume(run.path)
    assert [event.samples for event in healed(run.path)] == [120]
    assert weights_of(run.path) == weights_of(tmp_path / "alone")


def test_a_run_that_began_from_weights_goes_back_to_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fresh(*_: Any) -> Trainer:
        raise AssertionError("fresh weights are not where it began")

    monkeypatch.setattr(restore, "live_trainer", fresh)
    base = ganvas.train(ring(seed=5), out=tmp_path / "base")
    first = weights_at(base.checkpoints / "samples-000000000320")
    seen: list[dict[str, torch.Tensor]] = []

    def watch(event: Event) -> None:
        if isinstance(event, Recovered):
            seen.append(weights_at(tmp_path / "tuned" / "checkpoints" / "samples-000000000000"))

    tuned = ganvas.train(faulty(at=24, attempts=2), init_from=base.path, out=tmp_path / "tuned", on_event=watch)
    assert [event.samples for event in healed(tuned.path)] == [0, 0]
    for weights in seen:
        assert torch.equal(weights["G.network.last.weight"], first["G.ema.last.weight"])
    assert len(seen) == 2


def weights_at(path: Path) -> dict[str, torch.Tensor]:
    return load_file(path / "players.safetensors")


@pytest.mark.parametrize("attempts", [1, 2])
def test_short_memory_and_broken_numbers_together(attempts: int, tmp_path: Path) -> None:
    """The parts are halved in the very round that breaks, or after the checkpoint that is gone back to."""
    base = faulty(at=56, attempts=attempts)
    plain = Faulty.discriminator_turn

    def greedy(self: Faulty, play: Any, batch: Any, draws: Any) -> Any:
        if len(batch.x) > 4 and int(str(draws.key[4])) >= 48:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3 GiB")
        return plain(self, play, batch, draws)

    Faulty.discriminator_turn = greedy  # type: ignore[method-assign]
    try:
        run = ganvas.train(base, out=tmp_path / "run")
    finally:
        Faulty.discriminator_turn = plain  # type: ignore[method-assign]
    assert run.read_json("status.json")["state"] == "finished"
    assert {event.fault for event in healed(run.path)} == {"memory", "numbers"}
    assert read_state(checkpoints.newest_path(run.checkpoints)).micro_batches == 2


def test_a_batch_norm_of_torchs_own_mixes_too() -> None:
    assert mixing({"G": nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))}, None) == "G"


def test_healthy_runs_are_left_alone(tmp_path: Path) -> None:
    for seed in range(3):
        run = ganvas.train(ring(seed=seed), out=tmp_path / str(seed))
        assert not healed(run.path)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("data", "the data are not finite (x, samples 5)"),
        (
            "shown",
            "the data are not finite (shown)",
        ),  # it may come from another stream, whose samples have other numbers
        ("weights", "weights are not finite: D.weight"),
        ("term", "discriminator.R1 is not finite"),
        ("gradient", "the gradient of discriminator is not finite, though its terms are"),
    ],
)
def test_the_diagnosis_names_where_it_began(where: str, words: str) -> None:
    from ganvas.base.types import Batch

    network = nn.Linear(2, 1)
    batch = Batch(x=torch.zeros(2), given={"shown": torch.zeros(2)}, index=torch.tensor([3, 5]))
    sums = {"adversarial": torch.tensor(1.0), "R1": torch.tensor(float("nan")), "gradient": torch.tensor(float("inf"))}
    if where == "data":
        batch.x[1] = float("inf")
    if where == "shown":
        batch.given["shown"][0] = float("nan")
    if where == "weights":
        network.weight.data[0, 0] = float("nan")
    if where == "gradient":
        sums["R1"] = torch.tensor(0.0)
    assert not finite(sums)
    assert what_broke("discriminator", sums, batch, {"D": network}) == words


def test_the_norm_is_over_all_gradients() -> None:
    gradients = [torch.randn(3, 4), torch.randn(7), torch.randn(())]
    assert torch.allclose(norm(gradients), torch.cat([each.flatten() for each in gradients]).norm())


def greedy(rows: int, **changes: Any) -> Recipe:
    base = ring(**changes)
    assert isinstance(base.game, Synthesis)
    return replace(base, game=Greedy(loss=base.game.loss, penalties=base.game.penalties, rows=rows))


def test_where_memory_runs_out_smaller_parts_learn_the_same(tmp_path: Path) -> None:
    run = ganvas.train(greedy(rows=2), out=tmp_path / "short")
    ganvas.train(replace(greedy(rows=8), micro_batches=4), out=tmp_path / "four")
    assert weights_of(run.path) == weights_of(tmp_path / "four"), "nothing is left of the turns that did not fit"
    assert [event.message for event in healed(run.path)] == [
        "not enough memory for 8 samples at a time: 4 from here on, with the same gradient",
        "not enough memory for 4 samples at a time: 2 from here on, with the same gradient",
    ]
    with in_float64():
        trainers = [live(greedy(rows=8)), live(replace(greedy(rows=2)))]
        for trainer in trainers:
            widen(trainer)
            trainer.round()
    whole, halved = ({**each.stats} for each in trainers)
    for name, value in whole.items():
        torch.testing.assert_close(halved[name], value, rtol=1e-9, atol=1e-12)


def test_a_run_short_of_memory_goes_on_with_its_smaller_parts(tmp_path: Path) -> None:
    recipe = greedy(rows=2)
    ganvas.train(recipe, out=tmp_path / "alone")
    play = Trainer.round

    def stopped(trainer: Trainer) -> None:
        if trainer.samples_seen == 200 and trainer.check_finite:
            raise KeyboardInterrupt
        play(trainer)

    Trainer.round = stopped  # type: ignore[method-assign, assignment]
    try:
        with pytest.raises(KeyboardInterrupt):
            ganvas.train(recipe, out=tmp_path / "run")
    finally:
        Trainer.round = play  # type: ignore[method-assign]
    ganvas.resume(tmp_path / "run")
    assert weights_of(tmp_path / "run") == weights_of(tmp_path / "alone")
    assert len(healed(tmp_path / "run")) == 2, "it did not have to find out again"


def test_a_batch_that_cannot_be_split_is_one_sentence() -> None:
    with pytest.raises(
        ResourceError, match=r"not enough memory for 1 samples at a time \([\d,]+ MiB in use at the most\)"
    ) as raised:
        live(greedy(rows=0)).round()
    assert raised.value.exit_code == 5


def test_where_samples_mix_nothing_is_split() -> None:
    base = override(
        by_name("dcgan"), {**tiny_overrides("dcgan"), "source": {"kind": "Blobs"}, "precision": "fp32", "threads": 1}
    )
    with pytest.raises(ResourceError, match=r"and [DG] computes"):
        live(replace(base, game=Greedy(rows=2))).round()


@pytest.mark.parametrize(
    ("game", "mixer"),
    [
        (Synthesis(), ""),
        (Synthesis(penalties=(Dragan(),)), "Dragan"),
        (Synthesis(penalties=(Every(2, Dragan()),)), "Dragan"),
        (by_name("feature-matching").game, "FeatureMatching"),
    ],
)
def test_parts_of_the_rules_that_look_at_whole_batches_are_found(game: Any, mixer: str) -> None:
    assert mixing({"D": nn.Linear(1, 1)}, game) == mixer
    assert mixing({"D": nn.Sequential(nn.Linear(1, 1))}, game) == mixer


def test_memory_in_use_is_measured() -> None:
    assert int(used(torch.device("cpu")).removesuffix(" MiB").replace(",", "")) > 50
    assert not lacks_memory(RuntimeError("shapes do not match"))


def short_of_memory(text: str, path: str, room: int) -> None:
    """In a child: `room` bytes more than it has now, and no more."""
    torch.set_num_threads(1)
    with told(Path(f"{path}.error")), our_parts():
        live(override(from_yaml(text), {"batch_samples": 8})).round()  # whatever is loaded at first use
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + room
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        ganvas.train(from_yaml(text), out=path)


def test_memory_that_really_runs_out(tmp_path: Path) -> None:
    """8,192 samples x 512 numbers are 16 MiB a layer and copy; the batch would take some 200."""
    base = by_name("ring")
    wide = {
        "generator.widths": [512, 512],
        "discriminator.widths": [512, 512],
        "batch_samples": 2**13,
        "samples": 2**13,
        "source.samples": 2**13,
    }
    recipe = override(base, {**tiny_overrides("ring"), **QUICK, "saves": 1, **wide})
    child = start(short_of_memory, to_yaml(recipe), str(tmp_path / "run"), 100 * 2**20)
    finish(child, tmp_path / "run")
    words = [event.message for event in healed(tmp_path / "run")]
    assert words, "it would have fitted as it was"
    assert words[0] == "not enough memory for 8192 samples at a time: 4096 from here on, with the same gradient"

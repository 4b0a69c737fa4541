"""The synthetic oracle: maximum likelihood over temperatures, and adversarial recipes that go on from it.

python benchmarks/text_oracle.py [small published] [--data FOLDER] [--tries NAME ...] [--seeds N]

Each row takes at most 15 minutes on one core; rows that are there are not run again. `small` is an oracle of 500
tokens, 5,000 training sequences of 20, weights N(0, 1); `published` that of SeqGAN, 5,000 tokens, 10,000 sequences,
FOLDER/seqgan-oracle-lstm.npz.

Maximum likelihood is trained once for each seed; every try goes on from its weights for so many samples, and the
control "longer" goes on by maximum likelihood at a lower learning rate. Settings were chosen by val; `split` says what
a row was scored on.
"""

import argparse
import math
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch

import ganvas
from ganvas.base.play import Play
from ganvas.data.lstm_oracle import LstmOracle
from ganvas.games.likelihood import negative_log_likelihood
from ganvas.metrics.bleu import self_bleu
from ganvas.metrics.oracle_likelihood import oracle_nll
from ganvas.metrics.text_scores import sentences
from ganvas.recipes import Recipe, override
from ganvas.recipes.schema import Phase
from ganvas.recipes.seqgan import oracle_domain
from ganvas.sessions.model import Model
from rows import append_row, rows

TEMPERATURES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5)
SAMPLES, SELF = 2_000, 500
QUIET = {"threads": 1, "scorings": 0, "snapshots": 0, "diagnoses": 0, "saves": 1}


class Task(NamedTuple):
    """An oracle, and the lengths of training in samples."""

    oracle: LstmOracle
    likelihood: int
    first: dict[str, Any]  # overrides of maximum likelihood


class Try(NamedTuple):
    """A recipe with settings."""

    recipe: str
    samples: int
    changes: dict[str, Any]


RATE = "G.optimiser.lr"
TRIES = {
    "longer": Try("seqgan", 50_000, {RATE: 1e-3}),
    "dense": Try("seqgan.dense", 50_000, {RATE: 1e-3}),
    "dense, lr 1e-4": Try("seqgan.dense", 20_000, {RATE: 1e-4}),
    "dense, lr 3e-4, discount 0.5": Try("seqgan.dense", 20_000, {RATE: 3e-4, "game.discount": 0.5}),
    "dense + likelihood": Try("seqgan.dense", 20_000, {RATE: 3e-4, "game.likelihood_weight": 1.0}),
    "constant": Try("seqgan.constant", 20_000, {RATE: 1e-3}),
    "relgan": Try("relgan", 20_000, {RATE: 1e-4}),
    "relgan, hard, beta 1 to 10": Try(
        "relgan",
        20_000,
        {RATE: 1e-4, "game.hard": True, "game.inverse_temperature": {"kind": "Exponential", "end": 10}},
    ),
    "seqgan": Try("seqgan", 10_000, {RATE: 3e-4}),
    "gad": Try("gad.oracle", 20_000, {}),
    "gad, lr 1e-4": Try("gad.oracle", 20_000, {RATE: 1e-4}),
}


def task_of(name: str, folder: Path) -> Task:
    """The small oracle, or the published one."""
    if name == "small":
        return Task(LstmOracle(samples=5_000), 150_000, {RATE: 5e-3})
    oracle = LstmOracle(path=str(folder / "seqgan-oracle-lstm.npz"), tokens=5_000, samples=10_000)
    return Task(oracle, 400_000, {RATE: 1e-2})


def recipe_of(task: Task, name: str) -> Recipe:
    """A recipe on the task's oracle, without phases and scores."""
    return replace(ganvas.recipe(name), source=task.oracle, domain=oracle_domain(task.oracle), scores=(), phases=())


def likelihood_of(task: Task) -> Recipe:
    """Maximum likelihood with the generator of seqgan."""
    made = ganvas.recipe("seqgan")
    return replace(recipe_of(task, "seqgan"), D=None, game=made.phases[0].game)  # type: ignore[arg-type]


def start(task: Task, name: str, seed: int, folder: Path) -> Path:
    """The run of maximum likelihood, trained where it is not there; rows for each temperature."""
    out = folder / f"{name}-{seed}"
    changes = {**task.first, **QUIET, "samples": task.likelihood, "seed": seed}
    begun = time.perf_counter()
    if not out.exists():
        ganvas.train(likelihood_of(task), out=out, changes=changes)
    protocol = f"maximum likelihood, {name} oracle, {task.likelihood} samples, threads=1"
    if not rows(benchmark="text oracle 2", protocol=protocol, seed=seed):
        model, seconds = ganvas.load(out, at="newest"), time.perf_counter() - begun
        for split in ("val", "test"):
            for temperature in TEMPERATURES:
                row = {"protocol": protocol, "task": name, "try": "likelihood", "seed": seed, "split": split}
                append_row(benchmark="text oracle 2", **row, **judged(task, model, temperature, split), seconds=seconds)
    return out


def attempt(task: Task, name: str, title: str, seed: int, begin: Path) -> None:
    """One try from the weights of maximum likelihood: a row for val and one for test."""
    wanted = TRIES[title]
    settings = " ".join(f"{key}={value}" for key, value in wanted.changes.items())
    protocol = f"{title}: {wanted.recipe} {settings}, {name} oracle, {wanted.samples} samples more, threads=1"
    if rows(benchmark="text oracle 2", protocol=protocol, seed=seed):
        return
    made = likelihood_of(task) if title == "longer" else recipe_of(task, wanted.recipe)
    made = override(made, wanted.changes)
    if made.D is not None:  # D begins alone
        made = replace(made, phases=(Phase(samples=1, turns=("discriminator",)), Phase(samples=4)))
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        changes = {**QUIET, "samples": wanted.samples, "seed": seed}
        run = ganvas.train(made, init_from=begin, out=Path(folder) / "run", changes=changes)
        seconds = time.perf_counter() - begun
        model = ganvas.load(run, at="newest")
        for split in ("val", "test"):
            for temperature in (1.0, 0.8):
                row = {"protocol": protocol, "task": name, "try": title, "seed": seed, "split": split}
                found = judged(task, model, temperature, split)
                append_row(benchmark="text oracle 2", **row, **found, seconds=seconds)


def judged(task: Task, model: Model, temperature: float, split: Any) -> dict[str, float]:
    """NLL_oracle of samples, NLL of held-out sequences, Self-BLEU and repeated samples, at one temperature."""
    texts = model.sample(SAMPLES, seed=1, temperature=temperature)
    x = torch.tensor([[int(word) + 4 for word in line.split()] for line in texts])
    stream = model.experiment.stream(split)
    held = stream.store.rows(torch.arange(len(stream.store))).long()
    with torch.no_grad():
        parts = [negative_log_likelihood(Play(model.networks), part, temperature) for part in held.split(64)]
        nll = torch.cat(parts).double().mean() / held.shape[1]
    bleu = torch.tensor(self_bleu(sentences(x[:SELF]), 3))[:, 2]
    result, floor = (oracle_nll(task.oracle.weights, each) for each in (x, held))
    return {
        "temperature": temperature,
        "nll_oracle": result.value,
        "nll_oracle_error": result.error or math.nan,
        "nll_held": float(nll),
        "self_bleu_3": float(bleu.mean()),
        "distinct_lines": len(set(texts)) / len(texts),
        "distinct_words": len(x.unique()) / task.oracle.tokens,
        "floor": floor.value,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="*", default=["small"])
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--tries", nargs="*", default=list(TRIES))
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--runs", type=Path, help="a folder that keeps the runs of maximum likelihood")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for what in chosen.what:
            for number in chosen.seeds:
                found = task_of(what, chosen.data)
                first = start(found, what, number, chosen.runs or Path(temporary))
                for each in chosen.tries:
                    attempt(found, what, each, number, first)

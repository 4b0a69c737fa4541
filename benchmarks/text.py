"""Text: the oracle task with the temperature curve of maximum likelihood, the user's own text, the speed of sampling.

python benchmarks/text.py [oracle floor quatrains captions speed] [--data FOLDER]

Each row takes at most 15 minutes on one core; rows that are there are not run again. FOLDER holds
seqgan-oracle-lstm.npz, tang-quatrains-5.txt.gz and coco-captions-train.txt.gz.

The oracle task here is small, for one core: 500 tokens, sequences of 20, 5,000 training sequences, weights N(0, 1).
Its numbers are not those of papers, whose oracle has 5,000 tokens; row `floor` has that one.
"""

import argparse
import math
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

import ganvas
from ganvas.base.play import Play
from ganvas.base.types import Batch
from ganvas.data.lstm_oracle import LstmOracle
from ganvas.games.likelihood import negative_log_likelihood
from ganvas.metrics.bleu import self_bleu
from ganvas.metrics.oracle_likelihood import OracleLikelihood, oracle_nll
from ganvas.metrics.text_scores import TextScores, sentences
from ganvas.networks.text_transformer import TextTransformer
from ganvas.recipes.seqgan import oracle_domain
from ganvas.sessions.model import Model
from rows import append_row, rows

ORACLE = LstmOracle(samples=5_000)
TEMPERATURES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
SAMPLES, SELF = 2_000, 500
LENGTHS = {"mle": 150_000, "seqgan": 200_000, "seqgan.dense": 200_000, "seqgan.constant": 200_000, "relgan": 200_000}


def oracle_run(name: str, seed: int) -> None:
    """One run on the small oracle; a row for each temperature of maximum likelihood, one for a game."""
    protocol = f"{name}, LstmOracle(samples=5000), {LENGTHS[name]} samples, threads=1"
    if rows(benchmark="text oracle", protocol=protocol, seed=seed):
        return
    made = ganvas.recipe("seqgan" if name == "mle" else name)
    made = replace(made, source=ORACLE, domain=oracle_domain(ORACLE), scores=(TextScores(), OracleLikelihood(ORACLE)))
    if name == "mle":
        first = made.phases[0]
        made = replace(made, D=None, game=first.game, phases=(replace(first, samples=1),))  # type: ignore[arg-type]
    changes = {"samples": LENGTHS[name], "seed": seed, "threads": 1, "scorings": 0, "snapshots": 0, "diagnoses": 0}
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        run = ganvas.train(made, out=Path(folder) / "run", changes={**changes, "saves": 1})
        seconds = time.perf_counter() - begun
        model = ganvas.load(run, at="newest")
        for temperature in TEMPERATURES if name == "mle" else (1.0,):
            row = {"protocol": protocol, "recipe": name, "seed": seed, "temperature": temperature}
            append_row(benchmark="text oracle", **row, **judged(model, temperature), seconds=seconds)


def judged(model: Model, temperature: float) -> dict[str, float]:
    """NLL_oracle of samples, NLL of held-out sequences, Self-BLEU and repeated samples, at one temperature."""
    texts = model.sample(SAMPLES, seed=1, temperature=temperature)
    x = torch.tensor([[int(word) + 4 for word in line.split()] for line in texts])
    stream = model.experiment.stream("val")
    held = stream.store.rows(torch.arange(len(stream.store))).long()
    with torch.no_grad():
        play = Play(model.networks)
        nll = negative_log_likelihood(play, held, temperature).double().mean() / held.shape[1]
    bleu = torch.tensor(self_bleu(sentences(x[:SELF]), 3))[:, 2]
    result = oracle_nll(ORACLE.weights, x)
    floor = oracle_nll(ORACLE.weights, held)
    return {
        "nll_oracle": result.value,
        "nll_oracle_error": result.error or math.nan,
        "nll_test": float(nll),
        "self_bleu_3": float(bleu.mean()),
        "distinct_lines": len(set(texts)) / len(texts),
        "floor": floor.value,
    }


def floor(folder: Path) -> None:
    """The likelihood of the published oracle's own sequences, and of random tokens."""
    if rows(benchmark="text floor"):
        return
    weights = LstmOracle(path=str(folder / "seqgan-oracle-lstm.npz")).weights
    own = oracle_nll(weights, weights.sample(4_000, 20, (0, "floor")) + 4)
    uniform = torch.randint(0, 5_000, (1_000, 20), generator=torch.Generator().manual_seed(0))
    row = {"nll_oracle": own.value, "error": own.error, "uniform": oracle_nll(weights, uniform + 4).value}
    append_row(benchmark="text floor", protocol="4,000 own sequences of 20, SeqGAN's oracle of 5,000 tokens", **row)


def own_text(name: str, path: Path, samples: int, changes: dict[str, Any], poems: Path | None = None) -> None:
    """`ganvas train --data` on a text; samples at three temperatures against test lines."""
    protocol = f"ganvas train --data {path.name} samples={samples} threads=1, score on test"
    if rows(benchmark="text own", protocol=protocol):
        return
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        options = {"samples": samples, "threads": 1, "scorings": 3, "snapshots": 0, "diagnoses": 0, "saves": 3}
        run = ganvas.train(data=str(path), out=Path(folder) / "run", changes={**options, **changes})
        seconds = time.perf_counter() - begun
        model = ganvas.load(run)
        stream, train = model.experiment.stream("test"), model.experiment.stream("train")
        real = Batch(stream.store.rows(torch.arange(len(stream.store))).long())
        lines = set(model.domain.decode(train.store.rows(torch.arange(len(train.store))).long()))
        reals = {each.name: each.value for each in TextScores().measure(real=real, fake=first(train, len(real.x)))}
        for temperature in (1.0, 0.8, 0.6):
            texts = model.sample(len(real.x), seed=1, temperature=temperature)
            fake = Batch(torch.from_numpy(model.domain.numbers(list(texts)).astype("int64")))  # type: ignore[attr-defined]
            with torch.no_grad():
                nll = torch.cat(
                    [negative_log_likelihood(Play(model.networks), x, temperature) for x in real.x.split(64)]
                )
            fake = fake.with_given(negative_log_likelihood=nll)
            found = {each.name: each.value for each in TextScores().measure(real=real, fake=fake)}
            copied = sum(text in lines for text in texts) / len(texts)
            row = {"protocol": protocol, "set": name, "temperature": temperature, "copied_training_lines": copied}
            row |= {"real_frechet": reals["text_frechet"], "real_self_bleu_2": reals["text_self_bleu_2"]}
            append_row(benchmark="text own", **row, real_bleu_2=reals["text_bleu_2"], **found, seconds=seconds)
        if poems:
            poems.write_text("\n".join(model.sample(20, seed=0, temperature=0.8)) + "\n", encoding="utf-8")


def first(stream: Any, n: int) -> Batch:
    """The first n items."""
    return Batch(stream.store.rows(torch.arange(n)).long())


def speed() -> None:
    """Tokens a second of the transformer: with its memory, and by a plain loop that reads the whole text each time."""
    if rows(benchmark="text speed"):
        return
    torch.set_num_threads(1)
    torch.manual_seed(0)
    from ganvas.base.types import Spec

    length, batch, tokens = 64, 64, 1_000
    spec = Spec("text", (length,), bounded=False, dtype="int64", settings={"tokens": tokens, "ends": False})
    network: Any = TextTransformer().build(spec).eval()
    z, seconds = torch.randn(batch, length), {"cached": [], "plain": []}  # type: ignore[var-annotated]
    for _ in range(3):
        for name, call in (("cached", lambda: network(z)), ("plain", lambda: plain(network, batch, length))):
            begun = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - begun)
    speeds = {name: batch * length / sorted(each)[1] for name, each in seconds.items()}
    protocol = "TextTransformer(), 64 texts of 64 tokens of 1,000, medians of 3 interleaved, one thread"
    row = {f"{name}_tokens_per_second": value for name, value in speeds.items()}
    append_row(benchmark="text speed", protocol=protocol, ratio=speeds["cached"] / speeds["plain"], **row)


@torch.no_grad()
def plain(network: Any, batch: int, length: int) -> torch.Tensor:
    """The textbook's loop: the whole text through the network for every token, and torch.multinomial."""
    x = torch.full((batch, length), 4)
    for t in range(length):
        x[:, t] = torch.multinomial(network.token_logits(x[:, : t + 1])[:, t].softmax(1), 1)[:, 0]
    return x


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="*", default=["floor", "speed", "oracle", "quatrains", "captions"])
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--poems", type=Path, help="a file for 20 unchosen poems")
    wanted = parser.parse_args()
    if "floor" in wanted.what:
        floor(wanted.data)
    if "speed" in wanted.what:
        speed()
    if "oracle" in wanted.what:
        for number in range(wanted.seeds):
            for each in LENGTHS:
                oracle_run(each, number)
    if "quatrains" in wanted.what:
        own_text("quatrains", wanted.data / "tang-quatrains-5.txt.gz", 20_000, {}, wanted.poems)
    if "captions" in wanted.what:
        own_text("captions", wanted.data / "coco-captions-train.txt.gz", 30_000, {"domain.most": 2_000})

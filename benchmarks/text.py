"""Text: poems and captions, numbers to words, the published oracle's floor, the speed of sampling.

python benchmarks/text.py [floor poems captions pairs speed] [--data FOLDER]

Each row takes at most 15 minutes on one core; rows that are there are not run again. FOLDER holds
seqgan-oracle-lstm.npz, tang-quatrains-5.txt.gz and coco-captions-train.txt.gz.

benchmarks/text_oracle.py has the oracle task.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

import ganvas
from ganvas.base.play import Play
from ganvas.base.types import Batch
from ganvas.data.lstm_oracle import LstmOracle
from ganvas.evaluation.poem_evaluation import poem_scores
from ganvas.games.likelihood import negative_log_likelihood
from ganvas.metrics.answer_scores import AnswerScores
from ganvas.metrics.oracle_likelihood import oracle_nll
from ganvas.metrics.proportion import proportion
from ganvas.metrics.text_scores import TextScores
from ganvas.networks.text_transformer import TextTransformer
from ganvas.training.inference import assessments, data_batches, outputs
from rows import append_row, rows


def floor(folder: Path) -> None:
    """The likelihood of the published oracle's own sequences, and of random tokens."""
    if rows(benchmark="text floor"):
        return
    weights = LstmOracle(path=str(folder / "seqgan-oracle-lstm.npz")).weights
    own = oracle_nll(weights, weights.sample(4_000, 20, (0, "floor")) + 4)
    uniform = torch.randint(0, 5_000, (1_000, 20), generator=torch.Generator().manual_seed(0))
    row = {"nll_oracle": own.value, "error": own.error, "uniform": oracle_nll(weights, uniform + 4).value}
    append_row(benchmark="text floor", protocol="4,000 own sequences of 20, SeqGAN's oracle of 5,000 tokens", **row)


def own_text(
    name: str, recipe: str, path: Path, samples: int, poems: Path | None = None, begun_run: Path | None = None
) -> None:
    """A recipe on a text; samples at three temperatures against test lines, with the form where they are poems.

    `begun_run` is a run of this recipe that is judged as it is; without one, `samples` are trained.
    """
    protocol = f"{recipe}, {path.name}, {samples} samples, threads=1, score on test"
    if rows(benchmark="text own", protocol=protocol):
        return
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        options = {"samples": samples, "threads": 1, "scorings": 0, "snapshots": 0, "diagnoses": 0, "saves": 1}
        run: Any = begun_run or ganvas.train(recipe, data=str(path), out=Path(folder) / "run", changes=options)
        seconds = 0.0 if begun_run else time.perf_counter() - begun
        model = ganvas.load(run, at="newest")
        if model.samples_seen < samples:
            protocol = protocol.replace(f"{samples} samples", f"{model.samples_seen} of {samples} samples")
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
            if recipe == "poem":
                for each in poem_scores(model, "test", 1, temperature):
                    found |= {each.name: each.value, f"real_{each.name}": each.real_vs_real or 0.0}
            copied = sum(text in lines for text in texts) / len(texts)
            row = {"protocol": protocol, "set": name, "temperature": temperature, "copied_training_lines": copied}
            row |= {f"real_{key}": reals[f"text_{key}"] for key in ("frechet", "self_bleu_2", "bleu_2", "shared")}
            append_row(benchmark="text own", **row, **found, seconds=seconds)
        if poems:
            poems.write_text("\n".join(model.sample(20, seed=0, temperature=0.8)) + "\n", encoding="utf-8")


def pairs(recipe: str, language: str, samples: int, seed: int) -> None:
    """Numbers to words: exact answers and BLEU of test, drawn and almost greedy, with their intervals."""
    protocol = f"{recipe}, {language}, {samples} samples, threads=1, score on test"
    if rows(benchmark="text pairs", protocol=protocol, seed=seed):
        return
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        options = {"samples": samples, "seed": seed, "threads": 1, "scorings": 0, "snapshots": 0, "diagnoses": 0}
        changes = {**options, "saves": 1, "source.language": language}
        run = ganvas.train(recipe, out=Path(folder) / "run", changes=changes)
        seconds = time.perf_counter() - begun
        model = ganvas.load(run, at="newest")
        stream = model.experiment.stream("test")
        n = len(stream.store)
        batch = stream.at(np.arange(n), np.zeros(n, np.int64))
        nll = assessments(model.game, model.networks, batch)
        for temperature in (1.0, 0.1):
            made = outputs(
                model.game, model.networks, data_batches(stream), n=n, seed=1, options={"temperature": temperature}
            )
            fake = Batch(made, given=nll)
            found = {each.name: each for each in AnswerScores().measure(real=batch, fake=fake)}
            hits = proportion(hits=[round(found["answer_exact"].value * n)], of=[n])
            bleu = found["answer_bleu_4"]
            row = {"protocol": protocol, "recipe": recipe, "language": language, "seed": seed}
            row |= {"temperature": temperature, "exact": hits.value, "exact_low": hits.low, "exact_high": hits.high}
            row |= {"bleu_4": bleu.value, "bleu_4_error": bleu.error, "nll": found["text_nll"].value, "n": n}
            append_row(benchmark="text pairs", **row, seconds=seconds)


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
    parser.add_argument("what", nargs="*", default=["floor", "speed", "poems", "captions", "pairs"])
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--poems", type=Path, help="a file for 20 unchosen poems")
    parser.add_argument("--poem-run", type=Path, help="a run of poem that is judged as it is")
    wanted = parser.parse_args()
    if "floor" in wanted.what:
        floor(wanted.data)
    if "speed" in wanted.what:
        speed()
    if "poems" in wanted.what:
        own_text("quatrains", "poem", wanted.data / "tang-quatrains-5.txt.gz", 60_000, wanted.poems, wanted.poem_run)
    if "captions" in wanted.what:
        own_text("captions", "captions", wanted.data / "coco-captions-train.txt.gz", 40_000)
    if "pairs" in wanted.what:
        for number in range(wanted.seeds):
            for language in ("english", "chinese"):
                for each in ("seq2seq", "seq2seq.gan"):
                    pairs(each, language, 50_000, number)

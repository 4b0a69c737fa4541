"""Speech: the classifier of spoken digits, digits from noise, and digit strings by the acoustic model.

python benchmarks/speech.py [classifier real wavegan.digits strings] [--data FOLDER] [--runs FOLDER] [--seed N]

FOLDER of --data holds the Free Spoken Digit Dataset, files as 7_jackson_32.wav. The classifier is judged on a speaker
that neither its training nor val has; generators make the voices that they were trained on, so their recordings are
split by recording. Models are chosen on val, rows are of test. Rows that are there are not run again.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

import ganvas
from ganvas.applications.speak import Spoken, speak
from ganvas.base.types import Batch
from ganvas.data.sounds import Sounds
from ganvas.data.source import Items, Split
from ganvas.domains.audio import Audio
from ganvas.evaluation.by_domain import evaluate_own_kind
from ganvas.ingest.list_sounds import SPEAKER
from ganvas.metrics.spoken_digit_scores import SpokenDigitScores
from ganvas.metrics.spoken_digits import RATE, SpokenDigits
from ganvas.recipes.speech import speech
from ganvas.recipes.wavegan import wavegan_digits
from ganvas.runs import read_events
from rows import append_row, rows

STRINGS, SHORTEST, LONGEST = 100, 3, 7  # strings of digits, and how many digits each has
SILENT, GAP = 0.02, 0.12  # of the loudest number, and seconds below it, that part two words
CHANGES = {"threads": 1, "precision": "fp32", "scorings": 3, "snapshots": 4, "diagnoses": 0, "saves": 3}
SIDES: tuple[Split, Split] = ("train", "test")
ALL = ["classifier", "real", "wavegan.digits", "strings"]
SHOWN = ("spoken_frechet", "spoken_inception_score", "spoken_precision", "spoken_recall", "read_as_asked", "copied")


def source_of(folder: Path, speaker: str = "") -> Sounds:
    """The digits, split by recording, or by speaker."""
    return Sounds(str(folder), rate=RATE, classes="names", speaker=speaker)


def waves_of(items: Items) -> torch.Tensor:
    """Recordings [n, 1, L] in [-1, 1]."""
    domain = Audio().fit(items)
    return domain.to_tensor(domain.store(items).rows(torch.arange(len(items))))


def classifier(folder: Path) -> None:
    """Accuracy of the classifier that comes with ganvas on speakers that it was not trained on."""
    source, hashed = source_of(folder, SPEAKER), SpokenDigits().describe()["weights_sha256"]
    held: tuple[Split, Split] = ("val", "test")
    for split in held:
        if rows(benchmark="spoken classifier", split=split, weights_sha256=hashed):
            continue
        items = source.items(split)
        assert items.y is not None
        read = SpokenDigits().extract(waves_of(items)).probabilities
        assert read is not None
        right = read.argmax(1).numpy() == items.y
        each = {str(digit): float(right[items.y == digit].mean()) for digit in range(10)}
        speaker = source.entry().facts["speakers"][split][0]
        facts = {"recipe": "digits.spoken", "split": split, "speaker": speaker, "n": len(items)}
        append_row(
            benchmark="spoken classifier", **facts, accuracy=float(right.mean()), each=each, weights_sha256=hashed
        )


def real(folder: Path) -> None:
    """Recordings of train in the place of generated ones: what a perfect generator would get."""
    if rows(benchmark="spoken digits from noise", method="recordings"):
        return
    source = source_of(folder)
    sides = {split: source.items(split) for split in SIDES}
    n = len(sides["test"])
    few = np.random.default_rng(0).permutation(len(sides["train"]))[:n]
    train = sides["train"]
    assert train.y is not None
    fake = Batch(x=waves_of(replace(train, x=train.x[few], y=train.y[few])), y=torch.from_numpy(train.y[few]))
    held = Batch(x=waves_of(sides["test"]), y=torch.from_numpy(np.asarray(sides["test"].y)))
    found = {each.name: each.value for each in SpokenDigitScores(n=n).measure(real=held, fake=fake)}
    facts = {"method": "recordings", "split": "test", "n": n, "data": sides["test"].fingerprint[:16]}
    append_row(benchmark="spoken digits from noise", **facts, **shown(found))


def shown(found: dict[str, float]) -> dict[str, float]:
    """The scores of a row."""
    return {name: value for name, value in found.items() if name in SHOWN or name.startswith("copy")}


def trained(name: str, recipe: Any, folder: Path, runs: Path, seed: int) -> tuple[Any, float]:
    """The run of a recipe on the digits, and its seconds from the first to the last event, on a shared core."""
    out = runs / f"{name}-{seed}"
    made = replace(recipe, source=source_of(folder), seed=seed)
    run = ganvas.resume(out) if out.exists() else ganvas.train(made, out=out, changes=CHANGES)
    times = [event.time for event in read_events(out / "events.jsonl")]
    return ganvas.load(run, at="newest"), times[-1] - times[0]


def noise(folder: Path, runs: Path, seed: int) -> None:
    """The recipe `wavegan.digits`."""
    name, made = "wavegan.digits", wavegan_digits()
    row = {"method": name, "samples": made.samples, "seed": seed, "split": "test"}
    if rows(benchmark="spoken digits from noise", **row):
        return
    model, took = trained(name, made, folder, runs, seed)
    found = evaluate_own_kind(model, "test", seed)
    values = {each.name: each.value for each in found.results}
    n = next(each.n for each in found.results if each.name == "spoken_frechet")
    append_row(benchmark="spoken digits from noise", **row, n=n, **shown(values), seconds_training=took)


def strings(folder: Path, runs: Path, seed: int, vocoder: Path | None) -> None:
    """The recipe `speech`: strings of digits, cut at their pauses and read by the classifier."""
    made = speech()
    by = "Griffin-Lim" if vocoder is None else "vocoder"
    row = {"method": "speech", "wave": by, "samples": made.samples, "seed": seed, "strings": STRINGS}
    if rows(benchmark="spoken strings", **row):
        return
    model, took = trained("speech", made, folder, runs, seed)
    speaks = None if vocoder is None else ganvas.load(vocoder)
    random, right, whole, cut, total = np.random.default_rng(seed), 0, 0, 0, 0
    for number in range(STRINGS):
        digits = random.integers(0, 10, random.integers(SHORTEST, LONGEST + 1)).tolist()
        spoken = speak(model, "".join(map(str, digits)), vocoder=speaks, seed=number)
        read = heard_digits(spoken)
        known = heard_digits(spoken, spoken.places)
        right += sum(a == b for a, b in zip(known, digits, strict=True))
        whole += known == digits
        cut += read == digits
        total += len(digits)
    facts = {"digits_read": right / total, "strings_read": whole / STRINGS, "strings_cut_at_pauses_read": cut / STRINGS}
    append_row(benchmark="spoken strings", **row, digits=total, **facts, seconds_training=took)


def heard_digits(spoken: Spoken, places: list[tuple[int, int]] | None = None) -> list[int]:
    """What the classifier reads: of the words at these places, or of what lies between pauses."""
    wave = torch.from_numpy(spoken.wave.astype(np.float32) / 32_768)
    found = between_pauses(spoken.wave, spoken.rate) if places is None else places
    read = []
    for begin, end in found:
        probabilities = SpokenDigits().extract(wave[None, None, begin:end]).probabilities
        assert probabilities is not None
        read.append(int(probabilities.argmax()))
    return read


def between_pauses(wave: Any, rate: int) -> list[tuple[int, int]]:
    """Where something is heard: parts that are longer than GAP apart."""
    loud = np.flatnonzero(np.abs(wave.astype(np.int64)) > SILENT * np.abs(wave.astype(np.int64)).max())
    breaks = np.flatnonzero(np.diff(loud) > GAP * rate)
    begins, ends = [loud[0], *loud[breaks + 1]], [*loud[breaks], loud[-1]]
    return [(int(begin), int(end) + 1) for begin, end in zip(begins, ends, strict=True)]


def main() -> None:
    """Run the rows that are missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="*", default=ALL)
    parser.add_argument("--data", type=Path, default=Path("recordings"))
    parser.add_argument("--runs", type=Path, default=Path("runs") / "speech")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vocoder", type=Path)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    if "classifier" in chosen.which:
        classifier(chosen.data)
    if "real" in chosen.which:
        real(chosen.data)
    if "wavegan.digits" in chosen.which:
        noise(chosen.data, chosen.runs, chosen.seed)
    if "strings" in chosen.which:
        strings(chosen.data, chosen.runs, chosen.seed, chosen.vocoder)


if __name__ == "__main__":
    main()

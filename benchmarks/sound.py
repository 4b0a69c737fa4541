"""Sound: copy synthesis of spoken digits against Griffin-Lim, and real-time factors on one core.

python benchmarks/sound.py [griffin-lim train speed] [--data FOLDER] [--runs FOLDER]

FOLDER of --data holds the Free Spoken Digit Dataset, files as 7_jackson_32.wav. Each speaker is in one split:
recipes are chosen on val (one speaker), the rows are of test (another one). The digits 0 to 9 of one take, joined, are
one recording of PESQ, as a single digit is too short for it; 50 takes. Rows that are there are not run again; `train`
takes about a quarter of an hour of one core that nobody else uses.
"""

import argparse
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

import ganvas
from ganvas.applications.vocoder_chunks import copied_blocks, vocoder_of
from ganvas.base.types import Spec, TensorSpec
from ganvas.data.sounds import Sounds
from ganvas.ingest.list_sounds import SPEAKER
from ganvas.ingest.sound_files import read_sound
from ganvas.metrics.pesq_and_stoi import speech_quality
from ganvas.metrics.vocoder_scores import stft_distance
from ganvas.networks.hifigan import V3, HifiGan
from ganvas.networks.vocos import Vocos
from ganvas.ops.griffin_lim import griffin_lim, magnitudes_of_mel
from ganvas.ops.mel import Mel
from ganvas.recipes.vocoder import MEL, vocoder
from rows import append_row, rows

TAKES = range(50)
Wave = np.ndarray[Any, np.dtype[np.float32]]


def source_of(folder: Path) -> Sounds:
    """The digits, split by speaker."""
    return Sounds(str(folder), rate=MEL.rate, classes="names", speaker=SPEAKER)


def recordings(folder: Path, split: str) -> tuple[str, list[Wave]]:
    """The speaker of a split, and its takes of the digits 0 to 9, joined."""
    speaker = source_of(folder).entry().facts["speakers"][split][0]
    found = [[read_sound(folder / f"{digit}_{speaker}_{take}.wav", MEL.rate) for digit in range(10)] for take in TAKES]
    return speaker, [np.concatenate(each) for each in found]


def judged(real: list[Wave], fake: list[Wave]) -> dict[str, Any]:
    """PESQ, STOI, mel L1 and the distance of spectra, each a mean over recordings."""
    found = {each.name: each.value for each in speech_quality(real=real, fake=fake, rate=MEL.rate)}
    mel, spectra = list[float](), list[float]()
    for x, y in zip(real, fake, strict=True):
        a, b = (padded(each) for each in (x, y))
        mel.append(float((MEL.of(a) - MEL.of(b)).abs().mean()))
        spectra.append(float(stft_distance(a, b)))
    return {**found, "mel_l1": float(np.mean(mel)), "stft_distance": float(np.mean(spectra)), "recordings": len(real)}


def padded(x: Wave) -> torch.Tensor:
    """[1, 1, L] with silence up to a multiple of the hop."""
    return torch.from_numpy(np.pad(x, (0, -len(x) % MEL.hop)))[None, None]


def baseline(folder: Path, split: str) -> None:
    """Griffin-Lim of the mel spectrograms, 32 and 100 iterations with momentum 0.99."""
    speaker, real = recordings(folder, split)
    for iterations in (32, 100):
        row = {"method": "Griffin-Lim", "iterations": iterations, "split": split, "speaker": speaker}
        if rows(benchmark="sound copy", **row):
            continue
        fake, begun = list[Wave](), time.process_time()
        for number, x in enumerate(real):
            heights = magnitudes_of_mel(MEL, MEL.of(padded(x)))
            noise = torch.Generator().manual_seed(number)
            made = griffin_lim(MEL, heights, iterations=iterations, momentum=0.99, generator=noise)
            fake.append(made[0, 0, : len(x)].numpy())
        cost = (time.process_time() - begun) / (sum(map(len, real)) / MEL.rate)
        append_row(benchmark="sound copy", **row, **judged(real, fake), cpu_seconds_per_second=cost)


def trained(folder: Path, runs: Path, split: str) -> None:
    """The recipe `vocoder` on the digits of the training speakers."""
    made = replace(vocoder(), source=source_of(folder))
    row = {"method": "vocoder", "samples": made.samples, "seed": made.seed, "split": split}
    if rows(benchmark="sound copy", **row):
        return
    out = runs / "vocoder"
    changes = {"threads": 1, "precision": "fp32", "scorings": 3, "snapshots": 3, "diagnoses": 0, "saves": 3}
    begun = time.process_time()
    run = ganvas.resume(out) if out.exists() else ganvas.train(made, out=out, changes=changes)
    training = time.process_time() - begun
    loaded = vocoder_of(ganvas.load(run, at="newest"))
    speaker, real = recordings(folder, split)
    begun = time.process_time()
    fake = [np.concatenate(list(copied_blocks(loaded, [x]))).astype(np.float32) / np.float32(32_768) for x in real]
    cost = (time.process_time() - begun) / (sum(map(len, real)) / MEL.rate)
    more = {"cpu_seconds_per_second": cost, "cpu_seconds_training": training}
    append_row(benchmark="sound copy", **row, speaker=speaker, **judged(real, fake), **more)


def speed() -> None:
    """CPU seconds for a second of sound: generators with their first weights, chunks of 8 s, the median of five."""
    torch.set_num_threads(1)
    wide = Mel(high=0.0)
    paper = HifiGan(**V3)
    for name, mel, network in (
        ("vocoder", MEL, vocoder().players["G"].network),
        ("Vocos of the paper's size", wide, Vocos(width=512, blocks=8)),
        ("HiFi-GAN V3", wide, paper),
    ):
        if rows(benchmark="sound speed", method=name):
            continue
        G: Any = network.build(spec_of(mel)).eval()
        frames = round(8 * mel.rate / mel.hop)
        heights = torch.randn(1, mel.filters, frames)
        took = list[float]()
        with torch.no_grad():
            for _ in range(6):
                begun = time.process_time()
                G(None, None, {"mel": heights})
                took.append(time.process_time() - begun)
        factor = float(np.median(took[1:])) / (frames * mel.hop / mel.rate)
        parameters = sum(each.numel() for each in G.parameters())
        append_row(
            benchmark="sound speed", method=name, rate=mel.rate, parameters=parameters, cpu_real_time_factor=factor
        )


def spec_of(mel: Mel) -> Any:
    """The spec of segments with this spectrogram."""
    given = {"mel": TensorSpec((mel.filters, 32))}
    return Spec("audio", (1, 32 * mel.hop), True, given=given, settings={"rate": mel.rate, "mel": asdict(mel)})


def main() -> None:
    """Run the rows that are missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="*", default=["griffin-lim", "train", "speed"])
    parser.add_argument("--data", type=Path, default=Path("recordings"))
    parser.add_argument("--runs", type=Path, default=Path("runs") / "sound")
    parser.add_argument("--split", default="test")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    if "griffin-lim" in chosen.which:
        baseline(chosen.data, chosen.split)
    if "train" in chosen.which:
        trained(chosen.data, chosen.runs, chosen.split)
    if "speed" in chosen.which:
        speed()


if __name__ == "__main__":
    main()

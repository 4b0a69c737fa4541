"""Words to sound: an acoustic model makes their spectrograms, and a vocoder, or Griffin-Lim, the wave."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..base.draws import normal_rows
from ..base.errors import DataError, UsageError
from ..base.wording import shortened
from ..ops.griffin_lim import waves_of_mel
from ..runs import cannot_write, mark_of, open_wav
from .vocoder_chunks import vocoder_of, wave_of_mel

if TYPE_CHECKING:
    from ..sessions.model import Model

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PAUSE = 0.2  # seconds between words, and of silence at both ends
MOST = 200  # words
SLOWEST, FASTEST = 0.5, 2.0


class Spoken(NamedTuple):
    """What was spoken.

    Args:
        wave: int16 [L].
        rate: numbers in a second.
        classes: that were spoken, by name.
        places: first number of each word and the first one behind it.
    """

    wave: Any
    rate: int
    classes: list[str]
    places: list[tuple[int, int]]


def speak(model: "Model", text: str, *, vocoder: "Model | None" = None, seed: int = 0, speed: float = 1.0) -> Spoken:
    """A text in the words that the model has learnt.

    Args:
        model: of words, from recipe `speech`.
        text: words, or digits in figures; punctuation is not spoken.
        vocoder: makes the wave of the spectrogram; None for Griffin-Lim.
        seed: of what varies in a word beside its duration.
        speed: 0.5 to 2; 2 is twice as fast.

    Raises:
        UsageError: a word that the model has not learnt, no words, or a model that does not speak.
        DataError: the vocoder's spectrograms have other settings than the model's.
    """
    settings = model.spec.settings
    if model.spec.domain != "mels" or "durations" not in settings or "frames" not in model.spec.given:
        message = f"this model does not speak words: it was trained on {model.spec.domain}"
        raise UsageError(message, where=str(model.run), hint="Train one: ganvas train speech --data FOLDER")
    if not SLOWEST <= speed <= FASTEST:
        raise UsageError(f"the speed is {speed:g}, and {SLOWEST:g} to {FASTEST:g} are possible")
    domain: Any = model.domain
    y = numbers_of_text(text, model.spec.classes)
    longest = model.spec.shape[2]
    frames = [min(longest, max(1, round(settings["durations"][each] / speed))) for each in y]
    heights = domain.to_mel(word_spectrograms(model, y, frames, seed))
    pause = round(PAUSE * domain.mel.rate / domain.mel.hop)
    silence = torch.full((heights.shape[1], pause), domain.low)
    parts, places, begin = [silence], list[tuple[int, int]](), pause
    for word, count in zip(heights, frames, strict=True):
        parts += [word[:, :count], silence]
        places.append((begin * domain.mel.hop, (begin + count) * domain.mel.hop))
        begin += count + pause
    wave = wave_of(domain, torch.cat(parts, dim=1), vocoder)
    return Spoken(wave, domain.mel.rate, [str(model.spec.classes[each]) for each in y], places)


@torch.no_grad()
def word_spectrograms(model: "Model", y: list[int], frames: list[int], seed: int) -> Tensor:
    """x [N, 1, M, T] of words with their durations."""
    G: Any = model.networks["G"]
    z = normal_rows((seed, "speak"), range(len(y)), G.latent[0]).astype(np.float32)
    x: Tensor = G(torch.from_numpy(z), torch.tensor(y), {"frames": torch.tensor(frames)})
    return x


def wave_of(domain: Any, heights: Tensor, vocoder: "Model | None") -> Any:
    """A spectrogram [M, T] as a wave, int16 [T * hop]."""
    if vocoder is None:
        made = waves_of_mel(domain.mel, heights[None])[0, 0]
        return (made * 32_768).round().clamp(-32_768, 32_767).numpy().astype(np.int16)
    loaded = vocoder_of(vocoder)
    if loaded.mel.sha256 != domain.mel.sha256:
        message = f"the vocoder's spectrograms have other settings ({loaded.mel}) than the model's ({domain.mel})"
        raise DataError(message, where=str(vocoder.run), hint="Train both on recordings of one rate.")
    return wave_of_mel(loaded, heights)


def numbers_of_text(text: str, classes: tuple[str, ...]) -> list[int]:
    """The class numbers of the words of a text; figures are spoken one by one.

    Raises:
        UsageError: no words, too many, or a word that is not among the classes.
    """
    known = {name.lower(): number for number, name in enumerate(classes)}
    known |= {word: known[str(digit)] for digit, word in enumerate(DIGITS) if str(digit) in known}
    tokens = [token for word in re.findall(r"[^\W_]+", text.lower()) for token in (word if word.isdigit() else [word])]
    unknown = [token for token in tokens if token not in known]
    if unknown or not tokens:
        message = f"the model cannot say {shortened(unknown, 3)}" if unknown else "the text holds no words"
        raise UsageError(message, hint=f"It has learnt these words only: {shortened(sorted(known), 20)}.")
    if len(tokens) > MOST:
        raise UsageError(f"the text has {len(tokens):,} words, and {MOST} are spoken at once", hint="Cut the text.")
    return [known[token] for token in tokens]


def write_spoken(model: "Model", spoken: Spoken, out: Path, *, seed: int = 0, mark: bool = True) -> None:
    """The wave as a .wav file, marked as generated.

    Raises:
        UsageError: another ending.
        ResourceError: the file cannot be written.
    """
    if out.suffix.lower() != ".wav":
        raise UsageError("speech is written as a .wav file", where=str(out), hint="Use -o FILE.wav.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with open_wav(out, spoken.rate, mark_of(model.sha256, seed) if mark else None) as file:
            file.write(spoken.wave)
    except OSError as error:
        raise cannot_write(out, error) from error

"""The baseline: the distance never rises without momentum, and is near that of librosa with it."""

import numpy as np
import pytest
import torch

from ganvas.ops.griffin_lim import griffin_lim, magnitudes_of_mel
from ganvas.ops.mel import Mel, mel_filters
from ganvas.ops.stft import magnitudes

MEL = Mel(rate=8000, size=256, window=256, hop=64, filters=60, high=0.0)
SHAPE = {"size": 256, "hop": 64, "window": 256}


def wave() -> torch.Tensor:
    t = torch.arange(4096) / 8000
    tone = sum(0.2 * torch.sin(2 * torch.pi * k * (150 + 100 * t) * t) for k in range(1, 8))
    return (tone * torch.sin(torch.pi * t / t[-1]))[None]


def distance(made: torch.Tensor, wanted: torch.Tensor) -> float:
    return float((magnitudes(made[:, 0], **SHAPE) - wanted).norm() / wanted.norm())


def made(wanted: torch.Tensor, iterations: int, momentum: float) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return griffin_lim(MEL, wanted, iterations=iterations, momentum=momentum, generator=generator)


def test_the_distance_never_rises_without_momentum() -> None:
    wanted = magnitudes(wave(), **SHAPE)
    found = [distance(made(wanted, count, 0.0), wanted) for count in (0, 1, 2, 4, 8, 16, 32)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.4
    assert found[-1] < 0.2


def test_it_is_as_near_as_librosa() -> None:
    librosa = pytest.importorskip("librosa")
    wanted = magnitudes(wave(), **SHAPE)
    ours = distance(made(wanted, 60, 0.99), wanted)
    centred = np.abs(librosa.stft(wave()[0].numpy(), n_fft=256, hop_length=64))
    theirs = librosa.griffinlim(centred, n_iter=60, hop_length=64, n_fft=256, random_state=0, length=4096)
    error = np.linalg.norm(np.abs(librosa.stft(theirs, n_fft=256, hop_length=64)) - centred)
    assert ours < 0.1
    assert ours < 1.5 * error / np.linalg.norm(centred)


def test_magnitudes_give_their_spectrogram_back() -> None:
    heights = MEL.of(wave()[:, None])
    found = magnitudes_of_mel(MEL, heights)
    assert (found >= 0).all()
    back = torch.matmul(mel_filters(MEL).float(), found).clamp(min=MEL.floor).log()
    assert (back - heights).abs().mean() < 0.25

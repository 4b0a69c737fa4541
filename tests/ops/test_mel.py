"""The spectrogram is librosa's, its inverse gives the wave back, and its settings have a fingerprint."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from ganvas.ops.mel import Mel, hertz_of, mel_filters, mels_of
from ganvas.ops.stft import istft, magnitudes, mirrored, stft

SETTINGS = [
    Mel(high=8000.0),  # HiFi-GAN's
    Mel(),  # of its loss
    Mel(rate=8000, size=512, window=512, hop=128, high=0.0),
    Mel(rate=16000, size=1024, window=640, hop=160, filters=64, low=60.0, high=7600.0, scale="htk", area=False),
]


def wave(count: int = 4096, rate: int = 8000) -> torch.Tensor:
    """A chirp, a quiet noise, and silence at the end."""
    t = np.arange(count) / rate
    noise = np.random.default_rng(0).normal(size=count)
    x = 0.5 * np.sin(2 * np.pi * (100 + 1500 * t) * t) + 0.05 * noise
    x[-count // 4 :] = 0
    return torch.from_numpy(x.astype(np.float32))[None, None]


@pytest.mark.parametrize("mel", SETTINGS, ids=str)
def test_the_spectrogram_is_that_of_librosa(mel: Mel) -> None:
    librosa = pytest.importorskip("librosa")
    x = wave(mel.hop * 40)
    scale = {"htk": mel.scale == "htk", "norm": "slaney" if mel.area else None}
    m = librosa.filters.mel(sr=mel.rate, n_fft=mel.size, n_mels=mel.filters, fmin=mel.low, fmax=mel.top, **scale)
    np.testing.assert_allclose(mel_filters(mel).numpy(), m, atol=1e-6 * m.max())
    padded = mirrored(x[:, 0], mel.size, mel.hop)[0].numpy()
    spectrum = librosa.stft(padded, n_fft=mel.size, hop_length=mel.hop, win_length=mel.window, center=False)
    theirs = np.log(np.maximum(m @ np.abs(spectrum), mel.floor))
    ours = mel.of(x)[0].numpy()
    assert ours.shape == (mel.filters, 40)
    assert theirs.std() > 1
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_mels_by_hand() -> None:
    np.testing.assert_allclose(mels_of(np.array([0.0, 500.0, 1000.0, 6400.0]), "slaney"), [0, 7.5, 15, 15 + 27])
    assert mels_of(np.array([700.0]), "htk")[0] == pytest.approx(2595 * np.log10(2))
    for scale in ("slaney", "htk"):
        np.testing.assert_allclose(hertz_of(mels_of(np.array([10.0, 1234.0, 7000.0]), scale), scale)[1], 1234.0)


def test_a_pure_tone_by_hand() -> None:
    """A cosine in the middle of bin 8: the sum of the window over two is its magnitude, half of that beside it."""
    x = torch.cos(2 * torch.pi * 8 * torch.arange(64, dtype=torch.float64) / 64)[None]
    found = stft(x, size=64, hop=16, window=64).abs()
    assert found.shape == (1, 33, 1)
    expected = torch.zeros(33, dtype=torch.float64)
    expected[7:10] = torch.tensor([8.0, 16.0, 8.0])
    torch.testing.assert_close(found[0, :, 0], expected)


@pytest.mark.parametrize(("size", "hop", "window"), [(64, 16, 64), (64, 15, 48), (60, 30, 60)])
def test_the_inverse_gives_the_wave_back(size: int, hop: int, window: int) -> None:
    x = wave(20 * hop)[:, 0].double()
    back = istft(stft(mirrored(x, size, hop), size=size, hop=hop, window=window), size=size, hop=hop, window=window)
    assert back.shape == x.shape
    torch.testing.assert_close(back[:, size:-size], x[:, size:-size])


def test_silence_has_the_least_value_and_a_finite_gradient() -> None:
    x = torch.zeros(1, 1, 1024, requires_grad=True)
    made = Mel(rate=8000, size=256, window=256, hop=64, filters=20, high=0.0).of(x)
    assert made.tolist() == torch.full((1, 20, 16), 1e-5).log().tolist()
    made.sum().backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()
    assert magnitudes(x[:, 0], size=256, hop=64, window=256).shape == (1, 129, 16)


def test_each_setting_changes_the_fingerprint() -> None:
    others: dict[str, Any] = {
        "rate": 24000,
        "size": 2048,
        "window": 800,
        "hop": 128,
        "filters": 40,
        "low": 20.0,
        "high": 9000.0,
    }
    more: dict[str, Any] = {"scale": "htk", "area": False, "floor": 1e-3}
    prints = [Mel().sha256, *(replace(Mel(), **{key: value}).sha256 for key, value in {**others, **more}.items())]
    assert len(set(prints)) == 11
    wrongs: list[dict[str, Any]] = [{"hop": 2048}, {"window": 4096}, {"high": 20_000.0}, {"low": 12_000.0}]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="needed"):
            Mel(**wrong)


def test_the_last_filter_ends_at_half_the_rate_unless_said_otherwise() -> None:
    assert Mel(rate=8000).top == 4000.0
    assert Mel(rate=44_100).top == 22_050.0
    assert Mel(high=8000.0).top == 8000.0

"""Recordings to mel spectrograms and back, with their durations."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch

from ganvas.base.errors import DataError
from ganvas.data.made_voices import MadeVoices
from ganvas.data.source import Items
from ganvas.domains.mels import Mels
from ganvas.ops.mel import Mel

SMALL = Mel(rate=8000, size=64, window=64, hop=16, filters=10)


def tones(*lengths: int) -> Items:
    x = np.empty(len(lengths), object)
    for row, length in enumerate(lengths):
        x[row] = (8000 * np.sin(np.arange(length) * (0.2 + 0.3 * row))).astype(np.int16)
    return Items(x=x, y=np.arange(len(lengths)) % 2, classes=("a", "b"), rate=8000)


def test_spectrograms_their_range_and_their_durations() -> None:
    data = tones(160, 80, 1000)
    domain = Mels(mel=SMALL, frames=20).fit(data)
    assert domain.durations == (15, 5)  # the median of 10 and 20 frames, the longest being cut; and 5
    store = domain.store(data)
    assert store.given["frames"].values[torch.tensor([0, 1, 2])].tolist() == [10, 5, 20]
    x = domain.to_tensor(store.rows(torch.tensor([1])))
    assert x.shape == (1, 1, 10, 20)
    assert (x[..., 5:] == -1).all()
    mel = domain.to_mel(x)
    wave = torch.from_numpy(data.x[1].astype(np.float32))[None, None] / 32_768
    padded = torch.nn.functional.pad(wave, (0, 240))
    wanted = SMALL.of(padded)[..., :5]
    equal = torch.where(wanted > domain.low + 1e-3, wanted + 1 - wanted.max(), domain.low)  # its loudest number is 1
    torch.testing.assert_close(mel[..., :5], equal, rtol=0, atol=1e-4)
    every = torch.from_numpy(domain.encode(data))
    assert every.amax((1, 2, 3)).tolist() == pytest.approx([1, 1, 1])
    assert float(every.min()) == -1
    loud = torch.tensor([[[9.0]], [[2.0]], [[-20.0]]])
    assert SMALL.to_unit(loud, 2.0).flatten().tolist() == [1, 1, -1]
    spec = domain.spec(data)
    assert (spec.domain, spec.shape) == ("mels", (1, 10, 20))
    assert spec.settings["mel"] == asdict(SMALL)
    assert spec.settings["mel_sha256"] == SMALL.sha256
    assert spec.settings["durations"] == [15, 5]


def test_the_wave_of_a_spectrogram_has_the_same_spectrogram() -> None:
    """Griffin-Lim of recordings: far nearer to their spectrograms than another recording is."""
    data = MadeVoices(samples=24).items("val")
    domain = Mels().fit(data)
    x = torch.from_numpy(domain.encode(data)[:4])
    waves = domain.decode(x)
    assert waves.shape == (4, 64 * 128)
    assert waves.dtype == np.int16
    again = encoded(domain, waves)
    assert (again - x).abs().mean() < 0.3 * (x[[1, 2, 3, 0]] - x).abs().mean()
    assert np.array_equal(waves[1:2], domain.decode(x[1:2]))  # whatever the others are


def encoded(domain: Mels, waves: np.ndarray[Any, Any]) -> torch.Tensor:
    mel = domain.mel.of(torch.from_numpy(waves.astype(np.float32) / 32_768)[:, None])[:, None]
    return domain.mel.to_unit(mel + domain.high - mel.amax((1, 2, 3), keepdim=True), domain.high)


def test_other_data_and_other_rates_are_refused() -> None:
    with pytest.raises(DataError, match="rate"):
        Mels().fit(Items(x=np.zeros((3, 4), np.float32)))
    with pytest.raises(DataError, match="16,000 Hz"):
        Mels(mel=Mel(rate=16_000)).fit(tones(100))


def test_a_picture_and_features() -> None:
    data = tones(1000, 3000)
    domain = Mels().fit(data)
    x = torch.from_numpy(domain.encode(data))
    assert domain.features(x).shape == (2, 160)
    assert domain.render(x).width > 300

"""Recordings to waves and back, of different lengths; and the source that makes voices."""

import numpy as np
import pytest
import torch

from ganvas.base.errors import DataError
from ganvas.data.made_voices import VOWELS, MadeVoices
from ganvas.data.source import Items
from ganvas.domains.audio import Audio
from ganvas.recipes.build import domain_of


def items(*lengths: int) -> Items:
    x = np.empty(len(lengths), object)
    for row, length in enumerate(lengths):
        x[row] = np.arange(1, length + 1, dtype=np.int16) * (row + 1)
    return Items(x=x, y=np.arange(len(lengths)), classes=tuple("abc"[: len(lengths)]), rate=8000)


def test_recordings_are_followed_by_silence() -> None:
    data = items(5, 3)
    domain = Audio().fit(data)
    assert (domain.rate, domain.length) == (8000, 5)
    store = domain.store(data)
    rows = store.rows(torch.tensor([1, 0, 1]))
    assert rows.tolist() == [[2, 4, 6, 0, 0], [1, 2, 3, 4, 5], [2, 4, 6, 0, 0]]
    assert store.given["length"].values[torch.tensor([0, 1])].tolist() == [5, 3]
    assert domain.store(items(9)).rows(torch.tensor([0])).shape == (1, 5)
    x = domain.to_tensor(rows)
    assert x.shape == (3, 1, 5)
    assert x[1, 0, 0] == 1 / 32768
    assert np.array_equal(domain.decode(x), rows.numpy())
    assert domain.encode(data).tolist() == [[1, 2, 3, 4, 5], [2, 4, 6, 0, 0]]
    spec = domain.spec(data)
    assert (spec.domain, spec.shape, spec.classes, spec.settings) == ("audio", (1, 5), ("a", "b"), {"rate": 8000})


def test_what_is_written_is_rounded_and_clipped() -> None:
    domain = Audio(rate=8000, length=4)
    x = torch.tensor([[[2.0, -2.0, 0.4 / 32768, 0.6 / 32768]]])
    assert domain.decode(x).tolist() == [[32767, -32768, 0, 1]]
    assert torch.equal(domain.as_written(x) * 32768, torch.tensor([[[32767.0, -32768.0, 0.0, 1.0]]]))


def test_other_data_and_other_rates_are_refused() -> None:
    with pytest.raises(DataError, match="rate"):
        Audio().fit(Items(x=np.zeros((3, 4), np.float32)))
    with pytest.raises(DataError, match="8,000 Hz"):
        Audio(rate=16000).fit(items(4))
    assert isinstance(domain_of(items(4)), Audio)
    assert Audio(rate=8000, length=3).fit(items(4)).length == 3


def test_a_picture_and_features() -> None:
    x = torch.sin(torch.arange(2000) / 3)[None, None] * torch.tensor([0.1, 0.9])[:, None, None]
    domain = Audio(rate=8000, length=2000)
    sheet = domain.render(x)
    assert sheet.width > 300
    assert len(np.unique(np.asarray(sheet))) > 50
    found = domain.features(x)
    assert found.shape == (2, 80)
    assert found.isfinite().all()


def test_made_voices_have_their_formants() -> None:
    source = MadeVoices(samples=60)
    data = source.items("train")
    assert data.classes == tuple(VOWELS)
    assert data.y is not None
    assert len(data) == 60
    assert len(source.items("val")) == 20
    assert data.fingerprint != MadeVoices(samples=60, seed=1).items("train").fingerprint
    assert all(abs(np.abs(x.astype(int)).max() - 16384) <= 1 for x in data.x)
    share = []
    for vowel in ("i", "a"):
        chosen = [x for x, y in zip(data.x, data.y, strict=True) if data.classes[y] == vowel]
        spectra = [np.abs(np.fft.rfft(x.astype(float))) ** 2 for x in chosen]
        share.append(np.mean([s[int(0.125 * len(s)) : int(0.375 * len(s))].sum() / s.sum() for s in spectra]))
    assert share[1] > 3 * share[0], "of 500 to 1500 Hz: much in a, little in i"

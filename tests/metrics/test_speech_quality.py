"""PESQ and STOI: the packages' own values, high for equal recordings and low for noise."""

import numpy as np
import pytest

from ganvas.base.errors import DataError
from ganvas.data.made_voices import MadeVoices
from ganvas.metrics.pesq_and_stoi import speech_quality


def test_equal_recordings_are_perfect_and_noise_is_bad() -> None:
    pytest.importorskip("pesq")
    pytest.importorskip("pystoi")
    voices = [x.astype(np.float32) / 32768 for x in MadeVoices(samples=8).items("train").x]
    real = [np.concatenate(voices[:4]), np.concatenate(voices[4:])]
    noise = np.random.default_rng(0)
    noisy = [x + 0.1 * noise.normal(size=len(x)).astype(np.float32) for x in real]
    good, bad = (
        {each.name: each for each in speech_quality(real=real, fake=fake, rate=8000)} for fake in (real, noisy)
    )
    assert good["pesq"].value == pytest.approx(4.549, abs=0.01), "the largest MOS-LQO of P.862.1"
    assert good["stoi"].value == pytest.approx(1, abs=1e-3)
    assert bad["pesq"].value < 3
    assert bad["stoi"].value < good["stoi"].value
    assert (bad["pesq"].n, bad["pesq"].lower_is_better) == (2, False)
    with pytest.raises(DataError, match="8,000 or 16,000"):
        speech_quality(real=real, fake=real, rate=22050)
    with pytest.raises(DataError, match="no speech"):
        speech_quality(real=[np.zeros(4000)], fake=[np.zeros(4000)], rate=8000)

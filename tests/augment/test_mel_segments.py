"""Segments lie inside their recordings, their spectrograms are theirs, and the spec has the settings."""

import pytest
import torch

from ganvas.augment.mel_segments import MelSegments
from ganvas.base.errors import UsageError
from ganvas.base.types import Batch, Spec
from ganvas.ops.mel import Mel, mel_of

MEL = Mel(rate=8000, size=64, window=64, hop=16, filters=8, high=0.0)
CUT = MelSegments(MEL, frames=8)  # 128 numbers


def ramps(count: int = 4, length: int = 300) -> Batch:
    x = torch.arange(1, length + 1) / 1000 + torch.zeros(count, 1, 1)
    return Batch(x=x, given={"length": torch.tensor([300, 129, 128, 20])})


def test_a_segment_is_inside_its_recording() -> None:
    batch = ramps()
    batch.x[3, :, 20:] = 0
    for u, begins in ((0.0, (0, 0, 0, 0)), (0.999999, (172, 1, 0, 0)), (0.5, (86, 1, 0, 0))):
        made = CUT.transform(batch, torch.full((4, 1), u))
        assert made.x.shape == (4, 1, 128)
        for row, begin in enumerate(begins[:3]):
            assert torch.equal(made.x[row], batch.x[row, :, begin : begin + 128])
        assert torch.equal(made.x[3, 0, 20:], torch.zeros(108))
        assert set(made.given) == {"mel"}
        assert torch.equal(made.given["mel"], MEL.of(made.x))
        assert made.given["mel"].shape == (4, 8, 8)


def test_a_short_batch_is_padded() -> None:
    made = CUT.transform(Batch(x=torch.ones(2, 1, 50)), torch.full((2, 1), 0.7))
    assert made.x.shape == (2, 1, 128)
    assert made.x.sum() == 100


def test_the_spec_has_the_settings_and_the_rates_agree() -> None:
    spec = CUT.changed_spec(Spec("audio", (1, 300), True, settings={"rate": 8000}))
    assert spec.shape == (1, 128)
    assert mel_of(spec.settings["mel"]) == MEL
    assert spec.settings["mel_sha256"] == MEL.sha256
    with pytest.raises(UsageError, match="rate"):
        CUT.changed_spec(Spec("audio", (1, 300), True, settings={"rate": 16000}))
    with pytest.raises(UsageError, match="waves"):
        CUT.transform(Batch(x=torch.zeros(2, 3, 8, 8)), torch.zeros(2, 1))

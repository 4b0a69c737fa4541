"""Another speed, level and beginning of a recording: by hand, and as a function of its uniforms alone."""

import pytest
import torch

from ganvas.augment.varied_voice import VariedVoice
from ganvas.base.errors import UsageError
from ganvas.base.types import Batch

PLAIN = VariedVoice(speed=0.0, room=0.0, quieter=0.0, louder=0.0)


def made(voice: VariedVoice, x: list[float], *u: float) -> list[float]:
    batch = voice.transform(Batch(x=torch.tensor([[x]])), torch.tensor([u]))
    return [round(value, 5) for value in batch.x[0, 0].tolist()]


def test_speed_reads_between_the_numbers() -> None:
    """u = 1 is 1 + speed, u = 0 its inverse; places beyond the end are silence."""
    fast, ramp = VariedVoice(speed=1.0, room=0.0, quieter=0.0, louder=0.0), [1.0, 2.0, 3.0, 4.0, 5.0]
    assert made(fast, ramp, 1.0, 0.0, 0.0) == [1, 3, 5, 0, 0]
    assert made(fast, ramp, 0.0, 0.0, 0.0) == [1, 1.5, 2, 2.5, 3]
    assert made(fast, ramp, 0.5, 0.0, 0.0) == ramp


def test_level_and_beginning() -> None:
    loud = VariedVoice(speed=0.0, room=0.0, quieter=20.0, louder=20.0)
    assert made(loud, [0.1, 0.2], 0.0, 0.0, 1.0) == [1, 2]
    assert made(loud, [0.1, 0.2], 0.0, 0.0, 0.0) == [0.01, 0.02]
    late = VariedVoice(speed=0.0, room=0.5, quieter=0.0, louder=0.0)
    assert made(late, [1.0, 2.0, 3.0, 4.0], 0.0, 0.999, 0.0) == [0, 1, 2, 3]
    assert made(PLAIN, [1.0, 2.0], 0.3, 0.7, 0.9) == [1, 2]


def test_each_recording_has_its_own_and_the_rest_stays() -> None:
    x, y = torch.randn(3, 1, 50), torch.tensor([0, 1, 2])
    u = torch.rand(3, 3)
    whole = VariedVoice().transform(Batch(x=x, y=y, given={"length": torch.tensor([50, 40, 9])}), u)
    alone = VariedVoice().transform(Batch(x=x[1:2], y=y[1:2]), u[1:2])
    assert torch.equal(whole.x[1:2], alone.x)
    assert whole.y is y
    assert set(whole.given) == {"length"}


def test_pictures_are_refused() -> None:
    with pytest.raises(UsageError, match="waves"):
        VariedVoice().transform(Batch(x=torch.zeros(2, 1, 8, 8)), torch.zeros(2, 3))

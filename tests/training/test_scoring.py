"""Scoring: which classes the fakes have, and what the protocol says of it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganvas.base.types import Batch, Spec, Verdict
from ganvas.data.stream import Store, Stream
from ganvas.domains.audio import Audio
from ganvas.domains.points import Points
from ganvas.games.code_term import CodeTerm
from ganvas.games.supervised import Supervised
from ganvas.games.synthesis import Synthesis
from ganvas.metrics import Result
from ganvas.metrics.accuracy import Accuracy
from ganvas.training import Scorer, class_labels


@dataclass(frozen=True)
class Labels:
    """A metric that records which classes each side has."""

    n: int = 60
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None: ...

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        HEARD.append((real.y, fake.y))
        return (Result("labels", 0.0, len(real.x)),)


CODES = Synthesis(auxiliary=(CodeTerm(),))
HEARD: list[tuple[Tensor | None, Tensor | None]] = []


@pytest.mark.parametrize(("conditional", "game"), [(True, Synthesis()), (False, Synthesis()), (True, CODES)])
def test_fakes_have_classes_of_the_training_split_or_uniform_ones_without_labels(
    conditional: bool, game: Synthesis
) -> None:
    class Generator(nn.Module):
        latent = (2,)

        def __init__(self) -> None:
            super().__init__()
            self.conditional = conditional
            self.weight = nn.Parameter(torch.ones(()))

        def forward(self, z: Tensor, y: Tensor | None, given: object = None) -> Tensor:
            return z * self.weight

    def stream(y: list[int]) -> Stream:
        return Stream(Store(np.zeros((len(y), 2), np.float32), np.array(y)), Points(), (), seed=0, name="data")

    train, val = stream([0, 0, 0, 1] * 50), stream([2] * 60)
    spec = Spec("points", (2,), bounded=False, classes=("a", "b", "c"))
    scorer = Scorer((Labels(),), game, spec, reals=val, split="val", train=train, data="f" * 64)
    HEARD.clear()
    (result,) = scorer.score({"G": Generator()})
    assert result.protocol["classes"] == ("uniform" if game is CODES else "training shares")
    assert result.protocol["real"] == "f" * 64
    real, fake = HEARD[-1]
    assert real is not None
    assert set(real.tolist()) == {2}
    if conditional:
        assert fake is not None
        assert torch.equal(fake, class_labels(3, None if game is CODES else train.store.y, 60, 0))
    else:
        assert fake is None


def test_logits_of_classes_are_not_limited_as_samples_are() -> None:
    """Audio limits what it writes to [-1, 1]; among logits of 2 and 3 both would be 1, and the first would win."""

    class Classifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.logits = nn.Parameter(torch.tensor([[2.0, 3.0]]))

        def forward(self, x: Tensor, y: Tensor | None = None, given: object = None) -> Verdict:
            return Verdict(x.new_zeros(len(x), 1), classes=self.logits.expand(len(x), 2))

    silence = Stream(Store(np.zeros((60, 4), np.int16), np.ones(60)), Audio(), (), seed=0, name="data")
    spec = Spec("audio", (1, 4), bounded=True, classes=("a", "b"))
    scorer = Scorer((Accuracy(),), Supervised(), spec, reals=silence, split="val", train=silence, data="f" * 64)
    (result,) = scorer.score({"D": Classifier()})
    assert result.value == 1.0

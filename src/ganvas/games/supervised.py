"""A game for one: learn the classes from labelled examples."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch, Share, Term, Verdict
from .contract import Draws, Game, Play, Terms, Turn


@dataclass(frozen=True)
class Supervised(Game):
    """D: -log softmax(D(x).classes)[y], with the labels smoothed by `smoothing`.

    Szegedy et al. 2016, section 7. https://arxiv.org/abs/1512.00567

    Args:
        smoothing: share of the target that is spread over all classes, in [0, 1).
    """

    output_kind: ClassVar[str] = "classes"
    needs_data: ClassVar[bool] = True
    smoothing: Share = 0.0

    def turns(self) -> Mapping[str, Turn]:
        return {"classifier": Turn(("D",), self.classifier_turn)}

    def classifier_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        if batch.y is None:
            raise UsageError("a classifier learns from labels, and the data have none", hint="Bring labels.")
        loss = F.cross_entropy(
            self.output(play, batch, draws), batch.y, reduction="none", label_smoothing=self.smoothing
        )
        return {"cross_entropy": Term(loss)}

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        return class_logits(play.D(batch.x, None, batch.given))

    def show(self, batch: Batch, output: Tensor) -> Tensor | None:
        return None


def class_logits(verdict: Verdict) -> Tensor:
    """The logits of the classes, [B, classes]. Raises UsageError where the discriminator predicts none."""
    if verdict.classes is None:
        raise UsageError(
            "this game needs a discriminator that predicts classes", hint="Use ConvClassifier or ClassHead."
        )
    return verdict.classes

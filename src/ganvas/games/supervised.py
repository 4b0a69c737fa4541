"""A game for one: learn the classes from labelled examples."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from ..base.draws import Draws
from ..base.types import Batch, Share, Term
from .contract import Game, Play, Terms, Turn


@dataclass(frozen=True)
class Supervised(Game):
    """D: -log softmax(D(x).classes)[y], with the labels smoothed by `smoothing`. Szegedy et al. 2016, section 7. https://arxiv.org/abs/1512.00567"""

    output_kind: ClassVar[str] = "classes"
    needs_data: ClassVar[bool] = True
    smoothing: Share = 0.0

    def turns(self) -> Mapping[str, Turn]:
        return {"classifier": Turn("D", self.classifier_turn)}

    def classifier_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        assert batch.y is not None, "a classifier learns from labels"
        logits = play.D(batch.x, None).classes
        return {
            "cross_entropy": Term(F.cross_entropy(logits, batch.y, reduction="none", label_smoothing=self.smoothing))
        }

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        logits: Tensor = play.D(batch.x, None).classes
        return logits

    def show(self, batch: Batch, output: Tensor) -> Tensor | None:
        return None

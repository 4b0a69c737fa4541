"""The auxiliary classifier: D predicts the class of samples too, and G learns to be recognised.

Odena, Olah and Shlens 2017. https://arxiv.org/abs/1610.09585
"""

from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from ..base.errors import UsageError
from ..base.schedule import Number
from ..base.types import NonNegative, Term
from ..penalties.contract import Context
from .contract import Draws, Latents, Play, Terms


@dataclass(frozen=True)
class ClassTerm:
    """D: - w log p(y | x) - v log p(y | G(z, y)); G: - w log p(y | G(z, y)).

    Odena et al. 2017, equations 2 and 3. https://arxiv.org/abs/1610.09585
    D's `classes` are the logits of p(y | .). Fakes have the classes of the batch. In the paper D's real-or-fake logit
    does not depend on y; one that does (projection) may predict classes as well. v = 0 keeps early fakes out of what D
    learns of classes.

    Args:
        weight: w.
        fakes_weight: v, of D's term on fakes.
    """

    uses_labels: ClassVar[bool] = True
    weight: NonNegative = 1.0
    fakes_weight: NonNegative = 1.0

    def latents(self, play: Play, draws: Draws, y: Tensor | None) -> Latents | None:
        return None

    def discriminator_terms(self, context: Context) -> Terms:
        return {
            "class_real": self._cross_entropy(context.real.classes, context.y, self.weight),
            "class_fake": self._cross_entropy(context.fake.classes, context.y, self.fakes_weight),
        }

    def generator_terms(self, context: Context) -> Terms:
        return {"class_fake": self._cross_entropy(context.fake.classes, context.y, self.weight)}

    def _cross_entropy(self, classes: Tensor | None, y: Tensor | None, weight: Number) -> Term:
        if classes is None:
            raise UsageError("ClassTerm needs a discriminator that predicts classes", hint="Wrap it: ClassHead(...).")
        if y is None:
            raise UsageError("ClassTerm needs labels, and the data have none", hint="Bring labels, or leave it out.")
        return Term(F.cross_entropy(classes, y, reduction="none"), weight)

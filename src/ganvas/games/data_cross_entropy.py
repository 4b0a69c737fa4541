"""The class of a sample among the samples of a batch: the data-to-data cross-entropy. Kang et al. 2021 (ReACGAN).

https://arxiv.org/abs/2111.01118
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Gt, Interval
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import NonNegative, Term, Verdict
from ..penalties.contract import Context
from .contract import Draws, Latents, Play, Terms


@dataclass(frozen=True)
class DataCrossEntropy:
    """-log(exp(p_i) / (exp(p_i) + sum over j with y_j != y_i of exp(n_ij))); p_i = min(0, f_i . v - m) / t, n_ij =
    max(0, f_i . f_j - (1 - m)) / t, v of the class y_i.

    D2D-CE: Kang et al. 2021, section 3. https://arxiv.org/abs/2111.01118
    f and v are the unit vectors of `ProxyHead`. A sample is drawn to the vector of its class and away from the samples
    of other classes in the batch (of a micro-batch, where there are several); those that are near or far enough, by the
    margin m, are left alone. D learns it on reals, G on fakes, which have the classes of the batch.

    Args:
        weight: of the term; StudioGAN's ReACGAN for CIFAR-10: 0.5.
        margin: m, from 0 to 1.
        temperature: t.

    Raises:
        UsageError: D has no such vectors, or there are no labels (in training).
    """

    uses_labels: ClassVar[bool] = True
    mixes_samples: ClassVar[bool] = True
    weight: NonNegative = 0.5
    margin: Annotated[float, Interval(ge=0, le=1)] = 0.98
    temperature: Annotated[float, Gt(0)] = 0.5

    def latents(self, play: Play, draws: Draws, y: Tensor | None) -> Latents | None:
        return None

    def discriminator_terms(self, context: Context) -> Terms:
        return {"data_real": Term(self.cross_entropy(context.real, context.y), self.weight)}

    def generator_terms(self, context: Context) -> Terms:
        return {"data_fake": Term(self.cross_entropy(context.fake, context.y), self.weight)}

    def cross_entropy(self, verdict: Verdict, y: Tensor | None) -> Tensor:
        """The term of each sample, [B].

        Args:
            verdict: with `classes`, the similarities with each class's vector, and unit vectors as last features.
            y: class numbers [B].
        """
        if verdict.classes is None or not verdict.features or verdict.features[-1].ndim != 2:
            hint = "Wrap it: ProxyHead(...)."
            raise UsageError("DataCrossEntropy needs a discriminator with a vector for each class", hint=hint)
        if y is None:
            hint = "Bring labels, or leave it out."
            raise UsageError("DataCrossEntropy needs labels, and the data have none", hint=hint)
        f = verdict.features[-1]
        towards = (verdict.classes.gather(1, y[:, None]) - self.margin).clamp(max=0) / self.temperature  # [B, 1]
        away = (f @ f.mT - (1 - self.margin)).clamp(min=0) / self.temperature  # [B, B]
        away = away.masked_fill(y[:, None] == y[None], -torch.inf)
        return torch.cat([towards, away], dim=1).logsumexp(1) - towards[:, 0]

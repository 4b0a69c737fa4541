"""A discriminator that compares samples with a learnt vector of each class. Kang et al. 2021 (ReACGAN).

https://arxiv.org/abs/2111.01118
"""

from dataclasses import dataclass, field

import torch.nn.functional as F
from torch import Tensor, nn

from ..base.types import Count, Given, Network, Spec, Verdict
from .dcgan import DcganCritic
from .heads import check_features_ignore_class, last_features
from .layers import class_count, full_precision


@dataclass(frozen=True)
class ProxyHead:
    """A critic with unit vectors f = (W h + b) / |W h + b|; `classes` = f . v_y / |v_y|, v_y learnt for each class.

    Kang et al. 2021, section 3. https://arxiv.org/abs/2111.01118
    h are the critic's last features; f follows them as the last of its features. The game's term `DataCrossEntropy`
    reads both. The similarities in `classes` lie in [-1, 1].

    Args:
        network: a discriminator whose features do not depend on the class.
        embedding: numbers of f and of v_y; StudioGAN's is 512.
    """

    network: Network = field(default_factory=DcganCritic)
    embedding: Count = 512

    def build(self, spec: Spec) -> nn.Module:
        trunk, classes = self.network.build(spec), class_count(True, spec.classes)
        check_features_ignore_class(trunk, spec)
        return ProxyHeaded(trunk, nn.Linear(last_features(trunk, spec).shape[1], self.embedding), classes)


class ProxyHeaded(nn.Module):
    """x [B, *shape] -> the trunk's Verdict, with `classes` computed without y, and unit vectors as last features."""

    def __init__(self, trunk: nn.Module, embed: nn.Linear, classes: int) -> None:
        super().__init__()
        self.trunk, self.embed = trunk, embed
        self.proxies = nn.Embedding(classes, embed.out_features)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        verdict: Verdict = self.trunk(x, y, given)
        with full_precision(x):
            f = F.normalize(self.embed(verdict.features[-1].float()), dim=1)
            similarities = f @ F.normalize(self.proxies.weight, dim=1).T
        return verdict._replace(classes=similarities, features=(*verdict.features, f))

"""A discriminator of text by convolutions over its tokens. Kim 2014. https://arxiv.org/abs/1408.5882"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from ..base.types import Count, Given, Share, Spec, Verdict
from .token_embedding import TokenEmbedding
from .token_sampling import TokenForm, token_form


@dataclass(frozen=True)
class TextCnnCritic:
    """One logit a sequence: convolutions of several sizes over token embeddings, the largest value of each, a highway
    layer (Srivastava et al. 2015, https://arxiv.org/abs/1505.00387).

    SeqGAN's has sizes 1 to 10, 15 and 20 (Yu et al. 2017, https://arxiv.org/abs/1609.05473); RelGAN's has several
    embeddings, each with a logit of its own (Nie et al. 2019, section 2.3, https://openreview.net/forum?id=rJedV3R5tm).

    Args:
        embedding: numbers of a token.
        sizes: of the convolutions, in tokens; longer ones than a sequence are left out.
        filters: of each size.
        representations: embeddings, each with convolutions of the same weights and a logit; K of the verdict.
        dropout: share of the numbers that is dropped before the logit, in training.
    """

    sequences: ClassVar[bool] = True
    embedding: Count = 64
    sizes: tuple[Count, ...] = (2, 3, 4, 5)
    filters: Count = 100
    representations: Count = 1
    dropout: Share = 0.25

    def build(self, spec: Spec) -> nn.Module:
        return TextCnnDiscriminator(
            form=token_form(self, spec),
            embedding=self.embedding,
            sizes=self.sizes,
            filters=self.filters,
            representations=self.representations,
            dropout=self.dropout,
        )


class TextCnnDiscriminator(nn.Module):
    """Tokens [B, T], or their distributions [B, T, K] -> logits [B, representations]."""

    def __init__(
        self,
        *,
        form: TokenForm,
        embedding: int,
        sizes: tuple[int, ...],
        filters: int,
        representations: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.representations = representations
        self.embedding = TokenEmbedding(form.tokens, embedding * representations)
        fitting = [size for size in sizes if size <= form.length] or [form.length]
        self.convolutions = nn.ModuleList(nn.Conv1d(embedding, filters, size) for size in fitting)
        width = filters * len(fitting)
        self.highway = nn.Linear(width, 2 * width)
        self.dropout, self.last = nn.Dropout(dropout), nn.Linear(width, 1)

    def forward(self, x: Shaped[Tensor, "b t *k"], y: Tensor | None = None, given: Given = None) -> Verdict:
        h = self.embedding(x).unflatten(2, (self.representations, -1)).permute(0, 2, 3, 1).flatten(0, 1)  # [B R, E, T]
        found = torch.cat([torch.relu(convolution(h)).amax(2) for convolution in self.convolutions], dim=1)
        carried, gate = self.highway(found).chunk(2, dim=1)
        share = torch.sigmoid(gate)
        features: Float[Tensor, "n w"] = share * torch.relu(carried) + (1 - share) * found
        logits = self.last(self.dropout(features)).float().view(len(x), self.representations)
        return Verdict(logits, features=(features.float().view(len(x), -1),))

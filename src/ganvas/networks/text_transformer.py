"""A causal transformer that writes text, with the keys and values of earlier tokens kept. Vaswani et al. 2017.

https://arxiv.org/abs/1706.03762
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from ..base.types import Count, Given, Share, Spec
from ..ops.sequences import shifted
from .token_sampling import (
    TokenForm,
    draw_tokens,
    prompt_of,
    question_of,
    relaxed_tokens,
    token_form,
    without_forbidden,
)

Memory = tuple[Tensor, ...]  # keys and values of each layer, [B, heads, tokens before, width / heads]


@dataclass(frozen=True)
class TextTransformer:
    """p(x_t | x_1 ... x_{t-1}) by causal self-attention: h + attention(norm h), then h + MLP(norm h), in each layer.

    The norm comes before, as in Xiong et al. 2020, figure 1b (https://arxiv.org/abs/2002.04745); positions are learnt.
    Of pairs it reads the question first, with embedding and positions of its own.

    Args:
        width: numbers of a token, a multiple of `heads`.
        depth: layers.
        heads: of the attention.
        dropout: share of the numbers that is dropped in training, behind attention and MLP.
    """

    sequences: ClassVar[bool] = True
    width: Count = 128
    depth: Count = 2
    heads: Count = 4
    dropout: Share = 0.0

    def build(self, spec: Spec) -> nn.Module:
        return TextTransformerGenerator(
            form=token_form(self, spec), width=self.width, depth=self.depth, heads=self.heads, dropout=self.dropout
        )


class TransformerLayer(nn.Module):
    """[B, T, width] -> [B, T, width]; a token reads itself and those before it, those in the memory too."""

    def __init__(self, *, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.queries, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.dropout = nn.Dropout(dropout)

    def forward(self, h: Tensor, keys: Tensor | None, values: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """The result, and the keys and values of all tokens so far."""
        q, k, v = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in self.queries(self.before(h)).chunk(3, dim=2)
        )
        if keys is not None and values is not None:
            k, v = torch.cat([keys, k], dim=2), torch.cat([values, v], dim=2)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=q.shape[2] > 1)
        h = h + self.dropout(self.out(attended.transpose(1, 2).flatten(2)))
        return h + self.dropout(self.mlp(self.between(h))), k, v


class TextTransformerGenerator(nn.Module):
    """z [B, T] -> tokens int64 [B, T]; `token_logits` gives the logits of given tokens."""

    def __init__(self, *, form: TokenForm, width: int, depth: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.form, self.latent, self.heads, self.width = form, (form.length,), heads, width
        self.embedding = nn.Embedding(form.tokens, width)
        self.positions = nn.Parameter(0.02 * torch.randn(form.length, width))
        self.layers = nn.ModuleList(TransformerLayer(width=width, heads=heads, dropout=dropout) for _ in range(depth))
        self.norm, self.last = nn.LayerNorm(width), nn.Linear(width, form.tokens)
        self.questions = nn.Embedding(form.question_tokens, width) if form.question_tokens else None
        self.places = nn.Parameter(0.02 * torch.randn(form.question_length, width)) if form.question_tokens else None
        nn.init.normal_(self.embedding.weight, std=0.02)

    def forward(
        self, z: Float[Tensor, "b t"], y: Tensor | None = None, given: Given = None, temperature: float = 1.0
    ) -> Int[Tensor, "b t"]:
        """Samples; the tokens of given["prompt"] are kept."""
        memory = self.memory(len(z), given)
        return draw_tokens(self.step, z=z, memory=memory, prompt=prompt_of(given), temperature=temperature)

    def token_logits(self, x: Int[Tensor, "b t"], given: Given = None) -> Float[Tensor, "b t k"]:
        """The logits of every token after those before it."""
        h = self.embedding(shifted(x)) + self.positions[: x.shape[1]]
        if self.questions is not None:
            h = torch.cat([self.questions(question_of(given)) + self.places, h], dim=1)
        for layer in self.layers:
            h, _, _ = layer(h, None, None)
        return without_forbidden(self.last(self.norm(h[:, -x.shape[1] :])).float(), self.form)

    def relaxed(
        self, batch: int, inverse_temperature: float, *, hard: bool, given: Given = None
    ) -> Float[Tensor, "b t k"]:
        """Samples as rows of a relaxed one-hot form, with a gradient; see `relaxed_tokens`."""
        memory = self.memory(batch, given)
        return relaxed_tokens(
            self.step, batch=batch, form=self.form, memory=memory, inverse_temperature=inverse_temperature, hard=hard
        )

    def memory(self, batch: int, given: Given = None) -> Memory:
        """Keys and values of each layer before the first token: none, or those of the question."""
        if self.questions is not None:
            h, found = self.questions(question_of(given)) + self.places, list[Tensor]()
            for layer in self.layers:
                h, *pair = layer(h, None, None)
                found += pair
            return tuple(found)
        empty = torch.zeros(batch, self.heads, 0, self.width // self.heads, device=self.last.weight.device)
        return (empty,) * (2 * len(self.layers))

    def step(self, tokens: Int[Tensor, " b"], memory: Memory) -> tuple[Tensor, Memory]:
        """The logits of the token after these, [B, K], and the memory with theirs."""
        place = memory[0].shape[2] - self.form.question_length
        h = (self.embedding(tokens) + self.positions[place])[:, None]
        grown: list[Tensor] = []
        for layer, keys, values in zip(self.layers, memory[::2], memory[1::2], strict=True):
            h, *pair = layer(h, keys, values)
            grown += pair
        return without_forbidden(self.last(self.norm(h[:, 0])), self.form), tuple(grown)

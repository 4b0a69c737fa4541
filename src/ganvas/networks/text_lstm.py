"""An LSTM that writes text one token after the other. Hochreiter and Schmidhuber 1997.

https://doi.org/10.1162/neco.1997.9.8.1735
"""

from dataclasses import dataclass
from typing import ClassVar

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

Memory = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class TextLstm:
    """p(x_t | x_1 ... x_{t-1}) = softmax(W h_t), h_t = LSTM(embedding of x_{t-1}, h_{t-1}).

    Of pairs the same LSTM reads the question first, with an embedding of its own (Sutskever et al. 2014, with one LSTM
    in place of two, https://arxiv.org/abs/1409.3215).
    SeqGAN has embedding and width 32 (Yu et al. 2017, section 4.1, https://arxiv.org/abs/1609.05473).

    Args:
        embedding: numbers of a token.
        width: numbers of h.
        layers: LSTMs on each other.
        dropout: share of the numbers that is dropped before the output, and between layers, in training.
    """

    sequences: ClassVar[bool] = True
    embedding: Count = 32
    width: Count = 32
    layers: Count = 1
    dropout: Share = 0.0

    def build(self, spec: Spec) -> nn.Module:
        return TextLstmGenerator(
            form=token_form(self, spec),
            embedding=self.embedding,
            width=self.width,
            layers=self.layers,
            dropout=self.dropout,
        )


class TextLstmGenerator(nn.Module):
    """z [B, T] -> tokens int64 [B, T]; `token_logits` gives the logits of given tokens."""

    def __init__(self, *, form: TokenForm, embedding: int, width: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.form, self.latent, self.layers, self.width = form, (form.length,), layers, width
        self.embedding = nn.Embedding(form.tokens, embedding)
        self.lstm = nn.LSTM(embedding, width, layers, batch_first=True, dropout=dropout if layers > 1 else 0.0)
        self.dropout = nn.Dropout(dropout)
        self.last = nn.Linear(width, form.tokens)
        self.questions = nn.Embedding(form.question_tokens, embedding) if form.question_tokens else None

    def forward(
        self, z: Float[Tensor, "b t"], y: Tensor | None = None, given: Given = None, temperature: float = 1.0
    ) -> Int[Tensor, "b t"]:
        """Samples; the tokens of given["prompt"] are kept."""
        memory = self.memory(len(z), given)
        return draw_tokens(self.step, z=z, memory=memory, prompt=prompt_of(given), temperature=temperature)

    def token_logits(self, x: Int[Tensor, "b t"], given: Given = None) -> Float[Tensor, "b t k"]:
        """The logits of every token after those before it."""
        hidden, _ = self.lstm(self.embedding(shifted(x)), self.memory(len(x), given))
        return without_forbidden(self.last(self.dropout(hidden)).float(), self.form)

    def relaxed(
        self, batch: int, inverse_temperature: float, *, hard: bool, given: Given = None
    ) -> Float[Tensor, "b t k"]:
        """Samples as rows of a relaxed one-hot form, with a gradient; see `relaxed_tokens`."""
        memory = self.memory(batch, given)
        return relaxed_tokens(
            self.step, batch=batch, form=self.form, memory=memory, inverse_temperature=inverse_temperature, hard=hard
        )

    def memory(self, batch: int, given: Given = None) -> Memory:
        """h and c before the first token: 0, or what they are behind the question."""
        if self.questions is not None:
            _, (h, c) = self.lstm(self.questions(question_of(given)))
            return h, c
        h = self.last.weight.new_zeros(self.layers, batch, self.width)
        return h, h

    def step(self, tokens: Int[Tensor, " b"], memory: Memory) -> tuple[Tensor, Memory]:
        """The logits of the token after these, [B, K], and the memory."""
        hidden, memory = self.lstm(self.embedding(tokens[:, None]), memory)
        return without_forbidden(self.last(self.dropout(hidden[:, 0])), self.form), memory

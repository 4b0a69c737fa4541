"""A discriminator that scores every token of a text after those before it."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Shaped
from torch import Tensor, nn

from ..base.types import Count, Given, Share, Spec, Verdict
from .token_embedding import TokenEmbedding, text_share
from .token_sampling import TokenForm, question_of, token_form


@dataclass(frozen=True)
class TextLstmCritic:
    """A logit for every token, from an LSTM over the tokens up to it: dense rewards. K of the verdict is T.

    de Masson d'Autume et al. 2019 (ScratchGAN), section 4. https://arxiv.org/abs/1905.09922. The logits of the padding
    are 0 and have no gradient. Of pairs it reads the question before the answer.

    Args:
        embedding: numbers of a token.
        width: numbers of the LSTM's state.
        dropout: share of the numbers that is dropped before the logit, in training.
    """

    sequences: ClassVar[bool] = True
    embedding: Count = 64
    width: Count = 64
    dropout: Share = 0.1

    def build(self, spec: Spec) -> nn.Module:
        return TextLstmDiscriminator(
            form=token_form(self, spec), embedding=self.embedding, width=self.width, dropout=self.dropout
        )


class TextLstmDiscriminator(nn.Module):
    """Tokens [B, T], or their distributions [B, T, K] -> logits [B, T]."""

    def __init__(self, *, form: TokenForm, embedding: int, width: int, dropout: float) -> None:
        super().__init__()
        self.embedding = TokenEmbedding(form.tokens, embedding)
        self.lstm = nn.LSTM(embedding, width, batch_first=True)
        self.questions = nn.Embedding(form.question_tokens, embedding) if form.question_tokens else None
        self.norm, self.dropout, self.last = nn.LayerNorm(width), nn.Dropout(dropout), nn.Linear(width, 1)

    def forward(self, x: Shaped[Tensor, "b t *k"], y: Tensor | None = None, given: Given = None) -> Verdict:
        memory = None if self.questions is None else self.lstm(self.questions(question_of(given)))[1]
        hidden = self.norm(self.lstm(self.embedding(x), memory)[0])
        logits = self.last(self.dropout(hidden))[..., 0].float() * text_share(x)
        return Verdict(logits, features=(hidden.float(),))

"""The game for one that writes: maximum likelihood of the data's sequences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch, Given, Term
from ..ops.sequences import PAD
from ..ops.sequences import token_mask as token_mask
from .contract import Draws, Game, Play, Terms, Turn


@dataclass(frozen=True)
class Likelihood(Game):
    """G: -log p(x) = - sum_t log p(x_t | x_1 ... x_{t-1}), in nats for each sequence; also called teacher forcing.

    Goodfellow, Bengio and Courville 2016, section 10.2.1. https://www.deeplearningbook.org/contents/rnn.html. It is the
    baseline that every adversarial game with text is compared with, and their first phase.
    """

    def turns(self) -> Mapping[str, Turn]:
        return {"likelihood": Turn(("G",), self.likelihood_turn)}

    def likelihood_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        return {"likelihood": Term(negative_log_likelihood(play, batch.x, given=batch.given))}

    def assess(self, play: Play, batch: Batch) -> Mapping[str, Tensor]:
        return {"negative_log_likelihood": negative_log_likelihood(play, batch.x, given=batch.given)}


def token_writer(play: Play) -> Any:
    """The player G, which generates tokens. Raises UsageError for one that does not."""
    network = play.networks["G"]
    if not hasattr(network, "token_logits"):
        raise UsageError("this game needs a generator of tokens", hint="Use TextLstm or TextTransformer.")
    return network


def token_losses(logits: Float[Tensor, "b t k"], x: Int[Tensor, "b t"]) -> Float[Tensor, "b t"]:
    """-log p of each token; 0 at the padding."""
    return F.cross_entropy(logits.transpose(1, 2), x, ignore_index=PAD, reduction="none")


def negative_log_likelihood(
    play: Play, x: Int[Tensor, "b t"], temperature: float = 1.0, given: Given = None
) -> Float[Tensor, " b"]:
    """-log p(x) of each sequence, in nats; the sum over its tokens and its END.

    Args:
        play: whose G.
        x: token numbers.
        temperature: p is softmax(logits / temperature) at every token.
        given: further tensors, such as the questions that x answers.
    """
    logits = token_writer(play).token_logits(x, given)
    return token_losses(logits if temperature == 1 else logits / temperature, x).sum(1)

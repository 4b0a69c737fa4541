"""The likelihood of samples by the oracle that made the data. Yu et al. 2017, equation 9.

https://arxiv.org/abs/1609.05473
"""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge
from torch import Tensor

from ..base.types import Batch, Spec
from ..data.lstm_oracle import LstmOracle, OracleWeights
from ..ops.sequences import SPECIAL
from .contract import Result, require


@dataclass(frozen=True)
class OracleLikelihood:
    """oracle_nll = - mean log p_oracle(x_t | x_1 ... x_{t-1}) of the samples' tokens, in nats a token.

    The value of the oracle's own sequences stands beside it as real-vs-real. A low value alone means nothing: samples
    that repeat one likely sequence have the lowest. Its partner is TextScores, text_nll and text_self_bleu.

    Args:
        oracle: the source of the data.
        n: samples, at least 50.
    """

    oracle: LstmOracle = field(default_factory=LstmOracle)
    n: Annotated[int, Ge(50)] = 2_000
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        fits = spec.domain == "text" and spec.settings["vocabulary"] == "\n".join(map(str, range(self.oracle.tokens)))
        require(output_kind == "samples" and fits, self, "a game that makes the sequences of an oracle")

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        """oracle_nll, with its standard error over samples."""
        return (oracle_nll(self.oracle.weights, fake.x),)


def oracle_nll(weights: OracleWeights, x: Tensor) -> Result:
    """The result for samples [n, T] of a text domain whose words are the oracle's tokens 0, 1, ... in this order."""
    with torch.no_grad():
        losses = weights.negative_log_likelihood(x.long().cpu() - SPECIAL).double().mean(1)
    error = float(losses.std() / len(losses) ** 0.5)
    return Result("oracle_nll", float(losses.mean()), len(losses), error, True, {"unit": "nats a token"})

"""How sure and how varied a classifier is on data without labels."""

from dataclasses import dataclass
from typing import ClassVar

from ..base.types import Batch, Count, Spec
from .contract import Result, require


@dataclass(frozen=True)
class PredictionInformation:
    """H(mean_i p_i) - mean_i H(p_i), p_i the predicted probabilities of sample i, in nats.

    Gomes, Krause and Perona 2010, equation 2, as a validator that needs no labels of the target domain: Musgrave et al.
    2022, section 3. https://arxiv.org/abs/2208.07360
    It is high where each prediction is sure and the classes are even, at most log(classes). A classifier that is sure
    and wrong has a high value too. The error is that of the mean of KL(p_i | mean p).

    Args:
        n: samples of the split, at most.

    Raises:
        UsageError: by `check_spec`, for a game that puts out no classes.

    Example:
        >>> import torch
        >>> from ganvas.base.types import Batch
        >>> from ganvas.metrics import PredictionInformation
        >>> sure = Batch(x=torch.tensor([[50.0, 0.0], [0.0, 50.0]]))
        >>> round(PredictionInformation().measure(real=sure, fake=sure)[0].value, 4)
        0.6931
    """

    n: Count = 10_000
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        require(output_kind == "classes", self, "a classifier")

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        logs = fake.x.double().log_softmax(1)
        p = logs.exp()
        mean = p.mean(0).clamp(min=1e-300)
        gains = (p * (logs - mean.log())).sum(1)
        n = len(gains)
        error = float(gains.std()) / n**0.5 if n > 1 else None
        return (Result("prediction_information", float(gains.mean()), n, error, False, {"unit": "nats"}),)

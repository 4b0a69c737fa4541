"""How often a classifier is right."""

from dataclasses import dataclass
from typing import ClassVar

from ..base.types import Batch, Count, Spec
from .contract import Result, require


@dataclass(frozen=True)
class Accuracy:
    """accuracy = share of samples whose largest class logit is their label; error sqrt(p (1 - p) / n).

    The class logits are the game's output, `fake.x` [n, k]; the labels are `real.y` [n].

    Args:
        n: samples of the split, at most.

    Raises:
        UsageError: by `check_spec`, for a game that puts out no classes or data without labels.

    Example:
        >>> import torch
        >>> from ganvas.base.types import Batch
        >>> from ganvas.metrics import Accuracy
        >>> logits = torch.tensor([[2.0, 0.0], [0.0, 1.0], [3.0, 1.0], [0.0, 5.0]])
        >>> real = Batch(x=torch.zeros(4, 1), y=torch.tensor([0, 1, 1, 1]))
        >>> Accuracy().measure(real=real, fake=Batch(x=logits))[0].value
        0.75
    """

    n: Count = 10_000
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        require(output_kind == "classes" and bool(spec.classes), self, "a classifier and labels")

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        assert real.y is not None, "accuracy needs labels"
        right = float((fake.x.argmax(1) == real.y).float().mean())
        n = len(real.y)
        return (Result("accuracy", right, n, (right * (1 - right) / n) ** 0.5, False, {"metric": "top-1"}),)

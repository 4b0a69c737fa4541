"""How often a classifier is right."""

from dataclasses import dataclass

from ..base.types import Batch, Count, Spec
from .contract import Result, require


@dataclass(frozen=True)
class Accuracy:
    """accuracy: the share of samples whose largest class logit (`fake.x`, the game's output) is their label; error: sqrt(p (1 - p) / n)."""

    n: Count = 10_000

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        require(output_kind == "classes" and bool(spec.classes), self, "a classifier and labels")

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        assert real.y is not None, "accuracy needs labels"
        right = float((fake.x.argmax(1) == real.y).float().mean())
        n = len(real.y)
        return (Result("accuracy", right, n, (right * (1 - right) / n) ** 0.5, False, {"metric": "top-1"}),)

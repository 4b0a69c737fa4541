"""How well a hole is filled."""

from dataclasses import dataclass

from ..base.types import Batch, Count, Spec
from .contract import Result, require


@dataclass(frozen=True)
class HoleError:
    """hole_l1: mean |x - restored| over the unknown numbers, in units of x's range [-1, 1].

    mean_fill_l1: the same for a hole filled with the reals' mean there.

    changed_outside: how many known numbers were altered; it must be 0.
    """

    n: Count = 10_000

    def check(self, spec: Spec, makes: str) -> None:
        require(makes == "samples" and "known" in spec.given, self, "a given tensor called known, as Hole makes it")

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        hole = (real.given["known"] == 0).expand_as(real.x)
        fill = real.x[hole].mean()
        values = {
            "hole_l1": float((real.x - fake.x).abs()[hole].mean()),
            "mean_fill_l1": float((real.x - fill).abs()[hole].mean()),
            "changed_outside": float((real.x != fake.x)[~hole].sum()),
        }
        protocol = {"metric": "L1 in the hole", "range": "[-1, 1]"}
        return tuple(Result(name, value, len(fake.x), None, True, protocol) for name, value in values.items())

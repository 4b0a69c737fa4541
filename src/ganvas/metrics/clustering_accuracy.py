"""Whether the unsupervised categories of a generator are the classes of the data."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge
from torch import Tensor

from ..base.types import Batch, Spec
from .contract import Result, require
from .digits import SPEC, digit_features, digit_weights


@dataclass(frozen=True)
class CodeAccuracy:
    """code_accuracy = share of fakes whose digit is that of their category, under the best one-to-one naming of
    categories.

    The evaluation of Chen et al. 2016, section 7.2 (https://arxiv.org/abs/1606.03657), in the other direction: there
    the category of a real digit is predicted. The digit of a fake is read by ganvas's digit classifier. The naming is
    exact (all are searched), so chance is a little above 0.1. Error: sqrt(p (1 - p) / n).

    Args:
        n: fakes, at least 50.

    Raises:
        UsageError: by `check_spec`, for data other than labelled grey pictures of 28 x 28.
    """

    n: Annotated[int, Ge(50)] = 10_000
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        require(
            output_kind == "samples" and spec.shape == SPEC.shape and bool(spec.classes),
            self,
            "a game that makes grey pictures of 28 x 28 by category",
        )

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        if fake.y is None:
            return ()
        _, read = digit_features(fake.x)
        counts = torch.zeros(10, 10, dtype=torch.int64).index_put_(
            (fake.y, read), torch.ones(len(read), dtype=torch.int64), accumulate=True
        )
        share, n = best_naming(counts)[0] / len(read), len(read)
        protocol = {
            "features": "ganvas digit classifier",
            "weights_sha256": digit_weights()[1],
            "naming": "best one-to-one, exact",
        }
        return (Result("code_accuracy", share, n, (share * (1 - share) / n) ** 0.5, False, protocol),)


def best_naming(counts: Tensor) -> tuple[int, tuple[int, ...]]:
    """max over permutations p of sum_i counts[i, p(i)], and the best p.

    By the recursion of Held and Karp over sets of columns: exact, K 2^K steps, for K up to about 15.

    Args:
        counts: [k, k], how often category i is digit j.

    Returns:
        The largest sum, and the digit of each category.
    """
    table: dict[frozenset[int], tuple[int, tuple[int, ...]]] = {frozenset(): (0, ())}
    for row in counts.tolist():
        grown: dict[frozenset[int], tuple[int, tuple[int, ...]]] = {}
        for used, (total, names) in table.items():
            for column in set(range(len(row))) - used:
                key, value = used | {column}, (total + row[column], (*names, column))
                grown[key] = max(grown.get(key, value), value)
        table = grown
    return next(iter(table.values()))

"""Scores of tables during training: shares of categories and modes, of single columns and of pairs."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge
from torch import Tensor

from ..base.types import Batch, Spec
from .contract import Result, require

WIDEST = 2_000  # numbers of the one-hots that pairs are counted of; further columns count alone


@dataclass(frozen=True)
class TableScores:
    """Total variation distances of the shares of categories and modes.

    table_pairs, the primary score: the mean over all pairs of columns of 1/2 sum_ab |P(a, b) - Q(a, b)|, P and Q the
    shares of pairs of values among reals and fakes. table_marginals: the same of each column single. A column of
    numbers is described by its modes (domain Tables). Xu et al. 2019, section 4.2, https://arxiv.org/abs/1907.00503;
    1 - distance is TVComplement and ContingencySimilarity of https://docs.sdv.dev/sdmetrics.

    Args:
        n: rows of each side, at least 50.
        blocks: the form of x, see `Tables.blocks`.
    """

    n: Annotated[int, Ge(50)] = 5_000
    blocks: tuple[int, ...] = ()
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        fits = spec.domain == "tables" and tuple(spec.settings["blocks"]) == self.blocks
        require(output_kind == "samples" and fits, self, "a game that makes rows of this table")

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        """Both scores, without errors."""
        sides = [one_hots(side.x, self.blocks) for side in (real, fake)]
        widths = [abs(block) for block in self.blocks]
        single = marginal_distances(sides[0], sides[1], widths)
        together = pair_distances(sides[0], sides[1], widths)
        protocol = {"space": "one-hots of categories and modes"}
        pairs = float(together.mean()) if len(together) else float(single.mean())
        return (
            Result("table_pairs", pairs, len(fake.x), protocol=protocol),
            Result("table_marginals", float(single.mean()), len(fake.x), protocol=protocol),
        )


def one_hots(x: Tensor, blocks: tuple[int, ...]) -> Tensor:
    """x without the scalars of numbers."""
    places, start = list[int](), 0
    for block in blocks:
        start += block < 0
        places += range(start, start + abs(block))
        start += abs(block)
    return x[:, places].float()


def marginal_distances(real: Tensor, fake: Tensor, widths: list[int]) -> Tensor:
    """[F]: the total variation distance of each column."""
    difference = (real.mean(0) - fake.mean(0)).abs()
    return torch.stack([part.sum() / 2 for part in difference.split(widths)])


def pair_distances(real: Tensor, fake: Tensor, widths: list[int]) -> Tensor:
    """[pairs]: the total variation distance of each pair of the first columns with WIDEST numbers in all."""
    ends = torch.tensor(widths).cumsum(0)
    columns = int((ends <= WIDEST).sum())
    if columns < 2:
        return torch.empty(0)
    size = int(ends[columns - 1])
    joint = [side[:, :size].T @ side[:, :size] / len(side) for side in (real, fake)]
    owner = torch.repeat_interleave(torch.arange(columns), torch.tensor(widths[:columns]))
    difference = (joint[0] - joint[1]).abs()
    rows = torch.zeros(columns, size).index_add_(0, owner, difference)
    both = torch.zeros(columns, columns).index_add_(1, owner, rows)
    upper = torch.triu_indices(columns, columns, 1)
    return both[upper[0], upper[1]] / 2

"""The metric of solids: whether they are whole, symmetric, and of the data's topology, and how well they match."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

import torch
from annotated_types import Ge
from torch import Tensor

from ..base.types import Batch, Spec
from .contract import VERSIONS, Result, require
from .solids import betti_numbers, piece_count

LARGEST = 64  # voxels a side
Triple = tuple[int, int, int]


class SolidSummary(NamedTuple):
    """What is compared of one side.

    Attributes:
        solids: bool [n, D, H, W].
        whole: bool [n], whether a solid is one piece, joined by faces.
        mirrored: [n], 1 - IoU of a solid and its mirror image.
        filled: [n], the share of voxels that are filled.
        betti: n triples (b0, b1, b2).
        y: [n], the class that each was made for; None without classes.
    """

    solids: Tensor
    whole: Tensor
    mirrored: Tensor
    filled: Tensor
    betti: list[Triple]
    y: Tensor | None


@dataclass(frozen=True)
class ShapeScores:
    """matching_distance = mean over reals of min over fakes of 1 - |A and B| / |A or B|.

    The minimum matching distance of Achlioptas et al. 2018, section 4 (https://arxiv.org/abs/1707.02392), with 1 - IoU
    of the filled voxels as the distance; a voxel is filled where x > 0. Further scores: reals_covered, the share of
    reals that are the nearest one of some fake (their coverage); single_piece, the share of fakes that are one piece
    joined by faces; mirror_error, the mean of 1 - IoU of a fake and its mirror image in W; occupancy_distance, the
    Wasserstein-1 distance between the shares of voxels that are filled; betti_distance, half the sum of absolute
    differences between the shares of each triple of Betti numbers (b0, b1, b2); betti_0, betti_1 and betti_2, their
    means; and betti_as_asked, the share of fakes with the triple that most reals of their class have.

    Args:
        n: solids of each side, at least 50; reals_covered and matching_distance depend on it.

    Raises:
        UsageError: by `check_spec`, for data other than volumes of one channel and at most 64 voxels a side.
    """

    n: Annotated[int, Ge(50)] = 500
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        fits = spec.domain == "volumes" and spec.shape[0] == 1 and max(spec.shape[1:]) <= LARGEST
        require(output_kind == "samples" and fits, self, f"volumes of one channel and at most {LARGEST} voxels a side")

    def summarize(self, batch: Batch) -> SolidSummary:
        """Solids of one side and what is counted of them."""
        solids = batch.x.detach().cpu()[:, 0] > 0
        betti = [(int(a), int(b), int(c)) for a, b, c in zip(*betti_numbers(solids), strict=True)]
        mirrored = 1 - overlap(solids, solids.flip(3))
        filled = solids.flatten(1).double().mean(1)
        y = None if batch.y is None else batch.y.cpu()
        return SolidSummary(solids, piece_count(solids, corners=False) == 1, mirrored, filled, betti, y)

    def compare(self, *, real: SolidSummary, fake: SolidSummary, errors: bool = True) -> tuple[Result, ...]:
        """Scores of two summaries; errors=False changes nothing, as none takes long."""
        n, protocol = len(fake.solids), {"features": "voxels filled where x > 0", "reals": len(real.solids), **VERSIONS}

        def mean(name: str, values: Tensor, lower_is_better: bool | None) -> Result:
            values = values.double()
            error = float(values.std() / len(values) ** 0.5)
            return Result(name, float(values.mean()), n, error, lower_is_better, protocol)

        distances = 1 - overlaps(real.solids, fake.solids)  # [reals, fakes]
        covered = torch.zeros(len(real.solids)).index_fill_(0, distances.argmin(0), 1.0)
        occupancy = wasserstein(real.filled, fake.filled)
        results = [
            mean("matching_distance", distances.amin(1), True),
            Result("reals_covered", float(covered.mean()), n, None, False, protocol),
            mean("single_piece", fake.whole, False),
            mean("mirror_error", fake.mirrored, None),
            Result("occupancy_distance", occupancy, n, None, True, protocol),
            Result("betti_distance", difference(real.betti, fake.betti), n, None, True, protocol),
            *(mean(f"betti_{place}", torch.tensor([each[place] for each in fake.betti]), None) for place in range(3)),
        ]
        if fake.y is not None and real.y is not None:
            results.append(mean("betti_as_asked", class_topology(real, fake), False))
        return tuple(results)

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        return self.compare(real=self.summarize(real), fake=self.summarize(fake))


def overlap(one: Tensor, other: Tensor) -> Tensor:
    """|A and B| / |A or B| of pairs [n]; 1 where both are empty."""
    both, either = ((one & other).flatten(1).sum(1), (one | other).flatten(1).sum(1))
    return torch.where(either > 0, both / either.clamp(min=1), 1.0)


def overlaps(one: Tensor, other: Tensor) -> Tensor:
    """|A and B| / |A or B| of each of n solids with each of m: [n, m]."""
    a, b = one.flatten(1).float(), other.flatten(1).float()
    both = a @ b.T
    either = a.sum(1)[:, None] + b.sum(1)[None] - both
    return torch.where(either > 0, both / either.clamp(min=1), 1.0)


def wasserstein(one: Tensor, other: Tensor) -> float:
    """The integral of |F - G| of two empirical distributions."""
    values = torch.cat([one, other]).sort().values
    ranks = [torch.searchsorted(each.sort().values, values[:-1], right=True) / len(each) for each in (one, other)]
    return float((values.diff() * (ranks[0] - ranks[1]).abs()).sum())


def difference(one: list[Triple], other: list[Triple]) -> float:
    """The total variation distance between the shares of triples."""
    a, b = Counter(one), Counter(other)
    return sum(abs(a[each] / len(one) - b[each] / len(other)) for each in a.keys() | b.keys()) / 2


def class_topology(real: SolidSummary, fake: SolidSummary) -> Tensor:
    """Whether each fake has the commonest triple of the reals of its class: bool [n]."""
    assert real.y is not None
    assert fake.y is not None
    triples = {
        int(number): Counter(each for each, y in zip(real.betti, real.y.tolist(), strict=True) if y == number)
        for number in real.y.unique()
    }
    wanted = {number: found.most_common(1)[0][0] for number, found in triples.items()}
    return torch.tensor([wanted.get(y) == each for each, y in zip(fake.betti, fake.y.tolist(), strict=True)])

"""Small recurrent networks that judge sequences after training: discriminative and predictive score. Yoon et al. 2019.

https://proceedings.neurips.cc/paper/2019/hash/c9efe5f26cd17ba6216bbe2a7d26d490-Abstract.html
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..base.draws import generator, uniform_rows
from ..base.progress import report_progress

BATCH = 128
TESTED = 0.2  # share of sequences on which the classifier is judged, as published
STEPS, PREDICTION_STEPS = 2_000, 5_000  # as published
LR = 1e-3


class Sequences(NamedTuple):
    """Sequences [N, T, C] in [0, 1] and their masks [N, T], 1 where they go on."""

    x: Tensor
    mask: Tensor


class Score(NamedTuple):
    """A value with its standard error; for the discriminative score that of the accuracy."""

    value: float
    error: float


class Networks:
    """S networks of gated recurrent units with one output a step, that learn side by side: h = GRU(x), o = w h + b.

    Cho et al. 2014, section 2.3, https://arxiv.org/abs/1406.1078, first weights as torch.nn.GRU has them.

    Args:
        count: S.
        inputs: numbers of a step.
        width: numbers of h.
        seed: of the first weights, other ones for each network.
        lr: of Adam.
    """

    def __init__(self, count: int, inputs: int, width: int, seed: int, lr: float = LR) -> None:
        shapes = ((inputs, 3 * width), (width, 3 * width), (1, 3 * width), (1, 3 * width), (width, 1), (1, 1))
        every = [
            (2 * torch.rand(count, *shape, generator=generator(seed, "post hoc", place)) - 1) / width**0.5
            for place, shape in enumerate(shapes)
        ]
        self.weights = [each.requires_grad_() for each in every]
        self.width = width
        self.optimiser = torch.optim.Adam(self.weights, lr=lr)

    def __call__(self, x: Tensor) -> Tensor:
        """[S, B, T] of x [S, B, T, C]."""
        from_x, from_h, bias, recurrent_bias, last, last_bias = self.weights
        inputs = torch.einsum("sbtc,scg->tsbg", x, from_x) + bias
        h = x.new_zeros(*x.shape[:2], self.width)
        found = []
        for each in inputs.unbind():
            gates = torch.baddbmm(recurrent_bias, h, from_h)
            r, z = (each[..., : 2 * self.width] + gates[..., : 2 * self.width]).sigmoid().chunk(2, dim=-1)
            n = (each[..., 2 * self.width :] + r * gates[..., 2 * self.width :]).tanh()
            h = n + z * (h - n)
            found.append(h)
        return (torch.stack(found) @ last + last_bias)[..., 0].permute(1, 2, 0)

    def step(self, loss: Tensor) -> None:
        """One step of Adam; `loss` is a sum over the networks."""
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()


def width_of(channels: int) -> int:
    """Numbers of h, as published: half as many as there are channels."""
    return max(1, channels // 2)


def discriminative_scores(
    pairs: Mapping[str, tuple[Sequences, Sequences]],
    *,
    steps: int = STEPS,
    width: int = 0,
    lr: float = LR,
    seed: int = 0,
) -> dict[str, Score]:
    """|accuracy - 1/2| of a network that separates two sets of sequences, on a fifth of them; 0 is best.

    Yoon et al. 2019, section 5.1; width, steps, batch and Adam of the program of its authors. Windows that overlap may
    be on both sides of the classifier's split, as there.

    Args:
        pairs: real and other sequences, by name.
        steps: of training.
        width: numbers of h; 0: half as many as there are channels.
        lr: of Adam; 0.001 as published.
        seed: of the split, the batches and the first weights.
    """
    names = list(pairs)
    channels = pairs[names[0]][0].x.shape[2]
    nets = Networks(len(names), channels, width or width_of(channels), seed, lr)
    split = [[in_two(side, seed, f"{name} {k}") for k, side in enumerate(pairs[name])] for name in names]
    for step in range(steps):
        batches = [
            [some(side[0], BATCH // 2, (seed, "discriminative", name, k, step)) for k, side in enumerate(sides)]
            for name, sides in zip(names, split, strict=True)
        ]
        x, last = joined([joined_pair(batch) for batch in batches])
        logits = nets(x).gather(2, last[:, :, None])[:, :, 0]
        truth = (torch.arange(logits.shape[1]) < BATCH // 2).float().expand_as(logits)
        nets.step(F.binary_cross_entropy_with_logits(logits, truth, reduction="none").mean(1).sum())
        report_progress("telling sequences apart", step + 1, steps)
    return {name: accuracy(nets, place, split[place]) for place, name in enumerate(names)}


@torch.no_grad()
def accuracy(nets: Networks, place: int, sides: Sequence[tuple[Sequences, Sequences]]) -> Score:
    """The score of one network on what it has not learnt from; both sides count alike."""
    right = []
    for sign, (_, held) in zip((1, -1), sides, strict=True):
        x, last = joined([held] * len(nets.weights[0]))
        logits = nets(x)[place].gather(1, last[place][:, None])[:, 0]
        right.append((sign * logits > 0).double())
    mean = sum(float(each.mean()) for each in right) / 2
    return Score(abs(mean - 0.5), sum(float(each.var(correction=0)) / len(each) for each in right) ** 0.5 / 2)


def predictive_scores(
    sides: Mapping[str, Sequences],
    reals: Mapping[str, Sequences],
    *,
    steps: int = PREDICTION_STEPS,
    width: int = 0,
    lr: float = LR,
    seed: int = 0,
) -> dict[str, dict[str, Score]]:
    """The mean absolute error, on real sequences, of a network that learnt from others to predict the next step.

    Yoon et al. 2019, section 5.1: the last channel at the next step from the other channels so far (of one channel from
    itself); width, steps, batch and Adam of the program of its authors, values in [0, 1].

    Args:
        sides: sequences to learn from, by name.
        reals: sets of sequences to predict, by name.
        steps: of training.
        width: numbers of h; 0: half as many as there are channels.
        lr: of Adam; 0.001 as published.
        seed: of the batches and the first weights.

    Returns:
        For each of `sides` the score on each of `reals`.
    """
    names = list(sides)
    channels = sides[names[0]].x.shape[2]
    nets = Networks(len(names), max(1, channels - 1), width or width_of(channels), seed, lr)
    for step in range(steps):
        every = [some(sides[name], BATCH, (seed, "predictive", name, step)) for name in names]
        wrong = errors(nets, torch.stack([each.x for each in every]), torch.stack([each.mask for each in every]))
        nets.step(wrong.mean(1).sum())
        report_progress("predicting the next step", step + 1, steps)
    with torch.no_grad():
        found = {
            of: errors(nets, *(part.expand(len(names), *part.shape) for part in real)) for of, real in reals.items()
        }
    return {name: {of: mean_error(each[place]) for of, each in found.items()} for place, name in enumerate(names)}


def mean_error(of_each: Tensor) -> Score:
    """The mean over sequences, with its standard error."""
    return Score(float(of_each.mean()), float(of_each.std() / len(of_each) ** 0.5))


def errors(nets: Networks, x: Tensor, mask: Tensor) -> Tensor:
    """[S, B]: the mean absolute error of the next step of sequences x [S, B, T, C]."""
    inputs = x[..., :-1, : max(1, x.shape[-1] - 1)]
    wrong = (nets(inputs).sigmoid() - x[..., 1:, -1]).abs() * mask[..., 1:]
    return wrong.sum(2) / mask[..., 1:].sum(2).clamp(min=1)


def in_two(side: Sequences, seed: int, name: str) -> tuple[Sequences, Sequences]:
    """Sequences to learn from, and a fifth to be judged on."""
    order = torch.randperm(len(side.x), generator=generator(seed, "post hoc split", name))
    held = max(1, round(TESTED * len(order)))
    return take(side, order[held:]), take(side, order[:held])


def some(side: Sequences, n: int, key: tuple[object, ...]) -> Sequences:
    """n sequences, drawn with replacement."""
    return take(side, torch.from_numpy((uniform_rows(key, range(n), 1)[:, 0] * len(side.x)).astype("int64")))


def take(side: Sequences, rows: Tensor) -> Sequences:
    """The sequences of these numbers."""
    return Sequences(side.x[rows], side.mask[rows])


def joined_pair(batch: Sequence[Sequences]) -> Sequences:
    """Two batches one below the other."""
    return Sequences(torch.cat([each.x for each in batch]), torch.cat([each.mask for each in batch]))


def joined(every: Sequence[Sequences]) -> tuple[Tensor, Tensor]:
    """x [S, B, T, C], and the number of each sequence's last step [S, B]."""
    last = torch.stack([each.mask for each in every]).sum(2).long() - 1
    return torch.stack([each.x for each in every]), last.clamp(min=0)

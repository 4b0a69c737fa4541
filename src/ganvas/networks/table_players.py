"""Players of CTGAN, for tables: one-hot categories and modes beside scalars. Xu et al. 2019, section 4.4.

https://arxiv.org/abs/1907.00503
"""

import itertools
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import torch
import torch.nn.functional as F
from annotated_types import Gt
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Given, Share, Spec, Verdict
from .layers import full_precision
from .mlp import stack

CONDITION = "condition"  # of `given`: one-hot over the categories of all discrete columns
TINY = 1e-20


@dataclass(frozen=True)
class TableMlp:
    """h_0 = [z, c]; h_i+1 = [ReLU(BN(W h_i)), h_i]; x = activations(W h). Xu et al. 2019, section 4.4.

    https://arxiv.org/abs/1907.00503
    tanh for scalars, Gumbel-softmax for one-hots (Jang et al. 2017, equation 2, https://arxiv.org/abs/1611.01144), in
    training and in use. c is the condition, one-hot over all categories; without one it is drawn: the column uniformly,
    its category by the shares of the training rows. Other data than tables get a plain last layer.

    Args:
        widths: numbers of each hidden layer.
        latent: numbers in one z.
        temperature: of Gumbel-softmax.
        fixed: whether the column of the condition is set to it, so that it always holds.
    """

    widths: tuple[Count, ...] = (256, 256)
    latent: Count = 128
    temperature: Annotated[float, Gt(0)] = 0.2
    fixed: bool = False

    def build(self, spec: Spec) -> nn.Module:
        return TableGenerator(self, TableForm.of(spec), spec.bounded)


@dataclass(frozen=True)
class TableCritic:
    """pack rows and their conditions -> widths -> one logit, LeakyReLU 0.2 and dropout. Xu et al. 2019, section 4.4.

    https://arxiv.org/abs/1907.00503; packing: Lin et al. 2018, https://arxiv.org/abs/1712.04086

    Args:
        widths: numbers of each hidden layer.
        dropout: share of the hidden numbers that are set to 0 in training.
        pack: rows that are judged together.
    """

    widths: tuple[Count, ...] = (256, 256)
    dropout: Share = 0.5
    pack: Count = 10

    def build(self, spec: Spec) -> nn.Module:
        return TableDiscriminator(self, TableForm.of(spec))


class TableForm(NamedTuple):
    """The form of x [D]: blocks (k: one-hot of k categories, -k: scalar and one-hot of k modes), and categories."""

    blocks: tuple[int, ...]
    counts: tuple[int, ...]  # training rows of every category of every discrete column
    shape: tuple[int, ...]

    @classmethod
    def of(cls, spec: Spec) -> "TableForm":
        """Of a table; of other data, numbers without blocks."""
        return cls(tuple(spec.settings.get("blocks", ())), tuple(spec.settings.get("counts", ())), spec.shape)

    @property
    def size(self) -> int:
        """D."""
        return int(torch.Size(self.shape).numel())

    @property
    def discrete(self) -> tuple[int, ...]:
        """How many categories each discrete column has."""
        return tuple(block for block in self.blocks if block > 0)

    @property
    def conditions(self) -> int:
        """Numbers of a condition."""
        return sum(self.discrete)


class TableGenerator(nn.Module):
    """(z [B, latent], condition [B, C]) -> x [B, D]."""

    def __init__(self, described: TableMlp, form: TableForm, bounded: bool) -> None:
        super().__init__()
        self.latent, self.form, self.bounded = (described.latent,), form, bounded
        self.temperature, self.fixed = described.temperature, described.fixed
        inputs = [described.latent + form.conditions]
        for width in described.widths:
            inputs.append(inputs[-1] + width)
        sizes = zip(inputs[:-1], described.widths, strict=True)
        self.hidden = nn.ModuleList(nn.Sequential(nn.Linear(n, w), nn.BatchNorm1d(w), nn.ReLU()) for n, w in sizes)
        self.last = nn.Linear(inputs[-1], form.size)
        self.register_buffer("shares", condition_shares(form), persistent=False)

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        condition = self.condition(z, given)
        h = z if condition is None else torch.cat([z, condition], dim=1)
        for layer in self.hidden:
            h = torch.cat([layer(h), h], dim=1)
        x = self.last(h).float()
        if not self.form.blocks:
            return (torch.tanh(x) if self.bounded else x).view(-1, *self.form.shape)
        x = activated(x, self.form.blocks, self.temperature)
        return held(x, condition, self.form.discrete) if self.fixed and condition is not None else x

    def condition(self, z: Tensor, given: Given) -> Tensor | None:
        """The given condition, or one that is drawn; None for a table without categories."""
        if not self.form.conditions:
            return None
        if given and CONDITION in given:
            return given[CONDITION]
        drawn = torch.multinomial(self.shares, len(z), replacement=True)  # type: ignore[arg-type]  # a buffer
        return F.one_hot(drawn, self.form.conditions).to(z.dtype)


class TableDiscriminator(nn.Module):
    """(x [B, D], condition [B, C]) -> one logit for each pack."""

    def __init__(self, described: TableCritic, form: TableForm) -> None:
        super().__init__()
        self.pack, self.form = described.pack, form
        self.mixes_samples = described.pack > 1
        layers: list[nn.Module] = []
        inputs = described.pack * (form.size + form.conditions)
        for before, after in itertools.pairwise((inputs, *described.widths)):
            layers += [*stack(before, (after,)), *[nn.Dropout(described.dropout)] * (described.dropout > 0)]
        self.hidden = nn.Sequential(*layers)
        self.last = nn.Linear((inputs, *described.widths)[-1], 1)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        x = x.flatten(1)
        if self.form.conditions:
            none = x.new_zeros(len(x), self.form.conditions)
            x = torch.cat([x, (given or {}).get(CONDITION, none)], dim=1)
        features = self.hidden(packed(x, self.pack))
        with full_precision(x):
            return Verdict(self.last(features.float()), features=(features.float(),))


def packed(x: Tensor, pack: int) -> Tensor:
    """[B / pack, pack D]: rows that follow each other side by side. Raises UsageError where B is no multiple."""
    if len(x) % pack:
        hint = f"Make batch_samples / micro_batches a multiple of {pack}."
        raise UsageError(f"{len(x)} samples cannot be packed by {pack}", hint=hint)
    return x.reshape(len(x) // pack, -1)


def condition_shares(form: TableForm) -> Tensor:
    """[C]: the probability of each condition in use: a column uniformly, its category by its training rows."""
    shares, start = [], 0
    for width in form.discrete:
        counts = torch.tensor(form.counts[start : start + width], dtype=torch.float64)
        shares.append(counts / counts.sum().clamp(min=1) / len(form.discrete))
        start += width
    return torch.cat(shares).float() if shares else torch.zeros(0)


def activated(x: Tensor, blocks: tuple[int, ...], temperature: float) -> Tensor:
    """tanh of scalars, and softmax((logits + g) / temperature) of each one-hot, g Gumbel noise of torch's generator."""
    noise = -torch.empty_like(x).exponential_().clamp(min=TINY).log()
    noisy = (x + noise) / temperature
    parts, start = [], 0
    for block in blocks:
        if block < 0:
            parts.append(torch.tanh(x[:, start : start + 1]))
            start += 1
        parts.append(torch.softmax(noisy[:, start : start + abs(block)], dim=1))
        start += abs(block)
    return torch.cat(parts, dim=1)


def held(x: Tensor, condition: Tensor, discrete: tuple[int, ...]) -> Tensor:
    """x with the one-hot of the condition's column replaced by the condition."""
    size = sum(discrete)
    parts = zip(x[:, :size].split(discrete, 1), condition.split(discrete, 1), strict=True)
    fixed = [torch.where(wanted.sum(1, keepdim=True) > 0, wanted, own) for own, wanted in parts]
    return torch.cat([*fixed, x[:, size:]], dim=1)

"""Players of DoppelGANger: attributes first, then a sequence, several steps at a time. Lin et al. 2020.

https://arxiv.org/abs/1909.13403
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Given, Spec, Verdict
from .layers import full_precision
from .mlp import stack
from .series_gru import series_shape


class SeriesForm(NamedTuple):
    """The form of x [C, T]: rows that change over time, then rows that do not, see `SeriesLayout`.

    Args:
        moving: rows of the channels.
        ends: whether a row behind them says where a sequence is over.
        blocks: of the static rows: k for a one-hot, -1 for a number.
        ranges: how many of the last static rows are the sequence's own ranges.
        length: T.
    """

    moving: int
    ends: bool
    blocks: tuple[int, ...]
    ranges: int
    length: int

    @classmethod
    def of(cls, spec: Spec) -> "SeriesForm":
        """Of series; all rows of other data are channels."""
        channels, length = series_shape(spec)
        settings = spec.settings
        blocks = tuple(settings.get("blocks", ()))
        moving = len(settings["channels"]) if "channels" in settings else channels
        ranges = 2 * moving * bool(settings.get("each", False))
        return cls(moving, bool(settings.get("ends", False)), blocks, ranges, length)

    @property
    def statics(self) -> int:
        """How many rows do not change."""
        return sum(map(abs, self.blocks))


@dataclass(frozen=True)
class Doppelganger:
    """a = MLP(z_a); ranges = MLP(z_r, a); x_t ... x_{t+S-1} = tanh(W h_t), h_t = LSTM(z_t, a, ranges; h_{t-1}).

    Lin et al. 2020 (DoppelGANger), sections 4.1 and 4.2, sizes of appendix B. https://arxiv.org/abs/1909.13403
    What a generated sequence would have behind its end is 0.

    Args:
        width: of the LSTM.
        widths: of the hidden layers of both MLPs.
        noise: numbers of z_a, of z_r and of each z_t.
        steps: S, steps that a cell of the LSTM makes.
    """

    sequences: ClassVar[bool] = True
    width: Count = 100
    widths: tuple[Count, ...] = (100, 100)
    noise: Count = 5
    steps: Count = 4

    def build(self, spec: Spec) -> nn.Module:
        return DoppelgangerGenerator(self, SeriesForm.of(spec))


@dataclass(frozen=True)
class DoppelgangerCritic:
    """Attributes once, and all steps -> widths -> one logit, LeakyReLU 0.2. Lin et al. 2020, appendix B.

    Args:
        widths: numbers of each hidden layer.
    """

    sequences: ClassVar[bool] = True
    widths: tuple[Count, ...] = (200, 200, 200, 200)

    def build(self, spec: Spec) -> nn.Module:
        form = SeriesForm.of(spec)
        moving = (series_shape(spec)[0] - form.statics) * form.length
        return SequenceDiscriminator(self.widths, form, moving + form.statics)


@dataclass(frozen=True)
class AttributeCritic:
    """Attributes -> widths -> one logit: the auxiliary discriminator of Lin et al. 2020, section 4.2.

    Args:
        widths: numbers of each hidden layer.

    Raises:
        UsageError: by `build`, for series without attributes.
    """

    sequences: ClassVar[bool] = True
    widths: tuple[Count, ...] = (200, 200, 200, 200)

    def build(self, spec: Spec) -> nn.Module:
        form = SeriesForm.of(spec)
        if not form.statics:
            raise UsageError("these series have no attributes to judge", hint="Set domain.each=true, or auxiliary=0.")
        return SequenceDiscriminator(self.widths, form, form.statics)


class DoppelgangerGenerator(nn.Module):
    """z [B, Z] -> x [B, C, T]."""

    def __init__(self, described: Doppelganger, form: SeriesForm) -> None:
        super().__init__()
        self.form, self.noise, self.steps = form, described.noise, described.steps
        self.cells = -(-form.length // described.steps)
        self.latent = (described.noise * (2 + self.cells),)
        own, last = form.statics - form.ranges, described.widths[-1]
        self.attributes = nn.Sequential(stack(self.noise, described.widths), nn.Linear(last, own)) if own else None
        self.ranges = None
        if form.ranges:
            hidden = stack(self.noise + own, described.widths)
            self.ranges = nn.Sequential(hidden, nn.Linear(last, form.ranges))
        self.lstm = nn.LSTM(self.noise + form.statics, described.width, batch_first=True)
        self.last = nn.Linear(described.width, described.steps * (form.moving + form.ends))

    def forward(self, z: Float[Tensor, "b z"], y: Tensor | None = None, given: Given = None) -> Float[Tensor, "b c t"]:
        z_own, z_ranges, z_steps = z.split((self.noise, self.noise, self.noise * self.cells), dim=1)
        statics = z.new_empty(len(z), 0)
        if self.attributes is not None:
            own = tuple(self.form.blocks[: len(self.form.blocks) - self.form.ranges])
            statics = in_form(self.attributes(z_own), own)
        if self.ranges is not None:
            statics = torch.cat([statics, torch.tanh(self.ranges(torch.cat([z_ranges, statics], dim=1)))], dim=1)
        inputs = z_steps.view(len(z), self.cells, self.noise)
        hidden, _ = self.lstm(torch.cat([inputs, statics[:, None].expand(-1, self.cells, -1)], dim=2))
        x = torch.tanh(self.last(hidden)).reshape(len(z), self.cells * self.steps, -1)[:, : self.form.length]
        x = self.ended(x.transpose(1, 2))
        return torch.cat([x, statics[:, :, None].expand(-1, -1, self.form.length)], dim=1)

    def ended(self, x: Tensor) -> Tensor:
        """Channels and flags, 0 and -1 behind the end."""
        if not self.form.ends:
            return x
        over = x[:, -1] <= 0
        over[:, 0] = False
        going = (over.cumsum(1) == 0)[:, None]
        return torch.cat([x[:, :-1] * going, torch.where(going, x[:, -1:], x[:, -1:].clamp(max=0.0))], dim=1)


class SequenceDiscriminator(nn.Module):
    """x [B, C, T] -> one logit, of the attributes and, if there is room for them, of all steps."""

    def __init__(self, widths: tuple[int, ...], form: SeriesForm, numbers: int) -> None:
        super().__init__()
        self.form, self.whole = form, numbers > form.statics
        self.hidden = stack(numbers, widths)
        self.last = nn.Linear((numbers, *widths)[-1], 1)

    def forward(self, x: Float[Tensor, "b c t"], y: Tensor | None = None, given: Given = None) -> Verdict:
        rows = x.shape[1] - self.form.statics
        parts = [x[:, :rows].flatten(1)] * self.whole + [x[:, rows:, 0]]
        features = self.hidden(torch.cat(parts, dim=1)).to(self.last.weight.dtype)
        with full_precision(x):
            return Verdict(self.last(features), features=(features,))


def in_form(logits: Tensor, blocks: tuple[int, ...]) -> Tensor:
    """softmax of one-hots, tanh of numbers."""
    parts = logits.split([abs(block) for block in blocks], dim=1)
    every = [torch.softmax(part, 1) if block > 0 else part.tanh() for part, block in zip(parts, blocks, strict=True)]
    return torch.cat(every, dim=1)

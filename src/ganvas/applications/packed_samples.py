"""Samples of several requests from one pass of the generator: the same bytes as if each were made by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..base.play import Latents, Play, has_styles
from ..base.types import Batch
from ..domains.contract import HasFiles, HasTexts
from ..games.contract import Draws, Game
from ..sessions.sample_sheet import text_options
from ..training import BUCKET as BUCKET
from ..training import noise_batches, outputs

if TYPE_CHECKING:
    from ..sessions.model import Model

SHIFTS = (1, 5, 16, 33, 63)  # places by which the check moves every sample


@dataclass(frozen=True)
class WantedSamples:
    """What a request wants.

    Args:
        n: how many samples, at least 1.
        seed: the same seed gives the same samples.
        y: numbers of the classes [m], repeated to the end; None for all in turn.
        truncation: 1 for the model as it is; towards 0 samples vary less, as in an exported file.
        temperature, prompt: of text, as in `Model.sample`.
    """

    n: int
    seed: int = 0
    y: Tensor | None = None
    truncation: float = 1.0
    temperature: float | None = None
    prompt: str = ""


class RequestRows(NamedTuple):
    """Some of the samples of a request: those from `start` on."""

    wanted: WantedSamples
    start: int
    size: int


class PackedSampler:
    """Makes samples for several requests in one bucket of BUCKET rows, where that changes no bit.

    When it begins, it moves the samples of a bucket to other places, among others, and compares every bit. A model
    that fails, or whose networks draw random numbers, gets a pass for each request.

    Args:
        model: loaded, its networks in eval mode.
    """

    def __init__(self, model: "Model") -> None:
        self.model, self.game, self.networks = model, model.game, model.networks
        self.styles = "G" in self.networks and has_styles(self.networks["G"])
        self.packs = self.may_pack and self._is_exact()

    @property
    def may_pack(self) -> bool:
        """Whether samples come from latents by `Game.output` as it is, in a domain of arrays."""
        plain = type(self.game).output is Game.output and not self.game.needs_data
        arrays = not isinstance(self.model.domain, HasTexts | HasFiles)
        return plain and arrays and self.game.output_kind == "samples" and "G" in self.networks

    @torch.no_grad()
    def bucket(self, parts: Sequence[RequestRows]) -> list[Tensor]:
        """The samples of all parts, at most BUCKET rows, from one pass; either all are truncated or none is.

        Args:
            parts: of requests.

        Returns:
            x [size, *shape] for each part, as networks make it.
        """
        drawn = [self._latents(part) for part in parts]
        count = sum(part.size for part in parts)
        rows = torch.arange(BUCKET) % count
        z, y, labels = (
            None if each[0] is None else torch.cat([value for value in each if value is not None])[rows]
            for each in zip(*drawn, strict=True)
        )
        psi = torch.cat([torch.full((part.size,), part.wanted.truncation) for part in parts])[rows]
        batch = Batch(x=torch.zeros(BUCKET, *self.model.spec.shape), y=labels, index=rows)
        return list(self._generated(Latents(z, y), psi, batch)[:count].split([part.size for part in parts]))

    def whole(self, wanted: WantedSamples) -> Tensor:
        """All samples of one request as `Model.sample` makes them, which share no pass.

        Args:
            wanted: the request; its truncation multiplies z.

        Returns:
            x [n, *shape], as networks make it.

        Raises:
            UsageError: options of text for another model.
        """
        model, z = self.model, None
        if wanted.truncation != 1:
            classes = None if wanted.y is None else wanted.y.tolist()
            drawn = model.latents(wanted.n, seed=wanted.seed, classes=classes)
            z = torch.from_numpy(np.float32(wanted.truncation) * drawn)
        noise = noise_batches(model.spec, wanted.y)
        batches, options = text_options(model.domain, noise, wanted.temperature, wanted.prompt)
        return outputs(self.game, self.networks, batches, n=wanted.n, seed=wanted.seed, z=z, options=options)

    def _latents(self, part: RequestRows) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        """z, y and the batch's classes of some samples; y may be a category that the game draws."""
        places = torch.arange(part.start, part.start + part.size)
        known, y, labels = len(self.model.spec.classes), part.wanted.y, None
        if known:
            labels = places % known if y is None else y[places % len(y)]
        batch = Batch(x=torch.zeros(part.size, *self.model.spec.shape), y=labels, index=places)
        draws = Draws(part.wanted.seed, "sample", rows=range(part.start, part.start + part.size))
        found = self.game.latents(Play(self.networks), draws, batch)
        return found.z, found.y, labels

    def _generated(self, latents: Latents, psi: Tensor, batch: Batch) -> Tensor:
        if bool((psi == 1).all()) or latents.z is None:
            return self.game.generate(Play(self.networks), latents, batch).float()
        if self.styles:
            G: Any = self.networks["G"]
            styles = G.styles(latents.z, latents.y)
            x: Tensor = G.synthesis(G.mean + psi.view(-1, *(1,) * (styles.dim() - 1)) * (styles - G.mean))
            return x.float()
        z = psi.view(-1, *(1,) * (latents.z.dim() - 1)) * latents.z
        return self.game.generate(Play(self.networks), latents._replace(z=z), batch).float()

    @torch.no_grad()
    def _is_exact(self) -> bool:
        """Whether no bit of a sample depends on its place in a bucket or on the other samples there."""
        whole = WantedSamples(BUCKET + 7, seed=1)
        less, other = replace(whole, seed=2, truncation=0.5), replace(whole, seed=3)
        batches = noise_batches(self.model.spec, None)
        apart = outputs(self.game, self.networks, batches, n=whole.n, seed=whole.seed)
        before = torch.default_generator.get_state()
        truncated = self.bucket([RequestRows(less, 0, BUCKET)])[0]
        for shift in SHIFTS:
            rest = BUCKET - shift
            moved = self.bucket([RequestRows(whole, rest, shift), RequestRows(whole, 0, rest)])
            short = self.bucket([RequestRows(less, rest, shift), RequestRows(less, 0, rest)])
            pairs = [
                (torch.cat(moved), apart[:BUCKET].roll(shift, 0)),
                (torch.cat(short), truncated.roll(shift, 0)),
                (self.bucket([RequestRows(other, 7, shift), RequestRows(whole, 0, rest)])[1], apart[:rest]),
                (self.bucket([RequestRows(whole, BUCKET, 7)])[0], apart[BUCKET:]),
            ]
            if not all(torch.equal(made, wanted) for made, wanted in pairs):
                return False
        return torch.equal(before, torch.default_generator.get_state())

"""Where samples are edited: the latents z of a generator, or the styles w of each of its layers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..base.draws import Draws, torch_seeded
from ..base.errors import UsageError
from ..base.play import Latents, Play
from ..base.play import has_styles as has_styles
from ..base.progress import report_progress
from ..sessions.model import Model
from ..training import BUCKET, noise_batches, outputs

Classes = Sequence[str | int] | str | int | None


class LatentPoints(NamedTuple):
    """Points of a latent space.

    Args:
        z: z [n, latent], or w [n, layers, style].
        y: numbers of the classes (or of InfoGAN's categories) [n], or None.
    """

    z: Tensor
    y: Tensor | None = None


class LatentSpace:
    """The latents of a model that makes pictures from vectors of noise.

    Args:
        model: loaded, its networks in eval mode.
        styles: whether a point is w [layers, style] rather than z [latent].

    Raises:
        UsageError: the model makes no pictures from vectors, or has no styles.
    """

    def __init__(self, model: Model, *, styles: bool = False) -> None:
        self.model, self.styles = model, styles
        if model.game.needs_data or "G" not in model.networks or len(getattr(model.networks["G"], "latent", ())) != 1:
            raise UsageError("this model has no latent vectors to edit", hint="It makes nothing from noise.")
        if model.spec.domain != "images":
            raise UsageError(f"this model makes {model.spec.domain}, and only pictures can be edited")
        self.G: Any = model.networks["G"]
        if styles and not has_styles(self.G):
            raise UsageError("the generator of this model has no styles", hint="Use the path spherical or linear.")

    @property
    def centre(self) -> Tensor:
        """What truncation leads to: the mean style [style], or z = 0 [latent]."""
        centre: Tensor = self.G.mean if self.styles else torch.zeros(self.G.latent)
        return centre

    def class_of_one(self, label: Classes) -> Classes:
        """The class of one sample of `ganvas sample`: the first where none is named; None without classes."""
        return 0 if label is None and self.model.conditional else label

    @torch.no_grad()
    def start(self, n: int, *, seed: int, label: Classes = None) -> LatentPoints:
        """The points of the samples that `Model.sample(n, seed=seed, classes=label)` makes.

        Args:
            n: how many.
            seed, label: as in `Model.sample`.

        Returns:
            z [n, latent], or w [n, layers, style], with the classes.
        """
        play, parts = Play(self.model.networks), list[LatentPoints]()
        batches = noise_batches(self.model.spec, self.model.numbers(label))
        for begin, batch in zip(range(0, n, BUCKET), batches, strict=False):
            if n > BUCKET:
                report_progress("drawing latents", begin, n)
            z, y = self.model.game.latents(play, Draws(seed, "sample", rows=range(begin, begin + BUCKET)), batch)
            if z is None:
                raise UsageError("this model has no latent vectors to edit")
            parts.append(LatentPoints(self.G.styles(z, y) if self.styles else z, y))
        whole = joined(parts)
        return LatentPoints(whole.z[:n], None if whole.y is None else whole.y[:n])

    @torch.no_grad()
    def generate(self, points: LatentPoints, what: str = "making pictures") -> Tensor:
        """Pictures x [n, C, H, W] of points, BUCKET of them at a time, the last filled up.

        Args:
            points: z or w [n, ...], and their classes.
            what: the activity that progress names.
        """
        (z, y), made = points, []
        for begin in range(0, len(z), BUCKET):
            report_progress(what, begin, len(z))
            rows = torch.arange(begin, begin + BUCKET) % len(z)
            with torch_seeded(z.device, 0, "edit", begin):  # for modules that draw numbers
                made.append(self._bucket(z[rows], None if y is None else y[rows])[: len(z) - begin])
        return torch.cat(made)

    def samples(self, n: int, *, seed: int, label: Classes = None) -> Tensor:
        """What `Model.sample` with these arguments decodes, bit by bit, x [n, C, H, W]."""
        batches = noise_batches(self.model.spec, self.model.numbers(label))
        return outputs(self.model.game, self.model.networks, batches, n=n, seed=seed)

    def _bucket(self, z: Tensor, y: Tensor | None) -> Tensor:
        if self.styles:
            x: Tensor = self.G.synthesis(z)
            return x.float()
        batch = next(noise_batches(self.model.spec, y if self.model.conditional else None))
        return self.model.game.generate(Play(self.model.networks), Latents(z, y), batch).float()


def joined(parts: Sequence[LatentPoints]) -> LatentPoints:
    """All points of the parts, which have classes or have none."""
    classes = [part.y for part in parts if part.y is not None]
    return LatentPoints(torch.cat([part.z for part in parts]), torch.cat(classes) if classes else None)

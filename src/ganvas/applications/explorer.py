"""A trained generator of pictures explored from a page: latents, directions, neighbours, and what D would change."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ..base.errors import UsageError
from ..base.play import Latents, Play
from ..base.types import Batch
from ..sessions.load_model import Model, load
from .latent_directions import Directions, between, find_directions, plane
from .nearest_pictures import NearestPictures, as_text, webp_text

REALS = 100  # pictures in a sheet
STRIP = 9  # pictures of an interpolation
BLUR = 5  # pixels over which the slope's size is averaged
STEP = 0.15  # of D's change of a picture, as a share of the range from black to white


class Place(NamedTuple):
    """A latent as a page names it.

    Args:
        seed: of the latent that everything starts from.
        truncation: its factor.
        across, up: steps in a random plane through it, in units of a latent's length.
        steps: along the principal directions, in the same units.
        label: the class, where the model has classes.
    """

    seed: int = 0
    truncation: float = 1.0
    across: float = 0.0
    up: float = 0.0
    steps: tuple[float, ...] = ()
    label: str | None = None


def place_from(tree: Any) -> Place:
    """A place from JSON. Raises UsageError: a field is unknown, or no number."""
    if not isinstance(tree, Mapping):
        raise UsageError("a place in the latent space is an object")
    try:
        steps = tuple(float(each) for each in tree.get("steps", ()))
        numbers = {name: float(tree[name]) for name in ("truncation", "across", "up") if name in tree}
        label = None if tree.get("label") is None else str(tree["label"])
        return Place(seed=int(tree.get("seed", 0)), steps=steps, label=label, **numbers)
    except (TypeError, ValueError) as error:
        raise UsageError(f"this is no place in the latent space: {error}") from error


class Explorer:
    """A model and what is known of its latents.

    Args:
        run: the run's folder.
        at: the checkpoint, as `ganvas.load` takes it.

    Raises:
        GanvasError: there is no such run or checkpoint, or it makes no pictures from vectors of noise.
    """

    def __init__(self, run: Path, at: str = "auto") -> None:
        self.model: Model = load(run, at=at)
        model = self.model
        if model.spec.domain != "images" or model.game.needs_data or "G" not in model.networks:
            raise UsageError("only a model that makes pictures from noise can be explored")
        self.play = Play(model.networks)
        if len(self.play.G.latent) != 1:
            raise UsageError("the latents of this model are no vectors")
        self.size = self.play.G.latent[0]

    @cached_property
    def directions(self) -> Directions:
        """The directions along which pictures change most."""
        y = self.classes(256, None)
        return find_directions(lambda z: self.generate(z, None if y is None else y[: len(z)]), self.size)

    def about(self) -> dict[str, Any]:
        """The model's facts, and the shares of the directions."""
        return {
            "checkpoint": self.model.checkpoint,
            "samples": self.model.samples_seen,
            "classes": list(self.model.spec.classes) if self.model.conditional else [],
            "latent": self.size,
            "shares": [round(share, 4) for share in self.directions.shares],
            "discriminator": self.slope(self.latent(Place()), self.classes(1, None)) is not None,
        }

    def latent(self, place: Place) -> Tensor:
        """z [1, latent] of a place: psi z0 + |z| (a u + b v + sum_k s_k d_k), with unit vectors u, v and d_k."""
        z = place.truncation * torch.from_numpy(self.model.latents(1, seed=place.seed)).float()
        length = self.size**0.5
        first, second = plane(self.size, place.seed)
        z = z + length * (place.across * first + place.up * second)
        for step, direction in zip(place.steps, self.directions.vectors, strict=False):
            z = z + length * step * direction
        return z

    def classes(self, n: int, label: str | None) -> Tensor | None:
        """Class numbers of n samples: of one class, or of all in turn; None without classes."""
        if not self.model.conditional:
            return None
        numbers = self.model.numbers(label)
        return torch.arange(n) % len(self.model.spec.classes) if numbers is None else numbers.repeat(n)

    @torch.no_grad()
    def generate(self, z: Tensor, y: Tensor | None) -> Tensor:
        """G(z), in the networks' units."""
        return self.model.game.generate(self.play, Latents(z, y), Batch(x=torch.empty(len(z), 1), y=y)).float()

    def picture(self, place: Place) -> dict[str, Any]:
        """The picture of a place."""
        y = self.classes(1, place.label)
        return {"image": self.encoded(self.generate(self.latent(place), y))}

    def walk(self, start: Place, end: Place) -> dict[str, Any]:
        """STRIP pictures on the way between two places, along the great circle."""
        z = between(self.latent(start), self.latent(end), STRIP)
        y = self.classes(len(z), start.label)
        return {"images": [self.encoded(self.generate(each[None], None if y is None else y[:1])) for each in z]}

    def change(self, place: Place) -> dict[str, Any]:
        """What D would change in the picture of a place: the slope of D's logit, and the picture after a step."""
        y = self.classes(1, place.label)
        z = self.latent(place)
        slope = self.slope(z, y)
        if slope is None:
            raise UsageError("this model has no discriminator that reads one picture")
        x = self.generate(z, y)
        step = slope / slope.abs().amax().clamp(min=1e-12)
        heat = F.avg_pool2d(step.square().sum(1, keepdim=True).sqrt(), BLUR, stride=1, padding=BLUR // 2)[0, 0]
        bright = (heat / heat.max().clamp(min=1e-12) * 255).to(torch.uint8).numpy()
        return {
            "before": self.encoded(x),
            "after": self.encoded((x + 2 * STEP * step).clamp(-1, 1)),
            "heat": as_text(Image.fromarray(bright)),
        }

    def reals(self) -> dict[str, Any]:
        """REALS pictures of val, or all, in a sheet like those of samples. Raises DataError: the data are missing."""
        self.model.check_data()
        stream = self.model.experiment.stream("val")
        index = np.arange(min(REALS, len(stream.store)))
        sheet = self.model.domain.render(stream.at(index, np.zeros(len(index), np.int64)).x, 10)
        return {"image": webp_text(sheet)}

    def neighbours(self, place: Place) -> dict[str, Any]:
        """The nearest training pictures, and their distances in units of that between real neighbours."""
        pictures, distances = self.nearest.nearest(self.generate(self.latent(place), self.classes(1, place.label)))
        return {"images": [self.encoded(each[None]) for each in pictures], "distances": distances}

    @cached_property
    def nearest(self) -> NearestPictures:
        """The training pictures."""
        return NearestPictures(self.model)

    def slope(self, z: Tensor, y: Tensor | None) -> Tensor | None:
        """d/dx of D's mean logit at G(z), [1, C, H, W]; None without such a D."""
        x = self.generate(z, y).requires_grad_()
        with torch.enable_grad():
            logits = self.model.game.logits(self.play, Batch(x=x, y=y), x) if "D" in self.model.networks else None
            if logits is None:
                return None
            (slope,) = torch.autograd.grad(logits.float().mean(), x)
        return slope.detach()

    def encoded(self, x: Tensor) -> str:
        """One picture as WebP in base64, enlarged by a whole number."""
        (pixels,) = self.model.view(self.model.domain.decode(x))
        return as_text(Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else np.asarray(pixels)))

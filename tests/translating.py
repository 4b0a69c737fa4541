"""Translators whose result is known: the negative of a picture, enlarged or not; and a small one that is trained."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import ganvas
from ganvas.augment.hole import Hole
from ganvas.base.types import Batch
from ganvas.data.source import Items, Split
from ganvas.domains.label_maps import LabelMaps
from ganvas.games.translation import Translation
from ganvas.ingest.decode_options import DecodeOptions
from ganvas.ingest.units import Depth, Units
from ganvas.networks.patch import PatchCritic
from ganvas.networks.player import Player
from ganvas.networks.unet import UNet
from ganvas.recipes import Recipe, prepare
from ganvas.sessions.model import Model
from ganvas.training.optimisers import Adam


@dataclass(frozen=True)
class Pairs:
    """Random pictures [16, 16, C], each with another of so many channels as what is given."""

    channels: int = 3
    given_channels: int = 3
    depth: Depth = "uint8"
    high: int = 255

    def items(self, split: Split) -> Items:
        rng, units = np.random.default_rng(("train", "val", "test").index(split)), Units(self.depth, 0, self.high)
        x, given = (
            rng.integers(0, self.high + 1, (8, 16, 16, channels)).astype(units.stored)
            for channels in (self.channels, self.given_channels)
        )
        return Items(x=x, given={"input": given}, units=units)


@dataclass(frozen=True)
class Smaller:
    """given["input"]: means over blocks of factor x factor pixels."""

    factor: int = 4
    uniforms: ClassVar[int] = 0
    training_only: ClassVar[bool] = False

    def transform(self, batch: Batch, u: Tensor) -> Batch:
        return batch.with_given(input=F.avg_pool2d(batch.x, self.factor))


class Negative(nn.Module):
    """-x of the given picture, each pixel repeated; of several channels their mean if one is made."""

    latent: tuple[int, ...] = ()

    def __init__(self, factor: int = 1, channels: int = 3, name: str = "input", multiple: int = 1) -> None:
        super().__init__()
        self.factor, self.channels, self.name, self.multiple = factor, channels, name, multiple
        self.sizes: list[tuple[int, ...]] = []

    def forward(self, z: Tensor | None, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        x = -given[self.name]
        if any(side % self.multiple for side in x.shape[2:]):
            raise RuntimeError("sizes do not fit")
        self.sizes.append(tuple(x.shape[2:]))
        if x.shape[1] != self.channels:
            x = x.mean(1, keepdim=True).expand(-1, self.channels, -1, -1)
        return F.interpolate(x, scale_factor=self.factor, mode="nearest") if self.factor > 1 else x


def recipe_of(source: Any, name: str = "input") -> Recipe:
    return Recipe(
        source=source,
        game=Translation(condition=name),
        samples=32,
        G=Player(UNet(width=4, levels=1, inputs=(name,), known=None), Adam(lr=1e-3)),
        D=Player(PatchCritic(width=4, condition=name), Adam(lr=1e-3)),
        batch_samples=4,
        precision="fp32",
        threads=1,
        scorings=0,
        diagnoses=0,
        snapshots=0,
        saves=1,
    )


def model_of(networks: dict[str, nn.Module], source: Any = None, *transforms: Any) -> Model:
    """A Model of these networks, as if they came from a run on this source."""
    recipe = replace(recipe_of(source or Pairs()), transforms=transforms)
    for network in networks.values():
        network.eval()
    return Model(prepare(recipe), networks, "ab" * 32, "000000000032", 32, Path("run"))


class Fill(nn.Module):
    """White in the hole, and garbage in the known pixels: these must not come out."""

    latent: tuple[int, ...] = ()

    def forward(self, z: Tensor | None, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        assert bool((given["masked"].where(given["known"] == 0, torch.tensor(-1.0)) == -1).all()), "-1 in the hole"
        return torch.where(given["known"] > 0, 0.123, 1.0).expand_as(given["masked"])


def filling_model(channels: int = 3) -> Model:
    recipe = replace(recipe_of(Pairs(), "masked"), source=Plain(channels), transforms=(Hole(side=4, margin=2),))
    return Model(prepare(recipe), {"G": Fill()}, "ab" * 32, "000000000032", 32, Path("run"))


@dataclass(frozen=True)
class Plain:
    """Random pictures with nothing given."""

    channels: int = 3

    def items(self, split: Split) -> Items:
        rng = np.random.default_rng(("train", "val", "test").index(split))
        return Items(x=rng.integers(0, 256, (8, 16, 16, self.channels), np.uint8))


def trained_run(folder: Path) -> Any:
    """A run of a small U-Net from colour to colour, of 32 samples."""
    return ganvas.train(recipe_of(Pairs()), out=folder, quiet=True)


@dataclass(frozen=True)
class Maps:
    """Random pictures in colour with maps of the classes 0, 7 and 200."""

    def items(self, split: Split) -> Items:
        rng = np.random.default_rng(("train", "val", "test").index(split))
        maps = np.array([0, 7, 200], np.uint8)[rng.integers(0, 3, (8, 16, 16, 1))]
        return Items(x=maps, given={"input": rng.integers(0, 256, (8, 16, 16, 3), np.uint8)})


class Brightest(nn.Module):
    """The class of a pixel is the number of its largest channel."""

    latent: tuple[int, ...] = ()

    def forward(self, z: Tensor | None, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        return 2 * (20 * given["input"]).softmax(1) - 1


def class_model() -> Model:
    recipe = replace(recipe_of(Maps()), domain=LabelMaps())
    return Model(prepare(recipe), {"G": Brightest()}, "ab" * 32, "000000000032", 32, Path("run"))


@dataclass(frozen=True)
class RangedPairs(Pairs):
    """Truths of bytes and inputs of 12 bits, which are stored on the truths' scale."""

    @property
    def input_options(self) -> DecodeOptions:
        return DecodeOptions(16, 16, self.given_channels, "crop", (0, 0, 0), "uint16", 0.0, 4095.0)

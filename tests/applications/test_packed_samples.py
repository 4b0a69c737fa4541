"""Samples of several requests from one pass: the same bits, or no sharing."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import ganvas
from ganvas.applications.packed_samples import BUCKET, PackedSampler, RequestRows, WantedSamples
from ganvas.recipes import live_networks, override, prepare, recipe
from ganvas.recipes.tiny import tiny_overrides
from ganvas.sessions.model import Model


@pytest.fixture(scope="module")
def demo() -> Model:
    return ganvas.load("mnist-demo")


@pytest.fixture(scope="module")
def packed(demo: Model) -> PackedSampler:
    return PackedSampler(demo)


def decoded(model: Model, x: Tensor) -> list[Any]:
    return model.domain.decode(x).tolist()


def test_three_requests_of_one_pass_are_those_of_sample(demo: Model, packed: PackedSampler) -> None:
    assert packed.packs
    classes = torch.tensor([3, 1])
    parts = [
        RequestRows(WantedSamples(1, 7), 0, 1),
        RequestRows(WantedSamples(5, 8, classes), 0, 5),
        RequestRows(WantedSamples(70, 9), 60, 10),
    ]
    one, five, last = packed.bucket(parts)
    assert decoded(demo, one) == demo.sample(1, seed=7).tolist()
    assert decoded(demo, five) == demo.sample(5, seed=8, classes=[3, 1]).tolist()
    assert decoded(demo, last) == demo.sample(70, seed=9)[60:].tolist()
    assert decoded(demo, packed.whole(WantedSamples(5, 8, classes))) == decoded(demo, five)


def test_truncation_of_latents_multiplies_z(demo: Model, packed: PackedSampler) -> None:
    wanted = WantedSamples(4, 5, truncation=0.5)
    x = packed.bucket([RequestRows(wanted, 0, 4), RequestRows(WantedSamples(2, 6, truncation=0.25), 0, 2)])[0]
    expected = demo.sample(4, seed=5, z=0.5 * demo.latents(4, seed=5)).tolist()
    assert decoded(demo, x) == expected
    assert decoded(demo, packed.whole(wanted)) == expected


class MixesRows(nn.Module):
    """A generator whose samples depend on their neighbours."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network, self.latent, self.conditional = network, network.latent, network.conditional

    def forward(self, z: Tensor, y: Tensor | None = None, given: Any = None) -> Tensor:
        x: Tensor = self.network(z, y, given)
        return x + 1e-7 * x.roll(1, 0)


class DrawsNumbers(MixesRows):
    """A generator that draws random numbers itself, though they change nothing here."""

    def forward(self, z: Tensor, y: Tensor | None = None, given: Any = None) -> Tensor:
        torch.rand(1)
        return self.network(z, y, given)


@pytest.mark.parametrize("wrapped", [MixesRows, DrawsNumbers])
def test_models_whose_samples_depend_on_others_share_no_pass(demo: Model, wrapped: type[MixesRows]) -> None:
    networks: dict[str, nn.Module] = {"G": wrapped(demo.networks["G"])}
    other = Model(demo.experiment, networks, demo.sha256, demo.checkpoint, demo.samples_seen, demo.run)
    assert not PackedSampler(other).packs
    assert decoded(other, PackedSampler(other).whole(WantedSamples(3, 4))) == other.sample(3, seed=4).tolist()


@pytest.mark.parametrize("name", ["ring", "infogan", "stylegan2", "biggan"])
def test_other_games_and_networks(name: str) -> None:
    """Points, categories that the game draws, styles with fixed noise, class-conditional batch norm."""
    experiment = prepare(override(recipe(name), {**tiny_overrides(name), "precision": "fp32"}))
    networks = {key: each.eval() for key, each in live_networks(experiment.recipe, experiment.spec).items()}
    model = Model(experiment, networks, "0" * 64, "x", 0, None)  # type: ignore[arg-type]
    sampler = PackedSampler(model)
    assert sampler.packs
    some = sampler.bucket(
        [RequestRows(WantedSamples(3, 2), 0, 3), RequestRows(WantedSamples(BUCKET + 2, 1), BUCKET, 2)]
    )
    assert decoded(model, some[0]) == model.sample(3, seed=2).tolist()
    assert decoded(model, some[1]) == model.sample(BUCKET + 2, seed=1)[BUCKET:].tolist()

"""What holds for a player's weights: singular values of one, weights in a box."""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

import ganvas
from ganvas.base.errors import UsageError
from ganvas.base.types import Spec
from ganvas.base.updates import Constraint
from ganvas.data.shapes import Shapes
from ganvas.networks.clip import Clip
from ganvas.networks.dcgan import DcganCritic
from ganvas.networks.freeze import FreezeLayers
from ganvas.networks.mlp import MlpCritic
from ganvas.networks.resnet import ResnetCritic
from ganvas.networks.spectral import SpectralNorm
from ganvas.recipes import live_trainer, override, prepare, recipe
from ganvas.recipes.discover import fits, parts
from ganvas.recipes.tiny import tiny_overrides
from ganvas.training import ProcessGroup

SPEC = Spec("images", (1, 16, 16), bounded=True, classes=("a", "b", "c"))


def seeded(described: Any, spec: Spec = SPEC) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network: nn.Module = described.build(spec)
        SpectralNorm().prepare(network)
    return network


def layer(module: nn.Module) -> Any:
    """One normalised layer, its vectors settled."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = nn.Sequential(module)
        SpectralNorm().prepare(network)
    for _ in range(300):
        network[0].weight  # noqa: B018  # each look in training mode is a power iteration
    normalised: Any = network[0]
    return normalised


def sigma(weight: torch.Tensor, outputs: int = 0) -> float:
    """The largest singular value, by NumPy."""
    matrix = weight.detach().double().movedim(outputs, 0).flatten(1).numpy()
    return float(np.linalg.svd(matrix, compute_uv=False)[0])


def test_constraints_are_found() -> None:
    assert {part.__name__ for part in parts().values() if fits(part, Constraint)} >= {
        "Clip",
        "FreezeLayers",
        "SpectralNorm",
    }


@pytest.mark.parametrize(
    ("module", "outputs"),
    [(nn.Linear(30, 20), 0), (nn.Conv2d(3, 8, 4), 0), (nn.ConvTranspose2d(8, 3, 4), 1), (nn.Embedding(10, 16), 0)],
    ids=lambda part: type(part).__name__ if isinstance(part, nn.Module) else str(part),
)
def test_every_layer_is_divided_by_its_largest_singular_value(module: Any, outputs: int) -> None:
    before = module.weight.detach().clone()
    after = layer(module).weight.detach()
    torch.testing.assert_close(after, before / sigma(before, outputs), rtol=1e-4, atol=1e-6)
    assert sigma(after, outputs) == pytest.approx(1, rel=1e-4)


def test_it_agrees_with_torchs_own() -> None:
    ours, theirs = nn.Linear(30, 20), nn.Linear(30, 20)
    theirs.load_state_dict(ours.state_dict())
    wanted = nn.utils.parametrizations.spectral_norm(theirs)
    for _ in range(300):
        wanted.weight  # noqa: B018
    torch.testing.assert_close(layer(ours).weight, wanted.weight, rtol=1e-4, atol=1e-6)


def test_the_gradient_is_equation_12_of_the_paper() -> None:
    normalised = layer(nn.Linear(6, 5)).double().eval()
    weight = normalised.parametrizations.weight.original
    x, g = torch.randn(2, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1)).split(1)
    (normalised(x) @ g[0, :5]).sum().backward()
    u, s, v = np.linalg.svd(weight.detach().numpy())
    outer = np.outer(g[0, :5], x[0])
    wanted = (outer - (outer * weight.detach().numpy()).sum() / s[0] * np.outer(u[:, 0], v[0])) / s[0]
    np.testing.assert_allclose(weight.grad.numpy(), wanted, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    "described", [MlpCritic(widths=(64, 32)), MlpCritic(widths=(64,), conditional=True)], ids=["plain", "conditional"]
)
def test_the_discriminator_is_lipschitz_of_constant_one(described: MlpCritic) -> None:
    D = seeded(described)
    x = torch.randn(200, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    y = torch.zeros(200, dtype=torch.int64)
    for _ in range(100):
        D(x, y)
    bound = (
        1.0 if not described.conditional else 1 + 1 / 8
    )  # the projection adds an embedding of norm one, divided by sqrt(64)
    a, b = D(x, y).logits, D(x.flip(0), y).logits
    assert ((a - b).abs()[:, 0] <= bound * (x - x.flip(0)).flatten(1).norm(dim=1) + 1e-6).all()
    linear = [module for module in D.modules() if isinstance(module, nn.Linear | nn.Embedding)]
    assert [sigma(module.weight) for module in linear] == pytest.approx([1.0] * len(linear), rel=1e-3)


def test_power_iteration_happens_in_training_alone_and_repeats_in_use() -> None:
    D = seeded(ResnetCritic(width=4, widest=8, conditional=True))
    x, y = torch.randn(2, 1, 16, 16), torch.tensor([0, 2])
    buffers = [buffer.clone() for buffer in D.buffers()]
    assert len(buffers) == sum(isinstance(module, nn.Conv2d | nn.Linear | nn.Embedding) for module in D.modules())
    D.eval()
    assert torch.equal(D(x, y).logits, D(x, y).logits)
    assert all(torch.equal(a, b) for a, b in zip(buffers, D.buffers(), strict=True))
    D.train()(x, y)
    assert any(not torch.equal(a, b) for a, b in zip(buffers, D.buffers(), strict=True))


def test_first_vectors_come_from_the_seed_and_a_copy_is_a_copy() -> None:
    described = DcganCritic(width=4)
    first, again = seeded(described), seeded(described)
    assert first.state_dict().keys() == again.state_dict().keys()
    assert all(torch.equal(a, b) for a, b in zip(first.state_dict().values(), again.state_dict().values(), strict=True))
    copied = copy.deepcopy(first)
    x = torch.randn(4, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    assert torch.equal(copied(x).logits, first(x).logits)
    with torch.no_grad():
        for parameter in copied.parameters():
            parameter.add_(1)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))


def test_two_looks_before_one_backward() -> None:
    D = seeded(MlpCritic(widths=(8,)))
    x = torch.randn(4, 1, 16, 16, generator=torch.Generator().manual_seed(1), requires_grad=True)
    first, second = D(x).logits, D(2 * x).logits
    (slope,) = torch.autograd.grad(first.sum(), x, create_graph=True)
    (second.sum() + slope.square().sum()).backward()
    assert all(
        parameter.grad is not None and torch.isfinite(parameter.grad).all()
        for name, parameter in D.named_parameters()
        if "bias" not in name
    )


def test_under_autocast_the_norm_is_taken_in_full_precision() -> None:
    plain, cast = seeded(MlpCritic(widths=(8,))), seeded(MlpCritic(widths=(8,)))
    x = torch.randn(4, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    plain(x)
    with torch.autocast("cpu", torch.bfloat16):
        assert cast(x).logits.dtype == torch.float32
    assert all(torch.equal(a, b) for a, b in zip(plain.buffers(), cast.buffers(), strict=True))


def test_all_zero_weights_stay_zero() -> None:
    module = nn.Linear(3, 2)
    nn.init.zeros_(module.weight)
    assert not layer(module).weight.any()


def test_spectral_norm_cannot_begin_late() -> None:
    SpectralNorm().constrain(seeded(MlpCritic(widths=(8,))))
    with pytest.raises(UsageError, match="later phase"):
        SpectralNorm().constrain(MlpCritic(widths=(8,)).build(SPEC))


def test_clip_holds_every_parameter_in_its_box() -> None:
    network = DcganCritic(width=4).build(SPEC)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    Clip(0.01).prepare(network)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    Clip(0.01).constrain(network)
    for name, parameter in network.named_parameters():
        assert torch.equal(parameter, before[name].clamp(-0.01, 0.01)), name
    assert max(parameter.max().item() for parameter in network.parameters()) == pytest.approx(0.01)
    for name, buffer in network.named_buffers():
        assert torch.equal(buffer, before[name]), name


def test_frozen_layers_are_the_first_ones_and_what_stands_between_them() -> None:
    network = DcganCritic(width=4).build(SPEC)  # convolution, convolution, batch norm, head
    FreezeLayers(layers=2).prepare(network)
    frozen = {name for name, parameter in network.named_parameters() if not parameter.requires_grad}
    assert frozen == {name for name, _ in network.named_parameters() if name.startswith("shrink.")}
    one = DcganCritic(width=4).build(SPEC)
    FreezeLayers(layers=1).prepare(one)
    assert {name for name, each in one.named_parameters() if not each.requires_grad} == {
        "shrink.0.weight",
        "shrink.0.bias",
    }


@pytest.mark.parametrize("normalised", [False, True])
def test_frozen_layers_keep_their_weights_in_training(normalised: bool) -> None:
    """With spectral norm too, before or after it; the others learn, and the average follows."""
    constraints: tuple[Constraint, ...] = (FreezeLayers(layers=2),)
    constraints = (SpectralNorm(), *constraints) if normalised else constraints
    base = override(recipe("dcgan"), {**tiny_overrides("dcgan"), "threads": 1})
    assert base.D is not None
    base = replace(base, D=replace(base.D, constraints=constraints), source=Shapes(samples=40, side=16))
    trainer = live_trainer(prepare(base), torch.device("cpu"), ProcessGroup())
    before = {name: value.clone() for name, value in trainer.players["D"].network.named_parameters()}
    trainer.round()
    changed = {
        name for name, value in trainer.players["D"].network.named_parameters() if not torch.equal(before[name], value)
    }
    assert not any(name.startswith("shrink") for name in changed)
    assert any(name.startswith("head.linear") for name in changed)


def test_a_run_that_begins_from_another_keeps_its_first_layers(tmp_path: Path) -> None:
    """FreezeD: fine-tuning of a discriminator with its lower layers frozen."""
    base = override(recipe("dcgan"), {**tiny_overrides("dcgan"), "threads": 1, "snapshots": 0, "diagnoses": 0})
    first = ganvas.train(replace(base, source=Shapes(samples=40, side=16)), out=tmp_path / "first")
    frozen = override(base, {"D.constraints": [{"kind": "FreezeLayers", "layers": 1}], "samples": 32})
    second = ganvas.train(
        replace(frozen, source=Shapes(samples=40, side=16, seed=1)), out=tmp_path / "second", init_from=first.path
    )
    networks = [load_file(max(run.checkpoints.glob("samples-*")) / "players.safetensors") for run in (first, second)]
    equal = {name for name, value in networks[0].items() if torch.equal(value, networks[1][name])}
    assert {"D.network.shrink.0.weight", "D.network.shrink.0.bias"} <= equal
    assert not {"D.network.shrink.2.weight", "D.network.head.linear.weight"} & equal


def test_some_layer_must_learn_and_freezing_cannot_begin_late() -> None:
    with pytest.raises(UsageError, match="layers"):
        FreezeLayers(layers=3).prepare(DcganCritic(width=4).build(SPEC))
    with pytest.raises(UsageError, match="later phase"):
        FreezeLayers(layers=1).constrain(DcganCritic(width=4).build(SPEC))

"""Weight normalisation, and a start from data."""

from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.errors import UsageError
from ganvas.base.types import Spec
from ganvas.networks.salimans import GaussianNoise, NoisyClassifier, SoftplusMlp
from ganvas.networks.weight_norm import WeightNormLinear, begin_from_data
from ganvas.recipes.build import live_networks, live_trainer, prepare
from ganvas.recipes.catalogue import recipe
from ganvas.recipes.files import override
from ganvas.recipes.tiny import tiny_overrides
from ganvas.training.distributed import ProcessGroup

SPEC = Spec("images", (1, 28, 28), bounded=True, classes=tuple("0123456789"))


def pictures(count: int = 50) -> Tensor:
    """Dark, with some strokes: mean and spread far from 0 and 1."""
    u = torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    return torch.where(u < 0.8, -1.0, u)


def noisy(seed: int = 0, **more: Any) -> nn.Module:
    torch.manual_seed(seed)
    return NoisyClassifier(**more).build(SPEC)


def test_it_is_the_equation() -> None:
    layer = WeightNormLinear(5, 3).double()
    with torch.no_grad():
        layer.length.copy_(torch.tensor([0.5, 2.0, 3.0]))
        layer.bias.copy_(torch.tensor([1.0, -1.0, 0.0]))
    x = torch.randn(4, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    v = layer.direction
    weight = layer.length[:, None] * v / v.norm(dim=1, keepdim=True)
    torch.testing.assert_close(layer(x), x @ weight.T + layer.bias)
    slope = torch.autograd.grad(layer(x).square().sum(), v)[0]
    assert (slope * v).sum(1).abs().max() < 1e-10, "equation 3: the gradient stands at right angles to v"
    torch.testing.assert_close(slope, torch.autograd.grad((x @ weight.T + layer.bias).square().sum(), v)[0])


def test_every_layer_begins_with_mean_zero_and_variance_one() -> None:
    network, x = noisy(input_noise=0.0, hidden_noise=0.0), pictures()
    before: list[Tensor] = []
    for module in network.modules():
        if isinstance(module, WeightNormLinear):
            module.register_forward_hook(lambda _module, _inputs, output: before.append(output.detach()))
    begin_from_data(network, x)
    before.clear()
    network(x)
    assert len(before) == 6
    for output in before:
        torch.testing.assert_close(output.mean(0), torch.zeros(output.shape[1]), atol=2e-5, rtol=0)
        torch.testing.assert_close(output.var(0, correction=0), torch.ones(output.shape[1]), atol=1e-3, rtol=0)


def test_the_start_leaves_no_hook_and_no_gradient_behind() -> None:
    network, x = noisy(), pictures()
    begin_from_data(network, x)
    state = {name: value.clone() for name, value in network.state_dict().items()}
    network(pictures(7)).logits.sum().backward()
    assert all(torch.equal(state[name], value) for name, value in network.state_dict().items())


def test_networks_that_do_not_ask_stay_as_they_are() -> None:
    torch.manual_seed(0)
    generator = SoftplusMlp().build(SPEC)
    state = {name: value.clone() for name, value in generator.state_dict().items()}
    begin_from_data(generator, pictures())
    assert all(torch.equal(state[name], value) for name, value in generator.state_dict().items())


def test_a_trainer_begins_from_its_first_batch_the_same_every_time() -> None:
    made = recipe("feature-matching")
    experiment = prepare(override(made, {**tiny_overrides("feature-matching"), "precision": "fp32", "threads": 1}))
    first, second = (live_trainer(experiment, torch.device("cpu"), ProcessGroup()).players["D"] for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first.weights().values(), second.weights().values(), strict=True))
    untouched = live_networks(experiment.recipe, experiment.spec)["D"].state_dict()
    assert not torch.equal(first.network.state_dict()["hidden.0.length"], untouched["hidden.0.length"])
    assert torch.equal(first.weights()["ema.hidden.0.length"], first.weights()["network.hidden.0.length"])


def test_noise_is_for_learning_alone_and_as_strong_as_said() -> None:
    noise, x = GaussianNoise(0.3), torch.zeros(200, 200)
    torch.manual_seed(0)
    assert noise(x).std().item() == pytest.approx(0.3, rel=0.02)
    assert torch.equal(noise.eval()(x), x)


def test_the_papers_networks() -> None:
    """G 100-500-500-784, D 784-1000-500-250-250-250-10: weights, biases, and the lengths that are learnt; batch norm
    has two numbers a unit.
    """
    G, D = SoftplusMlp().build(SPEC), NoisyClassifier().build(SPEC)
    assert sum(p.numel() for p in G.parameters()) == 100 * 500 + 500 * 500 + 2 * 1000 + 500 * 784 + 2 * 784
    widths = (784, 1000, 500, 250, 250, 250, 10)
    weights = sum(a * b for a, b in pairwise(widths))
    assert sum(p.numel() for p in D.parameters()) == weights + sum(widths[1:]) + 10
    verdict = D.eval()(pictures(3))
    assert verdict.features[-1].shape == (3, 250)
    assert verdict.classes is not None
    torch.testing.assert_close(verdict.logits[:, 0], verdict.classes.exp().sum(1).log())


def test_an_unbounded_domain_is_refused() -> None:
    with pytest.raises(UsageError, match="between -1 and 1"):
        SoftplusMlp().build(Spec("points", (2,), bounded=False))
    with pytest.raises(UsageError, match="labels"):
        NoisyClassifier().build(Spec("images", (1, 28, 28), bounded=True))

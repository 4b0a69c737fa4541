import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from ganvas.base.errors import UsageError
from ganvas.base.schedule import Linear, resolve
from ganvas.recipes import override
from ganvas.recipes import recipe as by_name
from ganvas.training.optimisers import Adam, RMSprop, Sgd

Array = np.ndarray[Any, np.dtype[np.float64]]


def algorithm_1(x: Array, gradients: list[Array], lr: list[float], beta1: float, beta2: float, eps: float) -> Array:
    """Kingma and Ba 2015, as printed."""
    m, v = np.zeros_like(x), np.zeros_like(x)
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        x = x - lr[t - 1] * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return x


@pytest.mark.parametrize(("beta1", "beta2"), [(0.5, 0.999), (0.0, 0.99), (0.9, 0.9)])
def test_first_steps_are_algorithm_1(beta1: float, beta2: float) -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=7)
    gradients = [generator.normal(size=7) * 10.0**power for power in (0, -3, 2, -7)]
    described = Adam(lr=Linear(1e-2, 2e-3, samples=30), beta1=beta1, beta2=beta2)
    weight = nn.Parameter(torch.tensor(x, dtype=torch.float64))
    optimiser = described.optimise([weight])
    rates = []
    for turn, gradient in enumerate(gradients):
        weight.grad = torch.tensor(gradient)
        now = resolve(described, 10 * turn, 1000)
        now.tune(optimiser)
        rates.append(float(now.lr))  # type: ignore[arg-type]
        optimiser.step()
    assert rates == pytest.approx([0.01, 0.0073333333, 0.0046666667, 0.002])
    np.testing.assert_allclose(
        weight.detach().numpy(), algorithm_1(x, gradients, rates, beta1, beta2, 1e-8), rtol=1e-12
    )


@given(st.floats(1e-6, 1e6), st.sampled_from([-1.0, 1.0]))
def test_the_first_step_is_as_long_as_the_learning_rate(size: float, sign: float) -> None:
    weight = nn.Parameter(torch.zeros(1, dtype=torch.float64))
    described = Adam(lr=0.01)
    optimiser = described.optimise([weight])
    described.tune(optimiser)
    weight.grad = torch.tensor([sign * size], dtype=torch.float64)
    optimiser.step()
    assert weight.item() == pytest.approx(-sign * 0.01 * size / (size + 1e-8), rel=1e-9)


def test_a_beta_of_zero_may_be_written_as_a_whole_number() -> None:
    optimiser = Adam(beta1=0).optimise([nn.Parameter(torch.zeros(1))])
    Adam(beta1=0).tune(optimiser)
    optimiser.step()


@pytest.mark.parametrize(("key", "value"), [("lr", -1e-3), ("beta1", 1.0), ("beta2", -0.1), ("eps", 0.0)])
def test_impossible_numbers_are_refused(key: str, value: float) -> None:
    with pytest.raises(UsageError, match=f"G.optimiser.{key}"):
        override(by_name("ring"), {f"G.optimiser.{key}": value})


def test_rmsprop_divides_by_the_running_root_mean_square() -> None:
    weight = nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
    described = RMSprop(lr=0.01, alpha=0.9)
    optimiser = described.optimise([weight])
    x, v = weight.detach().numpy().copy(), np.zeros(2)
    for gradient in (np.array([3.0, -1e-3]), np.array([-1.0, 2.0]), np.array([0.0, 5.0])):
        weight.grad = torch.tensor(gradient)
        described.tune(optimiser)
        optimiser.step()
        v = 0.9 * v + 0.1 * gradient**2
        x = x - 0.01 * gradient / (np.sqrt(v) + 1e-8)
    np.testing.assert_allclose(weight.detach().numpy(), x, rtol=1e-12)


def test_sgd_is_gradient_descent_with_polyaks_momentum() -> None:
    """f(w) = w^2 / 2 from w = 1: v <- 0.5 v + w, w <- w - 0.1 v."""
    w = torch.nn.Parameter(torch.ones(1))
    described = Sgd(lr=0.1, momentum=0.5)
    optimiser = described.optimise([w])
    described.tune(optimiser)
    at, v = 1.0, 0.0
    for _ in range(4):
        w.grad = w.detach().clone()
        optimiser.step()
        v = 0.5 * v + at
        at -= 0.1 * v
        assert float(w.detach()) == pytest.approx(at, rel=1e-6)


def test_no_optimiser_loads_the_compiler_of_torch() -> None:
    code = """
import sys
import torch
from ganvas.training.optimisers import Adam, RMSprop, Sgd
for described in (Adam(), RMSprop(), Sgd()):
    weight = torch.nn.Parameter(torch.ones(2))
    optimiser = described.optimise([weight])
    described.tune(optimiser)
    weight.square().sum().backward()
    optimiser.step()
    assert not weight.requires_grad or weight.grad_fn is None
    optimiser.zero_grad()
    optimiser.load_state_dict(optimiser.state_dict())
print("torch._dynamo" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "False", done.stderr

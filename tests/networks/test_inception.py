"""The Inception network: bit for bit torch-fidelity's, with the same random weights in both."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.metrics.resize import tf1
from ganvas.networks.inception import Activations, FrozenBatchNorm, InceptionV3
from published import random_state, torch_fidelity

LAYERS = ["64", "192", "768", "2048", "logits_unbiased", "logits"]


@pytest.fixture(scope="module")
def ours() -> InceptionV3:
    with torch.device("meta"):
        network = InceptionV3()
    network.load_state_dict(random_state(network), assign=True)
    return network.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def theirs(ours: InceptionV3) -> Iterator[Any]:
    with torch_fidelity("feature_extractor_inceptionv3") as module:
        module.load_state_dict_from_url = lambda *args, **kwargs: dict(ours.state_dict())  # it loads them strictly
        yield module.FeatureExtractorInceptionV3("ours", LAYERS)


def pictures(n: int, height: int, width: int) -> Tensor:
    return torch.randint(
        0, 256, (n, 3, height, width), generator=torch.Generator().manual_seed(height), dtype=torch.uint8
    )


def largest_differences(ours: Activations, theirs: tuple[Tensor, ...]) -> list[float]:
    assert all(float(b.std()) > 0.1 for b in theirs), "dead activations would prove nothing"
    return [float((a - b).abs().max() / b.abs().max()) for a, b in zip(ours, theirs, strict=True)]


@pytest.mark.parametrize(("n", "height", "width"), [(2, 32, 32), (2, 64, 48), (1, 299, 299)])
def test_every_output_is_that_of_torch_fidelity_bit_for_bit(
    ours: InceptionV3, theirs: Any, n: int, height: int, width: int
) -> None:
    x = pictures(n, height, width)
    assert largest_differences(ours(tf1(x)), theirs(x)) == [0.0] * len(LAYERS)


def test_the_comparison_would_notice(ours: InceptionV3, theirs: Any) -> None:
    """Each of the traps, one at a time: an average for the last maximum, padding that is counted, another epsilon."""
    x, last = pictures(1, 32, 32), ours.get_submodule("Mixed_7c")
    right = last.pool
    last.pool = nn.AvgPool2d(3, 1, 1, count_include_pad=False)
    pooled = largest_differences(ours(tf1(x)), theirs(x))
    last.pool = right
    assert pooled[:3] == [0, 0, 0]
    assert min(pooled[3:]) > 0.01
    block: Any = ours.get_submodule("Mixed_5b")
    block.pool.count_include_pad = True
    counted = largest_differences(ours(tf1(x)), theirs(x))
    block.pool.count_include_pad = False
    assert counted[:2] == [0, 0]
    assert min(counted[2:]) > 1e-3


def test_the_graph_has_the_published_size() -> None:
    with torch.device("meta"):
        state = InceptionV3().state_dict()
    assert len(state) == 472
    assert sum(value.numel() for value in state.values()) == 23_885_392
    assert state["fc.weight"].shape == (1008, 2048)


def test_batch_norm_is_torchs_at_test_time() -> None:
    ours, theirs = FrozenBatchNorm(5), nn.BatchNorm2d(5, eps=1e-3).eval()
    state = random_state(ours) | {"running_var": torch.tensor([1e-6, 1e-3, 1.0, 2.0, 3.0])}
    ours.load_state_dict(state)
    theirs.load_state_dict({**state, "num_batches_tracked": torch.tensor(0)})
    x = torch.randn(2, 5, 3, 3, generator=torch.Generator().manual_seed(0))
    assert torch.equal(ours(x), theirs(x))


def test_the_two_kinds_of_logits_differ_by_the_bias(ours: InceptionV3) -> None:
    made = ours(tf1(pictures(1, 32, 32)))
    assert torch.equal(made.logits, made.unbiased_logits + ours.fc.bias)
    assert float(made.pooled.min()) >= 0

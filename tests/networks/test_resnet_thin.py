"""ResNet-50-thin: the published graph's features, and the shapes of its weights."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ganvas.networks import resnet_thin
from ganvas.networks.resnet_thin import WEIGHTS, each_bottleneck
from ganvas.networks.shipped import shipped_weights

PUBLISHED = [
    1.057,
    0.12,
    0.254,
    0.332,
    0.339,
    0.425,
    0.002,
    0.124,
    0.296,
    1.35,
    0.397,
    0.167,
    0.149,
    0.269,
    0.367,
    0.39,
]
LENGTH = 24.146
ROUNDING = 0.01  # float16 weights change features of up to 3.9 by at most 0.0044 on the picture below


def picture(side: int) -> Tensor:
    """A pattern of slopes as numbers in [-1, 1], [1, 3, side, side]."""
    i, j = np.indices((side, side))
    planes = np.stack([(i * (c + 1) + j * (3 - c) + i * j // 16) % 256 for c in range(3)])
    return torch.from_numpy(planes)[None].float() / 127.5 - 1


def network() -> resnet_thin.ResnetThin:
    return resnet_thin.resnet_thin(torch.device("cpu"), torch.float32)


def test_features_are_those_of_the_published_graph() -> None:
    """Every 64th of the 1,024 features and the length of all, as onnxruntime computes them from the published file."""
    (features,) = network().pooled(picture(224))
    torch.testing.assert_close(features[::64], torch.tensor(PUBLISHED), rtol=0, atol=ROUNDING)
    assert float(features.norm()) == pytest.approx(LENGTH, abs=ROUNDING)


def reference(x: Tensor) -> Tensor:
    """The network with torch's own operations, in float64: blue first, bytes minus the mean, "same" maximum."""
    w = {name: value.double() for name, value in shipped_weights(WEIGHTS)[0].items()}
    h = (x[:, [2, 1, 0]].double() + 1) * 127.5 - torch.tensor([104.0, 117.0, 123.0]).double()[:, None, None]
    h = F.conv2d(h, w["stem.weight"], w["stem.bias"], 2, 3).relu()
    before = [side % 2 for side in h.shape[2:]]  # zeros before an axis; one stands after
    h = F.max_pool2d(F.pad(h, (before[1], 1, before[0], 1)), 3, 2)
    for number, (_, first, stride) in enumerate(each_bottleneck()):
        parts = {
            name: (w[f"blocks.{number}.{name}.weight"], w[f"blocks.{number}.{name}.bias"])
            for name in ("reduce", "conv", "expand", *(("shortcut",) if first else ()))
        }
        around = F.conv2d(h, *parts["shortcut"], stride=stride) if first else h
        inner = F.conv2d(F.conv2d(h, *parts["reduce"], stride=stride).relu(), *parts["conv"], padding=1).relu()
        h = (F.conv2d(inner, *parts["expand"]) + around).relu()
    return h.mean((2, 3))


@pytest.mark.parametrize(("height", "width"), [(8, 8), (37, 50), (62, 33)])
def test_other_sizes_are_those_of_plain_convolutions(height: int, width: int) -> None:
    x = torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(height)) * 2 - 1
    found, wanted = network().pooled(x), reference(x)
    assert found.shape == (2, 1024)
    torch.testing.assert_close(found.double(), wanted, rtol=1e-4, atol=1e-4 * float(wanted.max()))


def test_the_weights_have_the_published_number() -> None:
    """open_nsfw has 5.9 million parameters without its classifier, batch norms folded."""
    assert sum(value.numel() for value in shipped_weights(WEIGHTS)[0].values()) == pytest.approx(5.9e6, rel=0.01)
    assert {value.dtype for value in shipped_weights(WEIGHTS)[0].values()} == {torch.float16}


def test_nothing_is_recorded_for_a_gradient() -> None:
    assert not network().pooled(picture(16).requires_grad_()).requires_grad

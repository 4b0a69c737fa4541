"""Networks of volumes against a plain reference, and sizes that are no power of two."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from ganvas.base.errors import UsageError
from ganvas.base.types import Spec
from ganvas.networks.volume_gan import VolumeCritic, VolumeGan

B, CLASSES = 3, ("a", "b")
SPEC = Spec("volumes", (2, 9, 16, 13), bounded=True, classes=CLASSES)  # covered by 12 x 16 x 16
Y = torch.tensor([0, 1, 1])


def built(described: Any, spec: Spec = SPEC) -> Any:
    torch.manual_seed(0)
    network = described.build(spec).double().eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, 0.0, 0.2)
    return network


@pytest.mark.parametrize("conditional", [False, True])
def test_the_generator_against_a_plain_one(conditional: bool) -> None:
    network = built(VolumeGan(width=3, latent=5, conditional=conditional))
    z = torch.randn(B, 5, dtype=torch.float64)
    h = z * network.condition.embedding.weight[Y] if conditional else z
    h = (h @ network.first.weight.T).view(B, 6, 3, 4, 4)
    norms = [layer for layer in network.grow if isinstance(layer, torch.nn.BatchNorm3d)]
    ups = [layer for layer in network.grow if isinstance(layer, torch.nn.ConvTranspose3d)]
    for norm, up in zip(norms, [*ups, network.last], strict=True):
        h = F.batch_norm(h, norm.running_mean, norm.running_var, norm.weight, norm.bias).clamp(min=0)
        h = F.conv_transpose3d(h, up.weight, up.bias, stride=2, padding=1)
    expected = h.tanh()[:, :, 1:10, :, 1:14].float()  # the middle of 12 x 16 x 16
    x = network(z, Y if conditional else None, {})
    assert x.shape == (B, *SPEC.shape)
    assert torch.allclose(x, expected, atol=1e-5)


@pytest.mark.parametrize("conditional", [False, True])
def test_the_discriminator_against_a_plain_one(conditional: bool) -> None:
    network = built(VolumeCritic(width=3, conditional=conditional))
    x = torch.randn(B, *SPEC.shape, dtype=torch.float64)
    h = torch.cat([x[:, :, :1], x, x[:, :, -1:], x[:, :, -1:]], 2)  # 9 -> 12
    h = torch.cat([h[..., :1], h, h[..., -1:], h[..., -1:]], 4)  # 13 -> 16
    for layer in network.shrink:
        if isinstance(layer, torch.nn.Conv3d):
            h = F.conv3d(h, layer.weight, layer.bias, 2, 1)
            h = torch.where(h > 0, h, 0.2 * h)
    network.head.float()
    f = h.flatten(1).float()
    expected = f @ network.head.linear.weight.T + network.head.linear.bias
    if conditional:
        expected = expected + (network.head.embedding.weight[Y] * f).sum(1, keepdim=True) / f.shape[1] ** 0.5
    verdict = network(x, Y if conditional else None, {})
    assert torch.allclose(verdict.logits, expected, atol=1e-3)
    assert torch.allclose(network(x[1:2], Y[1:2] if conditional else None, {}).logits, expected[1:2], atol=1e-3)


def test_the_paper_s_sizes() -> None:
    spec = Spec("volumes", (1, 64, 64, 64), bounded=True)
    with torch.device("meta"):
        G, D = VolumeGan().build(spec), VolumeCritic().build(spec)
    assert [each.out_channels for each in G.modules() if isinstance(each, torch.nn.ConvTranspose3d)] == [
        256,
        128,
        64,
        1,
    ]
    assert [each.out_channels for each in D.modules() if isinstance(each, torch.nn.Conv3d)] == [64, 128, 256, 512]


@pytest.mark.parametrize("part", [VolumeGan, VolumeCritic])
def test_other_data_are_refused(part: Any) -> None:
    with pytest.raises(UsageError, match="is for volumes"):
        part().build(Spec("clips", (1, 16, 16, 16), bounded=True))
    with pytest.raises(UsageError, match="8 to 128 voxels a side, not 4 x 16 x 16"):
        part().build(Spec("volumes", (1, 4, 16, 16), bounded=True))

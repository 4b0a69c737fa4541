"""EfficientNet-Lite0: the published number of parameters, its maps and gradients, and what it sees in photographs."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ganvas.networks.efficientnet import WEIGHTS, EfficientNetLite0, each_block, efficientnet_lite0
from ganvas.networks.shipped import shipped_weights

PUBLISHED = 4_652_008  # parameters of the published network; a batch norm has 2 for each channel, folded 1 remains


def network() -> EfficientNetLite0:
    return efficientnet_lite0(torch.device("cpu"), torch.float32)


def test_the_weights_have_the_published_number_of_parameters() -> None:
    """Before batch norms were folded, each convolution's bias was the two parameters of the batch norm after it."""
    stored = shipped_weights(WEIGHTS)[0]
    folded = sum(value.numel() for value in stored.values())
    norms = sum(value.numel() for name, value in stored.items() if name.endswith("bias") and "classifier" not in name)
    assert folded + norms == PUBLISHED
    assert {value.dtype for value in stored.values()} == {torch.float16}


def plain_maps(x: Tensor) -> list[Tensor]:
    """The maps after each block, with torch's own operations in float64."""
    stored = {name: value.double() for name, value in shipped_weights(WEIGHTS)[0].items()}

    def conv(h: Tensor, name: str, stride: int = 1) -> Tensor:
        weight, bias = stored[f"{name}.weight"], stored[f"{name}.bias"]
        zeros = [max((-(-side // stride) - 1) * stride + weight.shape[2] - side, 0) for side in h.shape[2:]]
        h = F.pad(h, (zeros[1] // 2, zeros[1] - zeros[1] // 2, zeros[0] // 2, zeros[0] - zeros[0] // 2))
        return F.conv2d(h, weight, bias, stride, groups=h.shape[1] // weight.shape[1])

    h, found = conv(x, "stem", 2).clamp(0, 6), []
    for number, (before, after, stage, stride) in enumerate(each_block()):
        name, inner = f"blocks.{number}", h
        if stage.expansion > 1:
            inner = conv(inner, f"{name}.expand").clamp(0, 6)
        inner = conv(conv(inner, f"{name}.depthwise", stride).clamp(0, 6), f"{name}.project")
        h = h + inner if stride == 1 and before == after else inner
        found.append(h)
    return [*found, conv(h, "head").clamp(0, 6).mean((2, 3))]


@pytest.mark.parametrize(("height", "width"), [(32, 32), (37, 50)])
def test_maps_and_gradients_are_those_of_plain_operations(height: int, width: int) -> None:
    x = (torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(1)) * 2 - 1).double().requires_grad_()
    frozen = efficientnet_lite0(torch.device("cpu"), torch.float64)
    wanted = plain_maps(x)
    found = frozen.maps(x, (3, 5, 11, 16))
    for ours, theirs in zip(found, [wanted[at - 1] for at in (3, 5, 11, 16)], strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(frozen.pooled(x).double(), wanted[-1], rtol=1e-5, atol=1e-6)  # it is float32
    ours, theirs = (torch.autograd.grad(each.square().sum(), x)[0] for each in (found[-1], wanted[15]))
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9 * float(theirs.abs().max()))


def test_logits_are_weights_times_features_plus_bias() -> None:
    weight, bias = (shipped_weights(WEIGHTS)[0][f"classifier.{name}"].float() for name in ("weight", "bias"))
    logits = network().logits(2 * torch.eye(1280)[:3])
    torch.testing.assert_close(logits, 2 * weight[:, :3].T + bias)


def test_later_blocks_are_not_computed() -> None:
    x = torch.zeros(1, 3, 32, 32)
    first, fifth = network().maps(x, (1, 5))
    assert first.shape == (1, 16, 16, 16)
    assert fifth.shape == (1, 40, 4, 4)


@pytest.mark.parametrize(
    ("name", "best"), [("chelsea", [285, 282, 281]), ("coffee", [967]), ("stereo_motorcycle", [665])]
)
def test_it_names_what_photographs_show(name: str, best: list[int]) -> None:
    """ImageNet: 285 Egyptian cat, 282 tiger cat, 281 tabby, 967 espresso, 665 moped."""
    data = pytest.importorskip("skimage.data", reason="scikit-image is not installed")
    try:
        picture = getattr(data, name)()
    except (OSError, ModuleNotFoundError) as absent:  # it is fetched from the network
        pytest.skip(f"scikit-image does not have {name} here: {absent}")
    picture = torch.from_numpy((picture[0] if isinstance(picture, tuple) else picture).copy())[..., :3]
    side = min(picture.shape[:2])
    top, left = ((length - side) // 2 for length in picture.shape[:2])
    x = picture[top : top + side, left : left + side].permute(2, 0, 1)[None].float() / 127.5 - 1
    x = F.interpolate(x, size=(224, 224), mode="bicubic", antialias=True, align_corners=False).clamp(-1, 1)
    logits = network().logits(network().pooled(x))[0]
    assert logits.topk(len(best)).indices.tolist() == best

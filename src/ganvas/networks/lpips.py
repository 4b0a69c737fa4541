"""A distance between pictures learnt from people's judgements.

Zhang et al. 2018, version 0.1. https://arxiv.org/abs/1801.03924
"""

import re
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..base.errors import DataError

SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)  # of red, green, blue in [-1, 1]
TINY = 1e-10
LEAST = {"alex": 31, "vgg": 16}  # pixels a side, below which the last layer sees nothing
PUBLISHED = re.compile(r"(?:net\.slice\d+|features)\.(\d+)\.(weight|bias)|lin(\d)\.model\.1\.weight")


class Lpips(nn.Module):
    """d(x, y) = sum_l mean_hw w_l . (f_l(x) - f_l(y))^2, f_l normalised along channels. Equation 1 of the paper.

    x, y [B, 3, H, W] in [-1, 1] -> [B], 0 for equal pictures. f_l are the rectified activations of a trained classifier
    before each halving, w_l >= 0.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, trunk: nn.Sequential, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.features = trunk
        self.heads = nn.ParameterList([torch.zeros(width) for width in widths])
        self.register_buffer("shift", torch.tensor(SHIFT).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("scale", torch.tensor(SCALE).view(1, 3, 1, 1), persistent=False)

    def forward(self, x: Float[Tensor, "b 3 h w"], y: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b"]:
        pairs = zip(self.heads, self.layers(x), self.layers(y), strict=True)
        return torch.stack(
            [((f - g).square() * head.view(1, -1, 1, 1)).sum(1).mean((1, 2)) for head, f, g in pairs]
        ).sum(0)

    def layers(self, x: Float[Tensor, "b 3 h w"]) -> list[Tensor]:
        """The activations that are compared, each of unit length along channels."""
        h = (x - self.shift) / self.scale
        found = []
        for module in self.features:
            h = module(h)
            if getattr(module, "compared", False):
                found.append(h / (h.square().sum(1, keepdim=True).sqrt() + TINY))
        return found


class ComparedReLU(nn.ReLU):
    """A ReLU whose output is compared."""

    compared = True


def alexnet() -> Lpips:
    """The five convolutions of AlexNet, numbered as published, all compared.

    Krizhevsky 2014. https://arxiv.org/abs/1404.5997
    """
    widths = (64, 192, 384, 256, 256)
    trunk = nn.Sequential(
        nn.Conv2d(3, 64, 11, 4, 2),
        ComparedReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, 1, 2),
        ComparedReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, 1, 1),
        ComparedReLU(),
        nn.Conv2d(384, 256, 3, 1, 1),
        ComparedReLU(),
        nn.Conv2d(256, 256, 3, 1, 1),
        ComparedReLU(),
    )
    return Lpips(trunk, widths)


def vgg16() -> Lpips:
    """The convolutions of VGG16, of which the last of each block is compared.

    Simonyan and Zisserman 2015, configuration D. https://arxiv.org/abs/1409.1556
    """
    blocks = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
    layers: list[nn.Module] = []
    before = 3
    for block, (width, count) in enumerate(blocks):
        layers += [nn.MaxPool2d(2)] * (block > 0)
        for place in range(count):
            layers += [nn.Conv2d(before, width, 3, 1, 1), ComparedReLU() if place == count - 1 else nn.ReLU()]
            before = width
    return Lpips(nn.Sequential(*layers), tuple(width for width, _ in blocks))


def from_published(weights: Mapping[str, Tensor]) -> tuple[str, Lpips]:
    """The network with published weights, ready to use, and the name of its trunk, derived from the first kernel.

    Names as published: the trunk's `features.0.weight` (or `net.slice1.0.weight`, as the lpips package has them), the
    heads' `lin0.model.1.weight`; what else is there is left alone.
    """
    state: dict[str, Tensor] = {}
    for name, value in weights.items():
        if match := PUBLISHED.fullmatch(name):
            place, kind, head = match.groups()
            state[f"heads.{head}" if head else f"features.{place}.{kind}"] = value.flatten() if head else value
    kernel = state.get("features.0.weight", torch.empty(0)).shape
    built = {"64 3 11 11": ("alex", alexnet), "64 3 3 3": ("vgg", vgg16)}.get(" ".join(map(str, kernel)))
    hint = "Bring the features of AlexNet or VGG16 and the heads lin0 to lin4 of version 0.1."
    if built is None:
        raise DataError(
            f"the weights are not LPIPS's: features.0.weight is {list(kernel) if kernel[0] else 'missing'}", hint=hint
        )
    name, make = built
    network = make()
    wanted = network.state_dict()
    wrong = [key for key, value in wanted.items() if key not in state or state[key].shape != value.shape]
    if wrong:
        raise DataError(
            f"{len(wrong)} of {len(wanted)} tensors of LPIPS ({name}) are missing or of another shape, "
            f"the first {wrong[0]}",
            hint=hint,
        )
    network.load_state_dict({key: state[key] for key in wanted})
    return name, network.eval().requires_grad_(False)

"""Networks that translate pictures leave Python: one exported program serves any batch, height and width."""

from collections.abc import Iterator, Mapping
from typing import Any

import jaxtyping
import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim

from ganvas.base.types import Spec, TensorSpec
from ganvas.networks.residual_translator import ResidualTranslator
from ganvas.networks.restorers import Edsr, Rrdb
from ganvas.networks.unet import UNet

STEP = 4  # what heights and widths are multiples of


@pytest.fixture(autouse=True)
def unchecked() -> Iterator[None]:
    """Shapes are not checked while a program is traced: a checked size is a constant to the tracer."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


class Alone(nn.Module):
    """A network as a function of the given pictures."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, given: Mapping[str, Tensor]) -> Any:
        return self.network(None, None, given)


@pytest.mark.parametrize(
    ("described", "scale"),
    [
        (ResidualTranslator(width=4, blocks=1, style=3, style_side=2), 1),
        (UNet(width=4, levels=2), 1),
        (Edsr(width=4, blocks=1), 2),
        (Rrdb(width=4, blocks=1), 2),
    ],
)
@torch.no_grad()
def test_one_program_serves_all_sizes(described: Any, scale: int) -> None:
    holes = isinstance(described, UNet) and described.known is not None
    channels = {"masked": 3, "known": 1} if holes else {"input": 3}
    specs = {name: TensorSpec((count, 16, 16)) for name, count in channels.items()}
    network = Alone(described.build(Spec("images", (3, 16 * scale, 16 * scale), bounded=True, given=specs))).eval()
    sizes = {0: Dim("batch"), 2: STEP * Dim("h", min=3, max=64), 3: STEP * Dim("w", min=3, max=64)}
    program = torch.export.export(
        network, (made(channels, 2, 16, 16),), dynamic_shapes=({**dict.fromkeys(channels, sizes)},)
    )
    for shape in ((3, 24, 40), (1, 36, 16)):
        given = made(channels, *shape)
        torch.testing.assert_close(program.module()(given), network(given))


def made(channels: Mapping[str, int], samples: int, height: int, width: int) -> dict[str, Tensor]:
    """Given pictures in [-1, 1]."""
    return {name: torch.rand(samples, count, height, width) * 2 - 1 for name, count in channels.items()}

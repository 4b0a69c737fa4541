"""The first layers of a network keep the weights that they have at the start. Mo et al. 2020.

https://arxiv.org/abs/2002.10964
"""

from dataclasses import dataclass

from torch import nn

from ..base.errors import UsageError
from ..base.types import Count


@dataclass(frozen=True)
class FreezeLayers:
    """The weights of the first layers do not change: a discriminator that begins from another run keeps its features.

    FreezeD: Mo, Cho and Shin 2020, section 3. https://arxiv.org/abs/2002.10964
    It is for D of a run that begins from the weights of another one, `ganvas train ... --init-from RUN`: with few
    pictures D then learns from features of many. Without --init-from the frozen layers are random.

    Layers are counted from the input, in the order in which the network names them: convolutions, linear layers and
    embeddings. What stands before the first layer that learns, such as batch norm, is frozen with them; its
    running means are buffers and follow the data.

    Args:
        layers: how many are frozen; the paper freezes the first 3 to 5 blocks of networks for 256 pixels.

    Raises:
        UsageError: no layer would be left to learn.
    """

    layers: Count = 2

    def prepare(self, network: nn.Module) -> None:
        found = layers_of(network)
        if self.layers >= len(found):
            raise UsageError(
                f"FreezeLayers freezes {self.layers} layers, and this network has {len(found)}",
                hint="Lower `layers`, so that some layers learn.",
            )
        learning = {id(parameter) for parameter in found[self.layers].parameters()}
        for parameter in network.parameters():
            if id(parameter) in learning:
                return
            parameter.requires_grad_(False)

    def constrain(self, network: nn.Module) -> None:
        """Nothing is left to do after a step."""
        if all(parameter.requires_grad for parameter in network.parameters()):
            raise UsageError(
                "layers are frozen when a network is built, and not in a later phase",
                hint="Give FreezeLayers to the player itself.",
            )


LAYERS = nn.modules.conv._ConvNd, nn.Linear, nn.Embedding


def layers_of(network: nn.Module) -> list[nn.Module]:
    """Convolutions, linear layers and embeddings that have weights to learn, in the order in which they are named."""
    return [
        module
        for module in network.modules()
        if isinstance(module, LAYERS) and any(parameter.requires_grad for parameter in module.parameters())
    ]

"""D judges several samples at once, and so sees a lack of variety."""

from dataclasses import dataclass, field, replace

from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Given, Network, Spec, Verdict
from .mlp import MlpCritic


@dataclass(frozen=True)
class Packed:
    """D(x_1, ..., x_pack): a critic for `pack` samples joined along channels or features.

    Lin et al. 2018, section 2. https://arxiv.org/abs/1712.04086
    One verdict for each pack of samples that follow each other in the batch. The wrapped network is built for the
    joined samples; it may not be conditional, as a pack has no one class.

    Args:
        network: an unconditional discriminator.
        pack: samples that are judged together.
    """

    network: Network = field(default_factory=MlpCritic)
    pack: Count = 2

    def build(self, spec: Spec) -> nn.Module:
        if getattr(self.network, "conditional", False):
            raise UsageError(
                "a packed discriminator cannot be conditional: the samples of a pack may be of unlike classes",
                hint="Set conditional=false.",
            )
        joined = replace(spec, shape=(self.pack * spec.shape[0], *spec.shape[1:]))
        return PackedDiscriminator(self.network.build(joined), self.pack)


class PackedDiscriminator(nn.Module):
    """x [B, C, ...] -> the wrapped network's Verdict of x [B / pack, pack C, ...]; y is not listened to."""

    mixes_samples = True  # so that no pack ever holds reals and fakes

    def __init__(self, network: nn.Module, pack: int) -> None:
        super().__init__()
        self.network, self.pack = network, pack

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        if len(x) % self.pack:
            raise UsageError(
                f"{len(x)} samples cannot be packed by {self.pack}",
                hint=f"Make batch_samples / micro_batches a multiple of {self.pack}.",
            )
        verdict: Verdict = self.network(x.reshape(len(x) // self.pack, self.pack * x.shape[1], *x.shape[2:]), None, {})
        return verdict

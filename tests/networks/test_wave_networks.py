"""Vocoders and discriminators of waves: against plain references, the published counts, and exact chunks."""

from dataclasses import asdict, replace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.base.errors import UsageError
from ganvas.base.types import Spec, TensorSpec
from ganvas.networks.hifigan import V3, HifiGan
from ganvas.networks.vocos import Vocos
from ganvas.networks.wave_critics import Joined, Periods, Resolutions, Scales
from ganvas.ops.mel import Mel

B, T, HOP = 2, 12, 16
MEL = Mel(rate=8000, size=64, window=64, hop=HOP, filters=10, high=0.0)
SPEC = Spec(
    "audio",
    (1, T * HOP),
    bounded=True,
    given={"mel": TensorSpec((10, T))},
    settings={"rate": 8000, "mel": asdict(MEL)},
)
SMALL: dict[str, Any] = {"width": 8, "rates": (4, 4), "kernels": (3, 5), "dilations": ((1, 3), (1, 2))}
GENERATORS: list[Any] = [
    Vocos(width=8, blocks=2, expansion=2),
    HifiGan(**SMALL, paired=False),
    HifiGan(**SMALL, paired=True),
]
CRITICS: list[Any] = [
    Periods((2, 3), width=2),
    Scales(2, width=16),
    Resolutions((64, 32), width=2, strides=(1, 2), kernel=5),
]


def built(described: Any, spec: Spec = SPEC) -> Any:
    """The network in float64 with random weights, so that no part of it is silent."""
    torch.manual_seed(0)
    network = described.build(spec).double().eval()
    for name, parameter in network.named_parameters():
        if name.endswith("original0"):
            nn.init.uniform_(parameter, 1.0, 2.0)
        else:
            nn.init.normal_(parameter, 0.0, 0.3 if parameter.ndim > 1 else 0.5)
    return network


def wave() -> Tensor:
    return 0.3 * torch.randn(B, 1, T * HOP, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def spectrogram(frames: int = T) -> Tensor:
    return torch.randn(B, 10, frames, dtype=torch.float64, generator=torch.Generator().manual_seed(2))


class Weights:
    """The tensors of a network by name; normalised ones as g v / |v|."""

    def __init__(self, network: nn.Module) -> None:
        self.values = dict(network.state_dict())
        self.used: set[str] = set()

    def __call__(self, name: str) -> Tensor:
        plain, g = f"{name}.weight", f"{name}.parametrizations.weight.original0"
        self.used |= {name}
        if plain in self.values:
            return self.values[plain]
        v = self.values[f"{name}.parametrizations.weight.original1"]
        lengths = v.flatten(1).norm(dim=1)
        return self.values[g] * v / lengths.view(-1, *[1] * (v.ndim - 1))

    def bias(self, name: str) -> Tensor:
        return self.values[f"{name}.bias"]

    @property
    def layers(self) -> set[str]:
        return {key.split(".parametrizations")[0].removesuffix(".weight").removesuffix(".bias") for key in self.values}


def leaky(x: Tensor) -> Tensor:
    return torch.where(x > 0, x, 0.1 * x)


def layer_norm(x: Tensor, w: Weights, name: str) -> Tensor:
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.square().mean(-1, keepdim=True) + 1e-6).sqrt() * w(name) + w.bias(name)


def vocos(w: Weights, mel: Tensor) -> Tensor:
    """Siuzdak 2023, section 3.2, with the inverse transform written as sums."""
    h = F.conv1d(mel, w("first"), w.bias("first"), padding=3).transpose(1, 2)
    h = layer_norm(h, w, "first_norm")
    for block in ("blocks.0", "blocks.1"):
        inner = F.conv1d(h.transpose(1, 2), w(f"{block}.depthwise"), w.bias(f"{block}.depthwise"), padding=3, groups=8)
        inner = layer_norm(inner.transpose(1, 2), w, f"{block}.norm")
        inner = inner @ w(f"{block}.widen").T + w.bias(f"{block}.widen")
        inner = inner * 0.5 * (1 + torch.erf(inner / 2**0.5))
        inner = inner @ w(f"{block}.narrow").T + w.bias(f"{block}.narrow")
        w.used.add(f"{block}.scale")
        h = h + w.values[f"{block}.scale"] * inner
    made = layer_norm(h, w, "last_norm") @ w("head").T + w.bias("head")
    m, p = made[..., :33], made[..., 33:]
    window = torch.sin(torch.pi * torch.arange(64, dtype=torch.float64) / 64) ** 2
    x, envelope = torch.zeros(B, T * HOP + 48, dtype=torch.float64), torch.zeros(T * HOP + 48, dtype=torch.float64)
    for t in range(T):
        frame = torch.fft.irfft(m[:, t].exp().clamp(max=100) * torch.exp(1j * p[:, t]), n=64)
        x[:, t * HOP : t * HOP + 64] += window * frame
        envelope[t * HOP : t * HOP + 64] += window**2
    return (x / envelope)[:, None, 24 : 24 + T * HOP].clamp(-1, 1)


def hifigan(w: Weights, mel: Tensor, *, paired: bool) -> Tensor:
    """Kong et al. 2020, figure 1."""
    h = F.conv1d(mel, w("first"), w.bias("first"), padding=3)
    for stage in (0, 1):
        name = f"upsampling.{stage}"
        h = F.conv_transpose1d(leaky(h), w(name), w.bias(name), stride=4, padding=2)
        made = []
        for branch, (kernel, dilations) in enumerate(((3, (1, 3)), (5, (1, 2)))):
            r = h
            for step, dilation in enumerate(dilations):
                place = f"residual.{stage}.{branch}.steps.{step}"
                padding = dilation * (kernel // 2)
                inner = F.conv1d(leaky(r), w(f"{place}.0"), w.bias(f"{place}.0"), padding=padding, dilation=dilation)
                if paired:
                    inner = F.conv1d(leaky(inner), w(f"{place}.1"), w.bias(f"{place}.1"), padding=kernel // 2)
                r = r + inner
            made.append(r)
        h = (made[0] + made[1]) / 2
    return F.conv1d(leaky(h), w("last"), w.bias("last"), padding=3).tanh()


@pytest.mark.parametrize("described", GENERATORS, ids=lambda each: f"{type(each).__name__}")
def test_a_generator_is_its_reference(described: Any) -> None:
    network, mel = built(described), spectrogram()
    weights = Weights(network)
    ours = network(None, None, {"mel": mel})
    theirs = vocos(weights, mel) if isinstance(described, Vocos) else hifigan(weights, mel, paired=described.paired)
    assert ours.shape == (B, 1, T * HOP)
    assert theirs.std() > 1e-3
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-9)
    assert weights.used == weights.layers


@pytest.mark.parametrize("described", GENERATORS, ids=lambda each: f"{type(each).__name__}")
def test_a_chunk_with_its_context_is_that_of_the_whole(described: Any) -> None:
    network = built(described)
    c = network.context
    mel = spectrogram(3 * c + 10)
    whole = network(None, None, {"mel": mel})
    part = network(None, None, {"mel": mel[..., : 2 * c + 5]})
    torch.testing.assert_close(part[..., : (c + 5) * HOP], whole[..., : (c + 5) * HOP])
    inside = network(None, None, {"mel": mel[..., 5 : 2 * c + 15]})
    torch.testing.assert_close(inside[..., c * HOP : (c + 10) * HOP], whole[..., (c + 5) * HOP : (c + 15) * HOP])


def test_the_published_numbers_of_parameters() -> None:
    """Kong et al. 2020, table 2: 13.92 and 1.46 million; without the lengths g, which are merged for use."""
    mel = Mel()
    spec = Spec("audio", (1, 8192), True, given={"mel": TensorSpec((80, 32))}, settings={"mel": asdict(mel)})
    for described, millions in ((HifiGan(), 13.92), (HifiGan(**V3), 1.46)):
        with torch.device("meta"):
            named = described.build(spec).named_parameters()
        count = sum(value.numel() for name, value in named if not name.endswith("original0"))
        assert count / 1e6 == pytest.approx(millions, abs=0.007)


def judged_by_reference(described: Any, w: Weights, x: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """Logits and features, written from the papers."""
    logits, features = [], []
    count = len(getattr(described, "periods", None) or getattr(described, "sizes", None) or range(described.scales))
    for number in range(count):
        name, two = f"critics.{number}", True
        if isinstance(described, Periods):
            p = described.periods[number]
            h = torch.cat([x, x[..., -1 - (-x.shape[2] % p) : -1].flip(2)], 2).view(B, 1, -1, p)
            steps: list[Any] = [((3, 1), (2, 0), 1)] * 4 + [((1, 1), (2, 0), 1)]
            last: Any = (1, 0)
        elif isinstance(described, Scales):
            h, two = x, False
            for _ in range(number):
                h = F.avg_pool1d(h, 4, 2, 2)
            steps = [(1, 7, 1), (2, 20, 4), (2, 20, 16), (4, 20, 16), (4, 20, 16), (1, 20, 16), (1, 2, 1)]
            last = 1
        else:
            size = described.sizes[number]
            window = torch.sin(torch.pi * torch.arange(size, dtype=torch.float64) / size) ** 2
            padded = F.pad(x, (size * 3 // 8, size * 3 // 8), mode="reflect")[:, 0]
            frames = padded.unfold(1, size, size // 4) * window
            h = torch.fft.rfft(frames).abs()[:, None]
            steps = [((1, 1), (1, 2), 1), ((1, 2), (1, 2), 1), ((1, 1), (1, 1), 1)]
            last = 1
        convolution: Any = F.conv2d if two else F.conv1d
        for place, (stride, padding, groups) in enumerate(steps):
            layer = f"{name}.layers.{place}"
            h = leaky(convolution(h, w(layer), w.bias(layer), stride, padding, 1, groups))
            features.append(h)
        logits.append(convolution(h, w(f"{name}.head"), w.bias(f"{name}.head"), 1, last).flatten(1))
    return logits, features


@pytest.mark.parametrize("described", CRITICS, ids=lambda each: type(each).__name__)
def test_a_discriminator_is_its_reference(described: Any) -> None:
    network, x = built(described), wave()
    weights = Weights(network)
    ours = network(x, None, {})
    logits, features = judged_by_reference(described, weights, x)
    assert weights.used == weights.layers
    for mine, theirs in ((ours.logits, logits), (ours.features, features)):
        assert len(mine) == len(theirs)
        for a, b in zip(mine, theirs, strict=True):
            assert b.std() > 1e-6
            torch.testing.assert_close(a.double(), b, rtol=1e-5, atol=1e-5 * float(b.abs().max()))


def test_joined_discriminators_are_each_of_them() -> None:
    torch.manual_seed(0)
    network, x = built(Joined((CRITICS[0], CRITICS[2]))), wave()
    both = network(x, None, {})
    each = [critic(x, None, {}) for critic in network.critics]
    assert len(both.logits) == 4
    assert all(torch.equal(a, b) for a, b in zip(both.logits, [*each[0].logits, *each[1].logits], strict=True))
    assert len(both.features) == len(each[0].features) + len(each[1].features)


def test_data_that_do_not_fit_are_refused() -> None:
    pictures = Spec("images", (1, 8, 8), True)
    for described in (*GENERATORS, *CRITICS):
        with pytest.raises(UsageError, match="needs waves"):
            described.build(pictures)
    for described in GENERATORS:
        with pytest.raises(UsageError, match="MelSegments"):
            described.build(replace(SPEC, settings={"rate": 8000}))
    with pytest.raises(UsageError, match=r"generator\.rates"):
        HifiGan().build(SPEC)
    with pytest.raises(UsageError, match="tuple of dilations"):
        HifiGan(**{**SMALL, "dilations": ((1,),)}).build(SPEC)

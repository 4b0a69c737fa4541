"""WaveGAN's players, the classifier of sounds and the acoustic model against plain references, and their counts."""

from dataclasses import asdict, replace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ganvas.base.errors import UsageError
from ganvas.base.types import Spec, TensorSpec
from ganvas.networks.sound_classifier import SoundClassifier
from ganvas.networks.wavegan import WaveGan, WaveGanCritic, phase_shuffle
from ganvas.networks.word_speaker import WordSpeaker
from ganvas.ops.mel import Mel

B, L = 3, 1500  # two parts of 1,024; the second is cut off
WAVES = Spec("audio", (1, L), bounded=True, classes=("a", "b", "c"), settings={"rate": 8000})
MEL = Mel(rate=8000, size=64, window=64, hop=16, filters=10, floor=1e-4)
WORDS = Spec("mels", (1, 10, 12), bounded=True, classes=("a", "b", "c"), given={"frames": TensorSpec((), "int64")})
Y = torch.tensor([2, 0, 1])


def random_in_double(described: Any, spec: Spec) -> Any:
    """The network with random weights, biases and running moments."""
    network, generator = described.build(spec).double(), torch.Generator().manual_seed(0)
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            drawn = torch.randn(value.shape, generator=generator, dtype=torch.float64)
            scale = (value.shape[0] / value.numel()) ** 0.5 if value.ndim > 1 else 0.5
            value.copy_(0.5 + drawn.abs() if name.endswith("running_var") else drawn * scale)
    return network.eval()


def noise(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_the_generator_of_wavegan_is_its_reference() -> None:
    """Donahue et al. 2019, table 3; a transposed convolution as a convolution of x with zeros between its numbers."""
    network, z = random_in_double(WaveGan(width=2, latent=5), WAVES), noise(B, 5)
    w = network.state_dict()
    h = (z @ w["dense.weight"].T + w["dense.bias"]).view(B, 32, 2)
    for layer in range(5):
        spread = torch.zeros(*h.shape[:2], 4 * h.shape[2], dtype=torch.float64)
        spread[..., ::4] = h.clamp(min=0)
        kernel = w[f"layers.{layer}.weight"].transpose(0, 1).flip(2)
        h = F.conv1d(F.pad(spread, (13, 11)), kernel, w[f"layers.{layer}.bias"])
    assert h.shape == (B, 1, 2048)
    torch.testing.assert_close(network(z), h[..., :L].tanh(), rtol=0, atol=1e-10)


def test_the_critic_of_wavegan_is_its_reference() -> None:
    """Donahue et al. 2019, table 4, with a projection of the class."""
    network, x = random_in_double(WaveGanCritic(width=2, conditional=True), WAVES), noise(B, 1, L)
    w, h = network.state_dict(), F.pad(x, (0, 2048 - L))
    for layer in range(5):
        frames = F.pad(h, (11, 14)).unfold(2, 25, 4)  # [B, C, T, 25]
        made = torch.einsum("bctk,ock->bot", frames, w[f"layers.{layer}.weight"]) + w[f"layers.{layer}.bias"][:, None]
        h = torch.where(made > 0, made, 0.2 * made)[..., : h.shape[2] // 4]
    flat = h.flatten(1)
    logits = flat @ w["head.linear.weight"].T + w["head.linear.bias"]
    logits = logits + (w["head.embedding.weight"][Y] * flat).sum(1, keepdim=True) / flat.shape[1] ** 0.5
    verdict = network(x, Y)
    torch.testing.assert_close(verdict.logits, logits, rtol=0, atol=1e-9)
    torch.testing.assert_close(verdict.features[-1], flat, rtol=0, atol=1e-9)


def test_wavegan_has_the_papers_numbers_of_parameters() -> None:
    """Tables 3 and 4 with d = 64 and one channel, worked out by hand."""
    spec = replace(WAVES, shape=(1, 16_384))
    for described, count in ((WaveGan(), 19_065_345), (WaveGanCritic(), 17_427_969)):
        with torch.device("meta"):
            assert sum(each.numel() for each in described.build(spec).parameters()) == count


def test_phase_shuffle_moves_and_mirrors() -> None:
    h = torch.tensor([[[1.0, 2.0, 3.0, 4.0]]]).expand(3, 1, 4)
    moved = phase_shuffle(h, torch.tensor([0, 2, -1]))
    assert moved[:, 0].tolist() == [[1, 2, 3, 4], [3, 4, 3, 2], [2, 1, 2, 3]]


def test_phase_shuffle_is_in_training_only_and_never_before_the_logit() -> None:
    network, x = random_in_double(WaveGanCritic(width=2), WAVES), noise(B, 1, L)
    assert torch.equal(network(x).logits, network(x).logits)
    network.train()
    assert not torch.equal(network(x).logits, network(x).logits)
    network.shuffle = 0
    assert torch.equal(network(x).logits, network.eval()(x).logits)


def batch_norm(h: Tensor, w: dict[str, Tensor], name: str) -> Tensor:
    mean, var, gain, bias = (
        w[f"{name}.{each}"][:, None, None] for each in ("running_mean", "running_var", "weight", "bias")
    )
    return (h - mean) / (var + 1e-5).sqrt() * gain + bias


def test_the_classifier_of_sounds_is_its_reference() -> None:
    described = SoundClassifier(mel=MEL, width=2, features=6)
    network, x = random_in_double(described, WAVES), noise(B, 1, L)
    w = network.state_dict()
    heights = MEL.of(F.pad(x, (0, 4)))[:, None]
    h = ((heights - heights.amax((2, 3), keepdim=True)).clamp(min=-7) + 3.5) / 3.5
    for level in range(3):
        h = F.max_pool2d(h, 2) if level else h
        for step in (0, 3):
            h = F.conv2d(h, w[f"blocks.{level}.{step}.weight"], None, 2 if level == step == 0 else 1, 1)
            h = batch_norm(h, w, f"blocks.{level}.{step + 1}").clamp(min=0)
    rows = h.shape[2]
    bands = [h[:, :, band * rows // 5 : -(-(band + 1) * rows // 5)].mean(2) for band in range(5)]
    pooled = torch.stack(bands, 2)  # [B, C, 5, T]
    flat = torch.cat([pooled.mean(3), pooled.amax(3)], 1).flatten(1)
    features = (flat @ w["neck.weight"].T + w["neck.bias"]).clamp(min=0)
    verdict = network(x)
    torch.testing.assert_close(verdict.features[-1], features, rtol=0, atol=1e-9)
    torch.testing.assert_close(verdict.classes, features @ w["head.weight"].T + w["head.bias"], rtol=0, atol=1e-9)


def test_the_classifier_of_sounds_varies_what_it_hears_in_training_alone() -> None:
    quiet = SoundClassifier(mel=MEL, width=2, move=0, hidden=0, tilt=0.0, noise=0.0)
    heights = noise(B, 1, 10, 90).clamp(-1, 1)
    unchanged: Any = quiet.build(WAVES)
    assert torch.equal(unchanged.varied(heights), heights)
    further: list[dict[str, Any]] = [{"move": 3}, {"hidden": 8}, {"tilt": 0.4}, {"noise": 0.2}]
    for change in further:
        varying: Any = replace(quiet, **change).build(WAVES)
        assert not torch.equal(varying.varied(heights), heights), change
    network, x = random_in_double(SoundClassifier(mel=MEL, width=2), WAVES), noise(B, 1, L)
    assert torch.equal(network(x).classes, network(x).classes)


def test_the_acoustic_model_is_its_reference() -> None:
    network = random_in_double(WordSpeaker(width=6, blocks=1, latent=4), WORDS)
    w, z, d = network.state_dict(), noise(B, 4), torch.tensor([12, 5, 1])
    share = torch.arange(12, dtype=torch.float64) / d[:, None]
    angles = torch.pi * share[..., None] * torch.arange(1, 9)
    place = torch.cat([angles.sin(), angles.cos(), (d / 12)[:, None, None].expand(B, 12, 1).double()], 2)
    h = place @ w["places.weight"].T + w["places.bias"]
    h = h + (w["embedding.weight"][Y] + z @ w["variation.weight"].T)[:, None]
    inner = F.conv1d(h.transpose(1, 2), w["blocks.0.depthwise.weight"], w["blocks.0.depthwise.bias"], 1, 3, 1, 6)
    inner = F.layer_norm(inner.transpose(1, 2), (6,), w["blocks.0.norm.weight"], w["blocks.0.norm.bias"], 1e-6)
    inner = F.gelu(inner @ w["blocks.0.widen.weight"].T + w["blocks.0.widen.bias"])
    h = h + w["blocks.0.scale"] * (inner @ w["blocks.0.narrow.weight"].T + w["blocks.0.narrow.bias"])
    h = F.layer_norm(h, (6,), w["norm.weight"], w["norm.bias"], 1e-6)
    x = (h @ w["head.weight"].T + w["head.bias"]).clamp(-1, 1).transpose(1, 2)[:, None]
    for row, count in enumerate(d):
        x[row, ..., count:] = -1
    torch.testing.assert_close(network(z, Y, {"frames": d}), x, rtol=0, atol=1e-9)


def test_data_that_do_not_fit_are_refused() -> None:
    pictures = Spec("images", (1, 8, 8), True, classes=("a", "b"))
    for described in (WaveGan(), WaveGanCritic(), SoundClassifier()):
        with pytest.raises(UsageError, match="needs waves"):
            described.build(pictures)
    with pytest.raises(UsageError, match="Mels"):
        WordSpeaker().build(pictures)
    with pytest.raises(UsageError, match="rate"):
        SoundClassifier().build(replace(WAVES, settings={"rate": 16_000, "mel": asdict(MEL)}))
    with pytest.raises(UsageError, match="labels"):
        SoundClassifier().build(replace(WAVES, classes=()))

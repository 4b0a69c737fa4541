"""What networks of waves share: checks of the spec, weight normalisation, and names of layers."""

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from ..base.errors import UsageError
from ..base.types import Spec, Verdict
from ..ops.mel import Mel, mel_of

SLOPE = 0.1  # of LeakyReLU in HiFi-GAN


def wave_length(network: object, spec: Spec) -> int:
    """L of waves [1, L]. Raises UsageError for other data."""
    if spec.domain != "audio" or len(spec.shape) != 2 or spec.shape[0] != 1:
        message = f"{type(network).__name__} needs waves [1, L], and these data are {spec.domain} {list(spec.shape)}"
        raise UsageError(message, hint="Use it with recordings: --data FOLDER of .wav files.")
    return spec.shape[1]


def given_mel(network: object, spec: Spec) -> Mel:
    """The settings of given["mel"], which the spec has from the transform MelSegments. Raises UsageError."""
    wave_length(network, spec)
    if "mel" not in spec.settings or "mel" not in spec.given:
        message = f"{type(network).__name__} needs mel spectrograms, and the data give none"
        raise UsageError(message, hint="Add the transform MelSegments.")
    return mel_of(spec.settings["mel"])


def normalised(layer: nn.Module) -> nn.Module:
    """A layer whose weights are g v / |v|, one g for each output. Salimans and Kingma 2016, equation 2.
    https://arxiv.org/abs/1602.07868
    """
    return parametrizations.weight_norm(layer)


def verdict_of(layers: nn.ModuleList, head: nn.Module, h: Tensor) -> Verdict:
    """Layers, each with LeakyReLU, whose outputs are the features; the head's outputs are the logits [B, K]."""
    features: list[Tensor] = []
    for layer in layers:
        h = nn.functional.leaky_relu(layer(h), SLOPE)
        features.append(h.float())
    return Verdict(head(h).float().flatten(1), features=tuple(features))


def wide(x: Tensor) -> Tensor:
    """x in float32 at least: Fourier transforms take no bf16."""
    return x if x.dtype == torch.float64 else x.float()

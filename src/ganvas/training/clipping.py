"""Gradients clipped per sample, with noise: differentially private training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt
from torch import Tensor, nn

from ..base.draws import generator
from ..base.errors import UsageError
from ..base.types import Term


@dataclass(frozen=True)
class PerSampleClip:
    """g = 1/B sum_i g_i min(1, C / |g_i|_2) + sigma C / B N(0, 1), g_i the gradient of sample i's terms.

    Abadi et al. 2016, algorithm 1. https://arxiv.org/abs/1607.00133
    |g_i| is over all of the player's parameters; B is the global batch. Every term must have a value for each sample,
    and the network may not mix samples (batch norm), or g_i would depend on other samples. The privacy that this gives
    depends on the number of steps and on how batches are drawn; it is not computed here.

    Args:
        max_norm: C, above 0.
        noise: sigma, the noise multiplier; 0 only clips.
    """

    max_norm: Annotated[float, Gt(0)] = 1.0
    noise: Annotated[float, Ge(0)] = 0.0

    def accumulate(
        self, terms: Mapping[str, Term], parameters: Sequence[nn.Parameter], *, share: float, key: tuple[object, ...]
    ) -> None:
        losses = per_sample(terms)
        eye = torch.eye(len(losses), device=losses.device, dtype=losses.dtype)
        gradients = torch.autograd.grad(
            losses, parameters, eye, retain_graph=True, is_grads_batched=True, allow_unused=True
        )
        squares = [each.flatten(1).square().sum(1) for each in gradients if each is not None]
        norms = torch.stack(squares).sum(0).sqrt()
        factors = (self.max_norm / norms.clamp(min=self.max_norm)) * share / len(losses)
        noise = generator(*key, "noise")
        for parameter, each in zip(parameters, gradients, strict=True):
            clipped = torch.zeros_like(parameter) if each is None else torch.einsum("b...,b->...", each, factors)
            if self.noise:
                deviation = self.noise * self.max_norm * share**0.5 * share / len(losses)
                clipped = clipped + self._noise(parameter, noise, deviation)
            parameter.grad = clipped if parameter.grad is None else parameter.grad + clipped

    def _noise(self, parameter: Tensor, noise: torch.Generator, deviation: float) -> Tensor:
        return (torch.randn(parameter.shape, generator=noise) * deviation).to(parameter.device)


def per_sample(terms: Mapping[str, Term]) -> Tensor:
    """Sum over terms of weight x value for each sample.

    Args:
        terms: values [B] or [B, K]; of several numbers per sample the mean counts.

    Returns:
        [B].

    Raises:
        UsageError: a term has no value for each sample.
    """
    sizes = {len(term.value) if term.value.ndim else 0 for term in terms.values()}
    if 0 in sizes or len(sizes) > 1:
        names = ", ".join(terms)
        raise UsageError(
            f"clipping per sample needs terms with a value for each sample, and of {names} some have none",
            hint="Leave out penalties that are statistics of a batch.",
        )
    values = [
        term.value.float().flatten(1).mean(1) if term.value.ndim > 1 else term.value.float() for term in terms.values()
    ]
    weights = [term.weight for term in terms.values()]
    return torch.stack([value * weight for value, weight in zip(values, weights, strict=True)]).sum(0)

"""Learning classes from a few labels, with fakes as one class more. Salimans et al. 2016. https://arxiv.org/abs/1606.03498"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from ..base.draws import Draws
from ..base.types import Batch, NonNegative, Share, Term, Transform, Verdict
from .contract import Game, Play, Terms, Turn


@dataclass(frozen=True)
class FeatureMatching(Game):
    """D: -log p(y | x) of the labelled + w [softplus(-l(x)) + softplus(l(G(z)))], l = log sum exp of the class logits; G: |mean f(x) - mean f(G(z))|^2.

    Salimans et al. 2016, sections 3.1 and 5, w = 1/2. https://arxiv.org/abs/1606.03498. D's logit must be l: then these are the terms of K + 1 classes
    with the fakes' logit at 0. The labelled stand in the stream `labelled`; labels of the main stream are never looked at.
    f are D's features; their means are over a micro-batch. G is a help for D here: one that drew perfect samples would teach D nothing
    (Dai et al. 2017, https://arxiv.org/abs/1705.09783).

    With `transforms` T, which must not change the class, the labelled are seen through T, and D pays v -log p(k | T(x)) for each unlabelled x that it
    takes for class k with more than `confidence`, v = `consistent_weight`. Sohn et al. 2020 (FixMatch), equations 3 and 4. https://arxiv.org/abs/2001.07685
    """

    output_kind: ClassVar[str] = "classes"
    needs_data: ClassVar[bool] = True
    mixes_samples: ClassVar[bool] = True
    labelled: str = "labelled"
    unlabelled_weight: NonNegative = 0.5
    transforms: tuple[Transform, ...] = ()
    consistent_weight: NonNegative = 1.0
    confidence: Share = 0.95

    def turns(self) -> Mapping[str, Turn]:
        return {"discriminator": Turn("D", self.discriminator_turn), "generator": Turn("G", self.generator_turn)}

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        x, y = batch.given[self.labelled], batch.given[f"{self.labelled}.y"]
        x_fake = play.G(draws.uniform("z", *play.latent)).detach()
        if not self.transforms:
            verdict = play.D(torch.cat([x, batch.x, x_fake]))
            return self._terms(verdict, y)
        verdict = play.D(
            torch.cat(
                [self._changed(x, draws, "labelled"), batch.x, x_fake, self._changed(batch.x, draws, "unlabelled")]
            )
        )
        named, changed = verdict.classes[len(x) : 2 * len(x)].detach().softmax(1).max(1), verdict.classes[3 * len(x) :]
        sure = named.values > self.confidence
        consistent = F.cross_entropy(changed, named.indices, reduction="none") * sure
        return {**self._terms(verdict, y), "consistent": Term(consistent, self.consistent_weight)}

    def generator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        with torch.no_grad():
            real = play.D(batch.x).features.mean(0)
        fake = play.D(play.G(draws.uniform("z", *play.latent))).features.mean(0)
        return {"features": Term((real - fake).square().sum())}

    def _terms(self, verdict: Verdict, y: Tensor) -> Terms:
        """Of a verdict on as many labelled, unlabelled and fakes."""
        assert verdict.classes is not None, "FeatureMatching wants a discriminator that names classes"
        n = len(y)
        adversarial = F.softplus(-verdict.logits[n : 2 * n]) + F.softplus(verdict.logits[2 * n : 3 * n])
        return {
            "supervised": Term(F.cross_entropy(verdict.classes[:n], y, reduction="none")),
            "unlabelled": Term(adversarial, self.unlabelled_weight),
        }

    def _changed(self, x: Tensor, draws: Draws, stream: str) -> Tensor:
        with x.device:  # a transform's new tensors stand where x does
            for place, transform in enumerate(self.transforms):
                x = transform.transform(Batch(x=x), draws.uniform(f"{stream}.{place}", transform.uniforms)).x
        return x

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        logits: Tensor = play.D(batch.x).classes
        return logits

    def show(self, batch: Batch, output: Tensor) -> Tensor | None:
        return None

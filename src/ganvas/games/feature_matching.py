"""Semi-supervised classification, with fakes as one more class.

Salimans et al. 2016. https://arxiv.org/abs/1606.03498
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from ..base.types import Batch, NonNegative, Share, Term, Transform, Verdict
from .contract import Draws, Game, Play, Terms, Turn
from .supervised import class_logits


@dataclass(frozen=True)
class FeatureMatching(Game):
    """D: -log p(y | x) + w [softplus(-l(x)) + softplus(l(G(z)))]; G: |mean f(x) - mean f(G(z))|^2.

    l is the log-sum-exp of the class logits; the first term is on labelled x.

    Salimans et al. 2016, sections 3.1 and 5, w = 1/2. https://arxiv.org/abs/1606.03498. D's logit must be l: then these
    are the terms of K + 1 classes with the fakes' logit at 0. f are D's last features; their means are over a
    micro-batch. G's term is a sum over the features, as in the paper; the authors' program takes their mean. G helps D
    here: one that generated perfect samples would teach D nothing (Dai et al. 2017, https://arxiv.org/abs/1705.09783).

    With `transforms` T, which must not change the class, D gets the labelled through T, and pays v -log p(k | T(x)) for
    each unlabelled x that it takes for class k with at least `confidence`, v = `consistent_weight`. Sohn et al. 2020
    (FixMatch), equations 3 and 4. https://arxiv.org/abs/2001.07685

    Args:
        labelled: the name of the stream of labelled samples; labels of the main stream are never read.
        unlabelled_weight: w.
        transforms: T.
        consistent_weight: v.
        confidence: the least probability of a class that counts, in [0, 1).
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
        return {"discriminator": Turn(("D",), self.discriminator_turn), "generator": Turn(("G",), self.generator_turn)}

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        x, y = batch.given[self.labelled], batch.given[f"{self.labelled}.y"]
        n, x_fake = len(y), self._generate(play, draws).detach()
        if not self.transforms:
            verdict = play.D(torch.cat([x, batch.x, x_fake]), None, {})
            return self._terms(verdict, y)
        labelled = self._transformed(x, draws, "labelled")
        unlabelled = self._transformed(batch.x, draws, "unlabelled")
        verdict = play.D(torch.cat([labelled, batch.x, x_fake, unlabelled]), None, {})
        classes = class_logits(verdict)
        predicted = classes[n : 2 * n].detach().softmax(1).max(1)
        confident = predicted.values >= self.confidence
        consistent = F.cross_entropy(classes[3 * n :], predicted.indices, reduction="none") * confident
        return {**self._terms(verdict, y), "consistent": Term(consistent, self.consistent_weight)}

    def generator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        with torch.no_grad():
            real = play.D(batch.x, None, {}).features[-1].mean(0)
        fake = play.D(self._generate(play, draws), None, {}).features[-1].mean(0)
        return {"features": Term((real - fake).square().sum())}

    def _generate(self, play: Play, draws: Draws) -> Tensor:
        return play.G(draws.uniform("z", *play.G.latent), None, {})

    def _terms(self, verdict: Verdict, y: Tensor) -> Terms:
        """Of a verdict on as many labelled, unlabelled and fake samples."""
        n, logits = len(y), verdict.scores
        adversarial = F.softplus(-logits[n : 2 * n]) + F.softplus(logits[2 * n : 3 * n])
        return {
            "supervised": Term(F.cross_entropy(class_logits(verdict)[:n], y, reduction="none")),
            "unlabelled": Term(adversarial, self.unlabelled_weight),
        }

    def _transformed(self, x: Tensor, draws: Draws, stream: str) -> Tensor:
        with x.device:  # a transform's new tensors stand where x does
            for place, transform in enumerate(self.transforms):
                x = transform.transform(Batch(x=x), draws.uniform(f"{stream}.{place}", transform.uniforms)).x
        return x

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        return class_logits(play.D(batch.x, None, {}))

    def show(self, batch: Batch, output: Tensor) -> Tensor | None:
        return None

"""Maps of classes from pictures: D judges whether a map is one that a person drew.

Luc et al. 2016, "Semantic Segmentation using Adversarial Networks". https://arxiv.org/abs/1611.08408
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch, NonNegative, Share, Term, Verdict
from ..ops.palette import coloured
from .contract import Draws, Play, Terms
from .pair_terms import ClassMap, PairTerm
from .translation import Translation, in_the_form_of

if TYPE_CHECKING:
    from ..penalties.contract import Context


@dataclass(frozen=True)
class Segmentation(Translation):
    """G: cross-entropy + adversarial + masked cross-entropy of pictures without a map; D: is this map a true one?

    Luc et al. 2016, equation 2 (https://arxiv.org/abs/1611.08408); Hung et al. 2018 (AdvSemiSeg), equations 3 to 5
    (https://arxiv.org/abs/1802.07934). A picture has no map where x is -1 in all channels. Such pictures are no reals
    of D; G pays the adversarial term for them, and -log p of its own most probable class at the pixels where D takes
    G's map for a true one with a probability of at least `confidence`.

    Args:
        condition: the given picture.
        reconstruction_weight: of an L1 term.
        adversarial_weight: of G's adversarial term.
        pair_terms: further terms of G; the cross-entropy is one of them.
        unlabelled_weight: of the masked cross-entropy.
        confidence: the least sigmoid of D's logit at a place that counts.

    Raises:
        UsageError: D's logits are no map of patches, and there are pictures without a map (in training).
    """

    condition: str = "input"
    reconstruction_weight: NonNegative = 0.0
    adversarial_weight: NonNegative = 0.01
    pair_terms: tuple[PairTerm, ...] = (ClassMap(),)
    unlabelled_weight: NonNegative = 0.1
    confidence: Share = 0.6

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        return super().discriminator_turn(play, with_labelled_only(batch), draws)

    def generator_terms(self, context: "Context", batch: Batch) -> Terms:
        terms = super().generator_terms(context, batch)
        labelled = is_labelled(batch.x)
        if not self.unlabelled_weight or bool(labelled.all()):
            return terms
        entropy = self._masked(context.x_fake, context.fake)
        return {**terms, "unlabelled": Term(entropy * ~labelled, self.unlabelled_weight)}

    def show(self, batch: Batch, output: Tensor) -> Tensor:
        """Picture, map and true map side by side, in colour."""
        maps = [coloured(output), coloured(batch.x)]
        picture = in_the_form_of(maps[0], batch.given[self.condition])
        return torch.stack([picture, *maps], dim=1).flatten(0, 1)

    def _masked(self, made: Tensor, verdict: Verdict) -> Tensor:
        """The cross-entropy [B] of maps with their own most probable classes, where D believes them."""
        with torch.no_grad():
            belief = torch.sigmoid(logit_map(verdict, made))
            chosen = F.interpolate(belief, size=made.shape[2:], mode="bilinear") >= self.confidence
        probability = ((made.amax(1, keepdim=True) + 1) / 2).clamp(min=1e-6)
        return -(probability.log() * chosen).flatten(1).mean(1)


def is_labelled(x: Tensor) -> Tensor:
    """Which of the maps [B, K, h, w] have a class at some pixel, [B]."""
    return x.flatten(1).amax(1) > -1


def with_labelled_only(batch: Batch) -> Batch:
    """The batch with each row that has no map replaced by one that has, in turn; the batch itself where none has."""
    labelled = is_labelled(batch.x)
    if bool(labelled.all()) or not bool(labelled.any()):
        return batch
    rows = labelled.nonzero()[:, 0]
    at = torch.arange(len(batch.x), device=batch.x.device)
    return batch.take(torch.where(labelled, at, rows[at % len(rows)]))


def logit_map(verdict: Verdict, maps: Tensor) -> Tensor:
    """D's logits [B, K] of patches as a map [B, 1, h, w] of the proportions of the maps of classes."""
    logits = verdict.logits if isinstance(verdict.logits, Tensor) else verdict.logits[0]
    height, width = maps.shape[2:]
    high = max(1, round((logits.shape[1] * height / width) ** 0.5))
    if logits.shape[1] % high:
        raise UsageError(
            f"D's {logits.shape[1]} logits are no map of the proportions of {width} x {height} pixels",
            hint="Use PatchCritic with kernel 3, or set game.unlabelled_weight to 0.",
        )
    return logits.view(len(logits), 1, high, -1)

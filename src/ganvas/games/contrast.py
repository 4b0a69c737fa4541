"""One-sided translation without pairs: each place of the output resembles the same place of the input.

Park et al. 2020 (CUT). https://arxiv.org/abs/2007.15651
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar

import torch
from annotated_types import Gt
from jaxtyping import Float
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch, Count, Loss, NonNegative, Term
from ..losses.least_squares import LeastSquares
from ..penalties.contract import Context
from .contract import Draws, Play, Terms, Turn
from .synthesis import Synthesis


@dataclass(frozen=True)
class Contrast(Synthesis):
    """G: A -> B; adversarial + -log softmax_k(v(G(a))_s . v(a)_k / tau)[s] over places s, k of a; the same of G(b), b.

    Park et al. 2020, equations 1 to 5. https://arxiv.org/abs/2007.15651

    b is the batch's x, and a is given["input"], from the stream "input" of the recipe; no a belongs to any b. v are the
    unit vectors that PatchHeads makes of G's encoder. Vectors of the input are constants, as in the paper's program.
    A place is told from the other places of its own picture. The term of b, "identity", has the weight that the paper
    gives it; its program halves the sum of both.

    Args:
        loss: the adversarial term of both players.
        patches: places of each layer of each picture, at most; all where a layer has fewer.
        tau: the temperature.
        contrast_weight: of the term of a (paper: 1 with `identity_weight` 1, or 10 with 0, FastCUT).
        identity_weight: of the term of b.
        adversarial_weight: of G's adversarial term; 2 with LeastSquares is the paper's.
    """

    images_per_sample: ClassVar[int] = 2
    needs_data: ClassVar[bool] = True
    needs_streams: ClassVar[bool] = True
    loss: Loss = field(default_factory=LeastSquares)
    adversarial_weight: NonNegative = 2.0
    patches: Count = 256
    tau: Annotated[float, Gt(0)] = 0.07
    contrast_weight: NonNegative = 1.0
    identity_weight: NonNegative = 1.0

    def turns(self) -> Mapping[str, Turn]:
        return {**super().turns(), "generator": Turn(("G",), self.generator_turn)}

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        return super().discriminator_turn(play, replace(batch, y=None), draws)

    def generator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        return super().generator_turn(play, replace(batch, y=None), draws)

    def generator_terms(self, context: Context, batch: Batch) -> Terms:
        a, b = batch.given["input"], batch.x
        terms = {**super().generator_terms(context, batch)}
        terms["contrast"] = Term(self._contrast(context, a, context.x_fake, "a"), self.contrast_weight)
        if self.identity_weight:
            same = context.play.G(None, None, {"input": b}, **context.play.options)
            terms["identity"] = Term(self._contrast(context, b, same, "b"), self.identity_weight)
        return terms

    def show(self, batch: Batch, output: Tensor) -> Tensor:
        """a and G(a) side by side."""
        return torch.stack([batch.given["input"], output], dim=1).flatten(0, 1)

    def _contrast(self, context: Context, before: Tensor, after: Tensor, side: str) -> Tensor:
        """The mean over layers of `patch_contrast` between a picture and its translation, [B]."""
        G = context.play.networks["G"]
        if not callable(getattr(G, "embedded", None)):
            raise UsageError(
                "Contrast needs a G with heads on its hidden layers", hint="Wrap its network in PatchHeads."
            )
        with torch.no_grad():
            layers = G.hidden(before)  # type: ignore[operator]
            places = [
                drawn_places(context.draws, f"places.{side}.{number}", layer, self.patches)
                for number, layer in enumerate(layers)
            ]
            keys = G.embedded(layers, places)  # type: ignore[operator]
        queries = G.embedded(G.hidden(after), places)  # type: ignore[operator]
        of_layers = [patch_contrast(query, key, self.tau) for query, key in zip(queries, keys, strict=True)]
        return torch.stack(of_layers).mean(0)


def drawn_places(draws: Draws, stream: str, layer: Tensor, most: int) -> Tensor:
    """Different pixels of a map [B, C, H, W], drawn uniformly for each picture: [B, P] with P <= most."""
    return draws.uniform(stream, layer.shape[2] * layer.shape[3]).argsort(1)[:, :most]


def patch_contrast(query: Float[Tensor, "b p f"], key: Float[Tensor, "b p f"], tau: float) -> Float[Tensor, "b"]:
    """-log(exp(q_s . k_s / tau) / sum_j exp(q_s . k_j / tau)), the mean over the places s of a picture.

    van den Oord et al. 2018, equation 4 (https://arxiv.org/abs/1807.03748); Park et al. 2020, equation 2.

    Args:
        query: unit vectors of the translation's places.
        key: of the same places of the picture.
        tau: the temperature.
    """
    logits = query @ key.mT / tau  # [B, P, P]
    return (logits.logsumexp(2) - logits.diagonal(dim1=1, dim2=2)).mean(1)

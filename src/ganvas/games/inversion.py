"""Which latent code gives this picture? The code is a player, or an encoder is, and the generator is frozen.

In both games G is in eval mode and has no turn. A code is z [B, latent], or a style w [B, layers or 1, style].
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from ..base.errors import UsageError
from ..base.play import has_styles
from ..base.types import Batch, NonNegative, Term
from ..ops.eval_mode import eval_mode
from .contract import Draws, Game, Latents, Play, Terms, Turn
from .synthesis import Synthesis

COARSE = 4  # side of the cells over which the coarse term averages


@dataclass(frozen=True)
class Inversion(Game):
    """code: |x - G(c)|^2 / n + lambda |pool(x) - pool(G(c))|^2 / n' + mu |(c - mean) / deviation|^2 / d, G frozen.

    Zhu et al. 2016, "Projecting an image onto the manifold", by optimisation. https://arxiv.org/abs/1609.03552
    The noise on the code, which falls over the search, is that of Karras et al. 2020, appendix D.
    https://arxiv.org/abs/1912.04958
    The player "code" has one code for each target: code(index) gives them in standard deviations of samples' codes,
    code.point(...) in the units that G gets. pool is the mean over cells of 4 x 4 pixels: it has a gradient towards a
    place that the picture's contents do not touch yet. The distances are of pixels, where the papers use features of a
    network; so no weights are needed, and a shift of texture is penalised more.

    Args:
        game: of the run that trained G.
        coarse_weight: lambda.
        prior_weight: mu. A little keeps codes where samples are.
        noise: standard deviation of the noise on the code, in standard deviations of samples' codes.
    """

    needs_data: ClassVar[bool] = True
    critic: ClassVar[str] = "code"
    game: Game = field(default_factory=Synthesis)
    coarse_weight: NonNegative = 1.0
    prior_weight: NonNegative = 0.001
    noise: NonNegative = 0.0

    def turns(self) -> Mapping[str, Turn]:
        return {"code": Turn(("code",), self.code_turn)}

    def code_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        player: Any = play.networks["code"]
        code = player(batch.index)
        noise = draws.normal("code", *code.shape[1:]) * float(self.noise)  # type: ignore[arg-type]  # resolved
        with eval_mode(play.networks["G"]):
            x = picture_of_code(self.game, play, player.point(code + noise), batch)
        return {
            "pixels": Term(pixel_error(batch.x, x)),
            "coarse": Term(pixel_error(pooled(batch.x), pooled(x)), self.coarse_weight),
            "prior": Term(code.square().flatten(1).mean(1), self.prior_weight),
        }

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        player: Any = play.networks["code"]
        return picture_of_code(self.game, play, player.point(player(batch.index)), batch)


@dataclass(frozen=True)
class Encoding(Game):
    """E: |E(G(z)) - c|^2 / d + lambda |x - G(E(x))|^2 / n + lambda |pool(x) - pool(G(E(x)))|^2 / n', G frozen.

    Schlegl et al. 2019 (f-AnoGAN): the first term is their "ziz", the second "izi" on the data; in place of the feature
    distance of "izi_f" there are pooled pixels. https://doi.org/10.1016/j.media.2019.01.010
    c is z, or w - mean w of generators with styles; E(x) is D's `code` (LatentHead). Begin from the run that trained
    G, `init_from`; the player E begins new.

    Args:
        game: of the run that trained G; it draws the latents.
        pixel_weight: lambda.

    Raises:
        UsageError: E predicts no code, or the samples have categories that no label tells.
    """

    needs_data: ClassVar[bool] = True
    images_per_sample: ClassVar[int] = 2
    critic: ClassVar[str] = "E"
    new_players: ClassVar[frozenset[str]] = frozenset({"E"})
    game: Game = field(default_factory=Synthesis)
    pixel_weight: NonNegative = 1.0

    def turns(self) -> Mapping[str, Turn]:
        return {"encoder": Turn(("E",), self.encoder_turn)}

    def encoder_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        G: Any = play.networks["G"]
        with eval_mode(G):
            with torch.no_grad():
                drawn = self.game.latents(play, draws, batch)
                if drawn.z is None:
                    raise UsageError("this generator has no latents to predict")
                x_fake = self.game.generate(play, drawn, batch)
                target = G.styles(drawn.z, drawn.y)[:, 0] - G.mean if has_styles(G) else drawn.z
            found = predicted(play, x_fake)
            again = picture_of_code(self.game, play, encoded(play, batch.x), batch)
        return {
            "latent": Term((found - target).square().mean(1)),
            "pixels": Term(pixel_error(batch.x, again), self.pixel_weight),
            "coarse": Term(pixel_error(pooled(batch.x), pooled(again)), self.pixel_weight),
        }

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        return picture_of_code(self.game, play, encoded(play, batch.x), batch)

    def show(self, batch: Batch, output: Tensor) -> Tensor:
        """Picture and inversion side by side."""
        return torch.stack([batch.x, output], dim=1).flatten(0, 1)

    @property
    def uses_labels(self) -> bool:
        return self.game.uses_labels


def encoded(play: Play, x: Tensor) -> Tensor:
    """E's codes of pictures: z [B, latent], or one style for all layers, w [B, 1, style]."""
    G: Any = play.networks["G"]
    found = predicted(play, x)
    return (G.mean + found)[:, None] if has_styles(G) else found


def predicted(play: Play, x: Tensor) -> Tensor:
    """What E predicts, [B, d]. Raises UsageError: it predicts no code."""
    code = play.discriminator("E")(x, None, {}).code
    if code is None:
        raise UsageError("an encoder must predict codes", hint="Wrap it: LatentHead(...).")
    return code


def picture_of_code(game: Game, play: Play, code: Tensor, batch: Batch) -> Tensor:
    """x = G(code) [B, C, H, W]: code is z [B, latent], or w [B, layers or 1, style].

    A game whose samples have categories of its own gets category 0, or the batch's y within their number.
    """
    G: Any = play.networks["G"]
    if code.ndim == 3:
        x: Tensor = G.synthesis(code.expand(-1, G.layers, -1))
        return x
    return game.generate(play, Latents(code, category_of(game, batch.y)), batch)


def category_of(game: Game, y: Tensor | None) -> Tensor | None:
    """y, brought to the number of the game's own categories, which labels do not name, where it has some."""
    counts = [each.categories for each in getattr(game, "auxiliary", ()) if hasattr(each, "categories")]
    return y if y is None or not counts else y % counts[0]


def pixel_error(x: Tensor, y: Tensor) -> Tensor:
    """Mean square of x - y for each sample, [B]."""
    return (x - y).square().flatten(1).mean(1)


def pooled(x: Tensor) -> Tensor:
    """Means over cells of COARSE x COARSE pixels; the last cells may be smaller."""
    return F.avg_pool2d(x, COARSE, ceil_mode=True)

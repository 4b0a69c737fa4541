"""Anomalies by an encoder of a trained generator: what G cannot draw is far from what it draws in its place.

Schlegl et al. 2019 (f-AnoGAN). https://doi.org/10.1016/j.media.2019.01.010
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch, NonNegative, Spec, Term
from ..ops.eval_mode import eval_mode
from .contract import Draws, Game, Play, Terms, Turn
from .inversion import encoded, picture_of_code, pixel_error
from .synthesis import Synthesis


@dataclass(frozen=True)
class ResidualEncoding(Game):
    """E: |x - G(E(x))|^2 / n + kappa |f(x) - f(G(E(x)))|^2 / m, G and D frozen; f are D's last features.

    Schlegl et al. 2019 (f-AnoGAN), section 2.2, "izi_f", of the reals alone. The same expression is the anomaly score
    of a sample (section 2.3). https://doi.org/10.1016/j.media.2019.01.010
    G and D were trained by `game` on normal samples, in an earlier phase or in the run of `init_from`; E begins new.
    E(x) is its verdict's `code` (LatentHead): z, or w - mean w of generators with styles.

    Args:
        game: of the run or phase that trained G and D.
        feature_weight: kappa.

    Raises:
        UsageError: E predicts no code, or D has no features.
    """

    needs_data: ClassVar[bool] = True
    images_per_sample: ClassVar[int] = 2
    critic: ClassVar[str] = "E"
    finds_anomalies: ClassVar[bool] = True
    new_players: ClassVar[frozenset[str]] = frozenset({"E"})
    game: Game = field(default_factory=Synthesis)
    feature_weight: NonNegative = 1.0

    def turns(self) -> Mapping[str, Turn]:
        return {"encoder": Turn(("E",), self.encoder_turn)}

    def encoder_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        with eval_mode(play.networks["G"], play.networks["D"]):
            again = picture_of_code(self.game, play, encoded(play, batch.x), batch)
            features = self._feature_error(play, batch, again)
        return {"pixels": Term(pixel_error(batch.x, again)), "features": Term(features, self.feature_weight)}

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        return picture_of_code(self.game, play, encoded(play, batch.x), batch)

    def assess(self, play: Play, batch: Batch) -> Mapping[str, Tensor]:
        """The score [B] as "anomaly", and as "map" what of |x - G(E(x))| each pixel has."""
        again = picture_of_code(self.game, play, encoded(play, batch.x), batch)
        weight = float(self.feature_weight)  # type: ignore[arg-type]  # no schedule outlasts the training
        score = pixel_error(batch.x, again) + weight * self._feature_error(play, batch, again)
        return {"anomaly": score, "map": (batch.x - again).abs().mean(1)}

    def show(self, batch: Batch, output: Tensor) -> Tensor:
        """Sample and reconstruction side by side."""
        return torch.stack([batch.x, output], dim=1).flatten(0, 1)

    def player_spec(self, name: str, spec: Spec) -> Spec:
        return self.game.player_spec(name, spec) if name != "E" else spec

    def player_input(self, name: str, x: Tensor) -> Tensor:
        return self.game.player_input(name, x) if name != "E" else x

    @property
    def uses_labels(self) -> bool:
        return self.game.uses_labels

    def _feature_error(self, play: Play, batch: Batch, again: Tensor) -> Tensor:
        """Mean square [B] of the difference of D's last features."""
        one, other = (features_of(self.game, play, x, batch) for x in (batch.x, again))
        return (one - other).square().flatten(1).mean(1)


def features_of(game: Game, play: Play, x: Tensor, batch: Batch) -> Tensor:
    """D's last features [B, ...] of x, in the form that `game` gives to D. Raises UsageError: it has none."""
    found = play.D(game.player_input("D", x), batch.y, batch.given).features
    if not found:
        raise UsageError("this discriminator has no features", hint="Set game.feature_weight to 0, or use another D.")
    return found[-1].float()

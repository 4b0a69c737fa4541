"""The doctor's measurement of the networks at one moment.

It changes no network, and its random numbers are derived from a key.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ..base.play import Play
from ..base.types import Batch
from ..ops.eval_mode import eval_mode
from ..training.inference import BUCKET, noise_batches, outputs
from .sample_statistics import SampleStatistics, evenly_spaced
from .signals import discriminator_signals, first_layer_norm

if TYPE_CHECKING:
    from ..base.types import Spec
    from ..data.stream import Stream
    from ..games.contract import Game

FAKES = {"images": 128}  # 256 for other domains, whose samples cost little
FEW = 20  # fewer held-out reals are not used


class Probe:
    """Measures a run's networks on fixed latents and fixed reals.

    Args:
        game: the game that is played.
        spec: of the data.
        train: the training data.
        held: held-out data; unused if there are fewer than FEW.
        batch_samples: samples of a batch; the number of fakes is a multiple of it.
        seed: of the latents.
        features: of pictures, by which they are compared (picture_features); None for other data.
    """

    def __init__(
        self,
        game: "Game",
        spec: "Spec",
        *,
        train: "Stream",
        held: "Stream",
        batch_samples: int,
        seed: int,
        features: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        self.game, self.spec, self.seed = game, spec, seed
        n = FAKES.get(spec.domain, 256)
        self.n = max(1, n // batch_samples) * batch_samples  # a discriminator may want whole packs
        self.samples = game.output_kind == "samples"
        self.logits: dict[str, Tensor] = {}  # of the last measurement, by kind of sample
        enough = len(held.store) >= FEW
        if self.samples:
            self.train, self.held = exactly(train, self.n), exactly(held, self.n) if enough else None
            self.train_items, self.held_items = (min(self.n, len(each.store)) for each in (train, held))  # distinct
            self.statistics = SampleStatistics(train, held if enough else None, n=self.n, features=features)

    @torch.no_grad()
    def measure(self, live: Mapping[str, nn.Module], best: Mapping[str, nn.Module]) -> dict[str, float]:
        """Signals of D's logits on samples of the live networks, and of samples of the averaged networks.

        Args:
            live: the networks that are trained, by player.
            best: the networks that a user gets, averages where there are any, by player.

        Returns:
            Numbers by signal; docs/doctor.md lists them.
        """
        self.logits = {}
        found = {
            f"{name}.stretch": value
            for name, network in live.items()
            if (value := first_layer_norm(network)) is not None
        }
        if not self.samples:
            return found
        averaged = any(best[name] is not live[name] for name in live)
        with eval_mode(*live.values(), *best.values()):
            fake = outputs(self.game, live, self.batches(), n=self.n, seed=self.seed)
            averages = outputs(self.game, best, self.batches(), n=self.n, seed=self.seed) if averaged else fake
            margins = self.discriminator(live, fake)
        if not (fake.isfinite().all() and averages.isfinite().all()):
            return {**found, "x.finite": 0.0}
        if averaged:
            found["x.wobble"] = self.statistics.ema_gap(fake, averages)
        return {**found, "x.finite": 1.0, **margins, **self.statistics.update(averages)}

    def discriminator(self, live: Mapping[str, nn.Module], fake: Tensor) -> dict[str, float]:
        """Signals of D's logits on training reals, held-out reals and fakes; none in a game without such a D."""
        conditions, play = self.conditions(), Play(live)
        device = next(parameter.device for network in live.values() for parameter in network.parameters())
        sets = [(self.train, self.train.x), *([(self.held, self.held.x)] if self.held else []), (conditions, fake)]
        judged = [self.game.logits(play, each.each(lambda value: value.to(device)), x.to(device)) for each, x in sets]
        logits = [each.float().mean(1).cpu() for each in judged if each is not None]
        if len(logits) < len(sets) or not all(each.isfinite().all() for each in logits):
            return {}
        kinds = ("real", "held_out", "fake") if self.held else ("real", "fake")
        self.logits = dict(zip(kinds, logits, strict=True))
        counts = {"data.shown": float(self.train_items), "data.held": float(self.held_items)} if self.held else {}
        return {**counts, **discriminator_signals(logits[0], logits[1] if self.held else None, logits[-1])}

    def conditions(self) -> Batch:
        """The conditions of the fakes: classes round-robin, or the batch that G got as input."""
        parts = [batch for _, batch in zip(range(0, self.n, BUCKET), self.batches(), strict=False)]
        y = None if parts[0].y is None else torch.cat([part.y for part in parts if part.y is not None])[: self.n]
        given = {name: torch.cat([part.given[name] for part in parts])[: self.n] for name in parts[0].given}
        return Batch(x=torch.cat([part.x for part in parts])[: self.n], y=y, given=given)

    def batches(self) -> Iterator[Batch]:
        """The batches for G, the same at every measurement."""
        if not self.game.needs_data:
            return noise_batches(self.spec, None)
        inputs = self.held or self.train
        return (inputs.take(torch.arange(start, start + BUCKET) % len(inputs.x)) for start in range(0, self.n, BUCKET))


def exactly(stream: "Stream", n: int) -> Batch:
    """n items, evenly spaced; the items of a smaller stream are repeated."""
    batch = evenly_spaced(stream, n)
    return batch.take(torch.arange(n) % len(batch.x))

"""One look at the players: what the doctor reads of them. Networks are left as they were, and nothing random is drawn but by key."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from ..base.types import Batch, Spec
from ..data.stream import Stream
from ..games.contract import Game
from ..training.inference import BUCKET, discriminator_logits, noise_batches, outputs
from .sample_statistics import SampleStatistics, evenly_spaced
from .signals import discriminator_signals, first_layer_norm

FAKES = {"images": 128}  # of other domains twice as many: their samples cost little
FEW = 20  # held-out reals below which they tell nothing


class Probe:
    """Fixed latents and fixed reals, measured once; `look` is called again and again."""

    def __init__(self, game: Game, spec: Spec, *, train: Stream, held: Stream, batch_samples: int, seed: int) -> None:
        self.game, self.spec, self.seed = game, spec, seed
        n = FAKES.get(spec.domain, 256)
        self.n = max(1, n // batch_samples) * batch_samples  # a discriminator may want whole packs
        self.samples = game.output_kind == "samples"
        enough = len(held.store) >= FEW
        if self.samples:
            self.train, self.held = exactly(train, self.n), exactly(held, self.n) if enough else None
            self.shown, self.others = (
                min(self.n, len(each.store)) for each in (train, held)
            )  # different ones: `whole` repeats them
            self.likeness = SampleStatistics(spec, train, held if enough else None, n=self.n)

    @torch.no_grad()
    def measure(self, live: Mapping[str, nn.Module], best: Mapping[str, nn.Module]) -> dict[str, float]:
        """Signals of D's verdicts on the live players' samples, and of the samples of the networks that will be kept."""
        found = {
            f"{name}.stretch": value
            for name, network in live.items()
            if (value := first_layer_norm(network)) is not None
        }
        if not self.samples:
            return found
        averaged = any(best[name] is not live[name] for name in live)
        fake = outputs(self.game, live, self.batches(), n=self.n, seed=self.seed)
        best_fake = outputs(self.game, best, self.batches(), n=self.n, seed=self.seed) if averaged else fake
        verdicts = self.judged(live, fake)
        if not (fake.isfinite().all() and best_fake.isfinite().all()):
            return {**found, "x.finite": 0.0}
        if averaged:
            found["x.wobble"] = self.likeness.ema_gap(fake, best_fake)
        return {**found, "x.finite": 1.0, **verdicts, **self.likeness.update(best_fake)}

    def judged(self, live: Mapping[str, nn.Module], fake: Tensor) -> dict[str, float]:
        """What D says of training reals, held-out reals and fakes; nothing in a game that has no such D."""
        reals = [self.train, *([self.held] if self.held else [])]
        sets = [*((each, each.x) for each in reals), (self.fake_conditions(), fake)]
        computed = [discriminator_logits(self.game, live, batch, x) for batch, x in sets]
        logits = [each for each in computed if each is not None]
        if len(logits) < len(sets) or not all(each.isfinite().all() for each in logits):
            return {}
        counts = {"data.shown": float(self.shown), "data.held": float(self.others)} if self.held else {}
        return {**counts, **discriminator_signals(logits[0], logits[1] if self.held else None, logits[-1])}

    def fake_conditions(self) -> Batch:
        """The batch that fakes are made for: classes by turns, or what G was shown."""
        parts = [batch for _, batch in zip(range(0, self.n, BUCKET), self.batches(), strict=False)]
        y = None if parts[0].y is None else torch.cat([part.y for part in parts if part.y is not None])[: self.n]
        given = {name: torch.cat([part.given[name] for part in parts])[: self.n] for name in parts[0].given}
        return Batch(x=torch.cat([part.x for part in parts])[: self.n], y=y, given=given)

    def batches(self) -> Iterator[Batch]:
        """Buckets for G, always the same."""
        if not self.game.needs_data:
            return noise_batches(self.spec, None)
        shown = self.held or self.train
        return (shown.take(torch.arange(start, start + BUCKET) % len(shown.x)) for start in range(0, self.n, BUCKET))


def exactly(stream: Stream, n: int) -> Batch:
    """n items, evenly spaced; a stream of fewer begins again."""
    batch = evenly_spaced(stream, n)
    return batch.take(torch.arange(n) % len(batch.x))

"""Outputs of trained players in batches of fixed size: the same seed gives the same bytes for every n."""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from ..base.draws import Draws, torch_seeded, uniform_rows
from ..base.play import Play
from ..base.types import Batch, Spec
from ..data.stream import Stream
from ..games.contract import Game
from ..ops.eval_mode import eval_mode

BUCKET = 64  # always this many rows, the last bucket padded: kernels choose their order of sums by shape


def outputs(
    game: Game,
    networks: Mapping[str, nn.Module],
    batches: Iterator[Batch],
    *,
    n: int,
    seed: int,
    z: Tensor | None = None,
    options: Mapping[str, float] | None = None,
) -> Tensor:
    """The first n outputs of `output_batches` in one tensor [n, ...] on the CPU.

    Args:
        game, networks, batches, n, seed, z, options: those of `output_batches`.
    """
    return torch.cat(list(output_batches(game, networks, batches, n=n, seed=seed, z=z, options=options)))


@torch.no_grad()
def output_batches(
    game: Game,
    networks: Mapping[str, nn.Module],
    batches: Iterator[Batch],
    *,
    n: int,
    seed: int,
    z: Tensor | None = None,
    options: Mapping[str, float] | None = None,
) -> Iterator[Tensor]:
    """The first n outputs of a game, in batches of at most BUCKET rows on the CPU.

    Networks run in eval mode and full precision; their modes are restored.

    Args:
        game: its `output` is computed.
        networks: the players, by name.
        batches: batches of BUCKET rows, such as those of `noise_batches` or `data_batches`.
        n: how many outputs.
        seed: of the latents, and of random numbers that networks draw.
        z: latents of the caller's own, [n, *latent], in place of drawn ones.
        options: keywords that the networks take, such as the temperature of a generator of text.
    """
    device = next(parameter.device for network in networks.values() for parameter in network.parameters())
    with eval_mode(*networks.values()):
        for start, batch in zip(range(0, n, BUCKET), batches, strict=False):
            draws = Draws(seed, "sample", rows=range(start, start + BUCKET), device=device)
            play, on_device = Play(networks, options=options), batch.each(lambda value: value.to(device))
            with torch_seeded(device, seed, "sample", "torch", start):  # for modules that draw numbers of their own
                if z is None:
                    made = game.output(play, on_device, draws)
                else:
                    rows = z[torch.arange(start, start + BUCKET) % len(z)].to(device)
                    latents = game.latents(play, draws, on_device)._replace(z=rows)
                    made = game.generate(play, latents, on_device)
            yield made.float().cpu()[: n - start]


@torch.no_grad()
def assessments(game: Game, networks: Mapping[str, nn.Module], batch: Batch) -> dict[str, Tensor]:
    """What a game's players say of each real sample (`Game.assess`), by name, [n] on the CPU; {} in most games."""
    device = next(parameter.device for network in networks.values() for parameter in network.parameters())
    parts: list[Mapping[str, Tensor]] = []
    with eval_mode(*networks.values()):
        for start in range(0, len(batch.x), BUCKET):
            rows = batch.take(torch.arange(start, min(start + BUCKET, len(batch.x))))
            parts.append(game.assess(Play(networks), rows.each(lambda value: value.to(device))))
            if not parts[0]:
                return {}
    return {name: torch.cat([part[name].cpu() for part in parts]) for name in parts[0]}


def drawn_latents(
    game: Game, networks: Mapping[str, nn.Module], batches: Iterator[Batch], *, n: int, seed: int
) -> Tensor | None:
    """The latents z from which `outputs` generates with the same arguments.

    Args:
        game, networks, batches, n, seed: those of `output_batches`.

    Returns:
        [n, *latent] on the CPU, or None where the game has no latents.
    """
    parts: list[Tensor] = []
    for start, batch in zip(range(0, n, BUCKET), batches, strict=False):
        draws = Draws(seed, "sample", rows=range(start, start + BUCKET))
        drawn = game.latents(Play(networks), draws, batch).z
        if drawn is None:
            return None
        parts.append(drawn[: n - start])
    return torch.cat(parts)


def noise_batches(spec: Spec, y: Tensor | None) -> Iterator[Batch]:
    """Endless batches of BUCKET rows for games that need no data: x is zero.

    Args:
        spec: shape of x, and the classes.
        y: classes [N], repeated; None: 0, 1, ..., repeated. Unused where the data have no classes.
    """
    x = torch.zeros(BUCKET, *spec.shape)
    place = 0
    while True:
        rows = torch.arange(place, place + BUCKET)
        labels = rows % max(1, len(spec.classes)) if y is None else y[rows % len(y)]
        yield Batch(x=x, y=labels if spec.classes else None, index=rows)
        place += BUCKET


def class_labels(classes: int, y: Tensor | None, n: int, seed: int) -> Tensor:
    """Classes of the fakes in a scoring: P(c) = share of c among `y`, or 1 / classes without it.

    Args:
        classes: how many classes the data have, at least 1.
        y: labels of the training split, int64 [N]; None where it has none.
        n: how many labels.
        seed: of the draw. Label i depends on the seed and i alone.

    Returns:
        int64 [n], independent draws.
    """
    counts = torch.ones(classes, dtype=torch.int64) if y is None else torch.bincount(y, minlength=classes)
    ends = counts.cumsum(0)
    u = torch.from_numpy(uniform_rows((seed, "classes"), range(n), 1)[:, 0].copy())
    places = (u * ends[-1]).long().clamp(max=int(ends[-1]) - 1)  # whole numbers: no share is rounded
    return torch.searchsorted(ends, places, right=True)


def class_protocol(classes: int, y: Tensor | None) -> dict[str, str]:
    """The protocol's entry on how the classes of `class_labels` are drawn.

    It is the same for generators that take no class, so that scores of both are comparable.

    Args:
        classes: how many classes the data have.
        y: labels of the training split, or None.

    Returns:
        One entry; none for data without classes.
    """
    if not classes:
        return {}
    return {"classes": "uniform" if y is None else "training shares"}


def batches_of(x: Tensor, given: Mapping[str, Tensor]) -> Iterator[Batch]:
    """Batches of BUCKET rows of x [B, ...] and given tensors [B, ...]; the last is filled up from the start."""
    whole = Batch(x=x, given=given)
    for start in range(0, len(x), BUCKET):
        yield whole.take(torch.arange(start, start + BUCKET) % len(x))


def data_batches(stream: Stream) -> Iterator[Batch]:
    """Endless batches of BUCKET rows: the items of a stream in their stored order, repeated."""
    place = 0
    while True:
        index = np.arange(place, place + BUCKET) % len(stream.store)
        yield stream.at(index, np.zeros(BUCKET, np.int64))
        place += BUCKET

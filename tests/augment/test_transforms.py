"""Changes on the fly: keyed by sample and pass, and only what they say."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import torch

import ganvas.data.stream as stream_module
from ganvas.augment import Degrade, Downscale, Edges, Grey, Strokes
from ganvas.augment.flip import Flip
from ganvas.augment.hole import Hole
from ganvas.augment.mel_segments import MelSegments
from ganvas.augment.shift import Shift
from ganvas.augment.varied_voice import VariedVoice
from ganvas.base.types import Batch, TensorSpec, Transform
from ganvas.data.source import Items, Split
from ganvas.data.stream import Store, Stream
from ganvas.domains.images import Images
from ganvas.games.supervised import Supervised
from ganvas.recipes.build import prepare
from ganvas.recipes.discover import fits, parts
from ganvas.recipes.schema import Recipe

N, SIDE = 40, 28
TRANSFORMS: list[Any] = [Degrade(), Flip(), Hole(), Shift(), Strokes()]
FIXED = {Downscale, Edges, Grey}  # draw nothing: tests/augment/test_tasks.py
OF_SOUND = {MelSegments, VariedVoice}  # test_mel_segments.py, test_varied_voice.py
by_torch = pytest.mark.parametrize(  # Degrade is made by Pillow, on the CPU
    "transform", [each for each in TRANSFORMS if not isinstance(each, Degrade)], ids=lambda each: type(each).__name__
)
each_transform = pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda transform: type(transform).__name__)


@dataclass(frozen=True)
class Noise:
    """Random pictures."""

    seeds: dict[str, int] = field(default_factory=lambda: {"train": 0, "val": 1, "test": 2})

    def items(self, split: Split) -> Items:
        return Items(
            x=np.random.default_rng(self.seeds[split]).integers(0, 256, (N, SIDE, SIDE, 1), dtype=np.uint8),
            y=np.arange(N) % 2,
            classes=("a", "b"),
        )


def stream_of(*transforms: Any, seed: int = 0) -> Stream:
    items = Noise().items("train")
    domain = Images().fit(items)
    return Stream(Store(domain.encode(items), items.y), domain, transforms, seed=seed)


def rows(stream: Stream, index: list[int], passed: int) -> Batch:
    return stream.at(np.array(index), np.full(len(index), passed))


def same(one: Batch, other: Batch) -> bool:
    return torch.equal(one.x, other.x) and all(torch.equal(one.given[name], other.given[name]) for name in one.given)


def test_all_transforms_are_tested() -> None:
    assert {part for part in parts().values() if fits(part, Transform)} == set(map(type, TRANSFORMS)) | FIXED | OF_SOUND


@each_transform
def test_a_function_of_sample_and_pass(transform: Any) -> None:
    stream, again = stream_of(transform), stream_of(transform)
    first = rows(stream, [3, 17, 5], 2)
    assert same(first, rows(again, [3, 17, 5], 2))
    alone = rows(again, [17], 2)
    assert torch.equal(alone.x[0], first.x[1])
    assert all(torch.equal(alone.given[name][0], first.given[name][1]) for name in first.given)
    everything = list(range(N))
    assert not same(rows(stream, everything, 0), rows(stream, everything, 1))
    assert not same(rows(stream, everything, 0), rows(stream_of(transform, seed=1), everything, 0))
    assert torch.equal(first.index, torch.tensor([3, 17, 5]))  # type: ignore[arg-type]


@each_transform
def test_batches_reach_across_passes(transform: Any) -> None:
    stream = stream_of(transform)
    across, place = stream.batch(N - 4, 8), 0
    for number in (0, 1):
        index = across.index[place : place + 4].tolist()  # type: ignore[index]
        assert torch.equal(across.x[place : place + 4], rows(stream, index, number).x)
        place += 4


def test_a_hole_is_a_square_of_unknown_pixels() -> None:
    stream = stream_of(Hole(side=10, margin=6))
    corners = set()
    for number in range(20):
        batch = rows(stream, list(range(N)), number)
        known, masked = batch.given["known"], batch.given["masked"]
        assert known.shape == (N, 1, SIDE, SIDE)
        assert ((known == 0) | (known == 1)).all()
        assert ((known == 0).flatten(1).sum(1) == 100).all()
        whole = known.bool().expand_as(batch.x)
        assert torch.equal(masked[whole], batch.x[whole])
        assert (masked[~whole] == -1).all()
        for picture in known[:, 0]:
            where = (picture == 0).nonzero()
            low, high = where.amin(0), where.amax(0)
            assert (high - low == 9).all()
            corners.add(tuple(low.tolist()))
    assert {row for row, _ in corners} == {column for _, column in corners} == set(range(6, 13))
    plain = rows(stream_of(), list(range(N)), 0)
    assert torch.equal(batch.x, plain.x)


def test_a_shift_moves_and_nothing_else() -> None:
    pixels = 2
    plain = rows(stream_of(), list(range(N)), 0).x
    stream = stream_of(Shift(pixels=pixels))
    moves = set()
    for number in range(10):
        moved = rows(stream, list(range(N)), number).x
        for before, after in zip(plain[:, 0], moved[:, 0], strict=True):
            found = [
                (down, right)
                for down in range(-pixels, pixels + 1)
                for right in range(-pixels, pixels + 1)
                if torch.equal(
                    after,
                    before[(torch.arange(SIDE) + down).clamp(0, SIDE - 1)][
                        :, (torch.arange(SIDE) + right).clamp(0, SIDE - 1)
                    ],
                )
            ]
            assert len(found) == 1
            moves.add(found[0])
    assert len(moves) == (2 * pixels + 1) ** 2


@each_transform
def test_the_largest_uniform_is_below_one(transform: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "uniform_rows", lambda key, rows, size: np.full((len(rows), size), 1 - 2.0**-53))
    batch = rows(stream_of(transform), [0, 1], 0)
    assert torch.isfinite(batch.x).all()
    if isinstance(transform, Hole):
        assert (batch.given["known"] == 0).nonzero()[:, 2:].amax(0).tolist() == [SIDE - 7, SIDE - 7]


def test_val_and_test_are_not_augmented() -> None:
    recipe = Recipe(source=Noise(), game=Supervised(), samples=8, transforms=(Shift(), Hole()))
    experiment = prepare(recipe)
    assert [type(each) for each in experiment.stream("train", training=True).transforms] == [Shift, Hole]
    for split in ("train", "val", "test"):
        stream = experiment.stream(split)
        assert [type(each) for each in stream.transforms] == [Hole]
        stored = experiment.domain.to_tensor(stream.store.rows(torch.arange(len(stream.store))))
        assert torch.equal(rows(stream, list(range(N)), 0).x, stored)
    assert experiment.spec.given == dict.fromkeys(("known", "masked"), TensorSpec((1, SIDE, SIDE)))


def test_flips_mirror_about_half_and_nothing_else() -> None:
    bare, flipped = rows(stream_of(), list(range(N)), 1).x, rows(stream_of(Flip()), list(range(N)), 1).x
    mirrored = [torch.equal(now, was.flip(2)) for now, was in zip(flipped, bare, strict=True)]
    assert N // 4 < sum(mirrored) < 3 * N // 4
    assert all(torch.equal(now, was) for now, was, turned in zip(flipped, bare, mirrored, strict=True) if not turned)


@by_torch
def test_new_tensors_are_made_on_the_device_of_x(transform: Any) -> None:
    """On the device "meta", which computes shapes alone: an index made on the CPU could not meet tensors there."""
    x, u = torch.zeros(4, 1, SIDE, SIDE, device="meta"), torch.zeros(4, transform.uniforms, device="meta")
    batch = transform.transform(Batch(x=x), u)
    assert {value.device.type for value in (batch.x, *batch.given.values())} == {"meta"}
    assert batch.x.shape == x.shape


@by_torch
def test_uniforms_may_be_on_the_cpu(transform: Any) -> None:
    batch = transform.transform(
        Batch(x=torch.zeros(4, 1, SIDE, SIDE, device="meta")), torch.zeros(4, transform.uniforms)
    )
    assert {value.device.type for value in (batch.x, *batch.given.values())} == {"meta"}

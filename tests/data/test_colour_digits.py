"""Plain and textured digits: two domains without a common digit."""

import numpy as np
import torch

from ganvas.base.draws import uniform_rows
from ganvas.data.colour_digits import PlainDigits, TexturedDigits, textures
from ganvas.data.mnist import Mnist
from ganvas.recipes import override, prepare, recipe


def test_every_digit_is_in_one_domain() -> None:
    whole, plain, textured = (source.items("val") for source in (Mnist(), PlainDigits(), TexturedDigits()))
    assert not set(plain.id) & set(textured.id)
    assert set(plain.id) | set(textured.id) == set(whole.id)
    assert plain.x.shape == textured.x.shape == (5_000, 32, 32, 3)
    assert plain.x.dtype == textured.x.dtype == np.uint8
    assert whole.y is not None
    for items in (plain, textured):
        assert items.y is not None
        assert np.array_equal(items.y, whole.y[items.id - 50_000])
    for channel in range(3):
        assert np.array_equal(plain.x[7, 2:30, 2:30, channel], whole.x[14, :, :, 0])
    border = plain.x.copy()
    border[:, 2:30, 2:30] = 0
    assert not border.any()


def test_a_digit_inverts_its_texture() -> None:
    """|t - d|: t where d is 0, 255 - t where it is 255."""
    items, digits = TexturedDigits(seed=3).items("val"), Mnist().items("val").x[1::2]
    t = textures((3, "texture", "val"), 200)
    for number in (0, 57, 199):
        d = np.pad(digits[number, :, :, 0], 2)
        x = items.x[number].astype(int)
        assert np.array_equal(x[d == 0], t[number][d == 0])
        assert np.array_equal(x[d == 255], 255 - t[number][d == 255])
        assert np.array_equal(x, np.abs(t[number].astype(int) - d[:, :, None]))


def test_a_texture_is_the_sum_of_waves_that_its_numbers_name() -> None:
    u = uniform_rows(("key",), range(4), 24)[3]
    speed, angle, phase = 0.5 * 10 ** u[:6], 2 * np.pi * u[6:12], 2 * np.pi * u[12:18]
    amplitude = (1 / speed) / np.sqrt(np.sum(1 / speed**2))
    by_hand = np.empty((32, 32, 3))
    for row in range(32):
        for column in range(32):
            along = (np.sin(angle) * row + np.cos(angle) * column) / 32
            s = np.sum(amplitude * np.cos(2 * np.pi * speed * along + phase))
            by_hand[row, column] = 255 * (u[18:21] + (u[21:24] - u[18:21]) * (1 + np.tanh(2 * s)) / 2)
    made = textures(("key",), 4)[3]
    assert np.abs(made - by_hand).max() <= 0.51
    assert np.array_equal(textures(("key",), 700)[3], made), "whatever their number"
    assert not np.array_equal(textures(("other",), 4)[3], made)


def test_val_and_test_bring_the_inputs_of_their_own_split() -> None:
    """A game whose output reads a stream gets it in scoring too, item by item, from the same split."""
    experiment = prepare(override(recipe("cyclegan"), {"batch_samples": 8}))
    textured = TexturedDigits().items("val")
    assert textured.y is not None
    index = np.array([0, 3, 4_999])
    batch = experiment.stream("val").at(index, np.zeros(3, np.int64))
    assert batch.given["input.y"].tolist() == textured.y[index].tolist()
    wanted = torch.from_numpy(textured.x[index]).permute(0, 3, 1, 2) / 127.5 - 1
    torch.testing.assert_close(batch.given["input"], wanted)
    assert experiment.stream("train", training=True).batch(0, 2).given == {}, "training joins it in its own order"


def test_games_that_only_learn_from_a_stream_do_not_get_it() -> None:
    experiment = prepare(recipe("feature-matching"))
    assert experiment.spec.given.keys() == {"labelled", "labelled.y"}
    assert experiment.stream("val").at(np.array([0]), np.array([0])).given == {}

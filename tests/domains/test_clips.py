"""Clips: bytes back and forth, the order of axes, film strips, and files."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganvas.base.errors import DataError, UsageError
from ganvas.data import Items
from ganvas.domains import Clips


def clips(n: int = 3, frames: int = 20, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, frames, 6, 8, channels), dtype=np.uint8)


def test_bytes_come_back_and_axes_are_where_networks_expect_them() -> None:
    x = clips()
    domain = Clips().fit(Items(x=x))
    assert domain.spec(Items(x=x)).shape == (3, 20, 6, 8)
    inside = domain.to_tensor(torch.from_numpy(np.ascontiguousarray(domain.encode(Items(x=x)))))
    assert inside.shape == (3, 3, 20, 6, 8)
    assert float(inside[1, 2, 5, 3, 4]) == pytest.approx(2 * int(x[1, 5, 3, 4, 2]) / 255 - 1)
    assert np.array_equal(domain.decode(inside), x)
    assert torch.equal(domain.as_written(inside), inside)
    assert domain.features(inside).shape == (3, 2 * 3 * 3 * 4)


def test_a_strip_shows_frames_from_the_first_to_the_last() -> None:
    x = np.zeros((2, 20, 6, 8, 1), np.uint8)
    x[:, 0], x[:, -1] = 255, 200
    domain = Clips().fit(Items(x=x))
    strip = np.asarray(domain.render(torch.from_numpy(2 * (x.transpose(0, 4, 1, 2, 3) / 255) - 1).float()))
    zoom = 4  # 8 pixels become 32
    assert strip.shape == (2 * 7 * zoom, 16 * 9 * zoom)
    assert strip[0, 0] == 255
    assert strip[0, 15 * 9 * zoom] == 200
    assert strip[0, 8 * zoom] == 128, "a line between frames"


def test_other_data_are_refused() -> None:
    with pytest.raises(DataError, match=r"clips are uint8 \[N, T, H, W, C\]"):
        Clips().fit(Items(x=np.zeros((3, 8, 8, 1), np.uint8)))
    with pytest.raises(DataError, match="expects frames 4, the clips have 20"):
        Clips(frames=4).fit(Items(x=clips()))


def test_files(tmp_path: Path) -> None:
    domain = Clips(rate=10).fit(Items(x=clips()))
    domain.write(clips(), tmp_path / "folder")
    with Image.open(tmp_path / "folder" / "000001.webp") as moving:
        assert moving.n_frames == 20  # type: ignore[attr-defined]
        moving.seek(7)
        shown = np.asarray(moving.convert("RGB"))
    assert np.array_equal(shown[::8, ::8], clips()[1, 7]), "lossless, each pixel 8 x 8 times"
    domain.write(clips(), tmp_path / "all.gif")
    with Image.open(tmp_path / "all.gif") as moving:
        assert moving.size == (2 * 8 * 4, 2 * 6 * 4)
    with pytest.raises(UsageError, match=r"not written as \.mp3"):
        domain.write(clips(), tmp_path / "all.mp3")

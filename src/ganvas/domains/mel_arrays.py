"""Recordings as arrays of spectrograms, equally loud and equally long, and spectrograms as waves."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..data.ragged_store import RaggedStore
from ..data.source import Items as Items
from ..data.stream import GivenRows, Store
from ..ops.griffin_lim import waves_of_mel as waves_of_mel
from ..ops.mel import Mel as Mel
from .audio import FULL, in_sixteen_bits

ROWS = 64  # recordings at a time
QUIET = 1e-3  # above the logarithm of the floor: what is below is silence, however loud the rest is made


def lasting_frames(items: Items, mel: Mel, frames: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Frames of each recording, at most `frames`."""
    found = np.array([-(-len(each) // mel.hop) for each in items.x], np.int64)
    return found.clip(1, frames)


def equally_loud(items: Items, mel: Mel, frames: int, high: float) -> list[Tensor]:
    """Spectrograms [n, filters, frames] of some recordings at a time, with silence behind them.

    Args:
        items: recordings.
        mel: settings.
        frames: of each.
        high: the largest number of each.
    """
    store, low = RaggedStore(items.x, items.y, frames * mel.hop), float(np.log(mel.floor))
    parts = torch.arange(len(items)).split(ROWS)
    made = [mel.of(store.rows(part)[:, None].float() / FULL) for part in parts]
    lasting = torch.from_numpy(lasting_frames(items, mel, frames)).split(ROWS)
    inside = [torch.arange(frames) < count[:, None, None] for count in lasting]
    heard = [within & (part > low + QUIET) for within, part in zip(inside, made, strict=True)]
    louder = [high - part.amax((1, 2), keepdim=True) for part in made]
    return [torch.where(a, part + b, low) for a, b, part in zip(heard, louder, made, strict=True)]


def store_with_frames(x: np.ndarray[Any, Any], items: Items, lasting: np.ndarray[Any, Any]) -> Store:
    """Encoded spectrograms with given["frames"]."""
    return Store(x, items.y, {"frames": GivenRows(torch.from_numpy(lasting))})


def numbers_of_mel(mel: Mel, heights: Tensor) -> np.ndarray[Any, Any]:
    """Waves of spectrograms by Griffin-Lim, int16 [n, L]."""
    made: np.ndarray[Any, Any] = in_sixteen_bits(waves_of_mel(mel, heights)[:, 0]).numpy().astype(np.int16)
    return made

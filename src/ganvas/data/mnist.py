"""MNIST, stored in the package. LeCun, Cortes and Burges; CC BY-SA 3.0, see mnist.LICENSE.md."""

import hashlib
import lzma
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from ..base.errors import DataError
from .source import Items, Split

SHA256 = "c724e815e750fb64498f9c1160d3532f957208f248cc2520275f9377067606aa"  # of mnist.xz
ROWS = {"train": slice(0, 50_000), "val": slice(50_000, 60_000), "test": slice(60_000, 70_000)}


@dataclass(frozen=True)
class Mnist:
    """70,000 handwritten digits, 28 x 28 grey. http://yann.lecun.com/exdb/mnist

    Train 50,000, val the last 10,000 training images, test 10,000.
    """

    def items(self, split: Split) -> Items:
        return digits_of(split)


@lru_cache(maxsize=3)
def digits_of(split: Split) -> Items:
    """The items of a split, with their fingerprint: a start asks for it several times."""
    images, labels = unpacked()
    digits = tuple(str(digit) for digit in range(10))
    rows = ROWS[split]
    found = Items(x=images[rows], y=labels[rows], classes=digits, id=np.arange(rows.start, rows.stop))
    return replace(found, sha256=found.fingerprint)


@lru_cache(maxsize=1)
def unpacked() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Images uint8 [70000, 28, 28, 1] and labels int64 [70000], training images first."""
    packed = (resources.files("ganvas.data") / "mnist.xz").read_bytes()
    if hashlib.sha256(packed).hexdigest() != SHA256:
        raise DataError("the embedded MNIST is damaged", where="ganvas/data/mnist.xz", hint="Install ganvas again.")
    raw = np.frombuffer(lzma.decompress(packed), np.uint8)
    images, labels = raw[: 70_000 * 784], raw[70_000 * 784 :]
    return images.reshape(-1, 28, 28, 1), labels.astype(np.int64)

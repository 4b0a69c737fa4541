"""Several digits in one picture, one a channel: data with very many modes whose names can be read off."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..base.draws import uniform_rows
from ..base.types import Count
from .mnist import Mnist
from .source import Items, Split


@dataclass(frozen=True)
class StackedMnist:
    """`digits` digits of MNIST drawn at random, one a channel: 100 or 1000 modes, nearly equally likely.

    Metz et al. 2017; PacGAN, section 4.2. https://arxiv.org/abs/1712.04086

    uint8 [N, 28, 28, digits]; class 407 has a 4 in its first channel. Train, val and test take their digits from
    MNIST's own. In memory train has 94 MB for three digits and 63 MB for two, made in a second; the paper's 128,000
    pictures take 301 MB. Val and test have the 26,000 that are scored.

    Args:
        digits: digits of a picture, one in each channel.
        samples: pictures of train.
        held_out: pictures of val, and of test.
        seed: other draws for another number.
    """

    digits: Literal[2, 3] = 3
    samples: Count = 40_000  # of train
    held_out: Count = 26_000  # of val, and of test
    seed: int = 0

    def items(self, split: Split) -> Items:
        n = self.samples if split == "train" else self.held_out
        single = Mnist().items(split)
        assert single.y is not None, "MNIST has labels"
        drawn = (uniform_rows((self.seed, "stacked", self.digits, split), range(n), self.digits) * len(single)).astype(
            np.int64
        )  # [N, digits]
        x = np.empty((n, *single.x.shape[1:3], self.digits), np.uint8)
        for channel, rows in enumerate(drawn.T):
            x[..., channel] = single.x[rows, ..., 0]
        y = single.y[drawn] @ (10 ** np.arange(self.digits)[::-1])
        return Items(x=x, y=y, classes=tuple(f"{number:0{self.digits}d}" for number in range(10**self.digits)))

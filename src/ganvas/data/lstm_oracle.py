"""Sequences of a random LSTM whose likelihood is known: the synthetic task of SeqGAN. Yu et al. 2017, section 5.1.

https://arxiv.org/abs/1609.05473
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..base.draws import normal_rows
from ..base.errors import DataError
from ..base.files import open_regular
from ..base.types import Count
from ..ops.sequences import inverse_cdf, standard_uniform
from .source import Items, Split, as_array

WEIGHTS = 15  # arrays p00 to p14 of a file
START = 0  # the token that the oracle reads first
ROWS = 500  # sequences at a time


class OracleWeights(NamedTuple):
    """Weights of the oracle, as `h W + b` reads them.

    Args:
        embedding: [V, E].
        inputs: of input, forget, output gate and candidate, [E, 4 H].
        hidden: the same of h, [H, 4 H].
        bias: [4 H].
        out: [H, V].
        out_bias: [V].
    """

    embedding: Tensor
    inputs: Tensor
    hidden: Tensor
    bias: Tensor
    out: Tensor
    out_bias: Tensor

    def step(self, tokens: Int[Tensor, " b"], h: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of the next token [B, V], and the new h and c."""
        gates = self.embedding[tokens] @ self.inputs + h @ self.hidden + self.bias
        i, f, o, candidate = gates.chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(candidate)
        h = torch.sigmoid(o) * torch.tanh(c)
        return h @ self.out + self.out_bias, h, c

    def negative_log_likelihood(self, x: Int[Tensor, "n t"]) -> Float[Tensor, "n t"]:
        """-log p of every token, in nats."""
        parts = [self._losses(x[row : row + ROWS]) for row in range(0, len(x), ROWS)]
        return torch.cat(parts)

    def _losses(self, x: Tensor) -> Tensor:
        h = c = self.hidden.new_zeros(len(x), len(self.hidden))
        last, losses = torch.full_like(x[:, 0], START), []
        for token in x.T:
            logits, h, c = self.step(last, h, c)
            losses.append(torch.nn.functional.cross_entropy(logits, token, reduction="none"))
            last = token
        return torch.stack(losses, dim=1)

    def sample(self, n: int, length: int, key: tuple[object, ...]) -> Int[Tensor, "n t"]:
        """Sequences; the same key gives the same ones."""
        parts = [self._sample(range(row, min(row + ROWS, n)), length, key) for row in range(0, n, ROWS)]
        return torch.cat(parts)

    def _sample(self, rows: range, length: int, key: tuple[object, ...]) -> Tensor:
        u = standard_uniform(torch.from_numpy(normal_rows(key, rows, length)))
        h = c = self.hidden.new_zeros(len(rows), len(self.hidden))
        last, found = torch.full((len(rows),), START), []
        for t in range(length):
            logits, h, c = self.step(last, h, c)
            last = inverse_cdf(logits, u[:, t])
            found.append(last)
        return torch.stack(found, dim=1)


@dataclass(frozen=True)
class LstmOracle:
    """Sequences of numbers drawn from a random LSTM, as text: "4071 12 977 ...".

    Args:
        path: an .npz of the weights p00 (embedding), W, U and b of input, forget, output gate and candidate, p13 and
            p14 (output); such as SeqGAN's. Empty: weights N(0, 1) of `seed`, V = `tokens`.
        samples: of train; val and test have a tenth each.
        length: T of a sequence.
        tokens: V, without a file.
        width: of embedding and state, without a file.
        seed: of the sequences, and of the weights without a file.
    """

    path: str = ""
    samples: Count = 10_000
    length: Count = 20
    tokens: Count = 500
    width: Count = 32
    seed: int = 0

    def items(self, split: Split) -> Items:
        n = self.samples if split == "train" else max(50, self.samples // 10)
        return Items(x=as_array(drawn_lines(self, split, n)))

    @property
    def weights(self) -> OracleWeights:
        """Those of the file, or of the seed. Raises DataError."""
        if not self.path:
            return drawn_weights(self.seed, self.tokens, self.width)
        return read_weights(self.path, Path(self.path).expanduser().stat().st_mtime_ns if readable(self.path) else 0)


def readable(path: str) -> bool:
    """Whether there is such a file."""
    return Path(path).expanduser().is_file()


@lru_cache(maxsize=6)
def drawn_lines(source: LstmOracle, split: Split, n: int) -> list[str]:
    """n lines of a split."""
    x = source.weights.sample(n, source.length, (source.seed, "oracle", split))
    return [" ".join(map(str, row)) for row in x.tolist()]


@lru_cache(maxsize=2)
def read_weights(path: str, changed: int) -> OracleWeights:
    """The weights in a file; `changed`: the time of its last change, for the cache. Raises DataError."""
    try:
        with open_regular(Path(path).expanduser()) as file, np.load(file, allow_pickle=False) as archive:
            arrays = [torch.from_numpy(archive[f"p{number:02}"].astype(np.float32)) for number in range(WEIGHTS)]
        return joined(arrays)
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise DataError(
            f"cannot read the oracle's weights: {error}", where=path, hint="An .npz of arrays p00 to p14 is needed."
        ) from error


@lru_cache(maxsize=2)
def drawn_weights(seed: int, tokens: int, width: int) -> OracleWeights:
    """Weights N(0, 1)."""
    gates = [(width, width), (width, width), (width,)] * 4
    shapes: list[tuple[int, ...]] = [(tokens, width), *gates, (width, tokens), (tokens,)]
    arrays = []
    for number, shape in enumerate(shapes):
        values = normal_rows((seed, "oracle weights", number), range(1), int(np.prod(shape)))
        arrays.append(torch.from_numpy(values.astype(np.float32)).view(shape))
    return joined(arrays)


def joined(arrays: Sequence[Tensor]) -> OracleWeights:
    """The weights of 15 arrays, those of the four gates side by side."""
    inputs, hidden, bias = (torch.cat([arrays[1 + 3 * gate + part] for gate in range(4)], dim=-1) for part in range(3))
    made: Any = OracleWeights(arrays[0], inputs, hidden, bias, arrays[13], arrays[14])
    empty = hidden.new_zeros(1, len(hidden))
    made.step(torch.tensor([START]), empty, empty)  # do the shapes fit?
    return OracleWeights(*made)

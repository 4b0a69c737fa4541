"""The oracle: its LSTM is torch's, its own sequences have the likelihood of its entropy, and a file is read safely."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import nn

from ganvas.base.errors import DataError
from ganvas.base.types import Batch
from ganvas.data.lstm_oracle import LstmOracle, drawn_weights, joined
from ganvas.metrics.oracle_likelihood import OracleLikelihood
from ganvas.recipes import prepare, recipe
from ganvas.recipes.seqgan import oracle_domain

SMALL = LstmOracle(samples=400, length=6, tokens=12, width=5, seed=3)


def test_its_lstm_is_that_of_torch() -> None:
    """torch's gates are input, forget, candidate, output, and its weights are transposed."""
    rng = np.random.default_rng(0)
    shapes: list[Any] = [(12, 5), *[(5, 5), (5, 5), (5,)] * 4, (5, 12), (12,)]
    arrays = [torch.from_numpy(rng.normal(size=shape).astype(np.float32)) for shape in shapes]
    weights, lstm = joined(arrays), cast(Any, nn.LSTM(5, 5, batch_first=True))
    order = (0, 1, 3, 2)
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.cat([arrays[1 + 3 * gate].T for gate in order]))
        lstm.weight_hh_l0.copy_(torch.cat([arrays[2 + 3 * gate].T for gate in order]))
        lstm.bias_ih_l0.copy_(torch.cat([arrays[3 + 3 * gate] for gate in order]))
        lstm.bias_hh_l0.zero_()
        x = torch.from_numpy(rng.integers(0, 12, (7, 6)))
        read = torch.cat([torch.zeros(7, 1, dtype=torch.int64), x[:, :-1]], dim=1)
        logits = lstm(arrays[0][read])[0] @ arrays[13] + arrays[14]
    wanted = nn.functional.cross_entropy(logits.flatten(0, 1), x.flatten(), reduction="none").view(7, 6)
    torch.testing.assert_close(weights.negative_log_likelihood(x), wanted)


def test_the_first_tokens_have_their_probabilities() -> None:
    weights = drawn_weights(0, 12, 5)
    x = weights.sample(20_000, 1, ("test",))[:, 0]
    h = torch.zeros(1, 5)
    p = weights.step(torch.tensor([0]), h, h)[0].softmax(1)[0]
    assert (torch.bincount(x, minlength=12) / len(x) - p).abs().max() < 0.012
    entropy = -(p * p.log()).sum()
    assert weights.negative_log_likelihood(x[:, None]).mean() == pytest.approx(float(entropy), abs=0.02)


def test_scores_of_its_own_sequences() -> None:
    items = {split: SMALL.items(split) for split in ("train", "val")}
    assert (len(items["train"]), len(items["val"])) == (400, 50)
    made = recipe("seqgan")

    experiment = prepare(replace(made, source=SMALL, domain=oracle_domain(SMALL), scores=(OracleLikelihood(SMALL),)))
    x = experiment.stream("train").batch(0, 200).x
    result = OracleLikelihood(SMALL).measure(real=Batch(x), fake=Batch(x))[0]
    numbers = torch.tensor([[int(word) for word in line.split()] for line in experiment.domain.decode(x)])
    assert result.value == pytest.approx(float(SMALL.weights.negative_log_likelihood(numbers).mean()), abs=1e-6)
    assert result.error is not None


def test_a_file_of_weights(tmp_path: Path) -> None:
    path = tmp_path / "oracle.npz"
    rng = np.random.default_rng(0)
    shapes: list[Any] = [(12, 5), *[(5, 5), (5, 5), (5,)] * 4, (5, 12), (12,)]
    np.savez(path, **{f"p{number:02}": rng.normal(size=shape) for number, shape in enumerate(shapes)})
    assert LstmOracle(str(path)).weights.embedding.shape == (12, 5)
    np.savez(path, p00=np.zeros((3, 3)))
    with pytest.raises(DataError, match="p00 to p14"):
        LstmOracle(str(path)).items("train")
    with pytest.raises(DataError, match="cannot read"):
        LstmOracle(str(tmp_path / "missing.npz")).items("train")

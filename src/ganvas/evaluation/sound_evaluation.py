"""The evaluation of sounds from noise: the scores of the recipe, and a search for copies of the training recordings."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch

from ..base.errors import DataError
from ..metrics import FeatureStatistics, Result, copy_scores
from ..training import noise_batches, outputs
from .evaluation import Evaluation
from .recipe_scores import evaluate_recipe

if TYPE_CHECKING:
    from ..data.source import Split
    from ..data.stream import Stream
    from ..sessions.model import Model

MOST = 5_000  # samples of each side
ROWS = 64  # at a time


def evaluate_sounds(model: "Model", split: "Split", seed: int) -> Evaluation:
    """The evaluation of a run on sound. Raises DataError if its data are missing or have changed.

    Games that make sound from data, such as vocoders, have the scores of their recipe alone.
    """
    found = evaluate_recipe(model, split, seed)
    if model.game.needs_data:
        return found
    try:
        return replace(found, results=(*found.results, *copies_of_recordings(model, split, seed)))
    except DataError as error:
        return replace(found, messages=(*found.messages, f"Copies are not searched: {error}"))


def copies_of_recordings(model: "Model", split: "Split", seed: int) -> Iterator[Result]:
    """Scores of copies, from distances of means and deviations of the bands of spectrograms.

    Raises:
        DataError: too few recordings.
    """
    domain: Any = model.domain
    streams = {"train": model.experiment.stream("train"), "held": model.experiment.stream(split)}
    sides = {name: torch.cat(list(features_of(domain, stream))) for name, stream in streams.items()}
    n = max(len(sides["held"]), 100)
    made = outputs(model.game, model.networks, noise_batches(model.spec, None), n=min(n, MOST), seed=seed)
    statistics = {name: FeatureStatistics.of(each) for name, each in sides.items()}
    statistics["fake"] = FeatureStatistics.of(domain.features(made))
    protocol = {"features": f"band means and deviations of {type(domain).__name__}", "split": split, "seed": seed}
    results, _ = copy_scores(**statistics, protocol={**protocol, "spec_sha256": model.spec.sha256}, seed=seed)
    yield from results


def features_of(domain: Any, stream: "Stream") -> Iterator[torch.Tensor]:
    """The domain's features of the first recordings of a split."""
    for part in torch.arange(min(MOST, len(stream.store))).split(ROWS):
        yield domain.features(domain.to_tensor(stream.store.rows(part)))

"""The facts about a model in its folder: model.json."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from ..base.version import VERSION
from ..recipes import Experiment, portable_tree
from ..recipes import without_paths as without_paths
from ..runs.checkpoint_state import StoredSpec
from ..runs.model_folder import ModelFacts, StoredWeights
from .used_players import use_of as use_of
from .used_players import used_players as used_players


@dataclass(frozen=True)
class Described:
    """What is known of a model besides its weights.

    Args:
        experiment: recipe, domain, spec, fingerprint of the data.
        networks: averaged weights, by player.
        sha256: of the weights, as in marks.
        checkpoint: its name.
        samples_seen: until then.
        scores, findings, grade: of the model, as in `ModelFacts`.
        name, licence, data_note: as in `ModelFacts`.
        detector: content of detector.json, where the model finds anomalies and its threshold is fitted.
    """

    experiment: Experiment
    networks: Mapping[str, nn.Module]
    sha256: str
    checkpoint: str
    samples_seen: int
    scores: Sequence[Mapping[str, Any]] = ()
    findings: tuple[tuple[str, str, str], ...] = ()
    grade: str = ""
    name: str = "model"
    licence: str = ""
    data_note: str = ""
    detector: str = ""


def facts_of(model: Described, players: tuple[str, ...], weights: StoredWeights, *, preview: bool) -> ModelFacts:
    """The facts of a model whose `players` are stored in the file `weights`, with or without a preview."""
    recipe = model.experiment.recipe
    return ModelFacts(
        name=model.name,
        use=use_of(recipe.game),
        ganvas=VERSION,
        torch=torch.__version__,
        recipe=portable_tree(recipe),
        spec=StoredSpec(**vars(model.experiment.spec)),
        data=model.experiment.fingerprint,
        checkpoint=model.checkpoint,
        samples=model.samples_seen,
        players=players,
        weights=weights,
        scores=tuple(without_paths(dict(score), {}) for score in model.scores),
        findings=model.findings,
        grade=model.grade,
        licence=model.licence,
        data_note=model.data_note,
        preview_seed=recipe.seed if preview else None,
        preview_samples=model.experiment.domain.sheet if preview else 0,
    )

"""The doctor's measurement of a run."""

from typing import TYPE_CHECKING

from ..diagnosis.picture_features import default_space, picture_features
from ..diagnosis.probe import Probe
from ..domains.contract import HasFeatures

if TYPE_CHECKING:
    from ..diagnosis.picture_features import Space
    from ..recipes import Experiment
    from ..training import Trainer


def run_probe(experiment: "Experiment", trainer: "Trainer", space: "Space | None" = None) -> Probe:
    """The probe of a run's last phase.

    Args:
        experiment: its data and recipe.
        trainer: its networks, device and precision.
        space: in which pictures are compared; None for `default_space`.
    """
    recipe, spec = experiment.recipe, experiment.spec
    pictures = spec.domain == "images" and spec.bounded
    wanted = space or default_space(spec)
    features = picture_features(wanted, trainer.device, trainer.precision) if pictures else None
    if isinstance(experiment.domain, HasFeatures):
        features = experiment.domain.features
    return Probe(
        trainer.phases[-1].game,
        spec,
        train=experiment.stream("train"),
        held=experiment.stream("val"),
        batch_samples=recipe.batch_samples,
        seed=recipe.seed,
        features=features,
    )

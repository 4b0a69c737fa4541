"""Penalties: terms on gradients, consistency and features that D or G minimises as well."""

from typing import TYPE_CHECKING

from ..base.lazy import lazy_face

if TYPE_CHECKING:
    from .consistency import BalancedConsistency, Consistency
    from .contract import Context, Penalty
    from .dragan import Dragan
    from .energy_distance import EnergyDistance
    from .every import Every
    from .gradient import R1, R2
    from .lecam import LeCam
    from .logit_drift import LogitDrift
    from .mean_features import MeanFeatures
    from .nearby import ApproximateR1, ApproximateR2
    from .orthogonality import Orthogonality
    from .path_length import PathLength
    from .transport import Transport
    from .views import View as View
    from .wgan_gp import WganGp
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "R1",
    "R2",
    "ApproximateR1",
    "ApproximateR2",
    "BalancedConsistency",
    "Consistency",
    "Context",
    "Dragan",
    "EnergyDistance",
    "Every",
    "LeCam",
    "LogitDrift",
    "MeanFeatures",
    "Orthogonality",
    "PathLength",
    "Penalty",
    "Transport",
    "WganGp",
]

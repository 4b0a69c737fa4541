"""The rules of training: which player steps in which turn, and what the turn minimises."""

from typing import TYPE_CHECKING

from ..base.lazy import lazy_face

if TYPE_CHECKING:
    from ..base.draws import Draws
    from ..base.types import Batch, Term
    from .auxiliary import AuxiliaryClassifier
    from .contract import Game, Play, Terms, Turn
    from .feature_matching import FeatureMatching
    from .infogan import InfoGan
    from .supervised import Supervised
    from .synthesis import Synthesis
    from .translation import Translation
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "AuxiliaryClassifier",
    "Batch",
    "Draws",
    "FeatureMatching",
    "Game",
    "InfoGan",
    "Play",
    "Supervised",
    "Synthesis",
    "Term",
    "Terms",
    "Translation",
    "Turn",
]

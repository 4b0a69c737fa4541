"""What the two players minimise, as pure functions of logits."""

from typing import TYPE_CHECKING

from ..base.lazy import lazy_face

if TYPE_CHECKING:
    from ..base.types import Loss
    from .hinge import Hinge
    from .least_squares import LeastSquares
    from .minimax import Minimax
    from .nonsaturating import NonSaturating
    from .relativistic import Relativistic
    from .wasserstein import Wasserstein
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "Hinge",
    "LeastSquares",
    "Loss",
    "Minimax",
    "NonSaturating",
    "Relativistic",
    "Wasserstein",
]

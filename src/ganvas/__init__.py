"""ganvas trains, judges, explains and ships generative adversarial networks on your own data.

import ganvas
run = ganvas.train("mnist", minutes=3)
images = ganvas.load(run.path).sample(64, seed=0)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .base.errors import GanvasError
from .base.version import VERSION as __version__

if TYPE_CHECKING:
    from .applications.evaluate import evaluate
    from .applications.resume import resume
    from .applications.sample import Model, load
    from .applications.train import train
    from .applications.verify import verify

__all__ = ["GanvasError", "Model", "__version__", "evaluate", "load", "resume", "train", "verify"]

_HOMES = {"evaluate": "evaluate", "train": "train", "resume": "resume", "load": "sample", "Model": "sample", "verify": "verify"}


def __getattr__(name: str) -> Any:
    """Imported at first use: `import ganvas` alone must not wait for torch."""
    if name not in _HOMES:
        raise AttributeError(f"module 'ganvas' has no attribute '{name}'")
    return getattr(import_module(f"ganvas.applications.{_HOMES[name]}"), name)

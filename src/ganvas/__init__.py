"""ganvas trains, judges, explains and ships generative adversarial networks on your own data.

import ganvas
run = ganvas.train("mnist", minutes=3)
images = ganvas.load(run.path).sample(64, seed=0)
"""
# ruff: noqa: E402 (the path is put right before anything else is imported)

import os
import sys


def _remove_the_current_folder() -> None:
    """Take the current folder off the module path that `python -m ganvas` begins with.

    It holds a person's data, and a file `csv.py` in it must not replace Python's own.
    """
    if sys.argv[:1] == ["-m"] and "-m ganvas" in " ".join(sys.orig_argv) and not sys.flags.safe_path:
        try:
            sys.path.remove(os.getcwd())
        except (OSError, ValueError):  # the folder was removed, or Python has not put it there
            return


_remove_the_current_folder()

from typing import TYPE_CHECKING

from .base.errors import (
    CheckFailed,
    DataError,
    Diverged,
    GanvasError,
    GanvasWarning,
    MissingExtra,
    ResourceError,
    UsageError,
)
from .base.lazy import lazy_face
from .base.version import VERSION as __version__

if TYPE_CHECKING:
    from . import (
        augment,
        data,
        domains,
        edit,
        games,
        losses,
        metrics,
        networks,
        optimisers,
        penalties,
        recipes,
        schedules,
    )
    from .applications.audit import Audit, audit
    from .applications.augment import AugmentReport, augment_report
    from .applications.detect import Detection, detect
    from .applications.detect_scores import detection_scores
    from .applications.export import export
    from .applications.release import Released, release
    from .applications.table import Table
    from .applications.train_detector import train_detector
    from .applications.translate import translate
    from .applications.translator import Translator
    from .applications.verify import Verified, verify
    from .evaluation.compare_groups import compare
    from .evaluation.comparison import Comparison
    from .evaluation.evaluate import evaluate
    from .evaluation.evaluation import Evaluation
    from .metrics.contract import Result
    from .recipes.catalogue import recipe
    from .recipes.schema import Recipe
    from .runs.directory import Run
    from .sessions.adversary import Adversary
    from .sessions.adversary_entry import AdversaryEntry
    from .sessions.load_model import load
    from .sessions.model import Model
    from .sessions.resume import resume
    from .sessions.train import train
else:
    __getattr__, __dir__ = lazy_face(__name__)

__all__ = [
    "Adversary",
    "AdversaryEntry",
    "Audit",
    "AugmentReport",
    "CheckFailed",
    "Comparison",
    "DataError",
    "Detection",
    "Diverged",
    "Evaluation",
    "GanvasError",
    "GanvasWarning",
    "MissingExtra",
    "Model",
    "Recipe",
    "Released",
    "ResourceError",
    "Result",
    "Run",
    "Table",
    "Translator",
    "UsageError",
    "Verified",
    "__version__",
    "audit",
    "augment",
    "augment_report",
    "compare",
    "data",
    "detect",
    "detection_scores",
    "domains",
    "edit",
    "evaluate",
    "export",
    "games",
    "load",
    "losses",
    "metrics",
    "networks",
    "optimisers",
    "penalties",
    "recipe",
    "recipes",
    "release",
    "resume",
    "schedules",
    "train",
    "train_detector",
    "translate",
    "verify",
]

"""`ganvas.release`: a data set of samples with its evidence, or a refusal that says what is missing."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..evaluation.evaluate import evaluate
from ..sessions.load_model import Model, load
from .audit import Audit, audit
from .release_card import card, conditions_of, require_releasable
from .text_file import check_new_folder, write_text_file
from .write_samples import write_samples

if TYPE_CHECKING:
    from ..evaluation.evaluation import Evaluation

Place = str | os.PathLike[str]
CARD, AUDIT, EVALUATION = "README.md", "audit.json", "evaluation.json"
SAMPLES = 1_000


@dataclass(frozen=True)
class Released:
    """A released data set.

    Args:
        files: that were written.
        audit: of the model.
        evaluation: of the model.
    """

    files: tuple[Path, ...]
    audit: Audit
    evaluation: "Evaluation"


def release(
    run: "Model | Place",
    out: Place,
    *,
    n: int = SAMPLES,
    seed: int = 0,
    fail_if: Sequence[str] = (),
    licence: str = "",
    at: str = "auto",
) -> Released:
    """Write samples with an audit, an evaluation and a data card; refuse what leaks or misses a threshold.

    Nothing is written where it is refused.

    Args:
        run: a run's folder, or the Model that `load` returned, with its data.
        out: a new or empty folder.
        n: samples.
        seed: of the samples.
        fail_if: conditions on scores, such as "photo_frechet>0.3" or "grade<usable", as `ganvas eval --fail-if`.
        licence: of the data set, as you state it on the card.
        at: the checkpoint, as `load` takes it.

    Returns:
        The files, the audit and the evaluation.

    Raises:
        CheckFailed: the audit found a leak in samples, or a condition of `fail_if` is true; by how much.
        UsageError: the folder is not empty, or a condition names no score.
        DataError: the data are missing or have changed.
        ResourceError: a file cannot be written.
    """
    place, conditions = Path(out), conditions_of(fail_if)
    check_new_folder(place)
    model = run if isinstance(run, Model) else load(run, at=at)
    found, scores = audit(model, seed=seed), evaluate(model, seed=seed)
    require_releasable(found, conditions, scores)
    files = write_samples(model, place / "samples", n, seed=seed, classes=None)
    facts = {
        AUDIT: json.dumps(found.plain(), indent=1) + "\n",
        EVALUATION: json.dumps(scores.plain(), indent=1, default=str) + "\n",
        CARD: card(model, found, scores, n=n, seed=seed, licence=licence, conditions=conditions),
    }
    written = [write_text_file(place / name, text) for name, text in facts.items()]
    return Released((*files, *written), found, scores)

"""The scale of a detector of anomalies, and its file beside a model."""

import json
from bisect import bisect_left
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from annotated_types import Gt, Lt, MaxLen
from pydantic import TypeAdapter

from ..base.errors import CheckFailed
from ..base.trees import from_json
from ..runs.model_folder import DETECTOR, stored_detector
from .text_file import write_text_file

if TYPE_CHECKING:
    from ..sessions.model import Model

MOST = 5_000  # held-out normal samples


@dataclass(frozen=True)
class Detector:
    """What turns scores into decisions; stored with the model, in detector.json.

    Args:
        players_sha256: of the weights that the scores are of.
        false_alarms: share of normal samples that may exceed the threshold.
        threshold: the score above which a sample is called abnormal.
        normals: scores of held-out normal samples, ascending.
        map_top: the value of maps that has the brightest colour.
        data: fingerprint of the training data.
    """

    players_sha256: Annotated[str, MaxLen(64)]
    false_alarms: Annotated[float, Gt(0), Lt(1)]
    threshold: float
    normals: Annotated[tuple[float, ...], MaxLen(MOST)]
    map_top: float
    data: str

    def p_value(self, score: float) -> float:
        """(1 + the number of held-out normal samples with at least this score) / (1 + their number)."""
        return (1 + len(self.normals) - bisect_left(self.normals, score)) / (1 + len(self.normals))


READER = TypeAdapter(Detector)


def read_detector(model: "Model") -> Detector | None:
    """The detector that is stored with a model; None where there is none, or one of other weights.

    Raises:
        CheckFailed: the file is damaged.
    """
    if not (text := stored_detector(model.run)):
        return None
    try:
        found = READER.validate_json(json.dumps(from_json(text)))
    except (ValueError, RecursionError) as error:
        place = str(model.run / DETECTOR)
        hint = "Delete the file: it is fitted again."
        raise CheckFailed("the detector's scale is damaged", where=place, hint=hint) from error
    return found if found.players_sha256 == model.sha256 else None


def write_detector(detector: Detector, run: Path) -> None:
    """Store a detector with its model. Raises ResourceError."""
    write_text_file(run / DETECTOR, json.dumps(asdict(detector)) + "\n")

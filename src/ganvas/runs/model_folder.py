"""The format of a model folder: what leaves a run, without its data and without a path. Nothing here imports torch."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import MaxLen
from pydantic import TypeAdapter

from ..base.errors import CheckFailed, DataError, UsageError
from ..base.files import open_regular, read_regular, replace_file
from ..base.trees import read_json
from .checkpoint_state import StoredSpec, Whole, error_reason
from .checkpoints import digest
from .run_files import MARKER as MARKER
from .run_files import cannot_write

FORMAT, VERSION = "ganvas-model", 1
FACTS, WEIGHTS, CARD, PREVIEW = "model.json", "model.safetensors", "README.md", "samples.webp"
MOST_CARD = 1 << 20  # bytes of a card that is shown
DETECTOR = "detector.json"  # threshold and scale of a detector of anomalies
DETECTOR_BYTES = 2**20
OURS = {FACTS, WEIGHTS, CARD, PREVIEW, DETECTOR}
NOT_REMOVED = {".gitattributes", ".git", ".cache", "LICENSE", "LICENSE.md"}  # of a hub, and a person's own
AGAIN = "Export it again, or copy it again from where it came from."
Sha256 = Annotated[str, MaxLen(64)]


@dataclass(frozen=True)
class StoredWeights:
    """The file of weights.

    Args:
        sha256: of model.safetensors.
        bytes: its size.
        precision: of the stored numbers.
        model: SHA-256 that files made by the model carry in their mark: of the run's checkpoint where the numbers are
            the same as there, else that of model.safetensors.
    """

    sha256: Sha256
    bytes: Whole
    precision: Literal["float32", "bfloat16"]
    model: Sha256


@dataclass(frozen=True)
class ModelFacts:
    """model.json.

    Args:
        name: of the model.
        use: what the players make: samples, translations (x of given data) or classes (logits).
        ganvas, torch: versions that wrote the folder.
        recipe: the whole recipe as a tree, with the domain's fitted values and without paths.
        spec: form of the data.
        data: fingerprint of the training data.
        checkpoint: its name in the run.
        samples: real samples that D was trained on until then.
        players: whose weights are stored.
        weights: their file.
        scores: lines as in metrics.jsonl, with their protocols.
        findings: the doctor's, [name, severity, message].
        grade: of the pictures; empty where there is none.
        licence: as the person who exported it stated it, such as Apache-2.0; empty where it was not.
        data_note: a sentence about the training data and its licence; may be empty.
        preview_seed: of samples.webp; None where there is none.
        preview_samples: number of samples in it.
    """

    name: str
    use: Literal["samples", "translations", "classes"]
    ganvas: str
    torch: str
    recipe: dict[str, Any]
    spec: StoredSpec
    data: str
    checkpoint: str
    samples: Whole
    players: tuple[str, ...]
    weights: StoredWeights
    scores: tuple[dict[str, Any], ...]
    findings: tuple[tuple[str, str, str], ...]
    grade: str
    licence: str
    data_note: str
    preview_seed: int | None
    preview_samples: Whole


READER = TypeAdapter(ModelFacts)


def is_model_folder(path: Path) -> bool:
    """Whether a path is a model folder."""
    return (path / FACTS).is_file()


def card_text(folder: Path) -> str:
    """README.md of a model folder; empty where it is missing or no text."""
    try:
        return read_regular(folder / CARD, MOST_CARD, inside=folder).decode()
    except (OSError, ValueError):
        return ""


def facts_text(facts: ModelFacts) -> str:
    """The content of model.json: the facts, and a SHA-256 of them that `read_facts` compares."""
    tree = {"format": FORMAT, "version": VERSION, **asdict(facts)}
    return json.dumps({**tree, "sha256": tree_digest(tree)}, indent=1, ensure_ascii=False) + "\n"


def tree_digest(tree: dict[str, Any]) -> str:
    """SHA-256 of a tree of plain values."""
    return hashlib.sha256(json.dumps(tree, sort_keys=True).encode()).hexdigest()


def read_facts(folder: Path) -> ModelFacts:
    """model.json of a model folder, checked; the file of weights has the recorded size and SHA-256.

    Args:
        folder: the model folder.

    Raises:
        DataError: the folder is of another version of the format.
        CheckFailed: a file is damaged or was changed.
    """
    try:
        tree = read_json(folder / FACTS, inside=folder)
        if not isinstance(tree, dict) or tree.pop("format", None) != FORMAT:
            raise ValueError("it describes no model of ganvas")
        if (version := tree.pop("version", None)) != VERSION:
            raise other_version(folder, version, tree.get("ganvas"))
        recorded = tree.pop("sha256", None)
        if recorded != tree_digest({"format": FORMAT, "version": VERSION, **tree}):
            raise ValueError("its content was changed after it was written")
        if missing := {each.name for each in fields(ModelFacts)} ^ tree.keys():
            raise ValueError(f"the field {min(missing)} is missing or unknown")
        facts = READER.validate_json(json.dumps(tree), strict=True)
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(folder, f"{FACTS}: {error_reason(error)}") from error
    check_weights(folder, facts.weights)
    return facts


def check_weights(folder: Path, weights: StoredWeights) -> None:
    """Raises CheckFailed unless the file of weights is the one that model.json names."""
    try:
        with open_regular(folder / WEIGHTS, inside=folder) as file:
            same = os.fstat(file.fileno()).st_size == weights.bytes and digest(file) == weights.sha256
    except OSError as error:
        raise damaged(folder, f"{WEIGHTS}: {error.strerror or error}") from error
    if not same:
        raise damaged(folder, f"{WEIGHTS} is not the file that {FACTS} names")


def stored_detector(place: Path) -> str:
    """The content of detector.json of a run or a model folder; empty where there is none. Raises CheckFailed."""
    if not (place / DETECTOR).exists():
        return ""
    try:
        return read_regular(place / DETECTOR, DETECTOR_BYTES, inside=place).decode()
    except (OSError, ValueError) as error:
        raise CheckFailed("the detector's scale cannot be read", where=str(place / DETECTOR)) from error


def other_version(folder: Path, version: Any, made_by: Any) -> DataError:
    """The error for a folder that another version of ganvas wrote in another format."""
    newer = isinstance(version, int) and version > VERSION
    hint = "Use a newer ganvas: pip install -U ganvas." if newer else "Export the run again with this version."
    by = f" of ganvas {made_by[:20]}" if isinstance(made_by, str) else ""
    text = version if isinstance(version, int) else "without a number"
    return DataError(
        f"this model folder{by} has format {text}, and this version reads format {VERSION}",
        where=str(folder),
        hint=hint,
    )


def damaged(folder: Path, what: str, hint: str = AGAIN) -> CheckFailed:
    """The error for a model folder that is not as it was written."""
    return CheckFailed(f"the model folder is damaged: {what}", where=str(folder), hint=hint)


def check_place(out: Path) -> None:
    """Raises UsageError unless a model folder can be written here without replacing other files."""
    if out.is_dir() and not is_model_folder(out) and any(each.name not in NOT_REMOVED for each in out.iterdir()):
        raise UsageError("this folder holds other files", where=str(out), hint="Name a new folder with -o.")
    if out.exists() and not out.is_dir():
        raise UsageError("there is a file of this name", where=str(out), hint="Name a new folder with -o.")


def write_files(out: Path, files: Mapping[str, str | bytes]) -> tuple[Path, ...]:
    """Write the files, in this order. Raises ResourceError."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for old in OURS - files.keys():
            (out / old).unlink(missing_ok=True)
        for name, content in files.items():
            replace_file(out / name, content)
    except OSError as error:
        raise cannot_write(out, error) from error
    return tuple(out / name for name in files)

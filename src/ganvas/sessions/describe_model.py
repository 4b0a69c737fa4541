"""What is known of a model besides its weights: from its run, or from its model folder."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import CheckFailed, UsageError
from ..diagnosis import diagnose_run
from ..metrics.grade import grade_of
from ..runs import Run, current_scores
from ..runs.model_folder import card_text, is_model_folder, read_facts, stored_detector
from .model_facts import Described, use_of, without_paths

if TYPE_CHECKING:
    from .model import Model

STATED = ("name", "licence", "data_note")


def described(model: "Model", **stated: str) -> Described:
    """The description of a model.

    Args:
        model: of a run or a model folder.
        stated: name, licence, data_note: what a person states about it; empty ones are as in the folder.

    Raises:
        UsageError: another name is stated.
    """
    if unknown := sorted(set(stated) - set(STATED)):
        raise UsageError(f"a model has no '{unknown[0]}' to state", hint=f"It has: {', '.join(STATED)}.")
    filled = {key: value for key, value in stated.items() if value}
    facts = known_facts(model.run, model.samples_seen) | filled | {"detector": stored_detector(model.run)}
    return Described(model.experiment, model.networks, model.sha256, model.checkpoint, model.samples_seen, **facts)


def known_facts(place: Path, samples: int) -> dict[str, Any]:
    """Scores, findings, grade and name from a model folder, or from a run at its checkpoint of so many samples."""
    if is_model_folder(place):
        facts = read_facts(place)
        names = ("scores", "findings", "grade", *STATED)
        return {name: getattr(facts, name) for name in names}
    run, scores = Run(place), list[Mapping[str, Any]]()
    findings: tuple[tuple[str, str, str], ...] = ()
    with suppress(CheckFailed):
        scores = [
            score
            for score in current_scores(run)
            if score["samples"] == samples and score["protocol"].get("split") == "val"
        ]
    with suppress(CheckFailed):
        findings = tuple((each.name, each.severity, each.message) for each in diagnose_run(run))
    grade = grade_of(scores)
    return {"scores": scores, "findings": findings, "grade": grade.name if grade else "", "name": place.absolute().name}


def facts_tree(model: "Model") -> dict[str, Any]:
    """What is known of a model, as plain data for programs; `card` is the README of a model folder.

    Args:
        model: of a run or a model folder.

    Returns:
        A tree that JSON can hold.
    """
    known, spec = known_facts(model.run, model.samples_seen), model.spec
    return {
        "use": use_of(model.game),
        "domain": spec.domain,
        "shape": list(spec.shape),
        "classes": list(spec.classes) if model.conditional else [],
        "units": spec.units,
        "model": model.sha256,
        "checkpoint": model.checkpoint,
        "samples_seen": model.samples_seen,
        "scores": [without_paths(dict(score), {}) for score in known["scores"]],
        "findings": [list(finding) for finding in known["findings"]],
        "grade": known["grade"],
        "licence": known.get("licence", ""),
        "data_note": known.get("data_note", ""),
        "card": card_text(model.run) if is_model_folder(model.run) else "",
    }

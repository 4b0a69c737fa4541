"""The closing sentence of a run of pictures: how good they are, why, and what to do."""

from collections.abc import Sequence

from ..metrics.grade import Grade
from .remedies import Diagnosis

SUBJECT = {
    "good": "These pictures are good",
    "usable": "These pictures are usable",
    "poor": "These pictures are poor",
    "failed": "These pictures are not usable",
}
FEW_DATA = {"few data", "discriminator overfits", "memorisation"}  # findings for which a longer run is no cure
NEARLY_ALL = 0.8  # share of duplicates


def closing_sentence(grade: Grade, diagnoses: Sequence[Diagnosis]) -> str:
    """A sentence on the pictures with the numbers of their grade, and one on what to do unless they are good.

    Args:
        grade: of the run.
        diagnoses: of the run; the first one that is wrong decides what to do.
    """
    sentence = f"{SUBJECT[grade.name]}: {reason(grade)}."
    if grade.name == "good":
        return sentence
    wrong = [diagnosis for diagnosis in diagnoses if diagnosis.severity == "wrong"]
    remedy = next((diagnosis.remedy for diagnosis in wrong if diagnosis.remedy), "")
    again = f", or train again with {remedy}" if remedy else ""
    if any(diagnosis.name in FEW_DATA for diagnosis in wrong):
        return f"{sentence} Use more pictures{again}."
    return f"{sentence} Train longer{again or ', or use more pictures'}."


def reason(grade: Grade) -> str:
    """The numbers of a grade as text; duplicates first where they decide."""
    if grade.score == "duplicates" and grade.name != "good":
        many = "nearly all" if grade.value >= NEARLY_ALL else "many"
        away = "" if grade.distance is None else f", {grade.distance:.1f} times as far from the data as real pictures"
        return f"{many} look alike ({grade.value:.0%} duplicates{away})"
    return grade.evidence

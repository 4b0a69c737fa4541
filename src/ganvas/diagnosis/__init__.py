"""The doctor: signals of a run's health, rules that name faults, remedies. Importing it does not import torch."""

from .remedies import Diagnosis, Remedy, diagnosis_of
from .report import diagnose, diagnose_run
from .rescue import cure_for, finding_to_remedy, is_sound

__all__ = [
    "Diagnosis",
    "Remedy",
    "cure_for",
    "diagnose",
    "diagnose_run",
    "diagnosis_of",
    "finding_to_remedy",
    "is_sound",
]

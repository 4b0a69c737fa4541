"""The doctor: signals of a run's health, rules that name faults, remedies. Importing it does not import torch."""

from .remedies import Diagnosis
from .report import diagnose, diagnose_run

__all__ = ["Diagnosis", "diagnose", "diagnose_run"]

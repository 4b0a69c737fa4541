"""The doctor: signals of a run's health, rules that name a fault, remedies. Nothing that is imported here needs torch."""

from .remedies import Diagnosis
from .report import diagnose, diagnose_run

__all__ = ["Diagnosis", "diagnose", "diagnose_run"]

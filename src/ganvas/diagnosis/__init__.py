"""The doctor: signals of a run's health, rules that name a fault, remedies. Nothing that is imported here needs torch."""

from .remedies import Verdict
from .report import check_up, verdicts

__all__ = ["Verdict", "check_up", "verdicts"]

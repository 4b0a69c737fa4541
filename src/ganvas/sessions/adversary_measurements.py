"""What the doctor measures of an adversary, and its findings as log lines."""

import logging

from ..diagnosis.adversary_findings import adversary_findings
from ..diagnosis.remedies import Diagnosis
from ..runs.events import SignalsMeasured

LOG = logging.getLogger("ganvas.adversary")
MEASURED_STEPS = 100  # from one measurement of the doctor to the next
REMEMBERED = 50  # measurements


class Measurements:
    """The doctor's measurements of an adversary, and its findings; new ones are log lines."""

    def __init__(self) -> None:
        self.measured: list[SignalsMeasured] = []
        self.findings: tuple[Diagnosis, ...] = ()
        self.gradient: float | None = None  # of G at its last layer
        self.broke = False

    def add(self, steps: int, accuracy: float, *, finite: bool) -> None:
        """Measure every MEASURED_STEPS steps, and at once where numbers are not finite."""
        finite = finite and not self.broke
        if steps % MEASURED_STEPS and finite:
            return
        signals = {"finite": float(finite), "D.ahead": accuracy, "generator.gradient": self.gradient}
        self.measured = [*self.measured[-REMEMBERED:], SignalsMeasured(samples=steps, time=0.0, signals=signals)]
        self.broke, known = False, {each.name for each in self.findings}
        self.findings = adversary_findings(self.measured)
        for each in self.findings:
            if each.name not in known:
                LOG.warning("step %d: %s: %s. %s", steps, each.name, each.message, each.cause)
        for name in sorted(known - {each.name for each in self.findings}):
            LOG.info("step %d: no longer: %s", steps, name)

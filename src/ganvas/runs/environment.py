"""What environment.json of a run says of its test split."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ..base.errors import CheckFailed
from .directory import Run

KEY = "test_split"
SHA256 = re.compile(r"[0-9a-f]{64}")


def wants_test(run: Run) -> bool:
    """Whether the run was begun with a request for scores on test."""
    return test_split(run).get("score") is True


def fingerprint_of_test(run: Run) -> str:
    """The fingerprint (SHA-256) of the run's test split; empty where it is not known."""
    found = test_split(run).get("sha256")
    return found if isinstance(found, str) and SHA256.fullmatch(found) else ""


def test_split(run: Run) -> Mapping[str, Any]:
    """Fingerprint of the test split (`sha256`), and whether a finished run is scored on it (`score`); or {}."""
    with suppress(CheckFailed):
        found = run.read_json("environment.json").get(KEY)
        return found if isinstance(found, dict) else {}
    return {}

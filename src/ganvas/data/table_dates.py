"""Dates and times in texts: in which form all of them are, and seconds since 1970."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

FORMS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%Y%m%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
)
TRIED = 200  # texts that every form is tried on


def form_of(texts: Sequence[str]) -> str:
    """The first form that all these texts have; empty if there is none."""
    if not texts:
        return ""
    some = texts[:: max(1, len(texts) // TRIED)]
    for form in FORMS:
        if all(seconds(text, form) is not None for text in some) and written_alike(some, form):
            return form if all(seconds(text, form) is not None for text in texts) else ""
    return ""


def written_alike(texts: Sequence[str], form: str) -> bool:
    """Whether writing the dates again gives the same texts, up to leading zeros."""
    return all(
        written(found, form).replace("0", "") == text.replace("0", "")
        for text in texts
        if (found := seconds(text, form)) is not None
    )


def seconds(text: str, form: str) -> float | None:
    """Seconds from 1970-01-01 to the date of this text; None if it has another form."""
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def written(number: float, form: str) -> str:
    """The date so many seconds after 1970-01-01; empty for NaN."""
    return "" if math.isnan(number) else datetime.fromtimestamp(number, tz=UTC).strftime(form)


def step_of(form: str) -> float:
    """The shortest time, in seconds, that the form distinguishes."""
    return 1.0 if "%S" in form else 60.0 if "%M" in form else 86_400.0

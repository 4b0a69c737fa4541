"""Published measures of speech, where their packages are installed: PESQ and STOI of whole recordings."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ..base.errors import DataError, MissingExtra
from ..base.progress import report_progress
from .contract import Result
from .restoration import standard_error

MODES = {8_000: "nb", 16_000: "wb"}  # of PESQ, by rate
Recordings = Sequence[np.ndarray[Any, np.dtype[Any]]]


def speech_quality(*, real: Recordings, fake: Recordings, rate: int) -> tuple[Result, ...]:
    """pesq: ITU-T P.862, from about 1 (bad) to 4.5; stoi: the share of speech that is understood, about 0 to 1.

    PESQ as MOS-LQO: narrow band at 8 kHz (P.862.1), wide band at 16 kHz (P.862.2), by the package pesq; STOI of Taal et
    al. 2011 (https://doi.org/10.1109/TASL.2011.2114881) by the package pystoi. Pairs in which PESQ finds no speech are
    left out.

    Args:
        real: recordings [L_i], of half a second or more.
        fake: what was made of each, of the same lengths.
        rate: 8,000 or 16,000 numbers in a second.

    Returns:
        Means over the pairs with their standard errors.

    Raises:
        DataError: another rate, no pairs, or no speech in any.
        MissingExtra: the packages are not installed.
    """
    pesq, pystoi = speech_packages()
    if rate not in MODES or [len(each) for each in real] != [len(each) for each in fake]:
        raise DataError(f"PESQ needs pairs of recordings of 8,000 or 16,000 Hz, not of {rate:,} Hz")
    quality, understood = list[float](), list[float]()
    for number, (x, y) in enumerate(zip(real, fake, strict=True), start=1):
        wide = [np.asarray(each, np.float32) for each in (x, y)]
        if not all(each.any() for each in wide):  # the package divides by the power
            continue
        try:
            quality.append(float(pesq.pesq(rate, *wide, MODES[rate])))
        except (pesq.NoUtterancesError, pesq.BufferTooShortError):
            continue
        understood.append(float(pystoi.stoi(*wide, rate)))
        report_progress("scoring speech", number, len(real))
    if not quality:
        raise DataError("PESQ finds no speech in these recordings")
    protocol = {"pairs": "as given", "rate": rate}
    packages = {"pesq": f"pesq, {MODES[rate]}", "stoi": "pystoi"}
    values = {"pesq": torch.tensor(quality).double(), "stoi": torch.tensor(understood).double()}
    return tuple(
        Result(name, float(each.mean()), len(each), standard_error(each), False, {**protocol, "by": packages[name]})
        for name, each in values.items()
    )


def speech_packages() -> tuple[Any, Any]:
    """pesq and pystoi. Raises MissingExtra."""
    try:
        import pesq  # type: ignore[import-untyped]
        import pystoi  # type: ignore[import-untyped]
    except ImportError as error:
        message = "PESQ and STOI need the packages pesq and pystoi, which are not installed"
        raise MissingExtra(message, hint='pip install "ganvas[speech]"') from error
    return pesq, pystoi

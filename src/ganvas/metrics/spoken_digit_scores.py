"""The metric of spoken digits: scores in the feature space of a classifier of them."""

from dataclasses import asdict, dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge
from torch import Tensor

from ..base.types import Batch, Spec
from ..ops.griffin_lim import waves_of_mel
from ..ops.mel import Mel
from .contract import Result, require
from .digit_scores import DigitSummary, digit_results, summary_of
from .spoken_digits import RATE, SPEC, SpokenDigits

FULL = 32_768  # of 16 bits
GROUPS = ("frechet", "neighbours", "classes")


@dataclass(frozen=True)
class SpokenDigitScores:
    """spoken_frechet = Frechet distance over 128 features of ganvas's classifier of spoken digits; no tool outside
    ganvas has it.

    From the same features: spoken_inception_score (exp of the mean KL divergence of p(y | x) from p(y), at most 10;
    that of real digits is beside it as `real_vs_real`), precision, recall and their relatives, share_D of each digit,
    and read_as_asked: the share that is classified as the digit that was asked for. Salimans et al. 2016, section 4
    (https://arxiv.org/abs/1606.03498); Heusel et al. 2017, section 2 (https://arxiv.org/abs/1706.08500).

    Args:
        n: samples of each side, at least 50.
        mel: of data that are spectrograms (domain Mels): their settings; Griffin-Lim makes both sides' waves. None for
            waves.
        high: of spectrograms: the value that is 1 in x.

    Raises:
        UsageError: by `check_spec`, for data other than recordings of the digits 0 to 9 at 8 kHz.
    """

    n: Annotated[int, Ge(50)] = 1_000
    mel: Mel | None = None
    high: float = 1.0
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        if self.mel is None:
            form = len(spec.shape) == 2
        else:
            form = spec.settings.get("mel") == asdict(self.mel) and spec.settings.get("range", [0])[-1] == self.high
        fits = spec.classes == SPEC.classes and spec.settings.get("rate") == RATE and form
        require(output_kind == "samples" and fits, self, "recordings of the digits 0 to 9 at 8,000 Hz, with classes")

    def summarize(self, batch: Batch) -> DigitSummary:
        """Features and classified digits of one side."""
        return summary_of(SpokenDigits().extract(self.waves(batch.x)), batch.y)

    def compare(self, *, real: DigitSummary, fake: DigitSummary, errors: bool = True) -> tuple[Result, ...]:
        """Scores of two summaries; with errors=False the errors of precision, recall and relatives are None."""
        return digit_results(SpokenDigits(), GROUPS, real=real, fake=fake, errors=errors)

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        return self.compare(real=self.summarize(real), fake=self.summarize(fake))

    def waves(self, x: Tensor) -> Tensor:
        """Samples as waves [n, 1, L], rounded to 16 bits."""
        made = x.cpu().float()
        if self.mel is not None:
            made = waves_of_mel(self.mel, self.mel.from_unit(made[:, 0], self.high))
        return (made * FULL).round().clamp(-FULL, FULL - 1) / FULL

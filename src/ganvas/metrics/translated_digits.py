"""Whether a digit is still the same digit after its picture was translated."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from ..base.types import Batch, Count, Spec
from .contract import Result, require
from .digits import SPEC, Digits, digit_features


@dataclass(frozen=True)
class TranslatedDigits:
    """digit_preserved = share of translated pictures that are classified as the digit of the input; error
    sqrt(p (1 - p) / n).

    The outputs are white digits on black, such as those of PlainDigits: the mean of their colours, without the border
    around 28 x 28 pixels, is classified by ganvas's digit classifier. The true digits are given["input.y"], the classes
    of the stream "input". most_common_digit is the share of the digit that is classified most often: near 0.11 where
    the outputs vary as MNIST does, 1 where all are alike.

    Args:
        n: pictures, at most.

    Raises:
        UsageError: by `check_spec`, for smaller pictures, or where the stream "input" has no classes.

    Example:
        >>> import torch
        >>> from ganvas.base.types import Batch
        >>> from ganvas.data import PlainDigits
        >>> from ganvas.metrics import TranslatedDigits
        >>> items = PlainDigits().items("val")
        >>> x = torch.from_numpy(items.x[:100]).permute(0, 3, 1, 2) / 127.5 - 1
        >>> real = Batch(x=x, given={"input.y": torch.from_numpy(items.y[:100])})
        >>> TranslatedDigits().measure(real=real, fake=Batch(x=x))[0].value > 0.98
        True
    """

    n: Count = 5_000
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        fits = len(spec.shape) == 3 and min(spec.shape[1:]) >= SPEC.shape[1] and "input.y" in spec.given
        require(
            output_kind == "samples" and fits, self, "pictures of 28 x 28 or more, and the classes of a stream input"
        )

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        top, left = ((size - SPEC.shape[1]) // 2 for size in fake.x.shape[2:])
        grey = fake.x.mean(1, keepdim=True)[:, :, top : top + SPEC.shape[1], left : left + SPEC.shape[2]]
        digits, n = digit_features(grey)[1], len(fake.x)
        preserved = float((digits == real.given["input.y"].cpu()).float().mean())
        most = float(torch.bincount(digits, minlength=10).max() / n)
        protocol = {**Digits().describe(), "colours": "mean", "border": "cropped to 28 x 28"}
        errors = [(share * (1 - share) / n) ** 0.5 for share in (preserved, most)]
        return (
            Result("digit_preserved", preserved, n, errors[0], False, protocol),
            Result("most_common_digit", most, n, errors[1], None, protocol),
        )

"""Whole numbers in English words: a small language whose every sentence can be checked."""

from dataclasses import dataclass

from ..base.draws import permutation
from ..base.types import Count
from .source import Items, Split
from .text_lines import as_array, split_lines

ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


@dataclass(frozen=True)
class SpelledNumbers:
    """Different whole numbers below 1,000,000 in words, such as "forty two thousand three hundred and five".

    Args:
        samples: how many, over all splits; 5 % of them are val and 5 % test, at least 50.
        seed: of their choice and of the splits.
    """

    samples: Count = 10_000
    seed: int = 0

    def items(self, split: Split) -> Items:
        numbers = permutation((self.seed, "spelled numbers"), 1_000_000)[: self.samples]
        return Items(x=as_array(split_lines([spelled_number(int(number)) for number in numbers], self.seed)[split]))


def spelled_number(number: int) -> str:
    """A whole number from 0 to 999,999 in English words."""
    thousands, rest = divmod(number, 1_000)
    if thousands:
        text = f"{spelled_number(thousands)} thousand"
        return text if not rest else f"{text} {'and ' if rest < 100 else ''}{spelled_number(rest)}"
    hundreds, rest = divmod(number, 100)
    if hundreds:
        return f"{ONES[hundreds]} hundred" + (f" and {spelled_number(rest)}" if rest else "")
    if number < 20:
        return ONES[number]
    return TENS[number // 10] + (f" {ONES[number % 10]}" if number % 10 else "")

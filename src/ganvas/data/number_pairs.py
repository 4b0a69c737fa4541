"""Whole numbers in digits and in words, in English or Chinese: a translation whose every answer can be checked."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..base.draws import permutation
from ..base.types import Count
from .source import Items, Split
from .spelled_numbers import spelled_number
from .text_lines import as_array, split_lines

DIGITS = "零一二三四五六七八九"
UNITS = ("", "十", "百", "千")


@dataclass(frozen=True)
class NumberPairs:
    """Pairs such as "42305" and "forty two thousand three hundred and five", or "四万二千三百零五".

    Different whole numbers below 1,000,000, drawn uniformly. x are the words, given["question"] the digits.

    Args:
        language: of the words.
        samples: how many, over all splits; 5 % of them are val and 5 % test, at least 50.
        seed: of their choice and of the splits.
    """

    language: Literal["english", "chinese"] = "english"
    samples: Count = 10_000
    seed: int = 0

    def items(self, split: Split) -> Items:
        drawn = permutation((self.seed, "spelled numbers"), 1_000_000)[: self.samples]
        numbers = [int(each) for each in split_lines(list(map(str, drawn.tolist())), self.seed)[split]]
        spell = spelled_number if self.language == "english" else chinese_number
        question = np.array([str(number) for number in numbers], object)
        return Items(x=as_array([spell(number) for number in numbers]), given={"question": question})


def chinese_number(number: int) -> str:
    """A whole number from 0 to 999,999 in Chinese characters, as it is read: 10 is 十, 110 is 一百一十."""
    if not number:
        return DIGITS[0]
    myriads, rest = divmod(number, 10_000)
    text = f"{below_myriad(myriads)}万" if myriads else ""
    between = DIGITS[0] if myriads and 0 < rest < 1_000 else ""
    text += between + below_myriad(rest)
    return text[1:] if text.startswith("一十") else text


def below_myriad(number: int) -> str:
    """1 to 9,999; 零 stands once for zeros between digits, and never at an end. Empty for 0."""
    text, skipped = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += (DIGITS[0] if skipped and text else "") + DIGITS[digit] + UNITS[place]
        skipped = not digit
    return text

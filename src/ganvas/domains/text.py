"""Text: a line of characters or words outside, the numbers of its tokens inside."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..base.errors import DataError, UsageError
from ..base.types import Count, Spec
from ..data.source import Items
from ..ingest.graphemes import graphemes
from ..ops.sequences import END, PAD, SPECIAL, UNKNOWN, hashed_ngrams
from .text_picture import text_picture

MOST_CHARACTERS = 20_000  # of a vocabulary
WORDY = 3.0  # words in a line, on average, from which on tokens are words
FEATURES = 256  # of a text, for distances between texts
Ids = np.ndarray[Any, np.dtype[np.uint16]]


@dataclass(frozen=True)
class Text:
    """x = the numbers of a line's tokens [T], then END, then PAD; without END where every line is of one length.

    PAD, BEGIN, END and UNKNOWN are 0 to 3; the vocabulary's tokens follow, the most frequent first. It is that of the
    training split: tokens of val and test that it lacks are UNKNOWN, which is never generated.

    Args:
        tokens: "characters" (grapheme clusters) or "words" (what white space separates; joined by one space); empty:
            words where lines have three or more on average, else characters.
        longest: tokens of a line; what goes beyond is cut off, and such a line has no END.
        most: words of the vocabulary, the most frequent; rarer ones are UNKNOWN. Characters are all kept.
        vocabulary: the tokens, joined by line ends; empty before `fit`.
        length: T.
        ends: whether x has an END.
    """

    sheet: ClassVar[int] = 20
    prompt_name: ClassVar[str] = "prompt"
    tokens: Literal["", "characters", "words"] = ""
    longest: Count = 100
    most: Count = 10_000
    vocabulary: str = ""
    length: int = 0
    ends: bool = True

    def fit(self, items: Items) -> "Text":
        if items.x.ndim != 1 or items.x.dtype != object:
            raise DataError(f"text is an array of lines [N]; these data are {items.x.dtype} {list(items.x.shape)}")
        if self.vocabulary:  # fitted already, and stored with the run
            return self
        lines: list[str] = items.x.tolist()
        mean = sum(len(line.split()) for line in lines) / len(lines)
        chosen = replace(self, tokens=self.tokens or ("words" if mean >= WORDY else "characters"))
        split = [chosen.split(line) for line in lines]
        counts = Counter(token for tokens in split for token in tokens)
        if chosen.tokens == "characters" and len(counts) > MOST_CHARACTERS:
            raise DataError(
                f"the text has {len(counts):,} different characters, and at most {MOST_CHARACTERS:,} can be learnt",
                hint="Is this text, and in the right encoding? domain.tokens=words keeps the most frequent words.",
            )
        frequent = sorted(counts, key=lambda token: (-counts[token], token))
        frequent = frequent[: chosen.most] if chosen.tokens == "words" else frequent
        sizes = {len(tokens) for tokens in split}
        ends = len(sizes) > 1 or max(sizes) > chosen.longest
        length = min(max(sizes) + ends, chosen.longest)
        return replace(chosen, vocabulary="\n".join(frequent), length=length, ends=ends)

    def spec(self, items: Items) -> Spec:
        settings = {"tokens": SPECIAL + len(self.known), "ends": self.ends, "kind": self.tokens}
        return Spec(
            domain="text",
            shape=(self.length,),
            bounded=False,
            classes=items.classes,
            dtype="int64",
            settings={**settings, "vocabulary": self.vocabulary},
        )

    @property
    def known(self) -> tuple[str, ...]:
        """The tokens of the vocabulary; the number of the first is SPECIAL."""
        return tuple(self.vocabulary.split("\n")) if self.vocabulary else ()

    def split(self, line: str) -> list[str]:
        """The tokens of a line."""
        return line.split() if self.tokens == "words" else graphemes(line)

    def encode(self, items: Items) -> Ids:
        return self.numbers(items.x.tolist())

    def numbers(self, lines: Sequence[str], *, ends: bool = True) -> Ids:
        """Lines as rows of token numbers, uint16 [N, T].

        Args:
            lines: of text.
            ends: whether END follows a line that is short enough, as it does in the data.
        """
        places = number_of(self.vocabulary)
        x = np.full((len(lines), self.length), PAD, np.uint16)
        for row, line in zip(x, lines, strict=True):
            tokens = [places.get(token, UNKNOWN) for token in self.split(line)[: self.length]]
            row[: len(tokens)] = tokens
            if ends and self.ends and len(tokens) < self.length:
                row[len(tokens)] = END
        return x

    def to_tensor(self, stored: Tensor) -> Tensor:
        return stored.long()

    def decode(self, x: Tensor) -> np.ndarray[Any, Any]:
        """Lines of text, objects [N]. UNKNOWN is U+FFFD."""
        known = np.array(["", "", "", "\ufffd", *self.known], object)
        lines = np.empty(len(x), object)
        between = " " if self.tokens == "words" else ""
        lines[:] = [between.join(known[row[row >= UNKNOWN]]) for row in x.detach().long().cpu().numpy()]
        return lines

    def texts(self, x: Tensor) -> list[str]:
        """Samples as lines of text."""
        return list(self.decode(x))

    def prompt(self, line: str) -> Tensor:
        """The beginning of a sample as token numbers, int64 [T]; PAD where it is free.

        Raises:
            UsageError: it is longer than a sample, or has a token that the vocabulary lacks.
        """
        tokens = self.split(line)
        if len(tokens) > self.length:
            raise UsageError(f"the prompt has {len(tokens)} tokens, and a sample has at most {self.length}")
        known = number_of(self.vocabulary)
        if missing := [token for token in tokens if token not in known]:
            kind = self.tokens.removesuffix("s")
            message = f"the model does not know the {kind} {', '.join(map(repr, missing[:10]))}"
            raise UsageError(message, hint="It knows those of its training data.")
        return torch.from_numpy(self.numbers([line], ends=False).astype(np.int64))[0]

    def features(self, x: Tensor) -> Tensor:
        """Numbers [N, 256] whose distances compare texts: shares of single tokens and pairs, hashed."""
        return hashed_ngrams(x, FEATURES)

    def render(self, x: Tensor, columns: int | None = None) -> Image.Image:
        """The lines as a picture; characters that no font of the machine has are boxes."""
        return text_picture(self.texts(x))


@lru_cache(maxsize=8)
def number_of(vocabulary: str) -> dict[str, int]:
    """The number of each token of a vocabulary."""
    return {token: number for number, token in enumerate(vocabulary.split("\n"), start=SPECIAL)}

"""BLEU of sentences against a set of references, and Self-BLEU of a set against itself.

Papineni et al. 2002, section 2. https://aclanthology.org/P02-1040. Self-BLEU: Zhu et al. 2018 (Texygen), section 2.2.
https://arxiv.org/abs/1802.01886
"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence

EPSILON = 0.1  # of a precision without a match
Tokens = Sequence[int]
Gram = tuple[int, ...]


class References:
    """For every n-gram of the references how often one of them has it at most; and the second most, for Self-BLEU.

    Args:
        references: token numbers of each.
        order: the longest n-grams.
    """

    def __init__(self, references: Sequence[Tokens], order: int) -> None:
        self.order = order
        self.lengths = sorted(map(len, references))
        self.most: dict[Gram, tuple[int, int, int]] = {}  # the most, which reference has it, and the most of the others
        for number, reference in enumerate(references):
            for gram, count in ngram_counts(reference, order).items():
                first, owner, second = self.most.get(gram, (0, -1, 0))
                self.most[gram] = (count, number, first) if count > first else (first, owner, max(second, count))

    def most_of(self, gram: Gram, without: int) -> int:
        """How often one reference has it at most, apart from the reference of this number."""
        first, owner, second = self.most.get(gram, (0, -1, 0))
        return second if owner == without else first

    def nearest_length(self, length: int, *, own: bool) -> int:
        """The references' length that is nearest, the shorter of two; with `own`, one reference of this length is left
        out.
        """
        lengths = self.lengths
        if own:
            place = bisect_left(lengths, length)
            lengths = lengths[:place] + lengths[place + 1 :]
        place = bisect_left(lengths, length)
        return min(lengths[max(0, place - 1) : place + 1], key=lambda each: (abs(each - length), each))


def ngram_counts(tokens: Tokens, order: int) -> "Counter[Gram]":
    """How often each n-gram of 1 to `order` tokens occurs."""
    return Counter(
        tuple(tokens[place : place + n]) for n in range(1, order + 1) for place in range(len(tokens) - n + 1)
    )


def sentence_bleu(tokens: Tokens, references: References, *, without: int = -1) -> list[float]:
    """BLEU-n = BP exp(1/n sum_k log p_k), n from 1 to `references.order`, of one sentence.

    p_k is the share of its k-grams that a reference has, each counted at most as often as in one reference; (0 + 0.1) /
    (number of k-grams) where there is none (method 1 of Chen and Cherry 2014, https://aclanthology.org/W14-3346).
    BP = min(1, exp(1 - r / c)), c its length, r the nearest length of a reference.

    Args:
        tokens: of the sentence.
        references: the others.
        without: the number of the reference that is the sentence itself; -1 where it is none.

    Returns:
        BLEU-1 to BLEU-order, each in [0, 1].
    """
    counts, matched = [0] * references.order, [0] * references.order
    for gram, count in ngram_counts(tokens, references.order).items():
        counts[len(gram) - 1] += count
        matched[len(gram) - 1] += min(count, references.most_of(gram, without))
    if not matched[0]:
        return [0.0] * references.order
    nearest = references.nearest_length(len(tokens), own=without >= 0)
    penalty = min(0.0, 1 - nearest / len(tokens))
    found, total = [], 0.0
    for n, (hits, count) in enumerate(zip(matched, counts, strict=True), start=1):
        total += math.log((hits or EPSILON) / max(1, count))
        found.append(math.exp(penalty + total / n))
    return found


def mean_bleu(sentences: Iterable[Tokens], references: References) -> list[list[float]]:
    """`sentence_bleu` of each sentence."""
    return [sentence_bleu(tokens, references) for tokens in sentences]


def self_bleu(sentences: Sequence[Tokens], order: int) -> list[list[float]]:
    """`sentence_bleu` of each sentence against all others of its set. At least two are needed."""
    references = References(sentences, order)
    return [sentence_bleu(tokens, references, without=number) for number, tokens in enumerate(sentences)]

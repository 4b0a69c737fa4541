"""Scores of text: each quality score with its diversity partner, and the likelihood of held-out text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge, Le
from torch import Tensor

from ..base.types import Batch, Spec
from ..ops.sequences import UNKNOWN, hashed_ngrams, token_mask
from .bleu import References, mean_bleu, self_bleu
from .contract import Result, require
from .frechet import frechet
from .statistics import FeatureStatistics

FEATURES = 256
Sentences = list[list[int]]


@dataclass(frozen=True)
class TextScores:
    """Scores of lines of tokens against held-out lines.

    - text_frechet: Frechet distance of hashed n-gram shares (of 1 and 2 tokens, 256 numbers): quality and diversity at
      once. Not the distance in the features of a published encoder.
    - text_nll: nats a token that the model gives the held-out text, its ends included; of the model, not of its
      samples. text_perplexity is its exponential.
    - text_bleu_n: mean BLEU-n of the samples against the held-out lines, n from 2; its partner text_self_bleu_n: the
      same of each sample against all other samples. Neither a high nor a low value is better: near real-vs-real is.
    - text_distinct_n: different n-grams / all n-grams, n 1 and 2, of the samples.
    - text_shared: tokens of the longest run that a sample has in common with a held-out line, the mean over samples.
    - text_repeated: the share of samples that equal another sample; text_held_out: of those that equal a held-out line.

    Args:
        n: samples of each side, at least 50.
        order: the longest n-grams of BLEU, from 2 to 5.

    Raises:
        UsageError: by `check_spec`, for data other than text.
    """

    n: Annotated[int, Ge(50)] = 1_000
    order: Annotated[int, Ge(2), Le(5)] = 4
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        require(output_kind == "samples" and spec.domain == "text", self, "a game that makes text")

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        """Results, text_frechet first; text_nll only where `fake.given` has the model's negative_log_likelihood."""
        x_real, x_fake = real.x.long().cpu(), fake.x.long().cpu()
        reals, fakes = sentences(x_real), sentences(x_fake)
        return (
            frechet_result(x_real, x_fake),
            *likelihood_results(x_real, fake.given.get("negative_log_likelihood")),
            *self._bleu(reals, fakes),
            *diversity(reals, fakes),
            shared(reals, fakes),
        )

    def _bleu(self, reals: Sentences, fakes: Sentences) -> Iterator[Result]:
        protocol = {"bleu": "sentences, nltk method 1", "references": len(reals), "tokens": "those of the model"}
        forward = torch.tensor(mean_bleu(fakes, References(reals, self.order)))
        backward = torch.tensor(self_bleu(fakes, self.order))
        for n in range(2, self.order + 1):
            for name, values in ((f"text_bleu_{n}", forward), (f"text_self_bleu_{n}", backward)):
                values = values[:, n - 1]
                error = float(values.std() / len(values) ** 0.5)
                yield Result(name, float(values.mean()), len(fakes), error, None, protocol)


def sentences(x: Tensor) -> Sentences:
    """The tokens of each line, without END and padding."""
    return [row[row >= UNKNOWN].tolist() for row in x]


def frechet_result(real: Tensor, fake: Tensor) -> Result:
    """The Frechet distance of hashed n-gram shares, with its standard error."""
    sides = [FeatureStatistics.of(hashed_ngrams(x, FEATURES)) for x in (real, fake)]
    found = frechet(real=sides[0], fake=sides[1])
    protocol = {"space": f"shares of 1- and 2-grams hashed to {FEATURES}"}
    return Result("text_frechet", found.value, len(fake), found.error, True, protocol)


def likelihood_results(x: Tensor, nll: Tensor | None) -> Iterator[Result]:
    """Nats a token of held-out lines; the error is over lines."""
    if nll is None:
        return
    counts = token_mask(x).sum(1).double()
    value = float(nll.double().sum() / counts.sum())
    error = float((nll.double() - value * counts).std() / len(x) ** 0.5 / counts.mean())
    protocol = {"unit": "nats a token, ends included"}
    yield Result("text_nll", value, len(x), error, True, protocol)
    perplexity = float(torch.tensor(value).exp())
    yield Result("text_perplexity", perplexity, len(x), perplexity * error, True, protocol)


def diversity(reals: Sentences, fakes: Sentences) -> Iterator[Result]:
    """How different the samples are from each other, and how many equal held-out lines."""
    for n in (1, 2):
        grams = [tuple(line[place : place + n]) for line in fakes for place in range(len(line) - n + 1)]
        yield Result(f"text_distinct_{n}", len(set(grams)) / max(1, len(grams)), len(fakes), None, None, {})
    every = list(map(tuple, fakes))
    counts: dict[tuple[int, ...], int] = {}
    for line in every:
        counts[line] = counts.get(line, 0) + 1
    known = set(map(tuple, reals))
    yield share("text_repeated", [counts[line] > 1 for line in every])
    yield share("text_held_out", [line in known for line in every])


def shared(reals: Sentences, fakes: Sentences) -> Result:
    """Tokens of the longest run that a sample shares with one of the held-out lines: copied text has long ones."""
    left, longest, n = dict(enumerate(fakes)), [0] * len(fakes), 0
    while left:
        n += 1
        known = {tuple(line[at : at + n]) for line in reals for at in range(len(line) - n + 1)}
        left = {
            number: line
            for number, line in left.items()
            if any(tuple(line[at : at + n]) in known for at in range(len(line) - n + 1))
        }
        for number in left:
            longest[number] = n
    found = torch.tensor(longest, dtype=torch.float64)
    error = float(found.std() / len(found) ** 0.5) if len(found) > 1 else None
    return Result("text_shared", float(found.mean()), len(found), error, None, {"unit": "tokens"})


def share(name: str, holds: Sequence[bool]) -> Result:
    """The share of samples of which something holds, with its standard error."""
    p, n = sum(holds) / len(holds), len(holds)
    return Result(name, p, n, (p * (1 - p) / n) ** 0.5, None, {})

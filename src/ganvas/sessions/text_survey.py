"""What a text file holds: encoding, lengths, vocabulary, repeated and empty lines."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..base.wording import counted, shortened
from ..data.custom_text import guess_text
from ..data.source import Items
from ..data.text_lines import as_array, usable_lines
from ..domains.text import Text
from ..ingest.splits import SPLITS

SHOWN = 10  # tokens and lines in the report


class TextSurvey(NamedTuple):
    """The facts of a text file.

    Args:
        encoding: in which it was read.
        lines: without empty ones.
        empty: empty lines, which are left out.
        repeated: lines that equal an earlier one.
        tokens: "characters" or "words".
        shortest, median, longest: tokens of a line.
        vocabulary: different tokens.
        once: tokens that occur once.
        common: the most frequent tokens.
        unknown: the share of val's tokens that the training lines lack.
        splits: lines of train, val and test.
        most_repeated: the lines that occur most often, and how often.
    """

    encoding: str
    lines: int
    empty: int
    repeated: int
    tokens: str
    shortest: int
    median: int
    longest: int
    vocabulary: int
    once: int
    common: tuple[str, ...]
    unknown: float
    splits: tuple[int, ...]
    most_repeated: tuple[tuple[str, int], ...]

    def plain(self) -> dict[str, Any]:
        """The facts as JSON."""
        return {**self._asdict(), "splits": dict(zip(SPLITS, self.splits, strict=True))}

    def report(self) -> Iterator[str]:
        """The facts as lines of text."""
        yield f"{'lines':12} {self.lines:,}; {counted(self.empty, 'empty one', 'empty ones')} left out"
        yield f"{'encoding':12} {self.encoding.upper()}"
        yield f"{'tokens':12} {self.tokens}, {self.shortest} to {self.longest} a line, median {self.median}"
        yield f"{'vocabulary':12} {self.vocabulary:,} different {self.tokens}, {self.once:,} of them once"
        yield f"{'':12} most frequent: {shortened([repr(token)[1:-1] for token in self.common])}"
        yield f"{'unknown':12} {self.unknown:.1%} of the {self.tokens} of val are not in the training lines"
        yield f"{'splits':12} {', '.join(f'{n} {c:,}' for n, c in zip(SPLITS, self.splits, strict=True))}"
        yield f"{'repeated':12} {self.repeated:,}"
        for line, count in self.most_repeated:
            yield f"{'':12} {count:,} times: {line[:80]}"


def survey_text(path: str, encoding: str = "") -> TextSurvey:
    """The facts of a text file, as `ganvas data check` prints them. Raises DataError, UsageError."""
    found = usable_lines(guess_text(path, encoding))
    fitted = Text().fit(Items(x=as_array(found.splits["train"])))
    lines = found.all_lines
    split = {name: [fitted.split(line) for line in found.splits[name]] for name in SPLITS}
    counts = Counter(token for rows in split.values() for row in rows for token in row)
    sizes = sorted(len(row) for rows in split.values() for row in rows)
    known = {token for row in split["train"] for token in row}
    val = [token for row in split["val"] for token in row]
    twice = [(line, count) for line, count in Counter(lines).most_common(SHOWN) if count > 1]
    return TextSurvey(
        found.encoding,
        len(lines),
        found.empty,
        found.repeated,
        fitted.tokens,
        sizes[0],
        sizes[len(sizes) // 2],
        sizes[-1],
        len(counts),
        sum(count == 1 for count in counts.values()),
        tuple(token for token, _ in counts.most_common(SHOWN)),
        sum(token not in known for token in val) / max(1, len(val)),
        tuple(len(found.splits[name]) for name in SPLITS),
        tuple(twice),
    )

"""Messages about the tokens of a person's text."""

from collections.abc import Iterable, Iterator

from ..base.errors import UsageError
from ..base.wording import counted
from ..data.source import Items
from ..ops.sequences import UNKNOWN
from .poems import Poems
from .text import Text


def as_text_domain(domain: object) -> Text:
    """The domain, if it is still that of text after the overrides. Raises UsageError."""
    if not isinstance(domain, Text):
        raise UsageError("--data names text, and domain.kind another kind of data", hint="Leave one of them out.")
    return domain


def unfitted_domain(own: object) -> Text:
    """A recipe's own domain of text, where it is not fitted to other data yet; else one of any text."""
    return own if isinstance(own, Text) and not own.vocabulary else Text()


def check_form(domain: Text, splits: Iterable[Iterable[str]]) -> None:
    """Check the lines of all splits before the training, where a domain demands a form. Raises DataError."""
    if isinstance(domain, Poems):
        domain.check_form(line for lines in splits for line in lines)


def vocabulary_messages(domain: Text, items: Items) -> Iterator[str]:
    """Messages about the tokens, the vocabulary, and what is cut off or unknown."""
    sizes = [len(domain.split(line)) for line in items.x.tolist()]
    form = f"each of {domain.length}" if not domain.ends else f"{min(sizes)} to {max(sizes)} a line"
    yield f"tokens are {domain.tokens}, {form}; {counted(len(domain.known), 'different one')} in the training lines"
    if not domain.ends:
        yield "every line has the same length, and samples keep it by construction"
    if cut := sum(size > domain.longest for size in sizes):
        lines = counted(cut, "training line is", "training lines are")
        yield f"{lines} longer than {domain.longest} tokens and cut off there: domain.longest changes that"
    x = domain.encode(items)
    if unknown := int((x == UNKNOWN).sum()):
        share = unknown / max(1, int((x >= UNKNOWN).sum()))
        yield f"{share:.1%} of the words are rarer than the first {domain.most:,} and unknown: see domain.most"

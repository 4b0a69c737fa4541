"""What only models of text have: a temperature and a prompt."""

from collections.abc import Iterator, Mapping

from ..base.errors import UsageError
from ..base.types import Batch
from ..domains.contract import Domain, HasTexts


def text_options(
    domain: Domain, batches: Iterator[Batch], temperature: float | None, prompt: str
) -> tuple[Iterator[Batch], Mapping[str, float]]:
    """Batches with the prompt, and the keywords for the generator.

    Args:
        domain: of the samples.
        batches: without a prompt.
        temperature: above 0, or None.
        prompt: the beginning of every text.

    Raises:
        UsageError: samples are no text, the temperature is not above 0, or no text can begin so.
    """
    if temperature is None and not prompt:
        return batches, {}
    if not isinstance(domain, HasTexts):
        option = "temperature" if temperature is not None else "prompt"
        raise UsageError(f"only models of text have a {option}", hint=f"Leave --{option} out.")
    if temperature is not None and not 0 < temperature < float("inf"):
        raise UsageError(f"a temperature of {temperature:g} is not above 0", hint="Such as 0.8; 1 changes nothing.")
    if prompt:
        fixed = domain.prompt(prompt)
        batches = (batch.with_given(prompt=fixed.expand(len(batch.x), *fixed.shape)) for batch in batches)
    return batches, {} if temperature is None else {"temperature": temperature}

"""Classes as people name them, to numbers."""

from collections.abc import Sequence
from unicodedata import normalize

import torch
from torch import Tensor

from ..base.errors import UsageError

SHOWN = 10  # names in a message


def class_numbers(
    classes: Sequence[str | int] | str | int | None, known: Sequence[str], *, conditional: bool
) -> Tensor | None:
    """Class numbers of class names or numbers; None for None.

    Args:
        classes: one or several.
        known: the names, in the order of their numbers.
        conditional: whether the model takes classes.

    Raises:
        UsageError: there is no such class, or the model takes none.
    """
    if classes is None:
        return None
    if not conditional:
        raise UsageError(
            "this model was trained without classes",
            hint="Leave --class out, or train a conditional recipe such as cgan.",
        )
    wanted = [str(name) for name in ([classes] if isinstance(classes, str | int) else classes)]
    numbers = {str(number): number for number in range(len(known))} | {
        normalize("NFC", name): number for number, name in enumerate(known)
    }
    for name in wanted:
        if normalize("NFC", name) not in numbers:
            more = f" and {len(known) - SHOWN:,} more" if len(known) > SHOWN else ""
            raise UsageError(f"there is no class '{name}'", hint=f"There are: {', '.join(known[:SHOWN])}{more}.")
    return torch.tensor([numbers[normalize("NFC", name)] for name in wanted])

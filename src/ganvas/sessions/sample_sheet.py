"""Sheets of samples, as previews and for people; samples that are text as lines."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from unicodedata import normalize

import torch
from PIL import Image
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Batch
from ..domains.contract import Domain, HasTexts
from ..games.contract import Game
from ..recipes import Experiment, Recipe, to_yaml
from ..training import data_batches, first_items, noise_batches, outputs

COLUMNS = 10
SHOWN = 10  # names in a message


def picture(experiment: Experiment, game: Game, networks: Mapping[str, nn.Module]) -> Image.Image | None:
    """A sheet made from fixed latents, or from the first items of val; None for a game without pictures."""
    columns = COLUMNS // game.images_per_sample * game.images_per_sample
    n = experiment.domain.sheet if game.images_per_sample == 1 else COLUMNS * columns // game.images_per_sample
    made = sheet(experiment, game, networks, n, experiment.recipe.seed, None)
    return None if made is None else experiment.domain.render(made, columns)


def sample_lines(experiment: Experiment, game: Game, networks: Mapping[str, nn.Module]) -> list[str] | None:
    """The samples of `picture` as lines of text; None where they are no text."""
    domain = experiment.domain
    if not isinstance(domain, HasTexts):
        return None
    made = sheet(experiment, game, networks, experiment.domain.sheet, experiment.recipe.seed, None)
    return None if made is None else domain.texts(made)


def preview_model(recipe: Recipe) -> str:
    """The model's name in the marks of previews: the SHA-256 of its recipe, as its weights still change."""
    return hashlib.sha256(to_yaml(recipe).encode()).hexdigest()


def sheet_classes(experiment: Experiment, game: Game, networks: Mapping[str, nn.Module]) -> tuple[str, ...]:
    """The classes that the samples of `picture` have in turn; none where nothing depends on a class."""
    is_conditional = any(getattr(network, "conditional", False) for network in networks.values())
    if not is_conditional or game.needs_data or game.images_per_sample > 1:
        return ()
    return tuple(str(name) for name in experiment.spec.classes[: experiment.domain.sheet])


def sheet(
    experiment: Experiment, game: Game, networks: Mapping[str, nn.Module], n: int, seed: int, y: Tensor | None
) -> Tensor | None:
    """The samples of a sheet, as the game shows them; None if it shows none."""
    if not game.needs_data:
        made = outputs(game, networks, noise_batches(experiment.spec, y), n=n, seed=seed)
        return game.show(Batch(x=made), made)
    stream = experiment.stream("val")
    n = min(n, len(stream.store))
    return game.show(first_items(stream, n), outputs(game, networks, data_batches(stream), n=n, seed=seed))


def laid_out(domain: Domain, game: Game, made: Tensor, n: int) -> Image.Image:
    """Samples as one picture, as wide as high in whole strips; up to 100 samples at most COLUMNS wide.

    Args:
        domain: draws them.
        game: how many images belong together.
        made: what `sheet` returned.
        n: how many samples were wanted.
    """
    across = round((len(made) / game.images_per_sample) ** 0.5)
    fit = COLUMNS // game.images_per_sample if n <= COLUMNS**2 else across
    return domain.render(made, game.images_per_sample * max(1, min(across, fit)))


def shown_sheet(domain: Domain, game: Game, x: Tensor, n: int) -> Image.Image | None:
    """Samples x of a game without data as one picture, as `Model.sheet` shows them; None if the game shows none."""
    shown = game.show(Batch(x=x), x)
    return None if shown is None else laid_out(domain, game, shown, n)


def positive(n: int) -> int:
    """n. Raises UsageError where it is below 1."""
    if n < 1:
        raise UsageError(f"cannot make {n} samples", hint="Ask for at least 1: -n 64.")
    return n


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
        name = domain.prompt_name
        batches = (batch.with_given(**{name: fixed.expand(len(batch.x), *fixed.shape)}) for batch in batches)
    return batches, {} if temperature is None else {"temperature": temperature}

"""Inversion: the latent codes whose pictures are nearest to given ones, by an encoder, by optimisation, or both."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from ..base.errors import UsageError
from ..sessions.model import Model
from .code_search import Search, nearest_samples, searched
from .edit import Edited, as_model, check_count
from .encoders import predicted_points
from .latent_files import save_points
from .latent_space import LatentPoints, LatentSpace, has_styles
from .person_pictures import Pictures, model_pictures

Place = str | os.PathLike[str]
SPACES = ("z", "w", "w+")
MOST = 64  # pictures
STEPS, STARTS = 400, 4


@dataclass(frozen=True, kw_only=True)
class Inverted(Edited):
    """Given pictures in the upper row, and below them the pictures of the latent codes that were found.

    Args:
        points: the codes, z [n, latent] or w [n, layers, style], and their classes: `start` of every other edit.
        errors: mean square of the difference for each picture, of values in [-1, 1].
    """

    points: LatentPoints
    errors: tuple[float, ...]

    def save_latents(self, out: str | os.PathLike[str]) -> Path:
        """Write the codes to a file that other edits accept as `start`.

        Args:
            out: ends in .safetensors.

        Raises:
            UsageError: another ending.
        """
        return save_points(self.points, self.model, out)


def invert(
    run: Model | Place,
    pictures: Pictures,
    *,
    encoder: Place | None = None,
    steps: int = STEPS,
    starts: int = STARTS,
    space: Literal["z", "w", "w+"] | None = None,
    seed: int = 0,
    classes: str | int | None = None,
    at: str = "auto",
) -> Inverted:
    """The latent codes whose pictures are nearest to given pictures.

    By optimisation: the code is a player of the game `Inversion`, trained by Adam; the search begins at the nearest of
    1,024 samples, several of them, and the best end is the result. By an encoder: `train_encoder` trains one for this
    run; its codes are the result with steps=0, and else the beginning of one more search.

    Args:
        run: a run's folder, or the Model that `load` returned.
        pictures: files, or an array as `Model.sample` gives it, [n, H, W, C]. Files are cropped to the model's shape.
        encoder: the folder of a run of `train_encoder`.
        steps: of Adam; 0 for the codes of the encoder as they are.
        starts: searches for each picture, of which the best is the result.
        space: "z"; "w", one style for all layers; "w+", a style for each layer, nearer to the picture and further from
            what samples are. None: z, or w of generators with styles.
        seed: of the samples and of the noise on the code.
        classes: the class of all pictures, for generators that are given it.
        at: the checkpoint, as `load` takes it.

    Returns:
        The codes, and the pictures that they give.

    Raises:
        UsageError: the model has no latent vectors or no styles, or the encoder is of another generator, or a number
            is wrong.
        DataError: a file cannot be read, or is not of the model's kind.
    """
    if not 0 <= steps <= 100_000 or not 1 <= starts <= 64:
        raise UsageError(
            f"cannot search {starts} times for {steps} steps",
            hint="0 to 100,000 steps and 1 to 64 starts are possible.",
        )
    if steps == 0 and encoder is None:
        raise UsageError("without steps and without an encoder there is nothing to find", hint="Name --encoder.")
    model = as_model(run, at)
    styles = has_styles(model.networks.get("G"))
    space = space or ("w" if styles else "z")
    if space not in SPACES:
        raise UsageError(f"there is no space '{space}'", hint=f"There are: {', '.join(SPACES)}.")
    codes = LatentSpace(model, styles=space != "z")
    x = model_pictures(model, pictures)
    check_count("inversions", len(x), MOST)
    search = Search(codes, each_layer=space == "w+", steps=steps, seed=seed)
    nearest = nearest_samples(codes, x, starts, seed=seed, label=classes)
    begin = [] if encoder is None else [predicted_points(codes, encoder, x, nearest[0].y)]
    found = searched(search, x, [*begin, *(nearest if steps else ())])
    made = codes.generate(found)
    errors = tuple((made - x).square().flatten(1).mean(1).tolist())
    note = f"{len(x)} inverted in {space}: mean square error {', '.join(f'{each:.4f}' for each in errors[:8])}"
    note += f" and {len(errors) - 8} more" if len(errors) > 8 else ""
    return Inverted(
        model, torch.cat([x, made]), len(x), seed, f"{note}, of values from -1 to 1.", points=found, errors=errors
    )

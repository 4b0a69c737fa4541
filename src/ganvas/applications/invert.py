"""Inversion: the latent codes whose pictures are nearest to given ones, by an encoder, by optimisation, or both."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from .code_search import search_in, searched
from .code_starts import beginnings
from .edit import Edited, Place, RunOrModel, as_model, check_count
from .latent_files import save_points
from .latent_space import LatentPoints
from .person_pictures import Pictures, model_pictures

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
    run: RunOrModel,
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
    model = as_model(run, at)
    search = search_in(model, space, steps=steps, starts=starts, seed=seed)
    codes, x = search.space, model_pictures(model, pictures)
    check_count("inversions", len(x), MOST)
    found = searched(search, x, beginnings(codes, x, encoder, starts if steps else 0, seed=seed, label=classes))
    made = codes.generate(found)
    errors = tuple((made - x).square().flatten(1).mean(1).tolist())
    note = f"{len(x)} inverted: mean square error {', '.join(f'{each:.4f}' for each in errors[:8])}"
    note += f" and {len(errors) - 8} more" if len(errors) > 8 else ""
    return Inverted(
        model, torch.cat([x, made]), len(x), seed, f"{note}, of values from -1 to 1.", points=found, errors=errors
    )

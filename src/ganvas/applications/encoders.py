"""The codes that a trained encoder predicts for pictures."""

import os

import torch
from torch import Tensor

from ..base.errors import UsageError
from ..base.play import Play
from ..games.inversion import encoded
from ..sessions.load_model import load
from .latent_space import LatentPoints, LatentSpace, has_styles


def predicted_points(space: LatentSpace, encoder: str | os.PathLike[str], x: Tensor, y: Tensor | None) -> LatentPoints:
    """The codes that an encoder predicts for pictures.

    Args:
        space: of the model, z or w.
        encoder: the folder of a run of `train_encoder`.
        x: pictures [n, C, H, W] in the networks' units.
        y: their classes, or None.

    Raises:
        UsageError: the run has no encoder, or one of another generator.
    """
    model = load(encoder)
    if "E" not in model.networks:
        raise UsageError("this run has no encoder", where=str(encoder), hint="Train one: ganvas edit RUN encoder.")
    mine, theirs = (each.networks["G"].state_dict() for each in (space.model, model))
    if mine.keys() != theirs.keys() or not all(torch.equal(value, theirs[key]) for key, value in mine.items()):
        raise UsageError(
            "this encoder is of another generator", where=str(encoder), hint="Train one for this run and checkpoint."
        )
    with torch.no_grad():
        code = encoded(Play(model.networks), x)
    if space.styles:
        return LatentPoints(code.expand(-1, space.G.layers, -1).contiguous(), y)
    if has_styles(space.G):
        raise UsageError("this encoder predicts styles w", hint="Use the space w or w+.")
    return LatentPoints(code, y)

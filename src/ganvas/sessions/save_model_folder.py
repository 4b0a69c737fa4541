"""A model to a folder that travels: weights, facts, a card for people and a sheet of samples; no data and no path."""

import hashlib
from pathlib import Path

from safetensors.torch import save

from ..runs import encode_picture, mark_of
from ..runs.model_card import model_card
from ..runs.model_folder import (
    CARD,
    DETECTOR,
    FACTS,
    PREVIEW,
    WEIGHTS,
    StoredWeights,
    check_place,
    facts_text,
    write_files,
)
from .model_facts import Described, facts_of, used_players
from .sample_sheet import picture
from .stored_weights import Precision, as_stored, stored_tensors


def save_model_folder(
    model: Described, out: Path, *, every: bool = False, precision: Precision = "float32"
) -> tuple[Path, ...]:
    """Write a model folder; the same model gives the same bytes.

    Args:
        model: what is written.
        out: a new or empty folder, or a model folder, which is replaced.
        every: all players, such as D, to train further; otherwise those that make or transform samples.
        precision: of stored weights with two dimensions or more; the rest stays float32.

    Returns:
        The files.

    Raises:
        UsageError: the folder holds other files.
        ResourceError: it cannot be written.
    """
    check_place(out)
    recipe, spec = model.experiment.recipe, model.experiment.spec
    players = tuple(model.networks) if every else used_players(recipe.game, spec, model.networks)
    tensors = stored_tensors({name: model.networks[name] for name in players}, precision)
    weights = save(tensors, metadata={"format": "pt"})
    digest = hashlib.sha256(weights).hexdigest()
    same = precision == "float32"
    stored = StoredWeights(digest, len(weights), precision, model.sha256 if same else digest)
    drawn = None if recipe.game.needs_data else picture(model.experiment, recipe.game, as_stored(model.networks, same))
    facts = facts_of(model, players, stored, preview=drawn is not None)
    files: dict[str, str | bytes] = {WEIGHTS: weights, CARD: model_card(facts)}
    if model.detector and same:  # it is of these very weights
        files[DETECTOR] = model.detector
    if drawn is not None:
        files[PREVIEW] = encode_picture(drawn, ".webp", mark_of(stored.model, recipe.seed))
    return write_files(out, {**files, FACTS: facts_text(facts)})

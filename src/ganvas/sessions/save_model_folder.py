"""A model to a folder that travels: weights, facts, a card for people and a sheet of samples; no data and no path."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import save
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.files import replace_file
from ..base.version import VERSION
from ..recipes import Experiment, portable_tree, without_paths
from ..runs import cannot_write, encode_picture, mark_of
from ..runs.checkpoint_state import StoredSpec
from ..runs.model_card import model_card
from ..runs.model_folder import CARD, FACTS, PREVIEW, WEIGHTS, ModelFacts, StoredWeights, facts_text, is_model_folder
from .sample_sheet import picture
from .used_players import use_of, used_players

Precision = Literal["float32", "bfloat16"]
OURS = {FACTS, WEIGHTS, CARD, PREVIEW}
KEPT = {".gitattributes", ".git", ".cache", "LICENSE", "LICENSE.md"}  # of a hub, and a person's own


@dataclass(frozen=True)
class Described:
    """What is known of a model besides its weights.

    Args:
        experiment: recipe, domain, spec, fingerprint of the data.
        networks: averaged weights, by player.
        sha256: of the weights, as in marks.
        checkpoint: its name.
        samples_seen: until then.
        scores, findings, grade: of the model, as in `ModelFacts`.
        name, licence, data_note: as in `ModelFacts`.
    """

    experiment: Experiment
    networks: Mapping[str, nn.Module]
    sha256: str
    checkpoint: str
    samples_seen: int
    scores: Sequence[Mapping[str, Any]] = ()
    findings: tuple[tuple[str, str, str], ...] = ()
    grade: str = ""
    name: str = "model"
    licence: str = ""
    data_note: str = ""


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
    facts = ModelFacts(
        name=model.name,
        use=use_of(recipe.game),
        ganvas=VERSION,
        torch=torch.__version__,
        recipe=portable_tree(recipe),
        spec=StoredSpec(**vars(spec)),
        data=model.experiment.fingerprint,
        checkpoint=model.checkpoint,
        samples=model.samples_seen,
        players=players,
        weights=stored,
        scores=tuple(without_paths(dict(score), {}) for score in model.scores),
        findings=model.findings,
        grade=model.grade,
        licence=model.licence,
        data_note=model.data_note,
        preview_seed=None if drawn is None else recipe.seed,
        preview_samples=0 if drawn is None else model.experiment.domain.sheet,
    )
    files: dict[str, str | bytes] = {WEIGHTS: weights, CARD: model_card(facts)}
    if drawn is not None:
        files[PREVIEW] = encode_picture(drawn, ".webp", mark_of(stored.model, recipe.seed))
    return write_files(out, {**files, FACTS: facts_text(facts)})


def check_place(out: Path) -> None:
    """Raises UsageError unless a model folder can be written here without replacing other files."""
    if out.is_dir() and not is_model_folder(out) and any(each.name not in KEPT for each in out.iterdir()):
        raise UsageError("this folder holds other files", where=str(out), hint="Name a new folder with -o.")
    if out.exists() and not out.is_dir():
        raise UsageError("there is a file of this name", where=str(out), hint="Name a new folder with -o.")


def write_files(out: Path, files: Mapping[str, str | bytes]) -> tuple[Path, ...]:
    """Write the files, in this order. Raises ResourceError."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for old in OURS - files.keys():
            (out / old).unlink(missing_ok=True)
        for name, content in files.items():
            replace_file(out / name, content)
    except OSError as error:
        raise cannot_write(out, error) from error
    return tuple(out / name for name in files)


def stored_tensors(networks: Mapping[str, nn.Module], precision: Precision) -> dict[str, Tensor]:
    """The tensors of all networks by player and name, contiguous, each on its own storage."""
    found = {f"{name}.{key}": value for name, each in networks.items() for key, value in each.state_dict().items()}
    return {key: narrowed(value, precision).detach().cpu().contiguous().clone() for key, value in found.items()}


def narrowed(value: Tensor, precision: Precision) -> Tensor:
    """A matrix or a convolution's weights in the precision; vectors, such as those of norms, as they are."""
    matrix = value.ndim > 1 and value.dtype == torch.float32
    return value.to(torch.bfloat16) if matrix and precision == "bfloat16" else value


def as_stored(networks: Mapping[str, nn.Module], same: bool) -> Mapping[str, nn.Module]:
    """Networks whose weights are those of a reader of the folder; the same ones if nothing was rounded."""
    if same:
        return networks
    from copy import deepcopy

    rounded = {name: deepcopy(network) for name, network in networks.items()}
    for network in rounded.values():
        network.load_state_dict(
            {key: narrowed(value, "bfloat16").to(value.dtype) for key, value in network.state_dict().items()}
        )
    return rounded


def renamed(model: Described, **changes: str) -> Described:
    """The model with another name, licence or note where they are not empty."""
    return replace(model, **{key: value for key, value in changes.items() if value})  # type: ignore[arg-type]

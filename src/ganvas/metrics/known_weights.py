"""Published weights of feature extractors: which there are, where they are searched, and how a file is read.

Nothing is downloaded or unpickled here.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from ..base.errors import CheckFailed, DataError, MissingExtra
from ..base.files import NotRegular, TooLarge, read_regular
from ..base.wording import command

VARIABLE = "GANVAS_WEIGHTS"  # a file or a folder
UNSUPPORTED = {".pth", ".pt", ".pkl", ".bin"}  # what torch.save and TorchScript write
PICKLED_CODE = ".pkl"  # of these, what never is a plain state dict
TENSORS, SOURCE = "tensors_sha256", "source_sha256"  # in a converted file's metadata

FILE_BYTES = 2**30  # of a file of weights that is read


class PublishedWeights(NamedTuple):
    """Weights that others publish; every published file has the same bytes.

    Attributes:
        name: in commands, such as "inception".
        title: for people.
        sha256: of a published file.
        bytes: size of a published file.
        published: URL of each published file, by file name.
    """

    name: str
    title: str
    sha256: str
    bytes: int
    published: Mapping[str, str]

    @property
    def converted(self) -> tuple[str, ...]:
        """The names of the files that `ganvas weights convert` makes of the published ones."""
        return tuple(Path(name).with_suffix(".safetensors").name for name in self.published)


INCEPTION = PublishedWeights(
    name="inception",
    title="Inception-2015-12-05",
    sha256="6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
    bytes=95_628_359,
    published={
        "pt_inception-2015-12-05-6726825d.pth": (
            "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth"
        ),
        "weights-inception-2015-12-05-6726825d.pth": (
            "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/"
            "weights-inception-2015-12-05-6726825d.pth"
        ),
    },
)
PUBLISHED = {INCEPTION.name: INCEPTION}


class MissingWeights(MissingExtra):
    """Published weights are missing, or not yet converted."""


class OtherWeights(DataError):
    """The file holds tensors of another network."""


class WeightsFile(NamedTuple):
    """The content of a safetensors file.

    Attributes:
        state: tensors by name.
        sha256: of the tensors, by `tensors_sha256`; not of the file.
        source_sha256: of the published file that it was converted from; empty where the file has no such entry.
        metadata: the file's texts by name.
    """

    state: dict[str, Tensor]
    sha256: str
    source_sha256: str
    metadata: Mapping[str, str]


def find_weights(known: PublishedWeights, given: str = "") -> Path:
    """The safetensors file of published weights.

    Args:
        known: the weights.
        given: a file or folder, the only place then; empty for $GANVAS_WEIGHTS (a file or a folder), then torch.hub's
            cache.

    Raises:
        MissingWeights: there is none; the hint has the command that gets them.
        DataError: a place that was named does not exist, or is a pickle of code.
    """
    searched = search_paths(given)
    for path in searched:
        for file in [path] if path.is_file() else [path / name for name in known.converted]:
            if file.is_file() and file.suffix not in UNSUPPORTED:
                return file
    if (waiting := find_unconverted(known, given)) and waiting.suffix == PICKLED_CODE:
        hint = (
            f"Name the .safetensors that `{command('ganvas', 'weights', 'download', known.name)}` makes, "
            f"or the published {' or '.join(known.published)}."
        )
        raise DataError("a pickle of code is neither read nor converted", where=str(waiting), hint=hint)
    if waiting:
        raise MissingWeights(
            f"{waiting.name} is not yet converted",
            where=str(waiting.parent),
            hint=f"Run `{command('ganvas', 'weights', 'convert', waiting)}`, once.",
        )
    raise MissingWeights(
        f"there are no weights of {known.title} "
        f"(searched {', '.join(map(str, searched))} for {' and '.join(known.converted)})",
        hint=f"Run `{command('ganvas', 'weights', 'download', known.name)}`, or fetch "
        f"{next(iter(known.published.values()))} ({known.bytes / 2**20:.0f} MiB, "
        f"sha256 {known.sha256}) elsewhere and run `ganvas weights convert` on it.",
    )


def find_unconverted(known: PublishedWeights, given: str = "") -> Path | None:
    """The published file of known weights in the places that `find_weights` searches, or None."""
    files = [
        file
        for path in search_paths(given)
        for file in ([path] if path.is_file() else [path / name for name in known.published])
    ]
    return next((file for file in files if file.is_file()), None)


def search_paths(given: str = "") -> tuple[Path, ...]:
    """Files and folders that are searched for weights, in this order. Raises DataError where one that was named does
    not exist.
    """
    named = given or os.environ.get(VARIABLE, "")
    path = Path(named).expanduser()
    if named and not path.exists():
        raise DataError(
            "there are no weights at this place",
            where=named if given else f"${VARIABLE} = {named}",
            hint="Name a file or a folder that exists.",
        )
    return (path,) if given else (path, hub_folder()) if named else (hub_folder(),)


def hub_folder() -> Path:
    """The folder in which torch.hub and most published tools store weights: $TORCH_HOME/hub/checkpoints."""
    return Path(torch.hub.get_dir()) / "checkpoints"


def read_weights(path: Path) -> WeightsFile:
    """The tensors of a safetensors file, on the CPU.

    Args:
        path: of the file, at most 1 GiB.

    Raises:
        DataError: not such a file.
        CheckFailed: a converted file whose tensors have changed.
    """
    try:
        data = read_regular(path, FILE_BYTES)
        state = load(data)
        metadata = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")]).get("__metadata__", {})
    except (NotRegular, TooLarge) as error:
        raise DataError(f"cannot be read as weights: {error.strerror}", where=str(path)) from error
    except (SafetensorError, OSError) as error:
        hint = "`ganvas weights convert FILE` converts a published .pth file."
        raise DataError(f"cannot be read as safetensors: {error}", where=str(path), hint=hint) from error
    digest = tensors_sha256(state)
    if metadata.get(TENSORS, digest) != digest:
        raise CheckFailed("the weights are damaged", where=str(path), hint="Convert the published file again.")
    return WeightsFile(state, digest, metadata.get(SOURCE, ""), metadata)


def tensors_sha256(state: Mapping[str, Tensor]) -> str:
    """SHA-256 over the name, type, shape and bytes of each tensor, in the order of names; the same in any file."""
    digest = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().cpu().contiguous()
        digest.update(f"{name} {str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def load_into(network: nn.Module, state: Mapping[str, Tensor], *, what: str, where: str) -> nn.Module:
    """The network with these weights, in eval mode and without gradients.

    Args:
        network: it may be on the meta device.
        state: tensors by name; counts of batches (num_batches_tracked) may be absent from the network.
        what: the network's title, for messages.
        where: the file, for messages.

    Raises:
        OtherWeights: names, shapes or types are not the network's.
        DataError: values that are not finite.
    """
    wanted = network.state_dict()
    given = {
        name: tensor for name, tensor in state.items() if name in wanted or not name.endswith("num_batches_tracked")
    }
    for name in sorted(wanted.keys() | given.keys()):
        if name not in given or name not in wanted:
            raise OtherWeights(
                f"these are not weights of {what}: {name} is {'missing' if name in wanted else 'unknown'}", where=where
            )
        mine, theirs = (
            f"{str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}" for tensor in (wanted[name], given[name])
        )
        if mine != theirs:
            raise OtherWeights(f"these are not weights of {what}: {name} is {theirs}, not {mine}", where=where)
        if not given[name].isfinite().all():
            raise DataError(f"the weights of {what} are broken: {name} is not finite", where=where)
    network.load_state_dict(given, assign=True)
    return network.eval().requires_grad_(False)


def existing_file(path: str) -> Path:
    """The path of a file. Raises DataError where there is none."""
    file = Path(path).expanduser()
    if not file.is_file():
        raise DataError("there is no such file", where=path)
    return file


def plain_description(network: str, sha256: str) -> dict[str, object]:
    """The protocol of an extractor that gets pictures at their own size."""
    return {"features": network, "weights_sha256": sha256, "resize": "none", "quantisation": "8 bits, before"}

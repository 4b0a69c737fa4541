"""Extractors made of a person's own network: an nn.Module in Python, or an ONNX file."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import torch
from jaxtyping import UInt8
from torch import Tensor, nn

from ..base.errors import DataError, MissingExtra, UsageError
from ..ops.eval_mode import eval_mode
from ..ops.unit_range import to_unit_range
from . import known_weights
from .extractor import BATCH, Features, in_batches

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]


class ModuleExtractor:
    """The output of a network, flattened to [n, d], as features.

    The network gets pictures [n, c, h, w] in [-1, 1], in batches of 8, on the device that it is on. It may return
    `Features` to give class probabilities too. It runs in eval mode and afterwards has the mode that it had. As it is a
    live network, it cannot stand in a recipe, and its features are not cached.

    Args:
        network: returns a tensor with one row a picture, or `Features`.
        name: the first part of the names of its scores, an identifier.

    Raises:
        UsageError: the name is no identifier.
        DataError: by `extract`: features that are not finite, not a tensor, or not one row a picture.

    Example:
        >>> import torch
        >>> from torch import nn
        >>> from ganvas.metrics import ModuleExtractor
        >>> extractor = ModuleExtractor(nn.AvgPool2d(2), name="mean")
        >>> extractor.extract(torch.zeros(1, 1, 2, 4, dtype=torch.uint8)).features
        tensor([[-1., -1.]])
    """

    cacheable: ClassVar[bool] = False  # the hash of the weights does not cover the code of the network
    expensive: ClassVar[bool] = False

    def __init__(self, network: nn.Module, *, name: str) -> None:
        self.network, self.name = network, require_identifier(name)

    def covers(self, shape: tuple[int, ...]) -> bool:
        return len(shape) == 3

    def frechet_features(self, n: int) -> None:
        return None

    def describe(self) -> Mapping[str, object]:
        return known_weights.plain_description(
            type(self.network).__name__, known_weights.tensors_sha256(self.network.state_dict())
        )

    def extract(self, x: UInt8[Tensor, "n c h w"]) -> Features:
        with eval_mode(self.network):
            return in_batches(x, partial(module_features, self.network))


def module_features(network: nn.Module, x: UInt8[Tensor, "n c h w"]) -> Features:
    """Features of one batch of bytes. Raises DataError where the network does not return a tensor or `Features`."""
    place = next(iter((*network.parameters(), *network.buffers())), x).device
    made = network(to_unit_range(x.to(place)))
    if isinstance(made, Features):
        return made
    if not isinstance(made, Tensor):
        raise DataError(f"{type(network).__name__} returned {type(made).__name__}, not a tensor of features")
    return Features(made.flatten(1))


@dataclass(frozen=True)
class OnnxExtractor:
    """The first output [n, d] of an ONNX network as features; an output called "probabilities" gives class
    probabilities.

    The network has one input, float32 [n, c, h, w] in [-1, 1]. It runs on the CPU by onnxruntime.

    Args:
        path: of the .onnx file.
        name: the first part of the names of its scores, an identifier.

    Raises:
        UsageError: the name is no identifier.
        MissingExtra: when it is used: onnxruntime is not installed.
        DataError: when it is used: no such file, or no such network.
    """

    path: str
    name: str = "onnx"
    cacheable: ClassVar[bool] = True
    expensive: ClassVar[bool] = False

    def __post_init__(self) -> None:
        require_identifier(self.name)

    def covers(self, shape: tuple[int, ...]) -> bool:
        wanted = self.loaded.session.get_inputs()[0].shape
        return (
            len(wanted) == 4
            and len(shape) == 3
            and all(not isinstance(side, int) or side == given for side, given in zip(wanted[1:], shape, strict=True))
        )

    def frechet_features(self, n: int) -> None:
        return None

    def describe(self) -> Mapping[str, object]:
        return known_weights.plain_description("ONNX", self.loaded.sha256)

    def extract(self, x: UInt8[Tensor, "n c h w"]) -> Features:
        session = self.loaded.session
        first = session.get_inputs()[0]
        outputs = [output.name for output in session.get_outputs()]
        wanted = [outputs[0], *(name for name in outputs[1:] if name == "probabilities")]

        def extract(part: Tensor) -> Features:
            try:
                made = session.run(wanted, {first.name: to_unit_range(part).cpu().numpy()})
            except self.loaded.errors as error:
                raise DataError(f"the ONNX network failed: {str(error).splitlines()[0]}", where=self.path) from error
            return Features(*(torch.from_numpy(value).flatten(1) for value in made))

        return in_batches(x, extract, first.shape[0] if isinstance(first.shape[0], int) else BATCH)

    @property
    def loaded(self) -> "LoadedOnnx":
        facts = known_weights.existing_file(self.path).stat()
        return load_onnx(self.path, (facts.st_mtime_ns, facts.st_size))


class LoadedOnnx(NamedTuple):
    """An ONNX network ready to run.

    Attributes:
        session: runs it.
        sha256: of the file.
        errors: exceptions that running it may raise.
    """

    session: "InferenceSession"
    sha256: str
    errors: tuple[type[Exception], ...]


@lru_cache(maxsize=2)
def load_onnx(path: str, stamp: tuple[int, int]) -> LoadedOnnx:
    """The network of a file, read from its bytes in memory, so that it cannot load other files.

    Args:
        path: of the .onnx file.
        stamp: time and size of the file, so that a changed file is read again.

    Raises:
        MissingExtra: onnxruntime is not installed.
        DataError: not an ONNX network with one float32 input [n, c, h, w].
    """
    try:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as states  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtra("an ONNX file needs onnxruntime", where=path, hint='pip install "ganvas[onnx]"') from error
    errors = tuple(value for value in vars(states).values() if isinstance(value, type) and issubclass(value, Exception))
    data = known_weights.existing_file(path).read_bytes()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # errors are raised; they need not be printed too
    options.intra_op_num_threads = torch.get_num_threads()
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except errors as error:
        raise DataError(f"cannot be read as ONNX: {str(error).splitlines()[0]}", where=path) from error
    inputs = session.get_inputs()
    if len(inputs) != 1 or inputs[0].type != "tensor(float)" or len(inputs[0].shape) != 4:
        found = ", ".join(f"{each.name} {each.type} {each.shape}" for each in inputs)
        raise DataError(f"an extractor takes one float32 input [n, c, h, w]; this network takes {found}", where=path)
    return LoadedOnnx(session, hashlib.sha256(data).hexdigest(), errors)


def require_identifier(name: str) -> str:
    """The name itself. Raises UsageError where it is no identifier, as names of scores begin with it."""
    if not name.isidentifier():
        raise UsageError(f"'{name}' cannot begin the name of a score", hint="Use letters, digits and underscores.")
    return name

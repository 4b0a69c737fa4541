"""The contract of a kind of data: encoding for networks, decoding and drawing."""

from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from PIL import Image
from torch import Tensor

from ..base.types import Spec
from ..data.source import Items
from ..data.stream import Stored


@runtime_checkable
class Domain(Protocol):
    """The contract of a domain: a frozen dataclass; `fit` returns it with the numbers of the training split."""

    @property
    def sheet(self) -> int:
        """Number of samples of a preview sheet."""
        ...

    def fit(self, items: Items) -> "Domain":
        """A copy of this domain with every number that is taken from the training split.

        Args:
            items: the training split.

        Returns:
            A domain whose `spec`, `encode` and `decode` can be used.
        """
        ...

    def spec(self, items: Items) -> Spec:
        """The form of one x.

        Args:
            items: of one split.

        Returns:
            What networks are built from.
        """
        ...

    def encode(self, items: Items) -> np.ndarray[Any, Any]:
        """Items to the numbers that are stored.

        Args:
            items: of one split.

        Returns:
            uint8, uint16, int16 or float32 [N, ...]; a view keeps mapped data on the disk.
        """
        ...

    def to_tensor(self, stored: Tensor) -> Tensor:
        """Stored numbers to x, as networks receive it.

        Args:
            stored: rows of what `encode` returned, as a tensor.

        Returns:
            x [N, *shape].
        """
        ...

    def decode(self, x: Tensor) -> np.ndarray[Any, Any]:
        """x back to what the source had: uint8 [N, H, W, C], float [N, F].

        Args:
            x: [N, *shape], from a network.

        Returns:
            An array, in the source's own units.
        """
        ...

    def render(self, x: Tensor, columns: int | None = None) -> Image.Image:
        """Samples as one image for people.

        Args:
            x: [N, *shape].
            columns: samples side by side; None: as wide as high.

        Returns:
            An image of Pillow.
        """
        ...


@runtime_checkable
class HasGivenDomain(Protocol):
    """A further member of a domain whose x is of another kind than the given arrays that are stored as x is."""

    def domain_of_given(self) -> Domain:
        """The fitted domain of those arrays, such as the pictures of maps of classes."""
        ...


@runtime_checkable
class DecodesTensors(Protocol):
    """A further member of a domain whose `decode` can be part of an exported program."""

    def decode_tensor(self, x: Tensor) -> Tensor:
        """`decode` in operations of torch only, so that it can be traced.

        Args:
            x: [N, *shape], from a network.

        Returns:
            The same numbers as `decode` returns; float32 in the place of types that runtimes lack.
        """
        ...


@runtime_checkable
class HasStore(Protocol):
    """A further member of a domain whose items are stored, or ordered in training, in another way than arrays."""

    def store(self, items: Items) -> Stored:
        """The items, encoded.

        Args:
            items: of one split.

        Returns:
            A store of as many rows.
        """
        ...


@runtime_checkable
class HasWrittenForm(Protocol):
    """A further member of a domain whose `decode` rounds or limits: scores judge what a person gets."""

    def as_written(self, x: Tensor) -> Tensor:
        """x after `decode` and `encode`.

        Args:
            x: [N, *shape].

        Returns:
            [N, *shape].
        """
        ...


@runtime_checkable
class HasFeatures(Protocol):
    """A further member of a domain whose x are not compared by their distance as they are."""

    def features(self, x: Tensor) -> Tensor:
        """Vectors [N, D] whose distances compare samples.

        Args:
            x: [N, *shape].
        """
        ...


@runtime_checkable
class HasFiles(Protocol):
    """A further member of a domain whose samples are written to a file of this kind of data, such as a table."""

    def write(self, samples: np.ndarray[Any, Any], out: Path) -> None:
        """Write samples to a file.

        Args:
            samples: what `decode` returned.
            out: its ending names the format.

        Raises:
            UsageError: samples of this kind are not written in this format.
            OSError: the file cannot be written.
        """
        ...


@runtime_checkable
class HasTexts(Protocol):
    """Further members of a domain whose samples are lines of text.

    `prompt_name` is the name under which networks find a prompt among the given tensors.
    """

    prompt_name: ClassVar[str]

    def texts(self, x: Tensor) -> list[str]:
        """Samples as lines of text.

        Args:
            x: [N, *shape].
        """
        ...

    def prompt(self, line: str) -> Tensor:
        """The beginning of a sample, in the form of one x; 0 where it is free.

        Args:
            line: the text that a sample begins with.

        Raises:
            UsageError: no sample can begin with it.
        """
        ...

"""A model as a server uses it: its facts, the requests that it can meet, and samples as the content of a file."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from torch import Tensor

from ..base.errors import UsageError
from ..domains.contract import HasFiles, HasTexts
from ..runs import encode_picture, mark_of
from ..sessions.sample_sheet import shown_sheet
from .packed_samples import PackedSampler, WantedSamples
from .sample_content import array_content, csv_content, sample_classes

if TYPE_CHECKING:
    from ..sessions.model import Model

Format = Literal["png", "webp", "npz", "json", "csv"]
MEDIA: dict[str, str] = {
    "png": "image/png",
    "webp": "image/webp",
    "npz": "application/octet-stream",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}


class ServedModel:
    """A loaded model under a name.

    Args:
        name: in addresses.
        model: loaded.
        facts: what is known of it, as `model_facts` of sessions returns it.
    """

    def __init__(self, name: str, model: "Model", facts: dict[str, Any]) -> None:
        self.name, self.model, self.facts = name, model, facts
        self.sampler = PackedSampler(model)

    @property
    def samples(self) -> bool:
        """Whether it makes samples from noise."""
        return self.model.game.output_kind == "samples" and not self.model.game.needs_data

    @property
    def formats(self) -> tuple[str, ...]:
        """In which its samples can be sent."""
        rows = self.model.spec.domain == "points" or isinstance(self.model.domain, HasFiles)
        return ("png", "webp", "npz", "json", *(["csv"] if rows else []))

    def wanted(
        self,
        *,
        n: int,
        seed: int,
        format: str,
        classes: Sequence[str | int] | None = None,
        truncation: float = 1.0,
        temperature: float | None = None,
        prompt: str = "",
    ) -> WantedSamples:
        """A request, checked before it waits.

        Args:
            n: how many samples.
            seed: the same seed gives the same bytes.
            format: one of `formats`.
            classes: names or numbers, repeated to the end; None for all in turn.
            truncation: 1 for the model as it is.
            temperature, prompt: of text.

        Returns:
            What `samples_content` takes.

        Raises:
            UsageError: the model cannot meet it.
        """
        if not self.samples:
            raise UsageError(f"the model '{self.name}' makes no samples from noise", hint="See its translations.")
        if format not in self.formats:
            raise UsageError(f"'{self.name}' sends no {format}", hint=f"Formats: {', '.join(self.formats)}.")
        if truncation != 1 and (isinstance(self.model.domain, HasFiles) or not self.sampler.packs):
            raise UsageError(f"the samples of '{self.name}' are not truncated", hint="Leave truncation out.")
        if (temperature is not None or prompt) and not isinstance(self.model.domain, HasTexts):
            raise UsageError(f"'{self.name}' makes no text, so it takes no temperature and no prompt")
        y = self.model.numbers(list(classes) if classes is not None else None)
        return WantedSamples(n, seed, y, truncation, temperature, prompt)

    def mark(self, seed: int) -> dict[str, Any]:
        """The mark of a file that the model made."""
        return mark_of(self.model.sha256, seed)

    def samples_content(self, wanted: WantedSamples, x: Tensor, format: str) -> bytes:
        """Samples as the content of a file, the bytes that `ganvas sample` writes.

        Args:
            wanted: the request.
            x: its samples [n, *shape], as networks make them.
            format: one of `formats`.

        Returns:
            The bytes.

        Raises:
            UsageError: the picture is too large for the format.
        """
        model, marked = self.model, self.mark(wanted.seed)
        if format in ("png", "webp"):
            return self._sheet(x, wanted.n, format, marked)
        samples = model.domain.decode(x)
        if format == "npz":
            return array_content(samples, sample_classes(model, wanted.n, self._classes(wanted)), marked)
        if format == "csv":
            return (
                table_content(samples, model.domain)
                if isinstance(model.domain, HasFiles)
                else csv_content(samples, model.domain)
            )
        y = sample_classes(model, wanted.n, self._classes(wanted))
        named = None if y is None else [model.spec.classes[each] for each in y] if model.spec.classes else y.tolist()
        tree = {"samples": samples.tolist(), "shape": list(samples.shape), "dtype": str(samples.dtype)}
        return json.dumps({**tree, **({} if named is None else {"classes": named}), "mark": marked}).encode()

    def _classes(self, wanted: WantedSamples) -> list[int] | None:
        return None if wanted.y is None else wanted.y.tolist()

    def _sheet(self, x: Tensor, n: int, format: str, marked: dict[str, Any]) -> bytes:
        try:
            sheet = shown_sheet(self.model.domain, self.model.game, x, n)
            if sheet is None:
                raise UsageError("this game makes no pictures", hint="Use npz or json.")
            return encode_picture(sheet, f".{format}", marked)
        except ValueError as error:  # WebP ends at 16,383 pixels
            raise UsageError(f"cannot send {n:,} samples as one picture: {error}", hint="Use npz.") from error


def table_content(samples: np.ndarray[Any, Any], domain: HasFiles) -> bytes:
    """Rows of a table as the content of a .csv."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "samples.csv"
        domain.write(samples, file)
        return file.read_bytes()

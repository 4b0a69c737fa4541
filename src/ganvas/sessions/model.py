"""A trained model, ready to sample from: `ganvas.load(run).sample(64, seed=0)`."""

import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from ..base.errors import DataError, GanvasError, UsageError
from ..recipes import Experiment, Recipe, check_same, moved, prepared
from ..runs import html_figure
from ..training import batches_of, data_batches, drawn_latents, noise_batches, outputs
from .pretrained import Precision, opened, pushed, saved
from .sample_sheet import class_numbers, laid_out, positive, sheet, text_options

if TYPE_CHECKING:
    from ..base.types import Batch


class Model:
    """The networks of a run with averaged weights, in eval mode and fp32. `ganvas.load` makes one.

    Args:
        experiment: recipe, domain and spec.
        networks: modules by player.
        sha256: of the file of weights.
        checkpoint: its name.
        samples_seen: real samples that D was trained on until then.
        run: the run's folder.
        notes: a sentence for each newer checkpoint that is damaged, and one if an earlier checkpoint is used by its
            score.
    """

    def __init__(
        self,
        experiment: Experiment,
        networks: dict[str, nn.Module],
        sha256: str,
        checkpoint: str,
        samples_seen: int,
        run: Path,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.experiment, self.networks, self.sha256, self.checkpoint, self.samples_seen, self.run = (
            experiment,
            networks,
            sha256,
            checkpoint,
            samples_seen,
            run,
        )
        self.notes = notes  # a sentence for each newer checkpoint that is damaged
        self.game, self.spec, self.domain = experiment.recipe.game, experiment.spec, experiment.domain

    def __repr__(self) -> str:
        classes = f", classes: {len(self.spec.classes)}" if self.conditional else ""
        shape = " x ".join(map(str, self.spec.shape))
        source = type(self.experiment.recipe.source).__name__
        return f"Model({source}, {self.spec.domain} {shape}{classes}, trained on {self.samples_seen:,} samples)"

    def _repr_html_(self) -> str:
        try:
            picture = self.sheet(self.domain.sheet)
        except GanvasError:  # a game that makes no pictures, or whose data are missing
            picture = None
        return html_figure(repr(self), picture)

    def sample(
        self,
        n: int,
        *,
        seed: int = 0,
        classes: Sequence[str | int] | str | int | None = None,
        z: np.ndarray[Any, Any] | None = None,
        temperature: float | None = None,
        prompt: str = "",
    ) -> np.ndarray[Any, Any]:
        """n samples in the form that the source has. The same arguments give the same bytes.

        Args:
            n: how many, at least 1.
            seed: of the latents.
            classes: one or several, by name or number, repeated to the end; None: all in turn. A game that transforms
                data gets those of val.
            z: latents of your own, [n, *latent], such as `0.7 * model.latents(n)` (truncation).
            temperature: of text: below 1 the likely tokens become likelier; None for the model's own distribution.
            prompt: the beginning of every text.

        Returns:
            Images [n, H, W, C], uint8 or in their own units, with C = 4 straight RGBA; points float [n, F]; text [n].

        Raises:
            UsageError: the game makes no samples, a class is unknown, z has another shape, or samples are no text and
                have no temperature and no prompt.
        """
        y, wanted = self.numbers(classes), None
        drawn_from = noise_batches(self.spec, y) if prompt else self._batches(y)  # a prompt takes the place of data
        batches, options = text_options(self.domain, drawn_from, temperature, prompt)
        if self.game.output_kind != "samples":
            raise UsageError("this game makes no samples", hint="Its scores are in metrics.jsonl.")
        if z is not None:
            drawn = self.latents(1)
            if z.shape != (n, *drawn.shape[1:]):
                raise UsageError(f"z has shape {list(z.shape)}; {[n, *drawn.shape[1:]]} is needed for {n} samples")
            wanted = torch.from_numpy(np.ascontiguousarray(z, np.float32))
        made = outputs(self.game, self.networks, batches, n=positive(n), seed=seed, z=wanted, options=options)
        return self.domain.decode(made)

    def latents(
        self, n: int, *, seed: int = 0, classes: Sequence[str | int] | str | int | None = None
    ) -> np.ndarray[Any, Any]:
        """The latents z, float32 [n, *latent], that `sample` generates from with the same arguments.

        Args:
            n: how many, at least 1.
            seed: of the latents.
            classes: as in `sample`.

        Returns:
            float32 [n, *latent].

        Raises:
            UsageError: the model generates from no latents.
        """
        batches = self._batches(self.numbers(classes))
        drawn = (
            drawn_latents(self.game, self.networks, batches, n=positive(n), seed=seed) if "G" in self.networks else None
        )
        if drawn is None:
            raise UsageError("this model generates from no latents", hint="It transforms data: see `answer`.")
        return drawn.numpy()

    def _batches(self, y: Tensor | None) -> "Iterator[Batch]":
        if self.game.needs_data:
            return data_batches(self.experiment.stream("val"))
        return noise_batches(self.spec, y)

    def view(self, samples: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Samples as bytes for display; of pictures with more than 8 bits, the range from black to white.

        Args:
            samples: what `sample` returned.

        Returns:
            uint8 [n, H, W, C] of pictures; else the same samples.
        """
        view = getattr(self.domain, "view", None)
        return samples if view is None else view(samples)

    @property
    def units(self) -> Any:
        """What the values of pictures mean (data/units.Units); None where samples are no pictures."""
        return getattr(self.domain, "units", None)

    def sheet(self, n: int, *, seed: int = 0, classes: Sequence[str | int] | str | int | None = None) -> Any:
        """The same n samples as one picture (PIL).

        Args:
            n: at least 1.
            seed: as in `sample`.
            classes: class names or numbers, repeated to n; None: all take turns.

        Returns:
            An image of Pillow.

        Raises:
            UsageError: as in `sample`, or the game makes no pictures.
        """
        made = sheet(self.experiment, self.game, self.networks, positive(n), seed, self.numbers(classes))
        if made is None:
            raise UsageError("this game makes no pictures", hint="Its scores are in metrics.jsonl.")
        return laid_out(self.domain, self.game, made, n)

    def answer(self, x: Tensor, **given: Tensor) -> Tensor:
        """The players' output for a batch of your own, in the form that networks get.

        Args:
            x: [B, *shape]; zeros where the game reads only `given`.
            given: tensors [B, ...] by name that the game reads.

        Returns:
            [B, ...]: samples, restored samples, or class logits.
        """
        return outputs(self.game, self.networks, batches_of(x, given), n=len(x), seed=0)

    @property
    def facts(self) -> dict[str, str | int]:
        """Name, samples and SHA-256 of the weights."""
        return {"checkpoint": self.checkpoint, "samples": self.samples_seen, "players_sha256": self.sha256}

    def check_data(self) -> None:
        """Check that the data are those of the training.

        Raises:
            DataError: they are missing, or others.
        """
        if prepared(self.experiment.recipe, self.run).fingerprint != self.experiment.fingerprint:
            raise DataError(
                "the data are not those that the run was trained on",
                hint="Restore them; a score on other data would mislead.",
            )

    def with_data(self, data: Path | str) -> "Model":
        """The same model with its data at another place.

        Args:
            data: the new path.

        Returns:
            A Model on the same networks.

        Raises:
            DataError: these are other data.
            UsageError: the source has no path.
        """
        before = self.experiment.recipe
        experiment = prepared(moved(before, data), self.run)
        check_same(experiment, before, self.experiment.fingerprint)
        return Model(experiment, self.networks, self.sha256, self.checkpoint, self.samples_seen, self.run, self.notes)

    def numbers(self, classes: Sequence[str | int] | str | int | None) -> Tensor | None:
        """Class numbers of class names or numbers. Raises UsageError for an unknown class."""
        return class_numbers(classes, self.spec.classes, conditional=self.conditional)

    @classmethod
    def from_pretrained(
        cls, place: str | os.PathLike[str], *, revision: str = "", parts: Recipe | Collection[Any] = ()
    ) -> "Model":
        """The model of a model folder, a ready-made one, or one on a hub: "hf://owner/name"; as `load` opens them.

        Args:
            place: of the model.
            revision: on a hub: a branch, a tag or a commit.
            parts: classes of your own that the recipe uses.

        Returns:
            A Model on the CPU.

        Raises:
            GanvasError: as in `load`.
        """
        folder, (experiment, networks, facts) = opened(place, revision, parts)
        return cls(experiment, networks, facts.weights.model, facts.checkpoint, facts.samples, folder)

    def save_pretrained(
        self, out: str | os.PathLike[str], *, every: bool = False, precision: Precision = "float32", **stated: str
    ) -> tuple[Path, ...]:
        """Write a model folder: weights, facts, a card, a sheet of samples; no data, no path, nothing pickled.

        Args:
            out: a new or empty folder, or a model folder, which is replaced.
            every: all players, so that `--init-from` can train them further; otherwise those that are needed for use.
            precision: "float32", or "bfloat16" for half the size.
            stated: `name` of the model, `licence` such as "Apache-2.0", `data_note`, a sentence on the data.

        Returns:
            The files.

        Raises:
            UsageError: the folder holds other files.
            ResourceError: it cannot be written.
        """
        return saved(self, Path(out), every=every, precision=precision, stated=stated)

    def push_to_hub(
        self, repository: str, *, private: bool = False, endpoint: str | None = None, **options: Any
    ) -> str:
        """Upload the model folder to a hub.

        Args:
            repository: "owner/name"; it is made if it is missing.
            private: whether a new repository is private.
            endpoint: address of the hub; None for the client's own.
            options: those of `save_pretrained`.

        Returns:
            The address of the commit.

        Raises:
            MissingExtra: huggingface_hub is not installed.
            DataError: the hub refuses, or cannot be reached.
        """
        return pushed(self, repository, private=private, endpoint=endpoint, options=options)

    @property
    def conditional(self) -> bool:
        """Whether `sample` accepts classes."""
        return any(getattr(network, "conditional", False) for network in self.networks.values())

"""The contract of further terms of an adversarial game: what D also predicts, and what G is also rewarded for."""

from typing import ClassVar, Protocol, runtime_checkable

from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch
from ..penalties.contract import Context
from .contract import Draws, Latents, Play, Terms


@runtime_checkable
class AuxiliaryTerm(Protocol):
    """A frozen dataclass of terms that both players add to the adversarial one."""

    uses_labels: ClassVar[bool]  # False: the data's classes are kept from the players in training

    def latents(self, play: Play, draws: Draws, y: Tensor | None) -> Latents | None:
        """What G starts from, where the term draws it; None: the game draws it.

        Args:
            play: the live networks.
            draws: the turn's random numbers.
            y: the batch's class numbers [B], or None.

        Returns:
            z and y of every sample, or None.
        """
        ...

    def discriminator_terms(self, context: Context) -> Terms:
        """What D minimises besides.

        Args:
            context: the turn's players, samples and verdicts.

        Returns:
            Terms by name.
        """
        ...

    def generator_terms(self, context: Context) -> Terms:
        """What G minimises besides.

        Args:
            context: the turn's players, samples and verdicts.

        Returns:
            Terms by name.
        """
        ...


@runtime_checkable
class ReadsIntermediate(Protocol):
    """Further members of a term that reads `Context.intermediate`: the game then asks G for its outputs at all depths.

    G is then a generator with `intermediate(z, y, given, **options)`, which returns them as a tuple, x as the last one.
    """

    @property
    def reads_intermediate(self) -> bool:
        """Whether it does; this member marks such a term."""
        ...

    @property
    def needs_real(self) -> bool:
        """Whether G's side of the term reads the real samples."""
        ...


@runtime_checkable
class BeginsAtReals(Protocol):
    """A further member of a term for which some samples of a training turn begin from codes of real ones.

    The views then change a sample by the same random numbers as the real one of its row.
    """

    def begin(self, play: Play, draws: Draws, x: Tensor, latents: Latents) -> Latents:
        """What G starts from in this turn.

        Args:
            play: the live networks.
            draws: the turn's random numbers.
            x: the real samples [B, *shape].
            latents: those that the game has drawn.

        Returns:
            z and y of every sample.
        """
        ...


def outputs_of_all_depths(reader: ReadsIntermediate, play: Play, latents: Latents, batch: Batch) -> tuple[Tensor, ...]:
    """G's outputs at all depths, x [B, *shape] as the last one. Raises UsageError: it shows one depth only."""
    show = getattr(play.networks["G"], "intermediate", None)
    if not callable(show):
        name, G = type(reader).__name__, type(play.networks["G"]).__name__
        hint = "Use Gat, or StyleGan2 with architecture=skip."
        raise UsageError(f"{name} judges pictures of several depths, and {G} shows one", hint=hint)
    shown: tuple[Tensor, ...] = show(latents.z, latents.y, batch.given, **play.options)
    return shown

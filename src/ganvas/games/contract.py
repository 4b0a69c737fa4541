"""A game: whose turn it is, and what each turn minimises."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar, NamedTuple

from torch import Tensor, nn

from ..base.draws import Draws as Draws
from ..base.play import Latents as Latents
from ..base.play import Play as Play
from ..base.types import Batch, Spec, Term

Terms = Mapping[str, Term]
"""What a turn minimises: terms by name; the trainer sums weight * mean."""


class Turn(NamedTuple):
    """A move of one or several players, who step on one backward pass; all other players are held still.

    Args:
        players: their names, such as ("D",).
        terms: called with (play, batch, draws); returns what the players minimise.
        reals: whether the turn reads the batch's x, so that it gets a fresh batch.
    """

    players: tuple[str, ...]
    terms: Callable[[Play, Batch, Draws], Terms]
    reals: bool = True


class Game(ABC):
    """The rules, in a frozen dataclass. A game never touches optimisers, devices, checkpoints or logs."""

    images_per_sample: ClassVar[int] = 1  # images that `show` makes of one sample
    output_kind: ClassVar[str] = "samples"  # or "classes": what `output` is
    needs_data: ClassVar[bool] = False  # whether `output` reads the batch; otherwise only noise and classes
    needs_streams: ClassVar[bool] = (
        False  # whether `output` reads the recipe's further streams too, from the same split
    )
    new_players: ClassVar[frozenset[str]] = frozenset()  # that begin new where the others begin from another run
    finds_anomalies: ClassVar[bool] = False  # whether `assess` gives "anomaly" [B] and "map" [B, H, W]
    critic: ClassVar[str] = "D"  # the player whose real batches are counted as samples seen
    translators: ClassVar[tuple[str, str]] = ("G", "F")  # players that translate pictures: there, and back if it exists

    @property
    def uses_labels(self) -> bool:
        """Whether the players get the data's classes. If not, generators are scored with uniform classes."""
        return True

    @abstractmethod
    def turns(self) -> Mapping[str, Turn]:
        """Every turn there is, by name.

        Returns:
            Turns by name, such as "discriminator" and "generator".
        """

    def round(self) -> tuple[str, ...]:
        """The names of one round's turns, in order.

        Returns:
            Names of turns; one may be there several times.
        """
        return tuple(self.turns())

    def player_spec(self, name: str, spec: Spec) -> Spec:
        """The form of x as a player gets or makes it: that of the data, unless the game changes it for this player.

        Args:
            name: of the player.
            spec: of the data.

        Returns:
            The spec that the player's network is built from.
        """
        return spec

    def player_input(self, name: str, x: Tensor) -> Tensor:
        """Samples in the form of `player_spec`, for uses outside a turn: initialisation and diagnostics.

        Args:
            name: of the player.
            x: [B, *shape] of the data's spec.

        Returns:
            [B, *shape] of the player's spec; the same x gives the same numbers.
        """
        return x

    def latents(self, play: Play, draws: Draws, batch: Batch) -> Latents:
        """What the generator starts from: z ~ N(0, 1) of G's `latent` shape, and the batch's classes.

        Args:
            play: the live networks.
            draws: the turn's random numbers.
            batch: the batch of the turn, or of a use.

        Returns:
            z and y of every sample.
        """
        return Latents(draws.normal("z", *play.G.latent) if play.G.latent else None, batch.y)

    def generate(self, play: Play, latents: Latents, batch: Batch) -> Tensor:
        """Samples x [B, *shape] from latents, a caller's own too: for interpolation, truncation, editing.

        Args:
            play: the live networks.
            latents: of `latents`, or a caller's own.
            batch: the batch of the turn, or of a use.

        Returns:
            x [B, *shape].
        """
        return play.G(latents.z, latents.y, batch.given, **play.options)

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        """What the trained players make of a batch: samples, restored samples, class logits.

        Args:
            play: the live networks.
            batch: the batch of the turn, or of a use.
            draws: the turn's random numbers.

        Returns:
            [B, ...].
        """
        return self.generate(play, self.latents(play, draws, batch), batch)

    def logits(self, play: Play, batch: Batch, x: Tensor) -> Tensor | None:
        """D's logits [B, K] of x in place of the batch's x, for diagnostics; None in games without such a D.

        Args:
            play: the live networks.
            batch: its y and `given` go with x.
            x: [B, *shape].

        Returns:
            [B, K], or None.
        """
        return None

    def assess(self, play: Play, batch: Batch) -> Mapping[str, Tensor]:
        """What the trained players say of real samples, for scores that are not of samples: their likelihood.

        Args:
            play: the live networks.
            batch: real samples.

        Returns:
            [B] by name; metrics find them in `fake.given`, a row for each real sample.
        """
        return {}

    def show(self, batch: Batch, output: Tensor) -> Tensor | None:
        """The images that show progress, in order; None where there is nothing to see.

        Args:
            batch: the batch of the turn, or of a use.
            output: what `output` returned.

        Returns:
            Images [B * images_per_sample, *shape], or None.
        """
        return output

    def state(self, spec: Spec) -> nn.Module | None:
        """Buffers of the game itself, changed only by `after_turn` and saved with the players.

        Args:
            spec: the form of the data.

        Returns:
            A module of buffers, or None.
        """
        return None

    def current_detail(self) -> float | None:
        """How much detail growing networks show in this turn, passed to them as the keyword `detail`; None: none grows.

        It is passed only in training. A growing network stores the last one for use, where none is passed, in a buffer
        that it names in `copied_buffers`, so that the average of its weights has the same.

        Returns:
            A number of at least 0, or None.
        """
        return None

    def strength(self, state: nn.Module | None) -> float:
        """The probability, in [0, 1], with which each view is applied to each sample.

        Args:
            state: the game's own buffers.

        Returns:
            A number in [0, 1].
        """
        return 1.0

    def after_turn(
        self, state: nn.Module, turn: str, stats: Mapping[str, float], recorded: Mapping[str, Tensor]
    ) -> None:
        """Called when a turn is over, in games with a state: the only place that changes it.

        Args:
            state: the game's own buffers.
            turn: the turn's name.
            stats: the mean of each term over the whole batch.
            recorded: rows [batch_samples, ...] that the turn handed over by `Play.record`.
        """
        return

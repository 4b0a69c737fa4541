"""`ganvas.Adversary`: a discriminator, its training and its gradient for G, in somebody else's training loop."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn

from ..base.types import Loss, Network
from ..losses import Relativistic
from .adversary_critic import Turns, ahead, built
from .adversary_entry import AdversaryEntry, gradient_ratio
from .adversary_measurements import LOG, Measurements
from .adversary_player import CriticPlayer, Penalties, check_pair

if TYPE_CHECKING:
    from ..base.updates import Averaging, Optimiser
    from ..diagnosis.remedies import Diagnosis
    from ..penalties.contract import Penalty, View

LARGEST_RATIO = 1e4  # of gradient norms


class AdversaryStep(NamedTuple):
    """What a step of D was like.

    Args:
        steps: of D so far, those included in which it waited.
        terms: the mean of each term that D minimises, over the whole batch; empty where D waited.
        accuracy: P(D(real) > D(fake)) of this batch before the step, the running mean.
        share: of the weight that G gets from now on, in [0, 1].
        waited: whether D did not step, as it is ahead too far.
        findings: what the doctor finds, at the last measurement.
    """

    steps: int
    terms: Mapping[str, float]
    accuracy: float
    share: float
    waited: bool
    findings: "tuple[Diagnosis, ...]"


class Adversary:
    """A discriminator for any training loop of PyTorch: a tokenizer, a codec, a restorer, a distilled generator.

    It has D's optimiser, average, penalties and state; the loop has everything else. G's term enters by the rule of
    `entry`: its weight rises while D separates what it was not trained on yet, and D waits where it is ahead too far.
    The losses, penalties and views are those of the recipes.

    Args:
        discriminator: a module called as module(x), or module(x, y) with classes, that returns logits of any shape
            [B, ...]; or a description such as `ganvas.networks.PatchCritic()`, which needs `shape`.
        loss: of both sides.
        penalties: of D.
        views: changes of all samples that D gets, such as those of `ganvas.augment`.
        optimiser: of D; Adam(lr=2e-4, beta1=0.5) without one.
        ema: the average of D's weights, `adversary.average`; None: there is none.
        weight: of G's term; with a last layer, times the ratio of gradient norms.
        entry: when G's term enters.
        held_out: reals [N, ...] that D is never trained on, by which its accuracy is measured; None: by each batch,
            before D is trained on it.
        accumulate: calls of `discriminator_step` for each step of D, with equal parts of its batch.
        samples: real samples of the whole training, for schedules of D's learning rate without a length of their own.
        shape: of one x, for a description.
        seed: of random numbers.
        device: where D is.

    Example:
        >>> import ganvas, torch
        >>> adversary = ganvas.Adversary(torch.nn.Linear(2, 1), entry=ganvas.AdversaryEntry(ramp=0))
        >>> fake, real = torch.zeros(8, 2, requires_grad=True), torch.ones(8, 2)
        >>> adversary.discriminator_step(fake, real).steps
        1
        >>> adversary.generator_loss(fake, real).shape
        torch.Size([])
    """

    def __init__(
        self,
        discriminator: "nn.Module | Network",
        *,
        loss: "Loss | None" = None,
        penalties: "tuple[Penalty, ...]" = (),
        views: "tuple[View, ...]" = (),
        optimiser: "Optimiser | None" = None,
        ema: "Averaging | None" = None,
        weight: float = 1.0,
        entry: AdversaryEntry | None = None,
        held_out: Tensor | None = None,
        accumulate: int = 1,
        samples: int = 0,
        shape: tuple[int, ...] | None = None,
        seed: int = 0,
        device: torch.device | str = "cpu",
    ) -> None:
        self.turns = Turns(loss or Relativistic(), tuple(penalties), tuple(views))
        module = built(discriminator, shape, seed).to(device)
        learning = Penalties.of(penalties)
        self.player = CriticPlayer(module, optimiser, ema, learning, accumulate, samples, seed, device)
        self.entry, self.weight, self.held_out = entry or AdversaryEntry(), weight, held_out
        self.accuracy, self.share, self.ratio = 0.5, 0.0, 1.0
        self.measured = Measurements()

    @property
    def network(self) -> nn.Module:
        """D as it is trained."""
        return self.player.live.network.module  # type: ignore[return-value]  # of AnyCritic

    @property
    def average(self) -> nn.Module:
        """D with averaged weights; D itself where there is no average."""
        return self.player.live.best.module  # type: ignore[return-value]

    @property
    def steps(self) -> int:
        """Steps of D so far, those included in which it waited."""
        return self.player.steps

    def generator_loss(
        self,
        fake: Tensor,
        real: Tensor | None = None,
        y: Tensor | None = None,
        *,
        reconstruction: Tensor | None = None,
        last_layer: nn.Parameter | None = None,
    ) -> Tensor:
        """What G minimises besides its own loss: share * weight * lambda * the adversarial term. D does not change.

        Args:
            fake: G's samples [B, ...], with their graph.
            real: as many real samples; read by losses of pairs, such as Relativistic.
            y: classes [B], for a D that takes them.
            reconstruction: G's own loss, a scalar with its graph; with `last_layer`, lambda is the ratio of the norms
                of both gradients there (Esser et al. 2021, equation 7), otherwise 1.
            last_layer: G's last weights.

        Returns:
            A scalar; 0 without a graph as long as the share is 0 or where the term is not finite.

        Raises:
            UsageError: shapes do not fit, or the loss needs reals and there are none.
        """
        check_pair(fake, real, needs_real=self.turns.loss.needs_real)
        nothing = torch.zeros((), device=fake.device)
        if self.share == 0:
            return nothing
        with self.player.held_still():
            play, batch, draws = self.player.turn("G", real if real is not None else fake.detach(), y)
            term = self.turns.generator(play, batch, fake, draws)
        self.ratio = self._ratio(term, reconstruction, last_layer)
        if not self.player.all_finite(term):
            self.measured.broke = True
            return nothing
        return self.share * self.weight * self.ratio * term

    def discriminator_step(self, fake: Tensor, real: Tensor, y: Tensor | None = None) -> AdversaryStep:
        """Train D on a batch, or on a part of one; then the share of G's weight follows by the rule of `entry`.

        With torch.distributed, every process calls it with its own part of the batch: gradients are averaged.

        Args:
            fake: G's samples [B, ...]; their graph is not used.
            real: as many real samples.
            y: classes [B], for a D that takes them.

        Returns:
            What the step was like.

        Raises:
            UsageError: shapes do not fit.
        """
        check_pair(fake, real, needs_real=True)
        waits, player = self.entry.waits(self.accuracy, self.steps), self.player
        with torch.set_grad_enabled(not waits), player.trained():
            play, batch, draws = player.turn("D", real, y)
            turns = self.turns._replace(penalties=()) if waits else self.turns
            context, terms = turns.discriminator(play, batch, fake.detach(), draws)
            player.collect(terms, context, ahead(self._real_logits(context, y), context.fake.scores), waits=waits)
        if player.part == 0:
            self._follow(player.step(waits=waits))
        return AdversaryStep(self.steps, player.means, self.accuracy, self.share, waits, self.measured.findings)

    def state_dict(self) -> dict[str, Tensor]:
        """Everything that a loop needs to continue bit by bit.

        Returns:
            Tensors by name, for safetensors or torch.save.

        Raises:
            UsageError: in the middle of an accumulated step.
        """
        numbers = torch.tensor([self.accuracy, self.share, self.ratio], dtype=torch.float64)
        return self.player.state() | {"numbers": numbers}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Continue from a state.

        Args:
            state: what `state_dict` returned.

        Raises:
            CheckFailed: it is of another discriminator.
        """
        self.player.restore(state)
        self.accuracy, self.share, self.ratio = state["numbers"].tolist()

    def _real_logits(self, context: Any, y: Tensor | None) -> Tensor:
        if self.held_out is None:
            return context.real.scores
        count = len(context.x_real)
        rows = (torch.arange(count) + self.steps * count) % len(self.held_out)
        with torch.no_grad():
            return context.verdict(self.held_out[rows].to(context.x_real), "held").scores

    def _ratio(self, term: Tensor, reconstruction: Tensor | None, last_layer: nn.Parameter | None) -> float:
        if reconstruction is None or last_layer is None:
            return 1.0
        pair = [torch.autograd.grad(each, last_layer, retain_graph=True)[0] for each in (reconstruction, term)]
        norms = self.player.norms_of_means(pair)
        self.measured.gradient = float(norms[1])
        return gradient_ratio(norms, LARGEST_RATIO)

    def _follow(self, accuracy: float) -> None:
        steps = self.steps - 1
        self.accuracy = self.entry.averaged(self.accuracy, accuracy, steps)
        before, self.share = self.share, self.entry.next_share(self.share, self.accuracy, self.steps)
        if before == 0 < self.share:
            LOG.info("step %d: the adversary enters, D's accuracy is %.2f", self.steps, self.accuracy)
        self.measured.add(self.steps, self.accuracy, finite=self.player.finite)

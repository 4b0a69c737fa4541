"""Using what was trained: `ganvas.load(run).sample(64, seed=0)`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Batch, Spec
from ..recipes import Experiment, live_networks, read_recipe
from ..runs import Run, checkpoints
from ..training import BUCKET, asked, outputs, shown
from .pictures import COLUMNS, sheet


class Model:
    """The players of a run, ready to use: averaged weights, eval mode, full precision."""

    def __init__(self, experiment: Experiment, networks: dict[str, nn.Module], sha256: str) -> None:
        self.experiment, self.networks, self.sha256 = experiment, networks, sha256
        self.game, self.spec, self.domain = experiment.recipe.game, experiment.spec, experiment.domain

    def sample(self, n: int, *, seed: int = 0, classes: Sequence[str | int] | str | int | None = None) -> np.ndarray[Any, Any]:
        """n samples as the source had them: uint8 [n, H, W, C] for pictures, float [n, F] for points. The same seed gives the same bytes.

        `classes`: one or several, by name or number, repeated to the end; without them all take turns. A game that answers data answers those of val.
        """
        batches = asked(self.spec, self.numbers(classes)) if self.game.from_noise else shown(self.experiment.stream("val"))
        return self.domain.decode(outputs(self.game, self.networks, batches, n=positive(n), seed=seed))

    def sheet(self, n: int, *, seed: int = 0, classes: Sequence[str | int] | str | int | None = None) -> Any:
        """The same n samples as one picture (PIL)."""
        made = sheet(self.experiment, self.game, self.networks, positive(n), seed, self.numbers(classes))
        if made is None:
            raise UsageError("this game makes nothing to look at", mend="Its scores are in metrics.jsonl.")
        columns = COLUMNS // self.game.strip * self.game.strip
        return self.domain.render(made, min(columns, max(self.game.strip, round(n**0.5) * self.game.strip)))

    def answer(self, x: Tensor, **given: Tensor) -> Tensor:
        """What the players make of a batch of your own: x [B, *shape] (zeros will do) and the given tensors that the game wants, all as networks see them."""
        whole = Batch(x=x, given=given)
        places = [torch.arange(start, start + BUCKET) % len(x) for start in range(0, len(x), BUCKET)]  # the last bucket goes round
        return outputs(self.game, self.networks, map(whole.take, places), n=len(x), seed=0)

    def numbers(self, classes: Sequence[str | int] | str | int | None) -> Tensor | None:
        """Class numbers of names or numbers."""
        if classes is None:
            return None
        if not any(getattr(network, "conditional", False) for network in self.networks.values()):
            raise UsageError("this model was trained without classes", mend="Leave --class out, or train a conditional recipe such as cgan.")
        wanted = [str(name) for name in ([classes] if isinstance(classes, str | int) else classes)]
        for name in wanted:
            if name not in self.spec.classes:
                raise UsageError(f"there is no class '{name}'", mend=f"There are: {', '.join(self.spec.classes)}.")
        return torch.tensor([self.spec.classes.index(name) for name in wanted])


def load(path: Path | str) -> Model:
    """The model of a run's newest checkpoint that verifies. Raises GanvasError."""
    run = Run.open(Path(path))
    recipe = read_recipe(run.config)
    newest = checkpoints.latest(run.checkpoints)
    state = checkpoints.read_state(newest)
    spec = Spec.from_json(state["spec"])
    networks = live_networks(recipe, spec)
    weights = load_file(newest / "players.safetensors")
    for name, network in networks.items():
        part = f"{name}.ema." if any(key.startswith(f"{name}.ema.") for key in weights) else f"{name}.network."
        network.load_state_dict({key.removeprefix(part): value for key, value in weights.items() if key.startswith(part)})
        network.eval().requires_grad_(False)
    assert recipe.domain is not None, "a run's recipe is resolved"
    return Model(Experiment(recipe, recipe.domain, spec, state["data"]), networks, checkpoints.sha256(newest / "players.safetensors"))


def positive(n: int) -> int:
    """n, if it can be a count."""
    if n < 1:
        raise UsageError(f"cannot make {n} samples", mend="Ask for at least 1: -n 64.")
    return n

"""Ordinary classifiers of real and of generated pictures, trained alike."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ..augment.shift import Shift
from ..data.source import Items, Split
from ..recipes import Recipe, live_trainer, override, prepare
from ..recipes import recipe as named
from ..training import BUCKET, ProcessGroup

if TYPE_CHECKING:
    from ..sessions.model import Model

REAL, CLASSIC, GENERATED, BOTH, ONLY = (
    "real",
    "real, shifted",
    "real and generated",
    "real, shifted, and generated",
    "generated alone",
)
CONDITIONS = (REAL, CLASSIC, GENERATED, BOTH, ONLY)


@dataclass(frozen=True)
class HeldItems:
    """Training pictures that are there already; val and test are those of the run."""

    train: Items
    model: "Model"

    def items(self, split: Split) -> Items:
        return self.train if split == "train" else self.model.experiment.split_items(split)


class Classifiers:
    """Trains classifiers on pictures of one run.

    Args:
        model: of the run.
        samples: pictures that each is trained on.
        width: of its first layer.
        split: whose accuracy is measured.
    """

    def __init__(self, model: "Model", *, samples: int, width: int, split: Split) -> None:
        self.model, self.samples, self.width, self.split = model, samples, width, split
        self.real = model.experiment.split_items("train")

    def accuracies(self, seed: int, generated: int, confidence: float) -> tuple[dict[str, float], float]:
        """The accuracy of each condition, and the share of samples that the filter accepted."""
        read = self.trained(self.real, seed, shifted=False)
        made, share = self.filtered(read, seed, generated, confidence)
        both = joined(self.real, made)
        networks: dict[str, Callable[[], Callable[[Tensor], Tensor]]] = {
            CLASSIC: lambda: self.trained(self.real, seed, shifted=True),
            GENERATED: lambda: self.trained(both, seed, shifted=False),
            BOTH: lambda: self.trained(both, seed, shifted=True),
            ONLY: lambda: self.trained(made, seed, shifted=False),
        }
        found = {REAL: self.accuracy(read)} | {name: self.accuracy(train()) for name, train in networks.items()}
        return found, share

    def trained(self, items: Items, seed: int, *, shifted: bool) -> Callable[[Tensor], Tensor]:
        """Class probabilities of pictures, by the network of recipe `digits` trained on these items."""
        recipe: Recipe = replace(
            override(named("digits"), {"D.network.width": self.width, "D.optimiser.lr": 2e-3, "D.ema": None}),
            source=HeldItems(items, self.model),
            domain=self.model.domain,
            transforms=(Shift(pixels=2),) if shifted else (),
            samples=self.samples,
            batch_samples=min(64, max(8, len(items) // 16)),  # few pictures: more steps
            scores=(),
            seed=seed,
            threads=1,
        )
        trainer = live_trainer(prepare(recipe), torch.device("cpu"), ProcessGroup())
        while trainer.samples_seen < trainer.total:
            trainer.round()
        network: Any = trainer.players["D"].best.eval()

        def probabilities(x: Tensor) -> Tensor:
            with torch.no_grad():
                return torch.cat([network(part, None, {}).classes.softmax(1) for part in x.split(BUCKET)])

        return probabilities

    def filtered(
        self, read: Callable[[Tensor], Tensor], seed: int, generated: int, confidence: float
    ) -> tuple[Items, float]:
        """Samples of every class that `read` takes for it with confidence; all of them where it would keep none."""
        classes = len(self.model.spec.classes)
        x = self.model.sample(generated * classes, seed=seed, classes=list(range(classes)))
        y = np.arange(len(x)) % classes
        p = read(self.in_network_units(x))
        accepted = ((p.argmax(1) == torch.from_numpy(y)) & (p.amax(1) >= confidence)).numpy()
        chosen = accepted if len(np.unique(y[accepted])) == classes else np.ones(len(x), bool)
        return replace(self.real, x=x[chosen], y=y[chosen], id=np.arange(chosen.sum()), group=None, sha256=""), float(
            accepted.mean()
        )

    def accuracy(self, read: Callable[[Tensor], Tensor]) -> float:
        """On the split."""
        items = self.model.experiment.split_items(self.split)
        y = torch.from_numpy(np.array(items.y))
        return float((read(self.in_network_units(np.asarray(items.x))).argmax(1) == y).float().mean())

    def in_network_units(self, x: np.ndarray[Any, Any]) -> Tensor:
        """Pictures [n, C, H, W] as networks get them."""
        encoded = self.model.domain.encode(Items(x=x, units=self.model.units))
        return self.model.domain.to_tensor(torch.from_numpy(np.array(encoded)))


def joined(one: Items, other: Items) -> Items:
    """The items of both."""
    x, y = (np.concatenate([getattr(each, name) for each in (one, other)]) for name in ("x", "y"))
    return replace(one, x=x, y=y, id=np.arange(len(x)), group=None, sha256="")

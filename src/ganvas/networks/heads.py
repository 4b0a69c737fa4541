"""Discriminators with a further output: a head on the last hidden layer of any of them."""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Given, Network, Spec, Verdict
from ..ops.eval_mode import eval_mode
from .dcgan import DcganCritic
from .layers import class_count, full_precision


@dataclass(frozen=True)
class ClassHead:
    """A critic that also predicts the class: `classes` = W f(x) + b.

    Odena, Olah and Shlens 2017, section 3. https://arxiv.org/abs/1610.09585
    The critic may use the class for its logit, by projection, as long as its features do not depend on it.

    Args:
        network: a discriminator whose features do not depend on the class.
    """

    network: Network = field(default_factory=DcganCritic)

    def build(self, spec: Spec) -> nn.Module:
        trunk = self.network.build(spec)
        check_features_ignore_class(trunk, spec)
        return Headed(trunk, classes=nn.Linear(last_features(trunk, spec).shape[1], class_count(True, spec.classes)))


@dataclass(frozen=True)
class CodeHead:
    """A critic that shares its trunk with Q(c | x): f(x) -> `hidden` -> parameters of Q.

    They are the logits of the category, then mean and log deviation of each dial.
    Chen et al. 2016, section 6 and appendix C.1, without the batch norm. https://arxiv.org/abs/1606.03657

    Args:
        network: an unconditional discriminator with features.
        categories: values of the categorical part of the code.
        dials: continuous parts of the code.
        hidden: numbers of the head's hidden layer.
    """

    network: Network = field(default_factory=DcganCritic)
    categories: Count = 10
    dials: int = 2
    hidden: Count = 128

    def build(self, spec: Spec) -> nn.Module:
        trunk = unconditional(self.network, self, spec)
        layers = (
            nn.Linear(last_features(trunk, spec).shape[1], self.hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(self.hidden, self.categories + 2 * self.dials),
        )
        return Headed(trunk, code=nn.Sequential(*layers))


def unconditional(network: Network, head: object, spec: Spec) -> nn.Module:
    """Builds the trunk. Raises UsageError if it is class-conditional, because the class would leak into the head."""
    if getattr(network, "conditional", False):
        name = type(head).__name__
        raise UsageError(f"{name} needs a critic that does not get the class", hint="Set conditional=false in it.")
    return network.build(spec)


@torch.no_grad()
def check_features_ignore_class(trunk: nn.Module, spec: Spec) -> None:
    """Raises UsageError if the trunk's features depend on y: a head would read off what the trunk was given."""
    features = [last_features(trunk, spec, y) for y in range(min(2, len(spec.classes)))]
    if features and not features[0].is_meta and not torch.equal(features[0], features[-1]):
        raise UsageError(
            "a critic whose features depend on the class cannot predict it",
            hint="Use a projection (conditional=true), or none.",
        )


@torch.no_grad()
def last_features(trunk: nn.Module, spec: Spec, y: int = 0) -> Tensor:
    """The last features [1, d] of x = 0 with class y, in eval mode. Raises UsageError if there are none."""
    given = {name: torch.zeros(1, *each.shape, dtype=getattr(torch, each.dtype)) for name, each in spec.given.items()}
    with eval_mode(trunk):
        features = trunk(torch.zeros(1, *spec.shape), torch.tensor([y]), given).features
    if not features:
        raise UsageError(f"{type(trunk).__name__} has no features to put a head on")
    return features[-1]


class Headed(nn.Module):
    """x [B, *shape] -> the trunk's Verdict with `classes` or `code` as well, computed without y."""

    def __init__(self, trunk: nn.Module, *, classes: nn.Module | None = None, code: nn.Module | None = None) -> None:
        super().__init__()
        self.trunk, self.classes, self.code = trunk, classes, code

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        verdict: Verdict = self.trunk(x, y, given)
        with full_precision(x):  # logits in full precision
            heads = {
                name: head(verdict.features[-1])
                for name, head in (("classes", self.classes), ("code", self.code))
                if head is not None
            }
        return verdict._replace(**heads)

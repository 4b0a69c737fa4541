"""Critics that say more than real or fake: a head on the last hidden layer of any of them."""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Network, Spec, Verdict
from .dcgan import DcganCritic
from .layers import class_count, full_precision


@dataclass(frozen=True)
class ClassHead:
    """A critic that also names the class: `classes` = W f(x) + b. Odena, Olah and Shlens 2017, section 3. https://arxiv.org/abs/1610.09585

    The critic may be told the class for its logit, by projection, as long as its features do not hear of it.
    """

    network: Network = field(default_factory=DcganCritic)

    def build(self, spec: Spec) -> nn.Module:
        body = self.network.build(spec)
        deaf(body, spec)
        return Headed(body, classes=nn.Linear(features_of(body, spec), class_count(True, spec.classes)))


@dataclass(frozen=True)
class CodeHead:
    """A critic that shares its body with Q(c | x): f(x) -> `hidden` -> logits of the category, then mean and log deviation of each dial.

    Chen et al. 2016, section 6 and appendix C.1, without the batch norm. https://arxiv.org/abs/1606.03657
    """

    network: Network = field(default_factory=DcganCritic)
    categories: Count = 10
    dials: int = 2
    hidden: Count = 128

    def build(self, spec: Spec) -> nn.Module:
        body = unconditional(self.network, self, spec)
        layers = (
            nn.Linear(features_of(body, spec), self.hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(self.hidden, self.categories + 2 * self.dials),
        )
        return Headed(body, code=nn.Sequential(*layers))


def unconditional(network: Network, head: object, spec: Spec) -> nn.Module:
    """The body, which must not be told what the head is to find out."""
    if getattr(network, "conditional", False):
        raise UsageError(
            f"{type(head).__name__} wants a critic that is not told the class", hint="Set conditional=false in it."
        )
    return network.build(spec)


@torch.no_grad()
def deaf(body: nn.Module, spec: Spec) -> None:
    """Whether the features are the same for every class, found by asking. Raises UsageError: a head would read off what it is told."""
    was = body.training
    answers = [
        body.eval()(torch.zeros(1, *spec.shape), torch.tensor([y])).features for y in range(min(2, len(spec.classes)))
    ]
    body.train(was)
    if answers and answers[0] is not None and not answers[0].is_meta and not torch.equal(answers[0], answers[-1]):
        raise UsageError(
            "a critic whose features are told the class cannot be asked for it",
            hint="Use a projection (conditional=true), or none.",
        )


@torch.no_grad()
def features_of(body: nn.Module, spec: Spec) -> int:
    """How many features a critic has, found by asking it."""
    was, features = body.training, body.eval()(torch.zeros(1, *spec.shape), torch.zeros(1, dtype=torch.long)).features
    body.train(was)
    if features is None:
        raise UsageError(f"{type(body).__name__} shows no features to put a head on")
    return int(features.shape[1])


class Headed(nn.Module):
    """x [B, *shape] -> the body's Verdict with `classes` or `code` besides, which are not told y."""

    def __init__(self, body: nn.Module, *, classes: nn.Module | None = None, code: nn.Module | None = None) -> None:
        super().__init__()
        self.body, self.classes, self.code = body, classes, code

    def forward(self, x: Tensor, y: Tensor | None = None) -> Verdict:
        verdict: Verdict = self.body(x, y)
        with full_precision(x):  # logits in full precision
            said = {
                name: head(verdict.features)
                for name, head in (("classes", self.classes), ("code", self.code))
                if head is not None
            }
        return verdict._replace(**said)

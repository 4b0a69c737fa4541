"""Wrapped networks: what goes in beside x and z, what comes out beside the logit."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from ganvas.base.errors import UsageError
from ganvas.base.types import Spec
from ganvas.networks.conditional import ClassBatchNormDcgan, ClassConcat, ClassConcatCritic
from ganvas.networks.dcgan import Dcgan, DcganCritic
from ganvas.networks.heads import ClassHead, CodeHead
from ganvas.networks.mlp import Mlp, MlpCritic
from ganvas.networks.unet import UNet

PICTURES = Spec("images", (1, 28, 28), bounded=True, classes=("a", "b", "c"))
POINTS = Spec("points", (2,), bounded=False, classes=("a", "b", "c"))


def test_a_class_beside_z_is_a_longer_latent() -> None:
    torch.manual_seed(0)
    network: Any = ClassConcat(Dcgan(width=4, latent=6)).build(PICTURES).eval()
    torch.manual_seed(0)
    plain: Any = Dcgan(width=4, latent=9).build(PICTURES).eval()
    z, y = torch.randn(3, 6), torch.tensor([2, 0, 1])
    assert network.latent == (6,)
    assert network.conditional
    assert torch.equal(network(z, y), plain(torch.cat([z, F.one_hot(y, 3).float()], dim=1)))


@pytest.mark.parametrize(
    ("spec", "critic"),
    [(PICTURES, DcganCritic(width=4, batch_norm=False)), (POINTS, MlpCritic(widths=(8,)))],
    ids=["pictures", "points"],
)
def test_a_class_beside_x_is_more_channels(spec: Spec, critic: Any) -> None:
    network = ClassConcatCritic(critic).build(spec)
    x, y = torch.randn(4, *spec.shape), torch.tensor([0, 1, 2, 1])
    planes = torch.zeros(4, 3, *spec.shape[1:])
    planes[torch.arange(4), y] = 1
    assert torch.equal(network(x, y).logits, network.network(torch.cat([x, planes], dim=1)).logits)  # type: ignore[operator]
    assert (network(x, y).logits != network(x, (y + 1) % 3).logits).all()


def test_unlabelled_data_take_as_many_categories_as_are_asked_for() -> None:
    bare = Spec("images", (1, 28, 28), bounded=True)
    network: Any = ClassConcat(Dcgan(width=4, latent=6), classes=7).build(bare)
    assert network(torch.randn(2, 6), torch.tensor([0, 6])).shape == (2, 1, 28, 28)
    for part in (ClassConcat(), ClassConcatCritic(), ClassBatchNormDcgan(), ClassHead()):
        with pytest.raises(UsageError, match="labels"):
            part.build(bare)


def test_what_does_not_fit_is_said() -> None:
    for part in (
        ClassConcat(UNet()),
        ClassConcat(Dcgan(conditional=True)),
        ClassConcatCritic(DcganCritic(conditional=True)),
    ):
        with pytest.raises(UsageError, match="unconditional"):
            part.build(PICTURES)
    with pytest.raises(UsageError, match="CodeHead"):
        CodeHead(MlpCritic(conditional=True)).build(PICTURES)
    with pytest.raises(UsageError, match="features depend on the class"):
        ClassHead(ClassConcatCritic(DcganCritic(width=4, batch_norm=False))).build(PICTURES)
    with pytest.raises(UsageError, match="no features"):
        ClassHead(Featureless()).build(PICTURES)


def test_a_projection_hears_the_class_and_the_head_does_not() -> None:
    network = ClassHead(DcganCritic(width=4, batch_norm=False, conditional=True)).build(PICTURES)
    x, y = torch.randn(4, 1, 28, 28), torch.tensor([0, 1, 2, 0])
    asked, other = network(x, y), network(x, (y + 1) % 3)
    assert (asked.logits != other.logits).all()
    assert torch.equal(asked.classes, other.classes)


class Featureless:
    """A critic of one logit and no more."""

    def build(self, spec: Spec) -> torch.nn.Module:
        from ganvas.base.types import Given, Verdict

        class Bare(torch.nn.Module):
            def forward(self, x: torch.Tensor, y: torch.Tensor | None = None, given: Given = None) -> Verdict:
                return Verdict(x.flatten(1)[:, :1])

        return Bare()


@pytest.mark.parametrize("body", [DcganCritic(width=4), MlpCritic(widths=(8,))], ids=["convolutions", "dense"])
def test_heads_read_the_bodys_features(body: Any) -> None:
    x = torch.randn(5, 1, 28, 28)
    named, coded = ClassHead(body).build(PICTURES).eval(), CodeHead(body, categories=4, dials=3).build(PICTURES).eval()
    for network, said, size in ((named, "classes", 3), (coded, "code", 10)):
        inner: Any = network.trunk
        verdict, bare = network(x), inner(x)
        assert torch.equal(verdict.logits, bare.logits)
        head: Any = getattr(network, said)
        assert torch.equal(getattr(verdict, said), head(bare.features[-1]))
        assert getattr(verdict, said).shape == (5, size)
        assert getattr(verdict, {"classes": "code", "code": "classes"}[said]) is None


def test_building_a_head_draws_and_changes_nothing_else() -> None:
    torch.manual_seed(0)
    network = ClassHead(DcganCritic(width=4)).build(PICTURES)
    assert all(module.training for module in network.modules())
    deviations = [value for name, value in network.named_buffers() if name.endswith("running_var")]
    assert deviations
    assert all((value == 1).all() for value in deviations), "asking for the features leaves batch norm alone"


def test_the_norms_hear_the_class() -> None:
    torch.manual_seed(0)
    network: Any = ClassBatchNormDcgan(width=4, latent=6).build(PICTURES).eval()
    z = torch.randn(3, 6)
    first, other = network(z, torch.tensor([0, 0, 0])), network(z, torch.tensor([1, 0, 0]))
    assert not torch.equal(first[0], other[0])
    assert torch.equal(first[1:], other[1:])
    counts = [
        sum(p.numel() for p in part.build(PICTURES).parameters())
        for part in (ClassBatchNormDcgan(width=4, latent=6), Dcgan(width=4, latent=6))
    ]
    assert counts[0] - counts[1] == 2 * (3 - 1) * (4 + 8), "a scale and a shift for each class in place of one"


def test_mlp_players_can_be_wrapped_too() -> None:
    network: Any = ClassConcat(Mlp(widths=(8,), latent=2)).build(POINTS)
    assert network(torch.randn(4, 2), torch.tensor([0, 1, 2, 0])).shape == (4, 2)

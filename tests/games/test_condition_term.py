"""What G pays for a category that it was not asked for, and what it is paid for."""

import torch

from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.types import Batch, Spec
from ganvas.games.condition_term import ConditionTerm
from ganvas.networks.table_players import TableCritic, TableMlp
from ganvas.penalties.contract import Context

DRAWS = Draws("test", rows=range(2))
SPEC = Spec("tables", (6,), False, settings={"blocks": [3, -2], "counts": [6, 3, 1]})


def context_of(x: torch.Tensor, condition: torch.Tensor) -> Context:
    return Context(Play({}), Batch(x, given={"condition": condition}), DRAWS, x_fake=x)


def test_the_logarithm_of_the_share_that_was_asked_for() -> None:
    x = torch.tensor([[0.7, 0.2, 0.1, 0.5, 1, 0], [0.0, 1.0, 0.0, 0.5, 0, 1]])
    condition = torch.tensor([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    terms = ConditionTerm(weight=3.0).generator_terms(context_of(x, condition))
    torch.testing.assert_close(terms["condition"].value, torch.tensor([-torch.log(torch.tensor(0.2)).item(), 0.0]))
    assert terms["condition"].weight == 3.0
    assert ConditionTerm().generator_terms(Context(Play({}), Batch(x), DRAWS, x_fake=x)) == {}


def test_its_gradient_is_that_of_the_cross_entropy_even_where_the_share_is_nearly_zero() -> None:
    """d/dl -log softmax(l / T)_k = (softmax - onehot) / T."""
    logits = torch.tensor([[0.0, -8.0, 0.5]], requires_grad=True)
    share = torch.softmax(logits / 0.2, 1)
    x = torch.cat([share, torch.zeros(1, 3)], 1)
    ConditionTerm().generator_terms(context_of(x, torch.tensor([[0.0, 1.0, 0.0]])))["condition"].value.sum().backward()
    expected = (share.detach() - torch.tensor([[0.0, 1.0, 0.0]])) / 0.2
    torch.testing.assert_close(logits.grad, expected, atol=1e-4, rtol=1e-4)


def test_d_gets_activated_values_also_where_no_column_is_discrete() -> None:
    plain = Spec("tables", (3,), False, settings={"blocks": [-2], "counts": []})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        G = TableMlp(widths=(8,), latent=4).build(plain)
        x = G(10 * torch.randn(64, 4))
    assert x[:, 0].abs().max() <= 1
    torch.testing.assert_close(x[:, 1:].sum(1), torch.ones(64))


def test_conditions_in_use_have_the_shares_of_the_data_and_may_be_held() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        G = TableMlp(widths=(8,), latent=4, fixed=True).build(SPEC)
        x = G(torch.randn(4_000, 4))
        asked = torch.tensor([[0.0, 0.0, 1.0]]).expand(5, 3)
        held = G(torch.randn(5, 4), None, {"condition": asked})
    shares = x[:, :3].mean(0)
    torch.testing.assert_close(shares, torch.tensor([0.6, 0.3, 0.1]), atol=0.03, rtol=0)
    assert torch.equal(held[:, :3], asked)


def test_d_judges_packs_with_their_conditions() -> None:
    D = TableCritic(widths=(8,), pack=2, dropout=0.0).build(SPEC)
    x, condition = torch.randn(6, 6), torch.eye(3)[torch.tensor([0, 1, 2, 0, 1, 2])]
    verdict = D(x, None, {"condition": condition})
    assert verdict.logits.shape == (3, 1)
    changed = condition.flip(0)
    assert not torch.equal(D(x, None, {"condition": changed}).logits, verdict.logits)

"""Networks of text: causal, cached sampling equals the whole pass, and the same z gives the same text."""

from dataclasses import replace
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from ganvas.base.errors import UsageError
from ganvas.base.types import Spec
from ganvas.networks.text_lstm import TextLstm
from ganvas.networks.text_transformer import TextTransformer
from ganvas.networks.token_sampling import draw_tokens, relaxed_tokens, token_form
from ganvas.ops.sequences import (
    BEGIN,
    END,
    PAD,
    UNKNOWN,
    inverse_cdf,
    right_aligned,
    shifted,
    standard_uniform,
    token_mask,
)

K, T, B = 11, 7, 5
SPEC = Spec("text", (T,), bounded=False, dtype="int64", settings={"tokens": K, "ends": True})
WRITERS: list[Any] = [TextLstm(embedding=6, width=8, layers=2), TextTransformer(width=8, depth=2, heads=2)]
each_writer = pytest.mark.parametrize("described", WRITERS, ids=lambda each: type(each).__name__)


def built(described: Any, spec: Spec = SPEC) -> Any:
    torch.manual_seed(0)
    return described.build(spec).eval()


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


@each_writer
def test_one_token_at_a_time_is_the_whole_pass(described: Any) -> None:
    network = built(described).double()
    x = network.float()(normal(B, T))
    network.double()
    whole = network.token_logits(x)
    memory = tuple(each.double() for each in network.memory(B))
    for t, token in enumerate(shifted(x).T):
        logits, memory = network.step(token, memory)
        torch.testing.assert_close(logits.float(), whole[:, t])


@each_writer
def test_a_token_depends_on_earlier_ones_only(described: Any) -> None:
    network, x = built(described), torch.full((1, T), 5)
    changed = x.clone()
    changed[0, 3] = 7
    before, after = network.token_logits(x), network.token_logits(changed)
    torch.testing.assert_close(before[:, :4], after[:, :4])
    assert not torch.allclose(before[:, 4:, 4:], after[:, 4:, 4:])


@each_writer
def test_samples_end_once_and_keep_the_prompt(described: Any) -> None:
    network, z = built(described), normal(200, T)
    x = network(z)
    assert torch.equal(x, network(z))
    assert not torch.isin(x, torch.tensor([BEGIN, UNKNOWN])).any()
    ended = (x == END).cumsum(1) > 0
    assert ended.any()
    assert not ended.all()
    assert torch.equal(x == PAD, ended & (x != END))
    assert ((x == END).sum(1) <= 1).all()
    rows = torch.cat([network(z[row : row + 1]) for row in range(20)])
    assert torch.equal(rows, x[:20]), "a sample does not depend on the others"
    prompt = torch.zeros(200, T, dtype=torch.int64)
    prompt[:, :2] = torch.tensor([9, 4])
    assert (network(z, None, {"prompt": prompt})[:, :2] == prompt[:, :2]).all()
    with pytest.raises(UsageError, match="temperature"):
        network(z, temperature=0.0)


@each_writer
def test_text_of_one_length_keeps_it(described: Any) -> None:
    fixed = replace(SPEC, settings={"tokens": K, "ends": False})
    x = built(described, fixed)(normal(300, T))
    assert (x >= 4).all()
    assert len(x.unique()) == K - 4


@each_writer
def test_the_share_of_each_first_token_is_its_probability(described: Any) -> None:
    network = built(described)
    for temperature in (1.0, 0.5):
        x = network(normal(20_000, T), temperature=temperature)
        logits = network.token_logits(x[:1])[0, 0]
        logits[UNKNOWN] = -torch.inf
        wanted = (logits / temperature).softmax(0)
        found = torch.bincount(x[:, 0], minlength=K) / len(x)
        assert (found - wanted).abs().max() < 0.012


@each_writer
@pytest.mark.parametrize("hard", [True, False])
def test_relaxed_samples_are_distributions_with_a_gradient(described: Any, hard: bool) -> None:
    network = built(described)
    y = network.relaxed(400, 5.0, hard=hard)
    assert y.shape == (400, T, K)
    torch.testing.assert_close(y.sum(2), torch.ones(400, T))
    assert hard == bool(((y < 1e-6) | (y > 1 - 1e-6)).all())
    x = y.argmax(2)
    ended = (x == END).cumsum(1) > 0
    assert torch.equal(x == PAD, ended & (x != END))
    logits = network.token_logits(torch.full((1, T), 5))[0, 0]
    logits[UNKNOWN] = -torch.inf
    found = torch.bincount(x[:, 0], minlength=K) / len(x)
    assert (found - logits.softmax(0)).abs().max() < 0.09, "Gumbel's maximum has the model's distribution"
    (y[:, :, 6].sum()).backward()
    gradient = network.last.weight.grad
    assert gradient.isfinite().all()
    assert gradient.any()


def test_the_inverse_of_the_distribution_function() -> None:
    logits = torch.tensor([[0.2, 0.0, 0.3, 0.5]]).log().expand(6, 4)
    u = torch.tensor([0.0, 0.19, 0.21, 0.49, 0.51, 1 - 2.0**-24])
    assert inverse_cdf(logits, u).tolist() == [0, 0, 2, 2, 3, 3]
    assert inverse_cdf(logits[1:], u[1:], temperature=0.01).tolist() == [3] * 5
    z = torch.tensor([-40.0, 0.0, 1.0, 40.0])
    torch.testing.assert_close(standard_uniform(z), torch.tensor([0.0, 0.5, 0.8413447, 1 - 2.0**-24]))


def test_a_drawn_token_is_read_next() -> None:
    """A step whose memory counts, and whose logits demand one more than the token that it reads."""

    def step(tokens: torch.Tensor, memory: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        wanted = torch.where(tokens == BEGIN, 5, (tokens + 1).clamp(max=K - 1))
        logits = F.one_hot(torch.where(memory == 3, END, wanted), K) * 1e4
        return logits, memory + 1

    x = draw_tokens(step, z=normal(2, T), memory=torch.zeros(2, dtype=torch.int64))
    assert x.tolist() == [[5, 6, 7, END, PAD, PAD, PAD]] * 2
    assert token_mask(x).sum(1).tolist() == [4, 4]
    form = token_form(TextLstm(), SPEC)
    y = relaxed_tokens(
        step, batch=2, form=form, memory=torch.zeros(2, dtype=torch.int64), inverse_temperature=1.0, hard=False
    )
    assert y.argmax(2).tolist() == x.tolist()


ASKED = replace(SPEC, settings={**SPEC.settings, "question_tokens": 9, "question_length": 4})
QUESTIONS = torch.tensor([[5, 6, 2, 0], [7, 8, 4, 5], [5, 2, 0, 0], [6, 6, 6, 2], [4, 5, 2, 0]])


@each_writer
def test_the_question_is_read_before_the_answer(described: Any) -> None:
    network, given = built(described, ASKED), {"question": QUESTIONS}
    x = network(normal(B, T), None, given)
    whole = network.token_logits(x, given)
    memory = network.memory(B, given)
    for t, token in enumerate(shifted(x).T):
        logits, memory = network.step(token, memory)
        torch.testing.assert_close(logits, whole[:, t])
    other = QUESTIONS.clone()
    other[0, 0] = 8
    changed = network.token_logits(x, {"question": other})
    assert (changed[0, 0, 4:] != whole[0, 0, 4:]).all()
    torch.testing.assert_close(changed[1:], whole[1:])
    assert network.relaxed(B, 2.0, hard=False, given=given).shape == (B, T, K)
    with pytest.raises(UsageError, match="answers questions"):
        network.token_logits(x)


def test_padding_goes_before_a_question() -> None:
    assert right_aligned(QUESTIONS).tolist() == [[0, 5, 6, 2], [7, 8, 4, 5], [0, 0, 5, 2], [6, 6, 6, 2], [0, 4, 5, 2]]


def test_text_networks_refuse_other_data() -> None:
    with pytest.raises(UsageError, match="these data are points"):
        TextLstm().build(Spec("points", (3,), bounded=False))

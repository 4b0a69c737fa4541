"""Games with tokens: rewards worked out by hand, the gradient of a policy, and relaxed samples."""

import copy
from dataclasses import replace
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.types import Batch, Spec, Verdict
from ganvas.games import reinforce
from ganvas.games.answers import AnswerLikelihood, AnswerReinforce
from ganvas.games.gumbel import Gumbel
from ganvas.games.likelihood import Likelihood, negative_log_likelihood
from ganvas.games.reinforce import Reinforce, discounted
from ganvas.games.rewards import ConstantReward, Logit, MovingBaseline, RealProbability
from ganvas.losses.relativistic import Relativistic
from ganvas.networks.text_cnn_critic import TextCnnCritic
from ganvas.networks.text_lstm import TextLstm
from ganvas.networks.text_lstm_critic import TextLstmCritic
from ganvas.recipes import override, prepare, recipe
from ganvas.recipes.build import live_trainer
from ganvas.recipes.tiny import tiny_overrides
from ganvas.training.distributed import ProcessGroup
from ganvas.training.state import counters, restore, state_tensors

K, T, B = 9, 5, 6
SPEC = Spec("text", (T,), bounded=False, dtype="int64", settings={"tokens": K, "ends": True})
CRITICS: list[Any] = [
    TextCnnCritic(embedding=4, sizes=(1, 2, 30), filters=5, representations=3),
    TextLstmCritic(embedding=4, width=6),
]


class Counter(nn.Module):
    """Logits: how often 7 is among the tokens; or at each token whether it is 7."""

    def __init__(self, *, dense: bool) -> None:
        super().__init__()
        self.dense = dense

    def forward(self, x: Tensor, y: Tensor | None = None, given: Any = None) -> Verdict:
        sevens = (x == 7).float()
        return Verdict(sevens if self.dense else sevens.sum(1, keepdim=True))


class Same:
    """A reward that is the logit."""

    is_reward: ClassVar[bool] = True

    def of(self, logits: Tensor) -> Tensor:
        return logits


def built(described: Any, spec: Spec = SPEC) -> Any:
    torch.manual_seed(0)
    return described.build(spec).eval()


def draws(n: int = B) -> Draws:
    return Draws("test", rows=range(n))


def test_likelihood_is_the_sum_over_tokens_and_the_end() -> None:
    writer = built(TextLstm(embedding=4, width=4))
    x = torch.tensor([[5, 7, 2, 0, 0], [4, 4, 4, 4, 4]])
    play = Play({"G": writer})
    p = writer.token_logits(x).softmax(2)
    wanted = [-sum(p[row, t, x[row, t]].log() for t in range(n)) for row, n in ((0, 3), (1, 5))]
    torch.testing.assert_close(negative_log_likelihood(play, x), torch.stack(wanted))
    term = Likelihood().likelihood_turn(play, Batch(x), draws(2))["likelihood"]
    torch.testing.assert_close(term.value, torch.stack(wanted))
    assert set(Likelihood().assess(play, Batch(x))) == {"negative_log_likelihood"}


def test_discounted_sums() -> None:
    assert discounted(torch.tensor([[1.0, 2.0, 4.0]]), 0.5).tolist() == [[3.0, 4.0, 4.0]]


def advantages(game: Reinforce, x: Tensor, *, dense: bool, state: Any = None) -> Tensor:
    play = Play({"G": built(TextLstm(embedding=4, width=4)), "D": Counter(dense=dense)}, state)
    return game.advantages(play, Batch(x), draws(len(x)), x)


def test_advantages_worked_out_by_hand() -> None:
    x = torch.tensor([[7, 4, 7, 2, 0], [4, 4, 4, 4, 7]])
    dense = advantages(Reinforce(reward=Same(), baseline=None, discount=0.5), x, dense=True)
    assert dense[0, :4].tolist() == [1.25, 0.5, 1.0, 0.0]
    assert dense[1].tolist() == [0.0625, 0.125, 0.25, 0.5, 1.0]
    whole = advantages(Reinforce(reward=Same(), baseline=None, discount=0.5), x, dense=False)
    assert whole[0, :4].tolist() == [0.25, 0.5, 1.0, 2.0]
    constant = Reinforce(reward=ConstantReward(0.3), baseline=None)
    torch.testing.assert_close(advantages(constant, x, dense=False)[1], torch.full((5,), 0.3))
    assert Logit().of(torch.tensor([[-3.0, 2.0]])).tolist() == [[-3, 2]]
    torch.testing.assert_close(RealProbability().of(torch.tensor([[0.0, 2.0]])), torch.tensor([[0.5, 0.8807971]]))


def test_the_baseline_follows_the_mean_reward() -> None:
    game = Reinforce(reward=Same(), baseline=MovingBaseline(decay=0.75, start=2.0))
    state = game.state(SPEC)
    assert state is not None
    x = torch.tensor([[7, 4, 7, 4, 7], [7, 4, 4, 4, 4]])
    first = advantages(game, x, dense=False, state=state)
    torch.testing.assert_close(first[:, -1], torch.tensor([1.0, -1.0]))
    game.after_turn(state, "generator", {}, {"reward": torch.tensor([3.0, 1.0])})
    game.after_turn(state, "discriminator", {}, {"real": torch.ones(2, 1), "fake": torch.ones(2, 1)})
    game.after_turn(state, "generator", {}, {"reward": torch.tensor([6.0])})
    assert state.get_submodule("MovingBaseline").value == pytest.approx(0.75 * 2 + 0.25 * 6)
    torch.testing.assert_close(advantages(game, x, dense=False, state=state)[:, 0], torch.tensor([0.0, -2.0]))


def test_completions_keep_the_beginning_of_each_sample() -> None:
    """The reward of completions after t tokens is at least the sevens among these; the last is the sample's own."""
    game = Reinforce(reward=Same(), baseline=None, completions=3)
    x = torch.tensor([[7, 7, 4, 7, 4], [7, 2, 0, 0, 0]])
    found = advantages(game, x, dense=False)
    assert found[:, -1].tolist() == [3, 1]
    assert (found[0] >= torch.tensor([1.0, 2.0, 2.0, 3.0, 3.0])).all()
    assert found[1, 1:].tolist() == [1, 1, 1, 1], "nothing follows the end"
    assert (found[0, :3] > torch.tensor([1.0, 2.0, 2.0])).any(), "what follows is drawn"


def test_several_positions_at_once_are_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    networks = {"G": built(TextLstm(embedding=4, width=4)), "D": built(CRITICS[0])}
    x = torch.tensor([[7, 7, 4, 7, 4], [7, 2, 0, 0, 0], [5, 6, 7, 8, 2]])
    game, batch = Reinforce(completions=2, baseline=None), Batch(x, torch.tensor([0, 1, 2]))
    together = game.advantages(Play(networks), batch, draws(3), x)
    monkeypatch.setattr(reinforce, "AT_ONCE", 1)
    torch.testing.assert_close(game.advantages(Play(networks), batch, draws(3), x), together)
    assert len(together.unique()) > 8


def test_the_gradient_is_that_of_the_expected_reward() -> None:
    """One token: d/dw of sum_k p_k r_k, from 40,000 samples."""
    spec = replace(SPEC, shape=(1,), settings={"tokens": K, "ends": False})
    writer, n = built(TextLstm(embedding=2, width=3), spec), 40_000
    play = Play({"G": writer, "D": Counter(dense=True)})
    game = Reinforce(reward=Same(), baseline=None)
    game.generator_turn(play, Batch(torch.zeros(n, 1)), draws(n))["adversarial"].value.mean().backward()
    estimate = writer.last.bias.grad.clone()
    writer.zero_grad()
    p = writer.token_logits(torch.full((1, 1), 5))[0, 0].softmax(0)
    assert p[3] > 0.01, "UNKNOWN has a probability, and is never drawn"
    known = p / (1 - p[3])
    (-known[7].detach() * p[7].log()).backward()
    wanted = writer.last.bias.grad
    assert wanted.abs().max() > 0.05
    torch.testing.assert_close(estimate, wanted, atol=0.006, rtol=0)


@pytest.mark.parametrize("described", CRITICS, ids=lambda each: type(each).__name__)
def test_critics_take_tokens_and_their_distributions(described: Any) -> None:
    critic = built(described)
    x = torch.tensor([[5, 7, 2, 0, 0], [4, 8, 4, 4, 4], [4, 4, 5, 6, 7]])
    one_hot = nn.functional.one_hot(x, K).float()
    verdict = critic(x)
    torch.testing.assert_close(critic(one_hot).logits, verdict.logits)
    assert verdict.logits.shape == (3, 3 if isinstance(described, TextCnnCritic) else T)
    torch.testing.assert_close(critic(x[1:2]).logits, verdict.logits[1:2])
    leaf = one_hot.requires_grad_()
    (gradient,) = torch.autograd.grad(critic(leaf).logits.sum(), leaf)
    assert gradient.any()


def test_a_score_for_each_token_reads_no_later_one() -> None:
    critic = built(CRITICS[1])
    before = critic(torch.tensor([[5, 7, 6, 4, 2]])).logits
    after = critic(torch.tensor([[5, 7, 8, 4, 2]])).logits
    torch.testing.assert_close(before[:, :2], after[:, :2])
    assert (before[:, 2:] != after[:, 2:]).all()
    assert critic(torch.tensor([[5, 2, 0, 0, 0]])).logits[0, 2:].tolist() == [0, 0, 0]


def test_answers_are_judged_with_their_questions() -> None:
    asked = replace(SPEC, settings={**SPEC.settings, "question_tokens": 8, "question_length": 3})
    networks = {"G": built(TextLstm(embedding=4, width=4), asked), "D": built(CRITICS[1], asked)}
    question, other = torch.tensor([[5, 6, 2]] * B), torch.tensor([[7, 2, 0]] * B)
    batch = Batch(torch.tensor([[5, 7, 2, 0, 0]] * B), given={"question": question})
    logits = networks["D"](batch.x, None, batch.given).logits
    assert (networks["D"](batch.x, None, {"question": other}).logits[:, :3] != logits[:, :3]).all()
    game = AnswerReinforce(likelihood_weight=1.0)
    terms = game.generator_turn(Play(networks), batch, draws())
    sum(term.value.mean() for term in terms.values()).backward()  # type: ignore[union-attr]
    assert networks["G"].questions.weight.grad.any()
    assert not any(each.grad is not None for each in networks["D"].parameters())
    shown = game.show(batch, batch.x)
    assert shown.tolist() == [[5, 6, 2, 5, 7, 2, 0, 0]] * B
    assert AnswerLikelihood().show(Batch(batch.x), batch.x).equal(batch.x)
    assert set(AnswerLikelihood().assess(Play(networks), batch)) == {"negative_log_likelihood"}


@pytest.mark.parametrize("hard", [False, True])
def test_the_relaxed_game_trains_through_the_samples(hard: bool) -> None:
    networks = {"G": built(TextLstm(embedding=4, width=4)), "D": built(CRITICS[0])}
    game = Gumbel(loss=Relativistic(), inverse_temperature=2.0, hard=hard)
    play, batch = Play(networks), Batch(torch.tensor([[5, 7, 2, 0, 0]] * B))
    assert game.reals(play, batch).argmax(2).equal(batch.x)
    game.discriminator_turn(play, batch, draws())["adversarial"].value.mean().backward()
    assert not any(each.grad is not None for each in networks["G"].parameters()), "D's turn moves D"
    game.generator_turn(play, batch, draws())["adversarial"].value.mean().backward()
    assert networks["G"].last.weight.grad.any()
    assert game.output(play, batch, draws()).dtype == torch.int64


def test_reinforce_adds_the_likelihood_of_the_data() -> None:
    networks = {"G": built(TextLstm(embedding=4, width=4)), "D": built(CRITICS[1])}
    batch = Batch(torch.tensor([[5, 7, 2, 0, 0]] * B))
    terms = Reinforce(likelihood_weight=0.5).generator_turn(Play(networks), batch, draws())
    torch.testing.assert_close(terms["likelihood"].value, negative_log_likelihood(Play(networks), batch.x) / T)
    assert terms["likelihood"].weight == 0.5
    assert terms["adversarial"].value.shape == (B,)


@pytest.mark.parametrize("name", ["seqgan", "seqgan.dense", "relgan", "text", "gad.oracle", "seq2seq.gan"])
def test_a_checkpoint_of_a_game_with_text_goes_on_exactly(name: str) -> None:
    """Sixteen rounds over all phases; the state after twelve is put into a new trainer, and both play to the end."""
    changes = {**tiny_overrides(name), "samples": 128, "precision": "fp32", "threads": 1}
    experiment = prepare(override(recipe(name), changes))
    trainers = [live_trainer(experiment, torch.device("cpu"), ProcessGroup()) for _ in range(2)]
    while trainers[0].samples_seen < 96:
        trainers[0].round()
    files = copy.deepcopy(state_tensors(trainers[0]))
    restore(trainers[1], files, counters(trainers[0]))
    for trainer in trainers:
        while trainer.samples_seen < trainer.total:
            trainer.round()
    one, other = (
        {f"{file}.{key}": value for file, tensors in state_tensors(each).items() for key, value in tensors.items()}
        for each in trainers
    )
    assert one.keys() == other.keys()
    assert all(torch.equal(one[key], other[key]) for key in one)
    assert any("MovingBaseline" in key for key in one) == name.startswith(("seqgan", "gad", "seq2seq"))


def test_micro_batches_have_the_gradient_of_the_batch() -> None:
    """Of every turn of a game with rewards: nothing in it depends on the other samples of a batch."""
    networks = {"G": built(TextLstm(embedding=4, width=4)), "D": built(CRITICS[1])}
    x = torch.tensor([[5, 7, 2, 0, 0], [4, 8, 4, 4, 4], [4, 2, 0, 0, 0], [6, 6, 6, 6, 2]])
    game = Reinforce(discount=0.9)
    for name in ("discriminator", "generator"):
        found = []
        for parts in (1, 2):
            for network in networks.values():
                network.zero_grad()
            for rows in (range(start, start + 4 // parts) for start in range(0, 4, 4 // parts)):
                play, batch = Play(networks), Batch(x[rows.start : rows.stop])
                term = game.turns()[name].terms(play, batch, Draws("test", rows=rows))["adversarial"]
                (term.value.mean() / parts).backward()
            player = networks["D" if name == "discriminator" else "G"]
            found.append([each.grad.clone() for each in player.parameters() if each.grad is not None])
        assert found[0]
        for whole, joined in zip(*found, strict=True):
            torch.testing.assert_close(whole, joined, atol=1e-6, rtol=1e-4)

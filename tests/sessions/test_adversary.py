"""`ganvas.Adversary`: the core's losses and penalties in a loop that is not ours."""

import logging
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

import ganvas
from adversaries import AT_ONCE, entered, in_parts, linear, one_of_two, pair, ratio_of
from ganvas import Adversary, AdversaryEntry, UsageError
from ganvas.losses import Hinge, NonSaturating, Relativistic
from ganvas.networks import DcganCritic, PatchCritic
from ganvas.optimisers import Adam, Sgd
from ganvas.penalties import R1, Every, LeCam
from ganvas.sessions.adversary_critic import ahead
from ganvas.training.ema import Ema
from ranks import Group


def test_both_sides_are_those_of_the_loss() -> None:
    D, (fake, real) = linear(1.0, 2.0).double(), pair()
    adversary = entered(D, loss=Relativistic(), optimiser=Sgd(lr=0.1))
    difference = (real - fake) @ torch.tensor([1.0, 2.0], dtype=torch.float64)
    expected = nn.functional.softplus(difference).mean()
    assert float(adversary.generator_loss(fake, real).detach()) == pytest.approx(float(expected), rel=1e-12)
    step = adversary.discriminator_step(fake, real)
    assert step.terms["adversarial"] == pytest.approx(float(nn.functional.softplus(-difference).mean()), rel=1e-12)
    share = torch.sigmoid(-difference)[:, None]
    gradient = -(share * (real - fake)).mean(0)
    moved = torch.tensor([[1.0, 2.0]], dtype=torch.float64) - 0.1 * gradient
    assert torch.allclose(D.weight, moved, rtol=1e-12)


def test_penalties_are_those_of_the_core() -> None:
    fake, real = pair()
    adversary = entered(linear(3.0, 4.0).double(), penalties=(Every(2, R1(0.5)),), optimiser=Sgd(lr=0.0))
    first, second = (adversary.discriminator_step(fake, real).terms for _ in range(2))
    assert first["R1"] == pytest.approx(2 * 0.25 * 25)  # interval * gamma / 2 * |w|^2
    assert "R1" not in second


def test_the_weight_is_the_ratio_of_gradients() -> None:
    """G(z) = a z: both gradients with respect to a are known."""
    z, real = torch.tensor([[1.0], [2.0]]), torch.tensor([[0.0], [0.0]])
    a = nn.Parameter(torch.tensor(3.0))
    adversary = entered(linear(2.0), loss=Hinge(), weight=0.5)
    fake = a * z
    reconstruction = (fake - real).square().mean()  # d/da = 2 * 3 * mean(z^2) = 15
    term = adversary.generator_loss(fake, reconstruction=reconstruction, last_layer=a)  # -mean(2 a z): d/da = -3
    assert adversary.ratio == pytest.approx(15 / (3 + 1e-6))
    assert float(term.detach()) == pytest.approx(0.5 * 15 / (3 + 1e-6) * -9)
    term.backward()
    assert float(a.grad or 0) == pytest.approx(0.5 * -15, rel=1e-6)


def test_neither_step_touches_the_other_player() -> None:
    D, G = nn.Linear(2, 1), nn.Linear(2, 2)
    adversary, (fake, real) = entered(D, loss=NonSaturating()), (each.float() for each in pair())
    adversary.generator_loss(G(fake), real).backward()
    assert [each.grad for each in D.parameters()] == [None, None]
    assert all(each.grad is not None for each in G.parameters())
    assert all(each.requires_grad for each in D.parameters())
    G.zero_grad()
    adversary.discriminator_step(G(fake), real)
    assert [each.grad for each in G.parameters()] == [None, None]


@pytest.mark.parametrize(
    ("share", "accuracy", "steps", "expected"),
    [
        (0.0, 0.9, 9, 0.0),  # before the start
        (0.0, 0.9, 10, 0.25),
        (0.5, 0.61, 10, 0.75),
        (0.5, 0.59, 10, 0.25),  # D no longer separates
        (0.1, 0.5, 10, 0.0),
        (0.9, 0.99, 10, 1.0),
    ],
)
def test_the_share_follows_the_accuracy(share: float, accuracy: float, steps: int, expected: float) -> None:
    assert AdversaryEntry(start=10, ramp=4).next_share(share, accuracy, steps) == pytest.approx(expected)


def test_a_fixed_start_is_the_usual_recipe() -> None:
    adversary = Adversary(linear(0.0, 0.0), entry=AdversaryEntry(start=3, ramp=0, low=0, high=1), optimiser=Sgd(lr=0.0))
    fake, real = (each.float() for each in pair())
    assert [adversary.discriminator_step(fake, real).share for _ in range(4)] == [0, 0, 1, 1]


def test_d_waits_where_it_is_ahead_too_far() -> None:
    D = linear(1.0, 1.0)
    adversary = Adversary(D, entry=AdversaryEntry(ramp=100, memory=5, high=0.9), optimiser=Sgd(lr=0.1))
    fake, real = torch.zeros(4, 2), torch.ones(4, 2)
    steps = [adversary.discriminator_step(fake, real) for _ in range(5)]
    assert not any(step.waited for step in steps)
    before = D.weight.clone()
    step = adversary.discriminator_step(fake, real)
    assert (step.waited, dict(step.terms)) == (True, {})
    assert torch.equal(D.weight, before)
    assert step.share == pytest.approx(0.06), "the weight rises all the same"
    ended = [adversary.discriminator_step(real, fake).waited for _ in range(8)]
    assert ended[-1] is False, "it is no longer ahead"


def test_ahead_counts_pairs() -> None:
    assert float(ahead(torch.tensor([[1.0], [3.0]]), torch.tensor([[0.0], [2.0]]))) == 0.75
    assert float(ahead(torch.zeros(2, 1), torch.zeros(2, 1))) == 0.5


def test_held_out_reals_are_judged_and_not_trained_on() -> None:
    adversary = Adversary(linear(1.0, 0.0), held_out=-torch.ones(3, 2), optimiser=Sgd(lr=0.0))
    fake, real = torch.zeros(4, 2), torch.ones(4, 2)
    assert adversary.discriminator_step(fake, real).accuracy == 0.0


def played(adversary: Adversary, G: nn.Module, steps: range) -> list[Tensor]:
    """A loop with both players; the losses of G."""
    optimiser, losses = torch.optim.SGD(G.parameters(), lr=0.05), []
    for number in steps:
        fake, real = (each.float() for each in pair(8, seed=number))
        made = G(fake)
        loss = (made - real).square().mean() + adversary.generator_loss(made, real)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        adversary.discriminator_step(made, real)
        losses.append(loss.detach())
    return losses


def adversary_of_many_parts() -> Adversary:
    torch.manual_seed(1)
    module = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
    penalties = (Every(2, R1(0.1)), LeCam())
    return Adversary(module, penalties=penalties, ema=Ema(100.0), optimiser=Adam(lr=1e-2), entry=AdversaryEntry(ramp=7))


def test_a_restored_state_continues_bit_by_bit(tmp_path: Path) -> None:
    torch.manual_seed(0)
    whole, G = adversary_of_many_parts(), nn.Linear(2, 2)
    played(whole, G, range(5))
    save_file({**whole.state_dict(), **{f"G.{k}": v for k, v in G.state_dict().items()}}, tmp_path / "x.safetensors")
    state = load_file(tmp_path / "x.safetensors")
    again, other = adversary_of_many_parts(), nn.Linear(2, 2)
    other.load_state_dict({key[2:]: value for key, value in state.items() if key.startswith("G.")})
    again.load_state_dict({key: value for key, value in state.items() if not key.startswith("G.")})
    assert torch.equal(torch.stack(played(whole, G, range(5, 12))), torch.stack(played(again, other, range(5, 12))))
    ours, theirs = whole.state_dict(), again.state_dict()
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if not torch.equal(ours[name], theirs[name])] == []
    assert {"parts.LeCam.real", "ema.module.0.weight"} & ours.keys()


def test_a_state_of_another_network_is_refused() -> None:
    state = Adversary(nn.Linear(2, 1)).state_dict()
    with pytest.raises(ganvas.CheckFailed):
        Adversary(nn.Linear(3, 1)).load_state_dict(state)
    with pytest.raises(ganvas.CheckFailed):
        Adversary(nn.Linear(2, 1)).load_state_dict({"network.weight": torch.zeros(1, 2)})


def test_parts_of_a_batch_are_the_whole_batch() -> None:
    fake, real = pair(8)
    whole, loss = in_parts(1, [(fake, real)])
    parts, same = in_parts(2, [(fake[:4], real[:4]), (fake[4:], real[4:])])
    assert torch.allclose(whole, parts, rtol=1e-12)
    assert loss == pytest.approx(same, rel=1e-12)
    adversary = Adversary(nn.Linear(2, 1), accumulate=2)
    adversary.discriminator_step(fake.float(), real.float())
    with pytest.raises(UsageError):
        adversary.state_dict()


def test_two_processes_are_one(tmp_path: Path) -> None:
    whole, loss = in_parts(1, [pair(8)])
    ratio = ratio_of(*pair(8))
    for found in Group(2, one_of_two, notes=tmp_path / "note").said():
        assert found["weight"] == pytest.approx(whole.flatten().tolist(), rel=1e-12)
        assert found["loss"] == pytest.approx(loss, rel=1e-12)
        assert found["ratio"] == pytest.approx(ratio, rel=1e-6)


class Halves(nn.Module):
    """Two discriminators as one module: of both halves of a signal."""

    def __init__(self) -> None:
        super().__init__()
        self.both = nn.ModuleList(nn.Conv1d(1, 1, 3) for _ in range(2))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return tuple(each(part) for each, part in zip(self.both, x.chunk(2, dim=-1), strict=True))


@pytest.mark.parametrize(
    ("made", "shape"),
    [
        (lambda: nn.Conv2d(3, 1, 4, 2), (3, 16, 16)),  # a map of logits
        (Halves, (1, 64)),  # sound
        (lambda: nn.Sequential(nn.Flatten(), nn.Linear(60, 1), nn.Flatten(0)), (10, 6)),  # sequences; logits [B]
        (lambda: nn.Conv3d(2, 1, 3), (2, 6, 6, 6)),
        (lambda: DcganCritic(width=4), (3, 16, 16)),  # ours
        (lambda: PatchCritic(width=4, condition=None), (3, 32, 32)),
    ],
)
def test_any_discriminator_of_any_data(made: Callable[[], Any], shape: tuple[int, ...]) -> None:
    adversary = Adversary(made(), shape=shape, penalties=(R1(0.1),), entry=AT_ONCE)
    fake, real = torch.rand(4, *shape, requires_grad=True), torch.rand(4, *shape)
    assert set(adversary.discriminator_step(fake, real).terms) == {"adversarial", "R1"}
    loss = adversary.generator_loss(fake, real)
    loss.backward()
    assert loss.shape == ()
    assert fake.grad is not None
    assert float(fake.grad.abs().sum()) > 0


def test_autocast() -> None:
    kinds: list[torch.dtype] = []
    D = nn.Linear(2, 1)
    D.register_forward_hook(lambda module, inputs, output: kinds.append(output.dtype))
    adversary, (fake, real) = entered(D, penalties=(R1(0.1),)), (each.float() for each in pair())
    with torch.autocast("cpu", torch.bfloat16):
        assert adversary.generator_loss(fake.requires_grad_(), real).dtype == torch.float32
        adversary.discriminator_step(fake, real)
    assert set(kinds) == {torch.bfloat16}
    kinds.clear()
    with torch.autocast("cpu", torch.float16):
        adversary.discriminator_step(fake, real)
    assert set(kinds) == {torch.float32}, "float16 needs a scaler, which D does not have"


def test_numbers_that_are_not_finite_change_nothing(caplog: pytest.LogCaptureFixture) -> None:
    D = linear(1.0, 1.0)
    adversary, (fake, real) = entered(D), (each.float() for each in pair())
    fake[0, 0] = math.nan
    assert float(adversary.generator_loss(fake.requires_grad_(), real)) == 0.0
    with caplog.at_level(logging.WARNING, "ganvas.adversary"):
        step = adversary.discriminator_step(fake, real)
    assert D.weight.tolist() == [[1.0, 1.0]]
    assert [each.name for each in step.findings] == ["numbers broke"]
    assert "numbers broke" in caplog.text


def test_the_doctor_finds_what_lasts() -> None:
    adversary = entered(linear(1.0, 1.0), optimiser=Sgd(lr=0.0))
    fake, real = torch.zeros(4, 2), torch.ones(4, 2)
    names = [{each.name for each in adversary.discriminator_step(fake, real).findings} for _ in range(301)]
    assert (names[250], names[-1]) == (set(), {"discriminator too strong"})
    names = [{each.name for each in adversary.discriminator_step(real, real).findings} for _ in range(600)]
    assert names[-1] == {"weak discriminator"}


def test_what_does_not_fit_is_a_sentence() -> None:
    adversary = entered(nn.Linear(2, 1))
    with pytest.raises(UsageError, match="shape"):
        adversary.discriminator_step(torch.zeros(4, 2), torch.zeros(4, 3))
    with pytest.raises(UsageError, match="compares"):
        adversary.generator_loss(torch.zeros(4, 2))
    with pytest.raises(UsageError, match="description"):
        Adversary(DcganCritic())
    with pytest.raises(UsageError, match="logits"):
        entered(nn.LSTM(2, 1)).discriminator_step(torch.zeros(4, 2), torch.zeros(4, 2))

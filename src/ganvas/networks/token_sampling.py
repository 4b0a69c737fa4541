"""What generators of tokens share: the form of the data, which tokens may follow, and drawing one token at a time."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Given, Spec
from ..ops.sequences import BEGIN, END, PAD, UNKNOWN, inverse_cdf, right_aligned, standard_uniform

Step = Callable[[Tensor, Any], tuple[Tensor, Any]]
"""(tokens [B] or their distribution [B, K], memory) -> logits of the next token [B, K], memory."""


class TokenForm(NamedTuple):
    """The form of token sequences.

    Args:
        tokens: K, different ones with the special ones.
        length: T.
        ends: whether a sequence may end before T.
        question_tokens: different ones of the questions that they answer; 0 for text without questions.
        question_length: tokens of a question.
    """

    tokens: int
    length: int
    ends: bool
    question_tokens: int = 0
    question_length: int = 0


def token_form(network: object, spec: Spec) -> TokenForm:
    """The form of the data, or a UsageError where they are no text."""
    if "tokens" not in spec.settings:
        raise UsageError(
            f"{type(network).__name__} is for text, and these data are {spec.domain}", hint="Use a recipe for them."
        )
    questions = (int(spec.settings.get(name, 0)) for name in ("question_tokens", "question_length"))
    return TokenForm(int(spec.settings["tokens"]), spec.shape[0], bool(spec.settings["ends"]), *questions)


def without_forbidden(logits: Float[Tensor, "*b k"], form: TokenForm) -> Float[Tensor, "*b k"]:
    """The logits with -inf at PAD and BEGIN, and at END where no sequence ends early."""
    forbidden = (PAD, BEGIN) if form.ends else (PAD, BEGIN, END)
    return logits.index_fill(-1, torch.tensor(forbidden, device=logits.device), -torch.inf)


@torch.no_grad()
def draw_tokens(
    step: Step,
    *,
    z: Float[Tensor, "b t"],
    memory: Any,
    prompt: Tensor | None = None,
    temperature: float = 1.0,
) -> Int[Tensor, "b t"]:
    """x_t by the inverse of the distribution function of softmax(logits_t / temperature) at Phi(z_t), for each t.

    Args:
        step: of the network.
        z: standard normal numbers; the same z gives the same tokens.
        memory: at the beginning.
        prompt: tokens that are fixed [B, T], 0 where they are free.
        temperature: above 0; 1 for the model's own distribution.

    Returns:
        Token numbers; PAD behind END.
    """
    if temperature <= 0:
        raise UsageError(f"a temperature of {temperature:g} is not above 0", hint="Such as 0.8; 1 changes nothing.")
    u, last = standard_uniform(z), torch.full_like(z[:, 0], BEGIN, dtype=torch.int64)
    open_ended, x = torch.ones_like(last, dtype=torch.bool), []
    for t in range(z.shape[1]):
        logits, memory = step(last, memory)
        fixed = None if prompt is None else prompt[:, t].long()
        if fixed is not None and bool((fixed >= END).all()):
            last = fixed
        else:
            last = inverse_cdf(known_only(logits.float()), u[:, t], temperature)
            last = last if fixed is None else torch.where(fixed >= END, fixed, last)
        last = torch.where(open_ended, last, PAD)
        open_ended = open_ended & (last != END)
        x.append(last)
        if not open_ended.any():
            break
    made = torch.stack(x, dim=1)
    return torch.nn.functional.pad(made, (0, z.shape[1] - made.shape[1]), value=PAD)


def known_only(logits: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
    """The logits with -inf at UNKNOWN, which is never generated."""
    return logits.index_fill(1, torch.tensor([UNKNOWN], device=logits.device), -torch.inf)


def prompt_of(given: Given) -> Tensor | None:
    """The prompt among the given tensors, or None."""
    return None if given is None else given.get("prompt")


def question_of(given: Given) -> Int[Tensor, "b s"]:
    """The questions among the given tensors, with their padding before them. Raises UsageError without them."""
    if given is None or "question" not in given:
        raise UsageError("this model answers questions, and has none", hint="Name one with --prompt.")
    return right_aligned(given["question"].long())


def relaxed_tokens(
    step: Step, *, batch: int, form: TokenForm, memory: Any, inverse_temperature: float, hard: bool
) -> Float[Tensor, "b t k"]:
    """y_t = softmax(beta (logits_t + g_t)), g_t ~ Gumbel(0, 1); the network reads argmax y_t next.

    Nie et al. 2019 (RelGAN), equations 3 and 4. https://openreview.net/forum?id=rJedV3R5tm. With `hard` the value is
    one-hot and the gradient that of y_t (straight through; Jang et al. 2017, section 2.2,
    https://arxiv.org/abs/1611.01144). Behind END the rows are one-hot at PAD.

    Args:
        step: of the network.
        batch: B.
        form: of the tokens.
        memory: at the beginning.
        inverse_temperature: beta, above 0.
        hard: whether the values are one-hot.
    """
    device = next(each.device for each in _tensors(memory))
    last = torch.full((batch,), BEGIN, device=device)
    pad = torch.nn.functional.one_hot(torch.tensor(PAD, device=device), form.tokens).float()
    open_ended, made = torch.ones(batch, 1, dtype=torch.bool, device=device), []
    for _ in range(form.length):
        logits, memory = step(last, memory)
        noise = -torch.empty_like(logits, dtype=torch.float32).exponential_().log()
        noisy = known_only(logits.float()) + noise
        y, last = (inverse_temperature * noisy).softmax(1), noisy.argmax(1)
        if hard:
            y = torch.nn.functional.one_hot(last, form.tokens).float() + (y - y.detach())
        made.append(torch.where(open_ended, y, pad))
        open_ended = open_ended & (last != END)[:, None]
    return torch.stack(made, dim=1)


def _tensors(memory: Any) -> list[Tensor]:
    return [memory] if isinstance(memory, Tensor) else [each for part in memory for each in _tensors(part)]

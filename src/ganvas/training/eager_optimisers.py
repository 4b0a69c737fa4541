"""torch's optimisers without torch's compiler, whose import takes seconds and which training never calls."""

import inspect
from functools import lru_cache
from typing import Any, TypeVar

import torch

Kind = TypeVar("Kind", bound=torch.optim.Optimizer)
MARKED_FOR_COMPILER = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")


@lru_cache
def eager(kind: type[Kind]) -> type[Kind]:
    """A subclass with the same arithmetic and state whose methods do not import torch._dynamo.

    torch.optim marks these methods as not to be compiled, and the marks import the compiler at their first call. Here
    they are called without the marks, and step under no_grad, as torch.optim does where it is not differentiable.

    Args:
        kind: a class of torch.optim, such as torch.optim.Adam.
    """
    step = torch.no_grad()(inspect.unwrap(kind.step))
    members: dict[str, Any] = {name: inspect.unwrap(getattr(kind, name)) for name in MARKED_FOR_COMPILER}
    return type(kind.__name__, (kind,), {"step": step, **members})

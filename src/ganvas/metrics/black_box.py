"""Membership inference by samples, without D."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor

from .contract import Result
from .membership import auc_interval
from .memorization_scores import half_width
from .nearest_training import nearest_training

BLACK_BOX = "sample_membership_auc"


def sample_membership(
    *,
    train: Float[Tensor, "n d"],
    held: Float[Tensor, "h _"],
    fake: Float[Tensor, "m _"],
    protocol: Mapping[str, object],
) -> Result:
    """P(a training sample is nearer to its nearest fake than a held-out one to its own). Chen et al. 2020, section 4.2.
    https://arxiv.org/abs/1909.03935

    Their full black-box attack, without calibration by a reference generator. As many training samples as held-out ones
    are compared.

    Args:
        train: features of the training samples.
        held: features of held-out samples.
        fake: features of fakes.
        protocol: how the features were made.

    Returns:
        An area under a curve: 1/2 where fakes tell nothing.

    Raises:
        DataError: too few samples, different widths, or values that are not finite.
    """
    count = min(len(train), len(held))
    near, far = (nearest_training(x[:count], train=fake).distance for x in (train, held))
    auc = auc_interval(member=-near, nonmember=-far)
    facts = {**protocol, "n_train": count, "n_held": count, "interval": "DeLong, Wilson"}
    return Result(BLACK_BOX, auc.value, len(fake), half_width(auc.low, auc.high), True, facts, 0.5)

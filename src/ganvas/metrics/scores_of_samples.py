"""Scores of pairs of samples, whose cost grows with their square, so that a few thousand samples are used."""

from collections.abc import Collection, Iterator

from jaxtyping import Float
from torch import Tensor

from .contract import Result
from .diversity import diversity_ratio, vendi_collision
from .extractor import Extractor
from .kernel import kernel_distance
from .prdc import prdc, prdc_with_errors
from .sliced import sliced_distance

NEIGHBOURS = 5
DIRECTIONS = {"directions": 1_000, "seed": 0}


def sample_scores(
    extractor: Extractor,
    *,
    real: Float[Tensor, "n d"],
    fake: Float[Tensor, "n d"],
    groups: Collection[str],
    errors: bool,
) -> Iterator[Result]:
    """kernel; precision to coverage; vendi_ratio; sliced: those of the groups. With errors=False, errors that take
    longer than their values are None.
    """
    space, protocol, n = extractor.name, extractor.describe(), len(fake)
    if "kernel" in groups:
        kernel = kernel_distance(real=real, fake=fake)
        method = {"kernel": "(x.y/d + 1)^3, unbiased", "error": "jackknife over 20 blocks"}
        yield Result(f"{space}_kernel", kernel.value, n, kernel.error, True, {**protocol, **method})
    if "neighbours" in groups and n > NEIGHBOURS:
        near, spread = (
            prdc_with_errors(real=real, fake=fake, k=NEIGHBOURS)
            if errors
            else (prdc(real=real, fake=fake, k=NEIGHBOURS), None)
        )
        for place, (name, value) in enumerate(near._asdict().items()):
            method = {} if spread is None else {"error": "jackknife over 20 blocks"}
            yield Result(
                f"{space}_{name}",
                value,
                n,
                None if spread is None else spread[place],
                False,
                {**protocol, "k": NEIGHBOURS, **method},
            )
    if "diversity" in groups:
        share = diversity_ratio(fake=vendi_collision(fake), real=vendi_collision(real))
        yield Result(f"{space}_vendi_ratio", share.value, n, share.error, None, {**protocol, "order": 2})
    if "sliced" in groups:
        sliced = sliced_distance(real=real, fake=fake, **DIRECTIONS, **({} if errors else {"blocks": 0}))
        yield Result(
            f"{space}_sliced",
            sliced.value,
            n,
            sliced.error,
            True,
            {**protocol, **{f"sliced_{key}": value for key, value in DIRECTIONS.items()}},
        )

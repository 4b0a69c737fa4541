"""Scores of one space that look at pairs of samples, so that at most a few thousand count."""

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
    """kernel; precision to coverage; vendi_ratio; sliced. Errors that take longer than their values are left out where nobody asks for them."""
    space, said, n = extractor.name, extractor.describe(), len(fake)
    if "kernel" in groups:
        kernel = kernel_distance(real=real, fake=fake)
        how = {"kernel": "(x.y/d + 1)^3, unbiased", "error": "jackknife over 20 blocks"}
        yield Result(f"{space}_kernel", kernel.value, n, kernel.error, True, {**said, **how})
    if "neighbours" in groups and n > NEIGHBOURS:
        near, spread = (
            prdc_with_errors(real=real, fake=fake, k=NEIGHBOURS)
            if errors
            else (prdc(real=real, fake=fake, k=NEIGHBOURS), None)
        )
        for place, (name, value) in enumerate(near._asdict().items()):
            how = {} if spread is None else {"error": "jackknife over 20 blocks"}
            yield Result(
                f"{space}_{name}",
                value,
                n,
                None if spread is None else spread[place],
                False,
                {**said, "k": NEIGHBOURS, **how},
            )
    if "diversity" in groups:
        share = diversity_ratio(fake=vendi_collision(fake), real=vendi_collision(real))
        yield Result(f"{space}_vendi_ratio", share.value, n, share.error, None, {**said, "order": 2})
    if "sliced" in groups:
        sliced = sliced_distance(real=real, fake=fake, **DIRECTIONS, **({} if errors else {"blocks": 0}))
        yield Result(
            f"{space}_sliced",
            sliced.value,
            n,
            sliced.error,
            True,
            {**said, **{f"sliced_{key}": value for key, value in DIRECTIONS.items()}},
        )

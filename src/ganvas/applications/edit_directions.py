"""Directions in which a generator's samples change: closed-form factorisation, and principal components."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..base.errors import UsageError
from .latent_space import Classes, LatentPoints, LatentSpace

SEED = 0
STYLES, FEATURES = 4096, 1024  # samples of w, and of the first layer's output


class EditDirections(NamedTuple):
    """Unit vectors, the strongest first.

    Args:
        vectors: [k, latent] or [k, style].
        deviations: the standard deviation of points along each, [k].
    """

    vectors: Float[Tensor, "k d"]
    deviations: Float[Tensor, "k"]


def factorised(space: LatentSpace, number: int, label: Classes = None) -> EditDirections:
    """The eigenvectors of A^T A with the largest eigenvalues, for y = A z + b of the layer that reads the latent.

    Shen and Zhou 2021, equations 4 to 6. https://arxiv.org/abs/2007.06600
    For generators with styles A is stacked: the affine layers of all convolutions, which read w. For others it is the
    first layer; where the latent is scaled before it, the scale is part of A.

    Args:
        space: z or w.
        number: how many.
        label: the class of which the layer is read.

    Raises:
        UsageError: the first layer reads a part of the latent alone, or there are fewer directions.
    """
    points = space.start(64, seed=SEED, label=space.class_of_one(label))
    matrices = [transposed_weight(*found) for found in readers(space, points)]
    stacked = torch.cat(matrices, dim=1).double()  # A^T, [d, k]
    _, vectors = torch.linalg.eigh(stacked @ stacked.T)
    return directions(space, vectors.flip(1).T, number, label)


def principal(space: LatentSpace, number: int, label: Classes = None) -> EditDirections:
    """The principal components of w, or those of the first layer's output, brought back to z by least squares.

    Harkonen et al. 2020, section 2.2; equation 3 for z. https://arxiv.org/abs/2004.02546
    For z: with centred outputs whose component i has the scores x_i, the direction is u_i = x_i^T z / (x_i^T x_i).

    Args:
        space: z or w.
        number: how many.
        label: the class of the samples.

    Raises:
        UsageError: no layer reads the latent, or there are fewer directions.
    """
    label = space.class_of_one(label)
    if space.styles:
        w = first_style(space.start(STYLES, seed=SEED, label=label)).double()
        _, vectors = torch.linalg.eigh(torch.cov(w.T))
        return directions(space, vectors.flip(1).T, number, label)
    points = space.start(FEATURES, seed=SEED, label=label)
    h = first_output(space, points).double()
    h = h - h.mean(0)
    strengths, scores = torch.linalg.eigh(h @ h.T)  # x_i = sqrt(strength_i) score_i
    vectors = scores.flip(1).T[: points.z.shape[1]] @ points.z.double()
    rank = int((strengths > 1e-10 * strengths[-1]).sum())
    return directions(space, vectors[:rank], number, label)


def own_codes(space: LatentSpace, number: int, label: Classes = None) -> EditDirections:
    """The continuous codes of InfoGAN, which D learnt to read from samples: axes of z.

    Chen et al. 2016. https://arxiv.org/abs/1606.03657

    Args:
        space: z.
        number: how many.
        label: unused.

    Raises:
        UsageError: the model has no such codes, or there are fewer.
    """
    dials = next((each.dials for each in getattr(space.model.game, "auxiliary", ()) if hasattr(each, "dials")), 0)
    if not dials or space.styles:
        raise UsageError("this model has no codes of its own", hint="Use another method, or train infogan.")
    axes = torch.eye(space.G.latent[0])[-dials:]
    found = directions(space, axes, number, label)
    return found._replace(deviations=found.deviations / 3**0.5)  # uniform in [-1, 1]


METHODS: dict[str, Callable[[LatentSpace, int, Classes], EditDirections]] = {
    "sefa": factorised,
    "principal": principal,
    "codes": own_codes,
}


def directions(space: LatentSpace, vectors: Tensor, number: int, label: Classes) -> EditDirections:
    """The first of these as unit vectors whose largest number is positive. Raises UsageError: there are fewer."""
    if not 1 <= number <= len(vectors):
        raise UsageError(f"there are {len(vectors)} directions, not {number}", hint="Lower --number.")
    units = torch.nn.functional.normalize(vectors[:number], dim=1)
    largest = units.gather(1, units.abs().argmax(1, keepdim=True))
    units = units * largest.sign()
    deviations = torch.ones(number)  # z ~ N(0, 1)
    if space.styles:
        w = first_style(space.start(FEATURES, seed=SEED, label=space.class_of_one(label))).double()
        deviations = (w @ units.T).std(0).float()
    return EditDirections(units.float(), deviations)


def first_style(points: LatentPoints) -> Tensor:
    """w [n, style] of styles that are the same in each layer."""
    return points.z[:, 0]


def readers(space: LatentSpace, points: LatentPoints) -> list[tuple[nn.Module, Tensor, Tensor, Tensor]]:
    """Layers that read the points: (module, an input, its columns that are the point's, their scale).

    Raises UsageError: the first layer does not read the whole latent.
    """
    source = first_style(points) if space.styles else points.z
    found = []
    with recorded(space.G) as calls:
        space.generate(points)
    for module, value, _ in calls:
        flat = value.flatten(1)
        columns = (flat != flat[:1]).any(0).nonzero().flatten()
        if space.styles and torch.equal(flat, source):
            found.append((module, value[:1], columns, torch.ones(len(columns))))
        elif not space.styles and len(columns):
            if len(columns) == source.shape[1]:
                scale = (flat[:, columns] * source).sum(0) / source.square().sum(0)
                return [(module, value[:1], columns, scale)]
            break
    if not found:
        raise UsageError(
            "no single layer of this generator reads the whole latent", hint="Use the method principal instead."
        )
    return found


def transposed_weight(module: nn.Module, value: Tensor, columns: Tensor, scale: Tensor) -> Float[Tensor, "d k"]:
    """A^T of an affine layer in these columns of its input, from its outputs at the unit vectors and at 0."""
    shape = value.shape[1:]
    inputs = torch.zeros(len(columns) + 1, value[0].numel(), dtype=value.dtype)
    inputs[torch.arange(len(columns)), columns] = 1.0
    with torch.no_grad():
        made = module(inputs.view(-1, *shape)).flatten(1)
    return (made[:-1] - made[-1:]) * scale[:, None]


def first_output(space: LatentSpace, points: LatentPoints) -> Float[Tensor, "n k"]:
    """The output of the first layer that reads the latent, or a part of it."""
    with recorded(space.G) as calls:
        space.generate(points)
    layer = next((module for module, value, _ in calls if (value != value[:1]).any()), None)
    if layer is None:
        raise UsageError("no layer of this generator reads the latent")
    return torch.cat([output.flatten(1) for module, _, output in calls if module is layer])


@contextmanager
def recorded(network: nn.Module) -> Iterator[list[tuple[nn.Module, Tensor, Tensor]]]:
    """Within the context, (layer, input, output) of each call of a layer with a matrix or kernel of weights."""
    calls: list[tuple[nn.Module, Tensor, Tensor]] = []

    def record(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        if inputs and isinstance(inputs[0], Tensor) and inputs[0].is_floating_point() and isinstance(output, Tensor):
            calls.append((module, inputs[0], output))

    layers = [each for each in network.modules() if has_weights(each)]
    handles = [layer.register_forward_hook(record) for layer in layers]
    try:
        yield calls
    finally:
        for handle in handles:
            handle.remove()


def has_weights(module: nn.Module) -> bool:
    """Whether a module is a single layer whose weight is a matrix or a kernel; parametrisations may compute it."""
    weight = getattr(module, "weight", None)
    inner = {name for name, _ in module.named_children()} - {"parametrizations"}
    return isinstance(weight, Tensor) and weight.ndim >= 2 and not inner

"""A texture of any size from a trained model; it joins itself at all borders."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..base.draws import Draws
from ..base.errors import UsageError
from ..networks.torus import TorusNetwork
from ..ops.eval_mode import eval_mode
from ..runs import cannot_write, mark_of, save_picture

if TYPE_CHECKING:
    from ..sessions.model import Model

MOST_PIXELS = 2_048 * 2_048  # of one texture: its last layer takes 100 bytes a pixel, and more with wider networks


def texture(model: "Model", *, width: int, height: int, seed: int = 0) -> np.ndarray:
    """One texture, uint8 [height, width, C]; its right border continues at its left, its lower at its upper.

    Args:
        model: of a recipe whose generator is a TorusGenerator.
        width, height: in pixels; raised to multiples of what one place of the latent becomes (16).
        seed: another one gives another texture.

    Raises:
        UsageError: the model makes no textures, or the size is not possible.
    """
    G = model.networks.get("G")
    if not isinstance(G, TorusNetwork):
        raise UsageError("this model makes no textures", hint="Train one: ganvas train texture --data PICTURE.")
    if min(width, height) < 1 or width * height > MOST_PIXELS:
        raise UsageError(
            f"a texture of {width:,} x {height:,} pixels cannot be made",
            hint="At most 2048 x 2048; larger areas can be filled with copies, which join each other.",
        )
    rows, columns = (-(-side // G.scale) for side in (height, width))
    z = Draws(seed, "texture", rows=range(1)).normal("z", G.latent[0], rows, columns)
    return model.domain.decode(drawn(G, z))[0]


@torch.no_grad()
def drawn(G: TorusNetwork, z: Tensor) -> Tensor:
    """What the generator makes of a latent of any size, in eval mode, on the CPU."""
    with eval_mode(G):
        return G(z.to(next(G.parameters()).device)).cpu()


def seam(picture: np.ndarray) -> tuple[float, float]:
    """How visible the joins of a repeated picture are: 1 where they are like any other place.

    The mean absolute difference of neighbours across the border, over that of neighbours inside. A photograph that is
    repeated has some 2 to 5.

    Args:
        picture: [H, W, C].

    Returns:
        Of the join of right and left, and of that of bottom and top.
    """
    x = picture.astype(np.float64)
    across = np.abs(np.roll(x, -1, axis=1) - x).mean((0, 2))
    down = np.abs(np.roll(x, -1, axis=0) - x).mean((1, 2))
    least = 1e-9  # a plain picture has no differences at all
    return (
        float((across[-1] + least) / (across[:-1].mean() + least)),
        float((down[-1] + least) / (down[:-1].mean() + least)),
    )


def write_texture(
    model: "Model", out: Path, *, width: int, height: int, seed: int = 0, repeat: int = 1, mark: bool = True
) -> Path:
    """Write one texture as PNG or WebP.

    Args:
        model: as for `texture`.
        out: a name that ends in .png or .webp.
        width, height, seed: as for `texture`.
        repeat: times that it is put beside and below itself, to see that it joins.
        mark: whether the file says that it is generated.

    Raises:
        UsageError: as `texture`, or another ending.
        ResourceError: the file cannot be written.
    """
    if out.suffix.lower() not in (".png", ".webp"):
        raise UsageError(f"cannot write a texture as '{out.suffix}'", where=str(out), hint="Use .png or .webp.")
    picture = np.tile(texture(model, width=width, height=height, seed=seed), (repeat, repeat, 1))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        save_picture(Image.fromarray(picture), out, mark_of(model.sha256, seed) if mark else None)
    except OSError as error:
        raise cannot_write(out, error) from error
    return out

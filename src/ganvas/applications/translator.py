"""The generator of a trained translator as a function of pictures: any size, in tiles where they are large."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..base.draws import Draws, torch_seeded
from ..base.errors import DataError, UsageError
from ..domains.contract import Domain, HasGivenDomain
from ..domains.images import Images
from ..sessions.model import Model
from .tiles import TILE, WHOLE_PIXELS, Tiling, blended_rows, rounded_up

INPUT, MASKED, KNOWN = "input", "masked", "known"
STEPS = tuple(1 << power for power in range(9))  # what heights and widths may have to be multiples of
PROBE = 16  # pixels of a side, at least, of the pictures that a network is tried on
MOST_PIXELS = 2**28  # of a result
CPU = torch.device("cpu")
NO_TRANSLATOR = "this run's model translates no pictures"
TRAIN_ONE = "Its networks must read given pictures: train such a recipe; `ganvas recipes list` names them."
Pixels = np.ndarray[Any, Any]
Progress = Callable[[int, int], None]


class Translator:
    """x = G(input), or G(masked, known) for models that fill holes, for pictures of any size.

    The networks are those of `ganvas.load`: averaged weights, eval mode, fp32; the same picture gives the same bytes.
    The picture is padded by reflection to what the network's strides need, and the result is cropped. Above 2**20
    pixels, or where a side is longer than `tile`, it is computed in overlapping tiles of this side which fade into
    each other, so that memory grows with the width of a picture and not with its area. The result is that of the
    whole picture if each output pixel depends on input pixels at most 3/32 of the tile's side away: 48 of 512.
    A network that normalises by the statistics of its input, such as instance norm, depends on the whole tile.

    Args:
        model: of a run that translates pictures.
        reverse: use the second generator of an unpaired model, which translates the other way.
        tile: side of the tiles in pixels; None: 512, for pictures of more than 2**20 pixels.
        seed: of the latent of networks that have one: another seed gives another answer, the same for all pictures.

    Raises:
        UsageError: the model translates no pictures, has no generator for the way back, or needs more than a picture.
    """

    def __init__(self, model: Model, *, reverse: bool = False, tile: int | None = None, seed: int = 0) -> None:
        self.model, self.tile, self.seed = model, tile, seed
        if tile is not None and tile < PROBE:
            raise UsageError(f"tiles of {tile} pixels are too small", hint=f"Use at least {PROBE}: --tile 256.")
        self.condition = condition_of(model)
        self.network = translating_network(model, reverse)
        spec = model.game.player_spec(model.game.translators[reverse], model.spec)
        self.channels, self.trained_height, self.trained_width = spec.given[self.condition].shape
        self.spec, (_, made_height, made_width) = spec, spec.shape
        self.input_domain = domain_of_input(model)
        blank = model.domain.decode(torch.zeros(1, spec.shape[0], 1, 1))
        self.made_channels, self.made_dtype = blank.shape[3], blank.dtype
        self.scale = max(1, made_height // self.trained_height)
        if (made_height, made_width) != (self.scale * self.trained_height, self.scale * self.trained_width):
            raise UsageError(
                f"this model makes {made_width} x {made_height} pixels of {self.trained_width} x "
                f"{self.trained_height}, which is no whole multiple",
                where=str(model.run),
            )
        self.step = self._smallest_step()

    @property
    def fills_holes(self) -> bool:
        """Whether the model reads a mask, and known pixels stay as they are."""
        return self.condition == MASKED

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the pixels of inputs, that of the training data."""
        return np.dtype(self.input_domain.units.stored)

    @property
    def palette(self) -> Pixels | None:
        """Colours uint8 [256, 3] of the values of a result whose pixels are classes; None for other results."""
        if not isinstance(self.model.domain, HasGivenDomain):
            return None
        values = np.array(getattr(self.model.domain, "values", ()), np.uint8)
        colours = np.zeros((256, 3), np.uint8)
        colours[values] = self.model.view(values.reshape(1, 1, -1, 1)).reshape(-1, 3)
        return colours

    def __call__(
        self, picture: Pixels, mask: Pixels | None = None, progress: Progress = lambda done, total: None
    ) -> Pixels:
        """The translation of one picture.

        Args:
            picture: [H, W, C], or [H, W] for grey, `dtype`, in the units of the inputs of training; C is `channels`.
            mask: of models that fill holes: bool [H, W], True where to fill.
            progress: called with the number of tiles done and of all tiles.

        Returns:
            [scale * H, scale * W, made_channels], `made_dtype`, in the units of the true pictures of training.

        Raises:
            DataError: the picture or the mask has another shape or type, the mask is empty, the result is too large.
            UsageError: a mask is missing, or the model reads none.
        """
        picture = picture[:, :, None] if picture.ndim == 2 else picture
        self._check_picture(picture)
        self._check_mask(picture, mask)
        height, width = picture.shape[:2]
        high, wide = (rounded_up(side, self.step) for side in (height, width))
        rows, columns = reflected(height, high), reflected(width, wide)

        def output_of(top: int, left: int, tall: int, broad: int) -> Tensor:
            place = np.ix_(rows[top : top + tall], columns[left : left + broad])
            values = self._values(picture[place])
            known = None if mask is None else torch.from_numpy(~mask[place])[None, None]
            return self._output(self._given(values, known), top, left)

        made = np.empty((self.scale * height, self.scale * width, self.made_channels), self.made_dtype)
        done = 0
        for part in blended_rows(output_of, high, wide, self._tiling(high, wide), self.scale, progress):
            decoded = self.model.domain.decode(part[None])[0]
            made[done : done + len(decoded)] = decoded[: len(made) - done, : made.shape[1]]
            done += len(decoded)
        return made if mask is None else np.where(mask[:, :, None], made, picture)

    def _tiling(self, height: int, width: int) -> Tiling:
        whole = height * width <= WHOLE_PIXELS if self.tile is None else max(height, width) <= self.tile
        return Tiling.of(max(height, width) if whole else self.tile or TILE, self.step)

    def _values(self, pixels: Pixels) -> Tensor:
        """Pixels [h, w, C] as networks read them, [1, C, h, w]."""
        return self.input_domain.to_tensor(torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))[None]))

    def _given(self, values: Tensor, known: Tensor | None) -> Mapping[str, Tensor]:
        if known is None:
            return {self.condition: values}
        return {KNOWN: known.float(), MASKED: torch.where(known, values, -1.0)}

    @torch.no_grad()
    def _output(self, given: Mapping[str, Tensor], *place: int) -> Tensor:
        """[C, h, w] of one tile. Random numbers, where a network draws them, depend only on the tile's place."""
        shape: tuple[int, ...] = getattr(self.network, "latent", ())
        z = Draws(self.seed, "translate", rows=range(1)).normal("z", *shape) if shape else None
        with torch_seeded(CPU, self.seed, "translate", *place):
            made: Tensor = self.network(z, None, given)
        return made[0].float()

    def _smallest_step(self) -> int:
        """The smallest power of 2 whose multiples the network takes as heights and widths, from its strides on."""
        least = min(strides_of(self.network), STEPS[-1])
        for step in STEPS:
            if step >= least and self._takes(rounded_up(PROBE, step), rounded_up(PROBE, step) + step):
                return step
        raise UsageError(
            f"this model's generator takes pictures of {self.trained_width} x {self.trained_height} pixels alone",
            where=str(self.model.run),
            hint="Train a recipe whose generator is convolutional.",
        )

    def _takes(self, height: int, width: int) -> bool:
        """Whether the network makes a picture of the right size from one of this size."""
        values = torch.zeros(1, self.channels, height, width)
        known = torch.ones(1, 1, height, width, dtype=torch.bool) if self.fills_holes else None
        try:
            made = self._output(self._given(values, known), 0, 0)
        except KeyError as error:
            what = f"this model reads {error} besides the picture, so it cannot translate one"
            raise UsageError(what, where=str(self.model.run)) from error
        except (RuntimeError, ValueError):  # what torch raises where sizes do not fit
            return False
        return made.shape == (self.spec.shape[0], self.scale * height, self.scale * width)

    def _check_picture(self, picture: Pixels) -> None:
        if picture.ndim != 3 or picture.shape[2] != self.channels or picture.dtype != self.dtype or not picture.size:
            raise DataError(
                f"the model reads {self.dtype} [H, W, {self.channels}], and the picture is {picture.dtype} "
                f"{list(picture.shape)}"
            )
        height, width = (self.scale * side for side in picture.shape[:2])
        if height * width > MOST_PIXELS:
            raise DataError(
                f"the result would have {width:,} x {height:,} pixels, more than {MOST_PIXELS:,}",
                hint="Translate the picture in parts.",
            )

    def _check_mask(self, picture: Pixels, mask: Pixels | None) -> None:
        if mask is None:
            if self.fills_holes:
                raise UsageError(
                    "this model fills holes, and nothing says where they are",
                    hint="Add --mask FILE (white where to fill), or make these pixels of the picture transparent.",
                )
            return
        if not self.fills_holes:
            raise UsageError("this model reads no mask", hint="Leave --mask out.")
        if mask.shape != picture.shape[:2] or mask.dtype != np.bool_:
            found, wanted = (" x ".join(map(str, each.shape[1::-1])) for each in (mask, picture))
            raise DataError(
                f"the mask has {found} pixels and the picture {wanted}", hint="Make the mask as large as the picture."
            )
        if not mask.any():
            raise DataError("the mask is empty, so there is nothing to fill", hint="Fill is where it is white.")


def condition_of(model: Model) -> str:
    """The given picture that the generator reads. Raises UsageError: there is none."""
    names, spec = (getattr(model.game, "condition", INPUT), INPUT), model.spec
    known = [name for name in names if len(getattr(spec.given.get(name), "shape", ())) == 3]
    if len(spec.shape) != 3 or model.game.output_kind != "samples" or not known:
        raise UsageError(NO_TRANSLATOR, where=str(model.run), hint=TRAIN_ONE)
    if known[0] == MASKED and KNOWN not in spec.given:
        raise UsageError("this model reads masked pictures without a mask", where=str(model.run))
    return known[0]


def domain_of_input(model: Model) -> Images:
    """The domain that encodes what the generator reads: pictures, with another range where the source has one for them.

    Raises:
        UsageError: what is read is no picture.
    """
    own: Domain = model.domain.domain_of_given() if isinstance(model.domain, HasGivenDomain) else model.domain
    options = getattr(model.experiment.recipe.source, "input_options", None)
    if options is not None:
        own = Images(depth=options.depth, low=options.units.low, high=options.units.high)
    if not isinstance(own, Images):
        raise UsageError(NO_TRANSLATOR, where=str(model.run), hint=TRAIN_ONE)
    return own


def translating_network(model: Model, reverse: bool) -> nn.Module:
    """The generator of one direction. Raises UsageError: there is none, or it needs a class."""
    player = model.game.translators[reverse]
    if player not in model.networks:
        if not reverse:
            raise UsageError(NO_TRANSLATOR, where=str(model.run), hint=TRAIN_ONE)
        what = f"this model translates one way: it has no generator {player} for the way back"
        raise UsageError(what, where=str(model.run), hint="Leave --reverse out.")
    network = model.networks[player]
    if getattr(network, "conditional", False):
        raise UsageError("this model needs a class besides the picture", where=str(model.run))
    return network


def strides_of(network: nn.Module) -> int:
    """The product of the strides of all convolutions and pools, or the network's own `step`, if that is more."""
    product: int = getattr(network, "step", 1)
    strides = 1
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
            stride = module.stride
            strides *= max(stride) if isinstance(stride, tuple) else stride
    return max(product, strides)


def reflected(length: int, padded: int) -> Pixels:
    """Places [padded] of a side whose end is reflected: 0, ..., length - 1, length - 2, ..., for any length."""
    period = max(1, 2 * (length - 1))
    places = np.arange(padded) % period
    return np.minimum(places, period - places) if length > 1 else np.zeros(padded, np.int64)

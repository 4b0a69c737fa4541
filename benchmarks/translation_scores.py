"""Scores of translation.py: of the answers, and of classic methods for the same pictures."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.base.types import Batch
from ganvas.data import Mnist
from ganvas.metrics import HoleError, MapAgreement, ResnetFeatures, Restoration
from ganvas.metrics.digits import Digits, likeliest_class
from ganvas.metrics.frechet import frechet_of_features
from ganvas.ops.unit_range import to_bytes, to_unit_range

FEATURES: dict[str, Tensor] = {}
Pictures = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True)
class Made:
    """The answers of one task to a batch, and other real pictures."""

    task: str
    batch: Batch
    answer: Tensor
    others: Tensor


def scores_of(made: Made) -> dict[str, float]:
    """By name; `_of_reals` is the same of the true pictures."""
    real, fake = made.batch, replace(made.batch, x=made.answer)
    if "maps" in made.task:
        return values(MapAgreement().measure(real=real, fake=fake))
    found = values(Restoration().measure(real=real, fake=fake))
    if "known" in real.given:
        found |= values(HoleError().measure(real=real, fake=fake))
    if real.x.shape[1] == 3:
        found["resnet_frechet"] = frechet(made.others, made.answer)
        found["resnet_frechet_of_reals"] = frechet(made.others, real.x)
    elif made.task == "digits to edges":
        found["digit_accuracy"] = edge_accuracy(made.answer, real.y)
        found["digit_accuracy_of_reals"] = edge_accuracy(real.x, real.y)
    else:
        found["digit_accuracy"] = digit_accuracy(made.answer, real.y)
        found["digit_accuracy_of_reals"] = digit_accuracy(real.x, real.y)
    return found


def values(results: Any) -> dict[str, float]:
    """Names and values, and the error of the first."""
    first = results[0]
    return {each.name: each.value for each in results} | {f"{first.name}_error": first.error}


def frechet(real: Tensor, fake: Tensor) -> float:
    """The Frechet distance in ResNet-50-thin's features, in which nothing trains."""
    count = ResnetFeatures().frechet_features(len(real))
    sides = [resnet_features(to_bytes(x))[:, :count] for x in (real, fake)]
    return frechet_of_features(real=sides[0], fake=sides[1])


def resnet_features(x: Tensor) -> Tensor:
    """Of pictures, computed once for each set of them: they take most of a row's time."""
    key = hashlib.sha256(x.contiguous().numpy().tobytes()).hexdigest()
    if key not in FEATURES:
        FEATURES[key] = ResnetFeatures().extract(x.contiguous()).features
    return FEATURES[key]


def digit_accuracy(x: Tensor, y: Tensor | None) -> float:
    """How often ganvas's digit classifier names the digit right."""
    assert y is not None
    return float((likeliest_class(Digits().extract(to_bytes(x))) == y).float().mean())


@lru_cache(maxsize=1)
@torch.enable_grad()
def edge_classifier() -> nn.Module:
    """A small network that has learnt to name digits by their outlines, of the training split."""
    from ganvas.augment import Edges

    items = Mnist().items("train")
    x = to_unit_range(torch.from_numpy(items.x.copy()).permute(0, 3, 1, 2))
    x, y = Edges(reverse=True).transform(Batch(x=x), torch.zeros(len(x), 0)).x, torch.from_numpy(items.y)
    torch.manual_seed(0)
    layers = [nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU()]
    network = nn.Sequential(*layers, nn.Flatten(), nn.Linear(32 * 49, 64), nn.ReLU(), nn.Linear(64, 10))
    optimiser = torch.optim.Adam(network.parameters(), 2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 5000)
    for step in range(5000):
        rows = torch.randint(0, len(x), (64,), generator=torch.Generator().manual_seed(step))
        optimiser.zero_grad()
        F.cross_entropy(network(x[rows]), y[rows]).backward()
        optimiser.step()
        schedule.step()
    return network.eval()


@torch.no_grad()
def edge_accuracy(x: Tensor, y: Tensor | None) -> float:
    """How often the digit of an outline is named right."""
    assert y is not None
    return float((edge_classifier()(x).argmax(1) == y).float().mean())


def baselines(made: Made) -> dict[str, float]:
    """Scores of classic methods, with the method before the name."""
    found: dict[str, float] = {}
    for method, answer in answers(made).items():
        scores = scores_of(replace(made, answer=answer))
        kept = ("psnr", "hole_l1", "resnet_frechet", "digit_accuracy")
        found |= {f"{method}.{name}": scores[name] for name in kept if name in scores}
    return found


def answers(made: Made) -> Mapping[str, Tensor]:
    """What classic methods make of the same pictures."""
    given = made.batch.given
    if "super" in made.task:
        size = made.batch.x.shape[2:]
        bicubic = F.interpolate(given["input"], size=size, mode="bicubic", align_corners=False)
        return {"bicubic": bicubic.clamp(-1, 1)}
    if made.task == "colours":
        return {"grey": given["input"].expand(-1, 3, -1, -1)}
    if made.task == "restoration":
        smooth = {"median": of_each(given["input"], median), "means": of_each(given["input"], non_local_means)}
        return {"none": given["input"], **smooth}
    if "known" in given:
        return filled(made)
    return {}


def of_each(x: Tensor, change: Callable[[Pictures], Pictures]) -> Tensor:
    """Each picture changed as bytes [h, w, c]."""
    pictures = to_bytes(x).permute(0, 2, 3, 1).numpy()
    return to_unit_range(torch.from_numpy(np.stack([change(each) for each in pictures])).permute(0, 3, 1, 2))


def median(picture: Pictures) -> Pictures:
    """3 x 3."""
    cv2 = import_module("cv2")  # of opencv-python-headless, which only this benchmark needs
    return np.asarray(cv2.medianBlur(picture, 3), np.uint8).reshape(picture.shape)


def non_local_means(picture: Pictures) -> Pictures:
    """OpenCV's, of the strength that was best on 300 pictures of val (28.3 dB; the damaged pictures have 28.5)."""
    cv2 = import_module("cv2")  # of opencv-python-headless, which only this benchmark needs
    return np.asarray(cv2.fastNlMeansDenoisingColored(picture, None, 4, 3, 3, 9), np.uint8).reshape(picture.shape)


def filled(made: Made) -> Mapping[str, Tensor]:
    """The mean of the known pixels, and OpenCV's two methods of inpainting."""
    cv2 = import_module("cv2")  # of opencv-python-headless, which only this benchmark needs
    known, masked = made.batch.given["known"] > 0, made.batch.given["masked"]
    share = known.float().mean((2, 3), keepdim=True)
    mean = (masked * known).mean((2, 3), keepdim=True) / share
    found = {"mean fill": torch.where(known, masked, mean)}
    holes = (~known[:, 0]).numpy().astype(np.uint8)
    for name, method in (("Telea", cv2.INPAINT_TELEA), ("Navier-Stokes", cv2.INPAINT_NS)):
        pictures = to_bytes(masked).permute(0, 2, 3, 1).numpy()
        done = [
            cv2.inpaint(np.ascontiguousarray(picture), hole, 3, method).reshape(picture.shape)
            for picture, hole in zip(pictures, holes, strict=True)
        ]
        made_by = to_unit_range(torch.from_numpy(np.stack(done)).permute(0, 3, 1, 2))
        found[name] = torch.where(known, masked, made_by)
    return found

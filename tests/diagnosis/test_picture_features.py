"""The spaces in which the doctor compares pictures: which one by default, and what each is shown."""

import pytest
import torch

from ganvas.base.types import Spec
from ganvas.diagnosis.picture_features import default_space, photo_features, picture_features
from ganvas.metrics.random_features import random_features
from ganvas.networks.efficientnet import efficientnet_lite0

CPU = torch.device("cpu")
X = torch.rand(3, 3, 64, 48, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.mark.parametrize(
    ("spec", "space"),
    [
        (Spec("images", (3, 8, 8), bounded=True), "photo"),
        (Spec("images", (4, 8, 8), bounded=True), "photo"),
        (Spec("images", (1, 8, 8), bounded=True), "random"),
        (Spec("points", (3,), bounded=False), "random"),
    ],
)
def test_colour_pictures_are_compared_in_the_space_of_photographs(spec: Spec, space: str) -> None:
    assert default_space(spec) == space


def test_photo_features_are_those_of_the_network_at_64_pixels() -> None:
    expected = efficientnet_lite0(CPU, torch.float32).pooled(X)
    assert torch.allclose(picture_features("photo")(X), expected, atol=1e-5)
    twice = X.repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert photo_features(twice, device=CPU, dtype=torch.float32).shape == (3, 1280)
    assert not torch.allclose(photo_features(twice[:, :, :64, :48], device=CPU, dtype=torch.float32), expected)


def test_half_precision_changes_features_little() -> None:
    exact, rough = (picture_features("photo", CPU, precision)(X) for precision in ("fp32", "bf16"))
    assert 0 < (exact - rough).norm() / exact.norm() < 0.1


def test_random_features_are_those_of_the_scores() -> None:
    assert torch.equal(picture_features("random")(X), random_features(X))


def test_transparent_pixels_are_grey_and_opaque_ones_keep_their_colour() -> None:
    features = picture_features("photo")
    opaque, clear = torch.cat([X, torch.ones(3, 1, 64, 48)], 1), torch.full((3, 4, 64, 48), -1.0)
    torch.testing.assert_close(features(opaque), features(X), rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(features(clear), features(torch.zeros(3, 3, 64, 48)), rtol=1e-3, atol=1e-4)

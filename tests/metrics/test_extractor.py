"""What every extractor declares, and the refusal of objects that are none."""

import pytest
import torch
from torch import nn

from ganvas.base.errors import UsageError
from ganvas.metrics.classifier import ClassifierFile
from ganvas.metrics.custom_extractors import ModuleExtractor, OnnxExtractor
from ganvas.metrics.digits import Digits
from ganvas.metrics.digits_mlp import DigitsMlp
from ganvas.metrics.extractor import Extractor, require_extractor
from ganvas.metrics.inception import Inception
from ganvas.metrics.photo_features import PhotoFeatures
from ganvas.metrics.pixels import Pixels
from ganvas.metrics.random_features import RandomConvolutions
from ganvas.metrics.resnet_features import ResnetFeatures

LIVE = ModuleExtractor(nn.Identity(), name="mine")
EVERY = [
    Digits(),
    DigitsMlp(),
    PhotoFeatures(),
    RandomConvolutions(1),
    ResnetFeatures(),
    Pixels(),
    Inception(),
    OnnxExtractor("a"),
    ClassifierFile("a"),
    LIVE,
]


@pytest.mark.parametrize("extractor", EVERY, ids=lambda extractor: type(extractor).__name__)
def test_every_extractor_declares_what_the_contract_names(extractor: Extractor) -> None:
    require_extractor(extractor)
    assert extractor.cacheable is (extractor is not LIVE)
    assert extractor.expensive is isinstance(extractor, Inception | PhotoFeatures | ResnetFeatures)
    assert extractor.frechet_features(10_000) in (None, 256, 512)


def test_random_features_grow_with_n() -> None:
    assert [RandomConvolutions(3).frechet_features(n) for n in (2, 255, 256, 4_095, 4_096)] == [8, 8, 16, 128, 256]


def test_what_is_no_extractor_is_refused_with_what_it_lacks() -> None:
    class Half:
        name = "half"

        def extract(self, x: torch.Tensor) -> torch.Tensor:
            return x

    with pytest.raises(UsageError) as refused:
        require_extractor(Half())
    for member in ("cacheable", "expensive", "covers", "frechet_features", "describe"):
        assert member in refused.value.what
    assert "extract," not in refused.value.what

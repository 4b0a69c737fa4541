"""The shapes in annotations are checked in the folders of tests that conftest.py names, and only there."""

import pytest
import torch
from jaxtyping import TypeCheckError, config

from conftest import SHAPES
from ganvas.losses import Hinge


def test_a_wrong_shape_is_refused_here() -> None:
    with pytest.raises(TypeCheckError):
        Hinge().discriminator(torch.zeros(3, 1), torch.zeros(3))
    with pytest.raises(TypeCheckError):
        Hinge().generator(None, torch.zeros(3))


def test_the_folders_exist(request: pytest.FixtureRequest) -> None:
    assert not config.jaxtyping_disable
    folders = {path.name for path in request.config.rootpath.joinpath("tests").iterdir() if path.is_dir()}
    assert folders >= SHAPES

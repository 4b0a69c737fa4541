"""The choice of a feature space for pictures."""

import pytest
import torch

from ganvas.base.errors import UsageError
from ganvas.base.types import Batch, Spec
from ganvas.metrics.extractor import require_extractor
from ganvas.metrics.picture_spaces import SPACES, PictureSpace, space_extractor, spaces_for
from ganvas.metrics.pictures import PictureScores
from ganvas.metrics.score_names import SPACES as NAMES
from ganvas.metrics.score_names import flattery, group_of, trained_in


@pytest.mark.parametrize("space", SPACES)
def test_the_name_of_a_space_is_that_of_its_extractor(space: PictureSpace) -> None:
    extractor = space_extractor(space, (3, 32, 32))
    require_extractor(extractor)
    assert extractor.name == space
    assert space in NAMES
    assert group_of(f"{space}_coverage", NAMES) == "neighbours"


def test_the_network_of_photographs_is_preferred_where_it_applies() -> None:
    assert spaces_for((3, 32, 32))[0] == "photo"
    assert spaces_for((4, 32, 32))[0] == "photo", "a transparent picture is scored on a ground, with three channels"
    for shape in ((3, 4, 4), (2, 32, 32)):
        assert spaces_for(shape) == ("random",)


def test_a_network_that_the_model_has_not_trained_in_is_preferred() -> None:
    others = [space for space in SPACES if space not in ("photo", "random")]
    assert spaces_for((3, 32, 32), {"photo"}) == (*others, "photo", "random")
    assert spaces_for((3, 32, 32)) == tuple(SPACES)


@pytest.mark.parametrize("space", SPACES)
def test_scores_bear_the_name_of_their_space(space: PictureSpace) -> None:
    x = torch.rand(60, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    metric = PictureScores(n=60, space=space)
    metric.check_spec(Spec("images", (3, 16, 16), True), "samples")
    names = [result.name for result in metric.measure(real=Batch(x=x), fake=Batch(x=x.flip(3)))]
    assert names[0] == f"{space}_frechet"
    assert {f"{space}_recall", f"{space}_coverage", "duplicates"} <= set(names)


def test_pictures_that_a_space_does_not_accept_are_refused() -> None:
    with pytest.raises(UsageError, match="photo"):
        PictureScores().check_spec(Spec("images", (3, 4, 4), True), "samples")
    PictureScores(space="random").check_spec(Spec("images", (3, 4, 4), True), "samples")


def test_scores_in_a_space_that_the_model_has_trained_in_are_marked() -> None:
    assert trained_in("photo_coverage", {"photo"}) == {"trained_in": "photo"}
    for name in ("random_coverage", "duplicates", "photographic"):
        assert trained_in(name, {"photo"}) == {}
    assert "photo_coverage" in flattery("photo_coverage", trained_in("photo_coverage", {"photo"}))
    assert flattery("random_coverage", {}) == ""

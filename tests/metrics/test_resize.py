"""The three ways to 299 pixels, each against a definition or a tool that is not ours, and frozen."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from ganvas.base.errors import DataError
from ganvas.metrics import inception, known_weights, resize
from ganvas.metrics.extractor import Extractor
from ganvas.metrics.inception import PROFILES, Profile
from ganvas.networks.inception import InceptionV3
from published import random_state, torch_fidelity

SIZES = [(1, 1), (2, 7), (28, 28), (32, 32), (64, 48), (299, 299), (301, 640)]
each_size = pytest.mark.parametrize(("height", "width"), SIZES)


def pictures(height: int, width: int, n: int = 2, channels: int = 3) -> Tensor:
    return torch.randint(
        0, 256, (n, channels, height, width), generator=torch.Generator().manual_seed(height), dtype=torch.uint8
    )


def linear(size: int, shift: float) -> NDArray[np.float64]:
    """[299, size]: how much of each pixel is in each of 299, by the definition: at (i + shift) size / 299 - shift,
    pixels beyond the ends are the last ones.
    """
    at = ((np.arange(299) + shift) * size / 299 - shift).clip(0, size - 1)
    return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(size)))


@each_size
@pytest.mark.parametrize(
    ("way", "shift", "scale"), [(resize.tf1, 0.0, (128, 128)), (resize.pytorch_fid, 0.5, (127.5, 127.5))]
)
def test_bilinear_is_the_definition(
    way: Callable[[Tensor], Tensor], shift: float, scale: tuple[float, float], height: int, width: int
) -> None:
    """In float64, with whole matrices; corners matched for TensorFlow 1, centres for pytorch-fid."""
    x = pictures(height, width)
    wanted = (
        np.einsum("oh,nchw,pw->ncop", linear(height, shift), x.double().numpy(), linear(width, shift), optimize=True)
        - scale[0]
    ) / scale[1]
    np.testing.assert_allclose(way(x).numpy(), wanted, atol=2e-4)


@each_size
def test_tf1_is_torch_fidelitys_bit_for_bit(height: int, width: int) -> None:
    x = pictures(height, width)
    with torch_fidelity("interpolate_compat_tensorflow") as theirs:
        resized = theirs.interpolate_bilinear_2d_like_tensorflow1x(x.float(), size=(299, 299), align_corners=False)
    assert torch.equal(resize.tf1(x), (resized - 128) / 128)


@each_size
def test_clean_is_pillows_bit_for_bit(height: int, width: int) -> None:
    x = pictures(height, width)
    for picture, made in zip(x.numpy(), resize.clean(x).numpy(), strict=True):
        planes = [
            Image.fromarray(plane.astype(np.float32)).resize((299, 299), Image.Resampling.BICUBIC) for plane in picture
        ]
        assert np.array_equal(made, (np.stack([np.asarray(plane) for plane in planes]).clip(0, 255) - 128) / 128)


@each_size
def test_clean_is_smoothed_bicubic(height: int, width: int) -> None:
    """As torch has it too, by another program."""
    x = pictures(height, width)
    wanted = (F.interpolate(x.double(), size=(299, 299), mode="bicubic", antialias=True).clamp(0, 255) - 128) / 128
    torch.testing.assert_close(resize.clean(x).double(), wanted, atol=1e-4, rtol=0)


def test_only_clean_smooths_what_is_larger() -> None:
    """A fine chequerboard is grey from afar; picking pixels keeps it black and white."""
    board = (torch.arange(900)[:, None] + torch.arange(900)) % 2 * 255
    x = board.to(torch.uint8).expand(1, 3, 900, 900)
    assert float(resize.clean(x).std()) < 0.1
    assert min(float(way(x).std()) for way in (resize.tf1, resize.pytorch_fid)) > 0.3


def test_a_plain_picture_stays_plain_and_in_range() -> None:
    for value in (0, 128, 255):
        x = torch.full((1, 3, 20, 30), value, dtype=torch.uint8)
        for way, wanted in (
            (resize.tf1, value / 128 - 1),
            (resize.clean, value / 128 - 1),
            (resize.pytorch_fid, value / 127.5 - 1),
        ):
            torch.testing.assert_close(way(x), torch.full((1, 3, 299, 299), wanted), atol=1e-5, rtol=0)


def drawn() -> Tensor:
    """Two pictures of 40 x 50, one in colour and one grey, made of integers."""
    row, column = torch.arange(40)[:, None], torch.arange(50)
    red, green, blue = (row * row + 3 * column) % 256, (7 * row + column * column) % 256, (row * column) % 256
    return torch.stack([torch.stack([red, green, blue]), torch.stack([blue, blue, blue])]).to(torch.uint8)


# Of pool3 in float64, with the weights of published.random_state, for `drawn()`: mean, standard deviation, and the
# second picture's last number. They were computed once by this package, whose network and resizing are those of
# torch-fidelity bit for bit; a profile never changes.
GOLDEN: dict[Profile, tuple[float, float, float]] = {
    "tf1": (3.956135027413233, 5.537045678024806, 7.564945033931499),
    "pytorch-fid": (3.997895777239439, 5.599674854838739, 7.647294041077366),
    "clean": (4.479691747184898, 6.273466536316969, 8.616851752295261),
}


@pytest.fixture(scope="module")
def state() -> dict[str, Tensor]:
    with torch.device("meta"):
        return random_state(InceptionV3())


@pytest.fixture(scope="module")
def weights_file(state: dict[str, Tensor], tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    save_file(state, path)
    return str(path)


@pytest.fixture(scope="module")
def network(state: dict[str, Tensor]) -> InceptionV3:
    with torch.device("meta"):
        network = InceptionV3()
    network.load_state_dict({name: value.double() for name, value in state.items()}, assign=True)
    return network.requires_grad_(False)


@pytest.mark.parametrize("profile", list(GOLDEN))
def test_profiles_are_frozen(profile: Profile, network: InceptionV3) -> None:
    pooled = network(PROFILES[profile].resize(drawn()).double()).pooled
    assert (float(pooled.mean()), float(pooled.std()), float(pooled[1, -1])) == pytest.approx(GOLDEN[profile], rel=1e-6)


def test_the_extractor_sees_as_its_profile_says(weights_file: str) -> None:
    extractor = inception.Inception(profile="tf1", weights=weights_file)
    assert isinstance(extractor, Extractor)
    seen = extractor.extract(drawn())
    mean, deviation, last = GOLDEN["tf1"]
    assert (float(seen.features.mean()), float(seen.features.std()), float(seen.features[1, -1])) == pytest.approx(
        (mean, deviation, last), rel=1e-5
    )
    assert seen.features.dtype == torch.float32
    assert seen.probabilities is not None
    assert seen.probabilities.shape == (2, 1008)
    torch.testing.assert_close(seen.probabilities.sum(1), torch.ones(2))
    grey = extractor.extract(drawn()[1:, :1])  # one channel, and no batch-mate
    assert torch.equal(grey.features, seen.features[1:])


def test_pictures_of_one_and_of_three_channels_are_covered() -> None:
    covered = [shape for shape in ((1, 28, 28), (3, 9, 1), (4, 28, 28), (2,)) if inception.Inception().covers(shape)]
    assert covered == [(1, 28, 28), (3, 9, 1)]
    with pytest.raises(DataError, match="1 or 3 channels, not of 4"):
        inception.Inception().extract(pictures(5, 5, channels=4))


def test_the_description_names_weights_and_profile(weights_file: str, state: dict[str, Tensor]) -> None:
    one, other = (inception.Inception(profile=profile, weights=weights_file).describe() for profile in ("tf1", "clean"))
    assert {key for key in one if one[key] != other[key]} == {"profile", "resize"}
    assert one["weights_sha256"] == known_weights.tensors_sha256(state)
    assert one["weights"] == "own"


@pytest.mark.gpu
def test_an_accelerator_sees_the_same(weights_file: str) -> None:
    """TF32 would be off by a part in a thousand."""
    extractor = inception.Inception(weights=weights_file)
    here, there = extractor.extract(drawn()), extractor.extract(drawn().cuda())
    assert there.features.device.type == "cpu"
    torch.testing.assert_close(there.features, here.features, rtol=1e-4, atol=1e-4)

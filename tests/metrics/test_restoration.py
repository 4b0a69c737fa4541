"""Restoration: PSNR, SSIM and L1 against scikit-image and hand-made pictures."""

import math
from typing import Any

import numpy as np
import pytest
import skimage.metrics
import torch
from torch import Tensor

from ganvas.base.errors import DataError, UsageError
from ganvas.base.types import Batch, Spec, TensorSpec
from ganvas.data.mnist import Mnist
from ganvas.metrics import restoration as module
from ganvas.metrics.restoration import Restoration, checked_bytes, in_parts, l1, psnr, ssim

THEIRS: Any = skimage.metrics
SPEC = Spec("images", (3, 16, 16), bounded=True, given={"known": TensorSpec((1, 16, 16))})


def pictures(n: int = 6, c: int = 3, h: int = 24, w: int = 33, seed: int = 0) -> Tensor:
    smooth = torch.nn.functional.interpolate(
        torch.rand(n, c, 5, 5, generator=torch.Generator().manual_seed(seed)), size=(h, w), mode="bicubic"
    )
    return (smooth * 255).round().clamp(0, 255).to(torch.uint8)


def noisy(x: Tensor, size: float, seed: int = 1) -> Tensor:
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))
    return (x + size * noise).round().clamp(0, 255).to(torch.uint8)


CASES = [
    pictures(),
    pictures(c=1, h=11, w=11),
    pictures(c=2, h=28, w=28),
    torch.from_numpy(Mnist().items("test").x[:20].transpose(0, 3, 1, 2).copy()),
]
each_case = pytest.mark.parametrize("x", CASES, ids=lambda x: "x".join(map(str, x.shape)))


@each_case
@pytest.mark.parametrize("size", [0.0, 3.0, 60.0])
def test_ssim_is_that_of_scikit_image(x: Tensor, size: float) -> None:
    y = noisy(x, size)
    options = {
        "gaussian_weights": True,
        "sigma": 1.5,
        "use_sample_covariance": False,
        "data_range": 255,
        "channel_axis": 0,
    }
    wanted = [
        THEIRS.structural_similarity(a.numpy().astype(np.float64), b.numpy().astype(np.float64), **options)
        for a, b in zip(x, y, strict=True)
    ]
    np.testing.assert_allclose(ssim(real=x, fake=y), wanted, rtol=1e-9)
    np.testing.assert_allclose(ssim(real=y, fake=x), wanted, rtol=1e-9)
    if size == 0:
        assert ssim(real=x, fake=y).tolist() == pytest.approx([1.0] * len(x), abs=1e-12)


@each_case
def test_psnr_is_that_of_scikit_image(x: Tensor) -> None:
    y = noisy(x, 10)
    wanted = [THEIRS.peak_signal_noise_ratio(a.numpy(), b.numpy(), data_range=255) for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(psnr(real=x, fake=y), wanted, rtol=1e-12)


def test_closed_forms() -> None:
    flat = torch.full((2, 3, 12, 12), 100, dtype=torch.uint8)
    lifted = torch.stack([flat[0] + 51, flat[1]])
    assert psnr(real=flat, fake=lifted).tolist() == pytest.approx(
        [20 * math.log10(5), 10 * math.log10(255**2 * 3 * 144)]
    )
    assert l1(real=flat, fake=lifted).tolist() == pytest.approx([0.4, 0])
    c1 = (0.01 * 255) ** 2
    assert ssim(real=flat, fake=lifted)[0].item() == pytest.approx(
        (2 * 100 * 151 + c1) / (100**2 + 151**2 + c1)
    )  # without variance only the means count


def test_all_fall_with_noise() -> None:
    x = pictures(20)
    for measure, sign in ((psnr, -1), (ssim, -1), (l1, 1)):
        values = [sign * float(measure(real=x, fake=noisy(x, size)).mean()) for size in (1, 5, 20, 80)]
        assert values == sorted(values)


def test_parts_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    x = pictures(30)
    whole = in_parts(ssim, x, noisy(x, 9))
    monkeypatch.setattr(module, "NUMBERS", 7 * x[0].numel())
    torch.testing.assert_close(in_parts(ssim, x, noisy(x, 9)), whole, rtol=1e-12, atol=0)


def test_the_metric() -> None:
    true, restored = pictures(40), noisy(pictures(40), 12)
    real, fake = (Batch(x=x.float() / 127.5 - 1) for x in (true, restored))
    assert torch.equal(checked_bytes(fake.x), restored)
    results = {result.name: result for result in Restoration().measure(real=real, fake=fake)}
    assert list(results) == ["psnr", "ssim", "l1"]
    assert results["ssim"].value == pytest.approx(float(ssim(real=true, fake=restored).mean()))
    assert results["psnr"].error == pytest.approx(float(psnr(real=true, fake=restored).std()) / 40**0.5)
    assert results["l1"].value == pytest.approx((real.x - fake.x).abs().mean().item(), rel=1e-5)
    assert [result.lower_is_better for result in results.values()] == [False, False, True]
    assert results["psnr"].protocol["range"] == 255
    assert Restoration().measure(real=Batch(x=real.x[:1]), fake=Batch(x=fake.x[:1]))[0].error is None


def test_what_it_does_not_fit() -> None:
    Restoration().check_spec(SPEC, "samples")
    for spec in (
        Spec("images", (3, 16, 16), True),
        Spec("images", (3, 10, 40), True, given=SPEC.given),
        Spec("points", (2,), False, given={"x": TensorSpec((2,))}),
    ):
        with pytest.raises(UsageError, match="Restoration needs restored pictures"):
            Restoration().check_spec(spec, "samples")
    with pytest.raises(UsageError):
        Restoration().check_spec(SPEC, "classes")
    with pytest.raises(DataError, match="11 pixels"):
        ssim(real=pictures(h=10), fake=pictures(h=10))
    for other in (torch.zeros(2, 1, 16, 16), torch.zeros(3, 3, 16, 16)):
        with pytest.raises(DataError, match="no pairs"):
            Restoration().measure(real=Batch(x=torch.zeros(2, 3, 16, 16)), fake=Batch(x=other))
    with pytest.raises(DataError, match="not finite"):
        checked_bytes(torch.full((1, 1, 11, 11), math.nan))


def test_the_input_is_scored_beside_the_restored_picture() -> None:
    x = pictures(h=24, w=32).float() / 127.5 - 1
    half = torch.nn.functional.interpolate(x, scale_factor=0.5, mode="bicubic", antialias=True)
    enlarged = torch.nn.functional.interpolate(half, size=(24, 32), mode="bicubic").clamp(-1, 1)
    for given, whole in ((half, enlarged), (enlarged, enlarged)):
        of_input = Restoration().measure(real=Batch(x=x, given={"input": given}), fake=Batch(x=x))
        of_model = Restoration().measure(real=Batch(x=x), fake=Batch(x=whole))
        assert [result.name for result in of_input][-1] == "psnr_of_input"
        assert of_input[-1].value == pytest.approx(of_model[0].value)
        assert 15 < of_input[-1].value < 45
    grey = Restoration().measure(real=Batch(x=x, given={"input": x[:, :1]}), fake=Batch(x=x))
    assert [result.name for result in grey] == ["psnr", "ssim", "l1"]

"""A small autoencoder with an adversary, the usual one, and with none: python benchmarks/adversary.py TRAIN TEST

TRAIN and TEST are folders of CIFAR-10 as JPEGs, a subfolder for each class. The autoencoder keeps 128 numbers of 3,072.
All arms have the same networks, batches and steps, and their reconstruction is the mean absolute error.

- without: the reconstruction alone.
- usual: hinge loss, D and its weight begin at a fixed step, the weight is the ratio of gradients (Esser et al. 2021).
- ours: `ganvas.Adversary` as it is: relativistic pairs, R1 every 8 steps, the same ratio, the rule of its entry.

Scores are of reconstructions of TEST: PSNR, and the kernel distance to TEST in the space of photographs. Nothing was
tuned so far; --tune scores seed 100 on pictures of TRAIN that were not trained on.
"""

import argparse
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

import ganvas
from ganvas.losses import Hinge
from ganvas.metrics.kernel import kernel_distance
from ganvas.metrics.photo_features import PhotoFeatures
from ganvas.networks import DcganCritic
from ganvas.optimisers import Adam
from ganvas.penalties import R1, Every
from rows import append_row, rows

STEPS, BATCH, START, EACH_TRAIN, EACH_TEST, LATENT = 800, 16, 250, 400, 40, 2
SEEDS = (0, 1, 2)
WEIGHT = 0.5
ARMS: Mapping[str, Mapping[str, Any] | None] = {
    "without": None,
    "usual": {"loss": Hinge(), "entry": ganvas.AdversaryEntry(start=START, ramp=0, low=0.0, high=1.0)},
    "ours": {"penalties": (Every(8, R1(1.0)),), "entry": ganvas.AdversaryEntry(start=START, ramp=150)},
}


def pictures(folder: Path, first: int, count: int) -> np.ndarray[Any, Any]:
    """uint8 [n, 32, 32, 3]: so many of each class, from the `first` on, classes in turn."""
    classes = [sorted(each.iterdir())[first : first + count] for each in sorted(folder.iterdir())]
    names = [name for together in zip(*classes, strict=True) for name in together]
    return np.stack([np.asarray(Image.open(name).convert("RGB")) for name in names])


def tensor(x: np.ndarray[Any, Any]) -> Tensor:
    """Bytes [n, h, w, c] in [-1, 1], [n, c, h, w]."""
    return torch.from_numpy(x).permute(0, 3, 1, 2).float() / 127.5 - 1


def autoencoder() -> tuple[nn.Module, nn.Parameter]:
    """A picture to 8 x 8 x LATENT numbers and back, and the weights of its last layer."""
    down = [nn.Conv2d(3, 16, 4, 2, 1), nn.SiLU(), nn.Conv2d(16, 32, 4, 2, 1), nn.SiLU(), nn.Conv2d(32, LATENT, 1)]
    last = nn.Conv2d(16, 3, 3, 1, 1)
    up = [nn.Conv2d(LATENT, 32, 3, 1, 1), nn.SiLU(), nn.Conv2d(32, 32, 3, 1, 1), nn.SiLU()]
    up += [nn.ConvTranspose2d(32, 16, 4, 2, 1), nn.SiLU(), nn.ConvTranspose2d(16, 16, 4, 2, 1), nn.SiLU()]
    return nn.Sequential(*down, *up, last, nn.Tanh()), cast(nn.Parameter, last.weight)


def trained(arm: str, seed: int, x: Tensor) -> tuple[nn.Module, dict[str, Any]]:
    """The autoencoder of an arm after its steps, and facts about its adversary."""
    torch.manual_seed(seed)
    model, last = autoencoder()
    optimiser = torch.optim.Adam(model.parameters(), 2e-3, (0.5, 0.9))
    options, facts = ARMS[arm], dict[str, Any]()
    adversary = None
    if options is not None:
        network = DcganCritic(width=8)
        adversary = ganvas.Adversary(
            network, shape=(3, 32, 32), weight=WEIGHT, seed=seed, optimiser=Adam(lr=5e-4), **options
        )
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    for step in range(STEPS):
        real = x[order[(step * BATCH + torch.arange(BATCH)) % len(x)]]
        fake = model(real)
        reconstruction = (fake - real).abs().mean()
        loss = reconstruction
        if adversary is not None:
            loss = loss + adversary.generator_loss(fake, real, reconstruction=reconstruction, last_layer=last)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if adversary is not None and (arm == "ours" or step >= START):
            found = adversary.discriminator_step(fake, real)
            facts["waited"] = facts.get("waited", 0) + int(found.waited)
            facts |= {"accuracy": found.accuracy, "share": found.share, "ratio": adversary.ratio}
            facts["findings"] = [each.name for each in found.findings]
    return model.eval(), facts


def scored(model: nn.Module, x: np.ndarray[Any, Any], real: Tensor) -> dict[str, float]:
    """PSNR in dB, and the kernel distance, of the reconstructions of pictures whose features are `real`."""
    with torch.no_grad():
        made = torch.cat([model(tensor(part)) for part in np.array_split(x, 10)])
    bytes_made = ((made + 1) * 127.5).round().clamp(0, 255).byte()
    error = ((bytes_made.permute(0, 2, 3, 1).numpy().astype(np.float64) - x) ** 2).mean((1, 2, 3))
    kernel = kernel_distance(real=real, fake=PhotoFeatures().extract(bytes_made).features)
    psnr = float((10 * np.log10(255**2 / error)).mean())
    return {"psnr": psnr, "photo_kernel": kernel.value, "photo_kernel_error": kernel.error}


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--tune", action="store_true", help="seed 100, on held-out pictures of TRAIN; no row")
    parser.add_argument("--arm", choices=list(ARMS))
    chosen = parser.parse_args()
    x = tensor(pictures(chosen.train, 0, EACH_TRAIN))
    folder, first = (chosen.train, EACH_TRAIN) if chosen.tune else (chosen.test, 0)
    judged = pictures(folder, first, EACH_TEST)
    real = PhotoFeatures().extract(torch.from_numpy(judged).permute(0, 3, 1, 2).contiguous()).features
    protocol = f"{STEPS} steps of {BATCH}, {len(x):,} pictures, 128 of 3,072 numbers, {len(judged):,} of test"
    for seed in (100,) if chosen.tune else SEEDS:
        for arm in [chosen.arm] if chosen.arm else list(ARMS):
            if not chosen.tune and rows(benchmark="adversary", arm=arm, seed=seed, protocol=protocol):
                continue
            begun = time.process_time()
            model, facts = trained(arm, seed, x)
            row = {
                "arm": arm,
                "seed": seed,
                **scored(model, judged, real),
                "cpu_seconds": time.process_time() - begun,
                **facts,
            }
            if chosen.tune:
                print(row, file=sys.stderr, flush=True)
            else:
                append_row(benchmark="adversary", protocol=protocol, weight=WEIGHT, **row)


if __name__ == "__main__":
    main()

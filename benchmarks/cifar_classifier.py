"""Trains a small classifier on CIFAR-10's JPEG files: python benchmarks/cifar_classifier.py TRAIN TEST WEIGHTS

TRAIN and TEST hold a folder of pictures for each class (benchmarks/picture_sets.py cifar10). The network is a residual
network of nine layers that shares nothing with ganvas's own networks, so it can judge whether samples show their class.
It takes about four minutes of one core. WEIGHTS is a safetensors file, to be kept outside the repository; its metadata
have the classes and the accuracy on TEST, which is measured once, after training.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

EPOCHS, BATCH, RATE, DECAY, SMOOTHING = 6, 128, 0.1, 5e-4, 0.05
SHIFT = 3  # pixels, of the augmentation


class Residual(nn.Module):
    """relu(x + norm(conv(x)))."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.norm(self.conv(x)))


def network(classes: int) -> nn.Sequential:
    """The classifier of pictures [n, 3, 32, 32] in [-1, 1]: logits [n, classes]."""

    def step(before: int, after: int, stride: int) -> list[nn.Module]:
        conv = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        return [conv, nn.BatchNorm2d(after), nn.ReLU()]

    return nn.Sequential(
        *step(3, 32, 1),
        *step(32, 64, 2),
        Residual(64),
        *step(64, 128, 2),
        Residual(128),
        Residual(128),
        *step(128, 256, 2),
        Residual(256),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(256, classes),
    ).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def read_folder(folder: Path) -> tuple[Tensor, Tensor, list[str]]:
    """Pictures [n, 3, 32, 32] as bytes, class numbers [n], and the names of the classes in order."""
    names = sorted(place.name for place in folder.iterdir() if place.is_dir())
    files = [(file, number) for number, name in enumerate(names) for file in sorted((folder / name).iterdir())]
    pixels = np.stack([np.asarray(Image.open(file).convert("RGB")) for file, _ in files])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(), torch.tensor([n for _, n in files]), names


def augmented(x: Tensor, generator: torch.Generator) -> Tensor:
    """Bytes as numbers in [-1, 1]: half of the pictures mirrored, and the batch moved by up to 3 pixels."""
    y = x.float() / 127.5 - 1
    mirrored = torch.rand(len(y), generator=generator) < 0.5
    y[mirrored] = y[mirrored].flip(3)
    across, down = torch.randint(0, 2 * SHIFT + 1, (2,), generator=generator).tolist()
    return F.pad(y, (SHIFT,) * 4, mode="reflect")[:, :, down : down + 32, across : across + 32]


def batches(count: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Numbers of the pictures of each batch of one epoch."""
    yield from torch.randperm(count, generator=generator)[: count // BATCH * BATCH].split(BATCH)


def train(x: Tensor, y: Tensor, classes: int, epochs: int) -> nn.Sequential:
    """A classifier trained by SGD; the rate rises for a fifth of the steps and falls to zero."""
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    model = network(classes)
    optimiser = torch.optim.SGD(model.parameters(), RATE, momentum=0.9, nesterov=True, weight_decay=DECAY)
    steps = len(x) // BATCH * epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.2)
    for epoch in range(epochs):
        begun, total = time.process_time(), 0.0
        for rows in batches(len(x), generator):
            pictures = augmented(x[rows], generator).contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(pictures)
            loss = F.cross_entropy(logits.float(), y[rows], label_smoothing=SMOOTHING)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
        took = time.process_time() - begun
        print(
            f"epoch {epoch + 1} of {epochs}: loss {total / (len(x) // BATCH):.3f}, {took:.0f} CPU seconds", flush=True
        )
    return model


@torch.no_grad()
def class_numbers(model: nn.Sequential, x: Tensor) -> Tensor:
    """The class of each picture of bytes [n, 3, h, w]; pictures of another size are resized to 32 x 32."""
    model.eval()
    numbers = []
    for part in x.split(500):
        y = part.float() / 127.5 - 1
        if y.shape[2:] != (32, 32):
            y = F.interpolate(y, size=(32, 32), mode="bilinear", antialias=True, align_corners=False)
        logits = model(y.contiguous(memory_format=torch.channels_last)) + model(y.flip(3))
        numbers.append(logits.argmax(1))
    return torch.cat(numbers)


def load_classifier(path: Path) -> tuple[nn.Sequential, list[str], float]:
    """The network, the names of its classes, and its accuracy on the test folder."""
    with safe_open(path, "pt") as file:
        facts = file.metadata()
    names: list[str] = json.loads(facts["classes"])
    model = network(len(names))
    model.load_state_dict(load_file(path))
    return model, names, float(facts["accuracy"])


def main() -> None:
    """Train, measure, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("train", "test", "weights"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    chosen = parser.parse_args()
    x, y, names = read_folder(chosen.train)
    model = train(x, y, len(names), chosen.epochs)
    x_test, y_test, _ = read_folder(chosen.test)
    accuracy = float((class_numbers(model, x_test) == y_test).float().mean())
    facts = {"classes": json.dumps(names), "accuracy": f"{accuracy:.4f}", "epochs": str(chosen.epochs)}
    save_file({name: value.contiguous() for name, value in model.state_dict().items()}, chosen.weights, metadata=facts)
    print(f"accuracy on {len(y_test):,} test pictures {accuracy:.3f}; {time.process_time():.0f} CPU seconds in all")


if __name__ == "__main__":
    main()

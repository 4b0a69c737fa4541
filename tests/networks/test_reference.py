"""Each network's output against a plain functional forward pass in float64, written from its paper and docstring."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.base.types import Network, Spec, TensorSpec, Verdict
from ganvas.networks.classifier import ConvClassifier
from ganvas.networks.conditional import ClassBatchNormDcgan, ClassConcat, ClassConcatCritic
from ganvas.networks.dcgan import Dcgan, DcganCritic
from ganvas.networks.heads import ClassHead, CodeHead
from ganvas.networks.mlp import Mlp, MlpCritic
from ganvas.networks.packed import Packed
from ganvas.networks.patch import PatchCritic
from ganvas.networks.resnet import Resnet, ResnetCritic
from ganvas.networks.salimans import NoisyClassifier, SoftplusMlp
from ganvas.networks.unet import UNet
from ganvas.recipes.discover import fits, parts

B, CLASSES, LATENT = 6, 3, 5
HEIGHT, WIDTH = 18, 15  # two halvings lead to 5 x 4, and two doublings from there to 20 x 16
PICTURES = Spec(
    "images",
    (3, HEIGHT, WIDTH),
    bounded=True,
    classes=("a", "b", "c"),
    given={"masked": TensorSpec((3, HEIGHT, WIDTH)), "known": TensorSpec((1, HEIGHT, WIDTH))},
)


class Inputs(NamedTuple):
    """What a network may be called with: z [B, 5], x [B, 3, 18, 15], y [B], given pictures."""

    z: Tensor
    x: Tensor
    y: Tensor
    given: Mapping[str, Tensor]


def generated(network: nn.Module, inputs: Inputs) -> Tensor:
    """G's output. A change of the contract is made here."""
    x: Tensor = network(inputs.z if network.latent else None, inputs.y, inputs.given)
    return x


def judged(network: nn.Module, inputs: Inputs) -> dict[str, Tensor]:
    """D's verdict by name, of its features the last. A change of the contract is made here."""
    verdict: Verdict = network(inputs.x, inputs.y, inputs.given)
    found = {**verdict._asdict(), "features": verdict.features[-1] if verdict.features else None}
    return {name: value for name, value in found.items() if value is not None}


class Weights:
    """A network's tensors in float64, handed out in the order of its layers: `w(2)` are the next two."""

    def __init__(self, values: list[Tensor], *, training: bool) -> None:
        self.values, self.training = values, training

    def __call__(self, count: int) -> list[Tensor]:
        return [self.values.pop(0) for _ in range(count)]

    def part(self, count: int) -> "Weights":
        """The next tensors, for layers that are applied in another order."""
        return Weights(self(count), training=self.training)

    def row(self, y: Tensor) -> Tensor:
        """Rows of a table, one a class."""
        return self(1)[0][y]

    def linear(self, x: Tensor, *, bias: bool = True) -> Tensor:
        weight = self(1)[0]
        return x @ weight.T + (self(1)[0] if bias else 0.0)

    def conv(self, x: Tensor, *, kernel: int = 3, stride: int = 1, bias: bool = True) -> Tensor:
        """A convolution that pads by one, by nothing where it is 1 x 1."""
        weight = self(1)[0]
        assert weight.shape[2:] == (kernel, kernel)
        return F.conv2d(x, weight, self(1)[0] if bias else None, stride, int(kernel > 1))

    def halve(self, x: Tensor, *, bias: bool = True) -> Tensor:
        """A 4 x 4 convolution in steps of 2."""
        return self.conv(x, kernel=4, stride=2, bias=bias)

    def double(self, x: Tensor, *, bias: bool = True) -> Tensor:
        """A transposed 4 x 4 convolution in steps of 2."""
        weight = self(1)[0]
        assert weight.shape[2:] == (4, 4)
        return F.conv_transpose2d(x, weight, self(1)[0] if bias else None, 2, 1)

    def norm(self, x: Tensor) -> Tensor:
        """Batch norm: gain (x - mean) / sqrt(var + 1e-5) + bias, of the batch in training."""
        gain, bias, mean, var = (value.view(-1, *[1] * (x.ndim - 2)) for value in self(4))
        return self.standardised(x, mean, var) * gain + bias

    def class_norm(self, x: Tensor, y: Tensor) -> Tensor:
        """Batch norm whose gain and bias are rows of tables, one a class."""
        mean, var = (value.view(-1, 1, 1) for value in self(2))
        gain, bias = (self.row(y)[:, :, None, None] for _ in range(2))
        return self.standardised(x, mean, var) * gain + bias

    def standardised(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        if self.training:
            axes = [0, *range(2, x.ndim)]
            mean, var = x.mean(axes, keepdim=True)[0], x.var(axes, correction=0, keepdim=True)[0]
        return (x - mean) / (var + 1e-5).sqrt()

    def projection(self, f: Tensor, y: Tensor | None, divisor: float) -> Tensor:
        """w . f + b, and e(y) . f / divisor where a class is given."""
        logit = self.linear(f)
        return logit if y is None else logit + (self.row(y) * f).sum(1, keepdim=True) / divisor


Reference = Callable[[Weights, Inputs], dict[str, Tensor]]


def leaky(x: Tensor) -> Tensor:
    return torch.where(x > 0, x, 0.2 * x)


def relu(x: Tensor) -> Tensor:
    return x.clamp(min=0)


def doubled(x: Tensor) -> Tensor:
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


def halved(x: Tensor) -> Tensor:
    return (x[:, :, ::2, ::2] + x[:, :, 1::2, ::2] + x[:, :, ::2, 1::2] + x[:, :, 1::2, 1::2]) / 4


def largest(x: Tensor) -> Tensor:
    """Of each 2 x 2, an odd last row or column left out."""
    height, width = x.shape[2] // 2 * 2, x.shape[3] // 2 * 2
    rows = torch.maximum(x[:, :, 0:height:2], x[:, :, 1:height:2])
    return torch.maximum(rows[..., 0:width:2], rows[..., 1:width:2])


def cropped(x: Tensor) -> Tensor:
    """20 x 16 -> 18 x 15: one row off each end, the last column off."""
    return x[:, :, 1:19, 0:15]


def padded(x: Tensor) -> Tensor:
    """18 x 15 -> 20 x 16: the first and the last row and the last column repeated."""
    tall = torch.cat([x[:, :, :1], x, x[:, :, -1:]], 2)
    return torch.cat([tall, tall[..., -1:]], 3)


def beside(x: Tensor, y: Tensor) -> Tensor:
    """x with a plane (or a number) for each class, ones for y's."""
    planes = torch.eye(CLASSES, dtype=x.dtype)[y]
    return torch.cat([x, planes.view(B, CLASSES, *[1] * (x.ndim - 2)).expand(-1, -1, *x.shape[2:])], 1)


# generators


def mlp(*, slope: float = 0.2, norm: bool = False, classes: bool = False, bounded: bool = True) -> Reference:
    """Goodfellow et al. 2014: z, scaled by a row for the class, -> two hidden layers -> x."""

    def forward(w: Weights, inputs: Inputs) -> dict[str, Tensor]:
        h = inputs.z * w.row(inputs.y) if classes else inputs.z
        for _ in range(2):
            h = w.norm(w.linear(h, bias=False)) if norm else w.linear(h)
            h = torch.where(h > 0, h, slope * h)
        x = w.linear(h).view_as(inputs.x)
        return {"x": x.tanh() if bounded else x}

    return forward


def dcgan(w: Weights, z: Tensor) -> Tensor:
    """Radford et al. 2016: project, then double: batch norm and ReLU everywhere but at the end, which is tanh."""
    h = w.linear(z, bias=False).view(B, 5, 4, -1).movedim(3, 1)
    h = relu(w.norm(h))
    h = relu(w.norm(w.double(h, bias=False)))
    return cropped(w.double(h).tanh())


def class_norm_dcgan(w: Weights, inputs: Inputs) -> dict[str, Tensor]:
    """The same with the class in every batch norm; the first layer is a transposed convolution of one pixel."""
    first, second = w.part(1), w.part(1)
    h = torch.einsum("bl,lchw->bchw", inputs.z, *first(1))
    h = relu(w.class_norm(h, inputs.y))
    h = relu(w.class_norm(second.double(h, bias=False), inputs.y))
    return {"x": cropped(w.double(h).tanh())}


def resnet(*, classes: bool) -> Reference:
    """Miyato et al. 2018, table 4 and figure 9: dense, a block for each doubling, norm, ReLU, 3 x 3, tanh."""

    def norm(w: Weights, h: Tensor, y: Tensor) -> Tensor:
        return w.class_norm(h, y) if classes else w.norm(h)

    def block(w: Weights, x: Tensor, y: Tensor) -> Tensor:
        norms, convolutions = w.part(8), w.part(6)
        h = convolutions.conv(doubled(relu(norm(norms, x, y))))
        h = convolutions.conv(relu(norm(norms, h, y)))
        return h + convolutions.conv(doubled(x), kernel=1)

    def forward(w: Weights, inputs: Inputs) -> dict[str, Tensor]:
        h = w.linear(inputs.z).view(B, -1, 5, 4)
        for _ in range(2):
            h = block(w, h, inputs.y)
        return {"x": cropped(w.conv(relu(w.norm(h))).tanh())}

    return forward


def unet(w: Weights, inputs: Inputs) -> dict[str, Tensor]:
    """Ronneberger et al. 2015, figure 1, with batch norm: two 3 x 3 a level, joined to the doubled coarser level."""

    def pair(w: Weights, h: Tensor) -> Tensor:
        for _ in range(2):
            h = relu(w.norm(w.conv(h, bias=False)))
        return h

    masked, known = inputs.given["masked"], inputs.given["known"]
    fine = pair(w, padded(torch.cat([masked, known], 1)))
    middle = pair(w, largest(fine))
    h = pair(w, largest(middle))
    to_fine, to_middle = w.part(10), w.part(10)  # decoders are stored from the finest on
    h = pair(to_middle, torch.cat([doubled(h), middle], 1))
    h = pair(to_fine, torch.cat([doubled(h), fine], 1))
    x = cropped(w.conv(h, kernel=1).tanh())
    return {"x": known * masked + (1 - known) * x}


def softplus_mlp(w: Weights, inputs: Inputs) -> dict[str, Tensor]:
    """Salimans et al. 2016: softplus of batch norm, twice, a weight-normalised layer, a sigmoid over [-1, 1]."""
    h = inputs.z
    for _ in range(2):
        h = w.norm(w.linear(h, bias=False)).exp().log1p()
    return {"x": (2 * weight_norm(w, h).sigmoid() - 1).view_as(inputs.x)}


def weight_norm(w: Weights, x: Tensor) -> Tensor:
    """Salimans and Kingma 2016, equation 2: g (v . x) / |v| + b."""
    direction, bias, length = w(3)
    return length * (x @ (direction / direction.norm(dim=1, keepdim=True)).T) + bias


# discriminators


def mlp_critic(*, classes: bool = False, maxout: int = 0) -> Reference:
    """Two hidden layers of LeakyReLU 0.2, or of maxima over `maxout` pieces; one logit, d = 8 features."""

    def forward(w: Weights, inputs: Inputs) -> dict[str, Tensor]:
        h = inputs.x.flatten(1)
        for _ in range(2):
            h = w.linear(h)
            h = h.view(B, -1, maxout).max(2).values if maxout else leaky(h)
        return {"logits": w.projection(h, inputs.y if classes else None, 8**0.5), "features": h}

    return forward


def dcgan_critic(w: Weights, x: Tensor, *, norm: bool, y: Tensor | None = None) -> dict[str, Tensor]:
    """Radford et al. 2016: halve, LeakyReLU 0.2, batch norm from the second layer on; d = 8 x 5 x 4 features."""
    h = leaky(w.halve(padded(x)))
    second = w.halve(h, bias=not norm)
    f = leaky(w.norm(second) if norm else second).flatten(1)
    return {"logits": w.projection(f, y, (8 * 5 * 4) ** 0.5), "features": f}


def resnet_critic(*, classes: bool) -> Reference:
    """Miyato et al. 2018, table 4: two blocks that halve, no ReLU on the picture; a plain one, ReLU, sum."""

    def block(w: Weights, x: Tensor, *, first: bool) -> Tensor:
        h = w.conv(x if first else relu(x))
        h = w.conv(relu(h))
        return halved(h + w.conv(x, kernel=1))

    def forward(w: Weights, inputs: Inputs) -> dict[str, Tensor]:
        x = block(w, padded(inputs.x), first=True)
        x = block(w, x, first=False)
        x = x + w.conv(relu(w.conv(relu(x))))
        f = relu(x).sum((2, 3))
        return {"logits": w.projection(f, inputs.y if classes else None, 1.0), "features": f}

    return forward


def patch_critic(*, kernel: int, norm: bool = False) -> Reference:
    """Isola et al. 2017, section 3.2.2: two convolutions that halve, one more, and one to a logit for each place."""

    def forward(w: Weights, inputs: Inputs) -> dict[str, Tensor]:
        h = torch.cat([inputs.x, inputs.given["masked"]], 1)
        for level in range(2):
            h = w.halve(h)
            h = leaky(w.norm(h) if norm and level else h)
        h = w.conv(h, kernel=kernel)
        h = leaky(w.norm(h) if norm else h)
        return {"logits": w.conv(h, kernel=kernel).flatten(1), "features": h}

    return forward


def packed(w: Weights, inputs: Inputs) -> dict[str, Tensor]:
    """Lin et al. 2018: D(x_1, x_2) for each pair of neighbours in the batch."""
    h = torch.cat([inputs.x[0::2].flatten(1), inputs.x[1::2].flatten(1)], 1)
    for _ in range(2):
        h = leaky(w.linear(h))
    return {"logits": w.projection(h, None, 1.0), "features": h}


def classifier(w: Weights, inputs: Inputs) -> dict[str, Tensor]:
    """Three pairs of 3 x 3 with batch norm, maxima between; means over a 3 x 3 grid; a dense layer; logits."""
    h = inputs.x
    for level in range(3):
        h = largest(h) if level else h
        for _ in range(2):
            h = relu(w.norm(w.conv(h, bias=False)))
    rows, columns = ((0, 2), (1, 3), (2, 4)), ((0, 1), (1, 2), (2, 3))  # 4 x 3 -> 3 x 3: the parts overlap
    means = [h[:, :, a:b, c:d].mean((2, 3)) for a, b in rows for c, d in columns]
    f = relu(w.linear(torch.stack(means, 2).flatten(1)))
    kept = F.dropout(torch.ones(B, 8), 0.3) if w.training else 1.0
    return {"logits": torch.zeros(B, 1, dtype=f.dtype), "classes": w.linear(f * kept), "features": f}


def noisy_classifier(w: Weights, inputs: Inputs) -> dict[str, Tensor]:
    """Salimans et al. 2016: x in [0, 1], weight-normalised ReLU layers; the logit is the log-sum-exp of the classes.

    In training N(0, 0.3^2) is added to x and N(0, 0.5^2) to each hidden layer's output.
    """

    def noisy(h: Tensor, deviation: float) -> Tensor:
        return h + deviation * torch.randn(h.shape).double() if w.training else h

    h = noisy((inputs.x.flatten(1) + 1) / 2, 0.3)
    for _ in range(2):
        features = relu(weight_norm(w, h))
        h = noisy(features, 0.5)
    classes = weight_norm(w, h)
    return {"logits": classes.exp().sum(1, keepdim=True).log(), "classes": classes, "features": features}


def class_head(*, projection: bool) -> Reference:
    """Odena et al. 2017: class logits are linear in the critic's features; its own logit may use the class."""

    def forward(w: Weights, inputs: Inputs) -> dict[str, Tensor]:
        body = dcgan_critic(w, inputs.x, norm=False, y=inputs.y if projection else None)
        return {**body, "classes": w.linear(body["features"])}

    return forward


def code_head(w: Weights, inputs: Inputs) -> dict[str, Tensor]:
    """Chen et al. 2016: one hidden layer of LeakyReLU 0.2 on the critic's features, then the code."""
    body = dcgan_critic(w, inputs.x, norm=False)
    return {**body, "code": w.linear(leaky(w.linear(body["features"])))}


class Case(NamedTuple):
    """A network, its reference, and whether training differs from use: by the batch's moments, noise or dropout."""

    described: Any
    reference: Reference
    trains: bool = False
    spec: Spec = PICTURES


UNBOUNDED = Spec("images", PICTURES.shape, bounded=False)
WIDTHS: Any = {"widths": (7, 8)}
GRIDS: Any = {"width": 4, "widest": 8}
DRAWN: Any = {**GRIDS, "latent": LATENT}
PLAIN = DcganCritic(**GRIDS, batch_norm=False)
PROJECTION = DcganCritic(**GRIDS, batch_norm=False, conditional=True)
CASES = {
    "mlp": Case(Mlp(**WIDTHS, latent=LATENT), mlp()),
    "mlp-slope": Case(Mlp(**WIDTHS, latent=LATENT, slope=0.0), mlp(slope=0.0)),
    "mlp-norm": Case(Mlp(**WIDTHS, latent=LATENT, batch_norm=True), mlp(norm=True), trains=True),
    "mlp-classes": Case(Mlp(**WIDTHS, latent=LATENT, conditional=True), mlp(classes=True)),
    "mlp-unbounded": Case(Mlp(**WIDTHS, latent=LATENT), mlp(bounded=False), spec=UNBOUNDED),
    "dcgan": Case(Dcgan(**DRAWN), lambda w, i: {"x": dcgan(w, i.z)}, trains=True),
    "dcgan-classes": Case(
        Dcgan(**DRAWN, conditional=True), lambda w, i: {"x": dcgan(w, i.z * w.row(i.y))}, trains=True
    ),
    "class-beside-z": Case(ClassConcat(Dcgan(**DRAWN)), lambda w, i: {"x": dcgan(w, beside(i.z, i.y))}, trains=True),
    "class-norm": Case(ClassBatchNormDcgan(**DRAWN), class_norm_dcgan, trains=True),
    "resnet": Case(Resnet(**DRAWN), resnet(classes=False), trains=True),
    "resnet-classes": Case(Resnet(**DRAWN, conditional=True), resnet(classes=True), trains=True),
    "unet": Case(UNet(width=4), unet, trains=True),
    "softplus-mlp": Case(SoftplusMlp(**WIDTHS, latent=LATENT), softplus_mlp, trains=True),
    "mlp-critic": Case(MlpCritic(**WIDTHS), mlp_critic()),
    "mlp-critic-classes": Case(MlpCritic(**WIDTHS, conditional=True), mlp_critic(classes=True)),
    "mlp-critic-maxout": Case(MlpCritic(**WIDTHS, maxout=3), mlp_critic(maxout=3)),
    "dcgan-critic": Case(DcganCritic(**GRIDS), lambda w, i: dcgan_critic(w, i.x, norm=True), trains=True),
    "dcgan-critic-plain": Case(PLAIN, lambda w, i: dcgan_critic(w, i.x, norm=False)),
    "dcgan-critic-classes": Case(PROJECTION, lambda w, i: dcgan_critic(w, i.x, norm=False, y=i.y)),
    "class-beside-x": Case(ClassConcatCritic(PLAIN), lambda w, i: dcgan_critic(w, beside(i.x, i.y), norm=False)),
    "resnet-critic": Case(ResnetCritic(**GRIDS), resnet_critic(classes=False)),
    "resnet-critic-classes": Case(ResnetCritic(**GRIDS, conditional=True), resnet_critic(classes=True)),
    "patch-critic": Case(PatchCritic(width=4), patch_critic(kernel=3)),
    "patch-critic-norm": Case(PatchCritic(width=4, batch_norm=True), patch_critic(kernel=3, norm=True)),
    "patch-critic-paper": Case(PatchCritic(width=4, kernel=4), patch_critic(kernel=4)),
    "packed": Case(Packed(MlpCritic(**WIDTHS)), packed),
    "classifier": Case(ConvClassifier(width=4, features=8), classifier, trains=True),
    "noisy-classifier": Case(NoisyClassifier(**WIDTHS), noisy_classifier, trains=True),
    "class-head": Case(ClassHead(PLAIN), class_head(projection=False)),
    "class-head-projection": Case(ClassHead(PROJECTION), class_head(projection=True)),
    "code-head": Case(CodeHead(PLAIN, categories=4, dials=2, hidden=9), code_head),
}


def made(case: Case) -> nn.Module:
    """The network with every weight, bias and running moment random, of a size that keeps activations near 1."""
    network: nn.Module = case.described.build(case.spec)
    generator = torch.Generator().manual_seed(5)
    for name, value in network.state_dict().items():
        if not value.is_floating_point():
            continue
        drawn = torch.randn(value.shape, generator=generator)
        if name.endswith("running_var"):
            value.copy_(0.5 + drawn.abs())
        elif value.ndim == 1:
            value.copy_(0.5 * drawn)
        else:
            value.copy_(drawn * (value.shape[0] / value.numel()) ** 0.5)
    return network


def inputs() -> Inputs:
    generator = torch.Generator().manual_seed(6)
    z, x = torch.randn(B, LATENT, generator=generator), torch.rand(B, *PICTURES.shape, generator=generator) * 2 - 1
    known = (torch.rand(B, 1, HEIGHT, WIDTH, generator=generator) < 0.6).float()
    return Inputs(z, x, torch.arange(B) % CLASSES, {"masked": torch.where(known > 0, x, -1.0), "known": known})


def in_float64(values: Inputs) -> Inputs:
    given = {name: value.double() for name, value in values.given.items()}
    return Inputs(values.z.double(), values.x.double(), values.y, given)


@pytest.mark.parametrize(
    ("name", "training"),
    [(name, training) for name, case in CASES.items() for training in ((False, True) if case.trains else (False,))],
)
def test_the_output_is_that_of_the_reference(name: str, training: bool) -> None:
    case, values = CASES[name], inputs()
    network = made(case).train(training)
    state = [value.double() for value in network.state_dict().values() if value.is_floating_point()]
    weights = Weights(state, training=training)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        theirs = case.reference(weights, in_float64(values))
        torch.manual_seed(7)
        ours = {"x": generated(network, values)} if hasattr(network, "latent") else judged(network, values)
    assert weights.values == []  # every weight has been used
    assert ours.keys() == theirs.keys()
    for key, value in theirs.items():
        scale = float(value.abs().max())
        assert float(value.std()) > 1e-3 * scale > 0 or (name, key) == ("classifier", "logits")  # which are zeros
        torch.testing.assert_close(ours[key].double(), value, rtol=0, atol=1e-5 * scale)  # float32 has 1e-7


def uniform(layer: Any, gain: float) -> float:
    """Glorot and Bengio 2010, equation 16: the largest weight that a layer may begin with."""
    kernel = layer.weight[0, 0].numel() if layer.weight.ndim > 2 else 1
    return float(gain * (6 / (kernel * (layer.weight.shape[0] + layer.weight.shape[1]))) ** 0.5)


@pytest.mark.parametrize("described", [Resnet(width=16, latent=16), ResnetCritic(width=16)])
def test_residual_players_begin_with_glorots_weights(described: Any) -> None:
    """Gain sqrt(2) for a block's 3 x 3 convolutions, 1 for all else; the largest of n lies 20 / n below the bound."""
    torch.manual_seed(0)
    network = described.build(PICTURES)
    last = network.last if hasattr(network, "last") else None
    layers = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert len(layers) >= 7
    for layer in [*layers, *([network.first] if last is not None else [])]:
        inside = isinstance(layer, nn.Conv2d) and layer.kernel_size == (3, 3) and layer is not last
        share = layer.weight.abs().max().item() / uniform(layer, 2**0.5 if inside else 1.0)
        assert 1 - 20 / layer.weight.numel() <= share <= 1 + 1e-6
        assert not layer.bias.any()


@pytest.mark.parametrize("described", [Dcgan(width=32), DcganCritic(width=32), ClassBatchNormDcgan(width=32)])
def test_dcgans_begin_with_narrow_normals(described: Any) -> None:
    """Radford et al. 2016: N(0, 0.02) for weights, N(1, 0.02) for gains, biases 0; within 5 standard errors."""
    torch.manual_seed(0)
    for module in described.build(PICTURES).modules():
        weight = getattr(module, "weight", None)
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d) and weight is not None:
            error = 0.02 / weight.numel() ** 0.5
            mean = 1.0 if weight.ndim == 1 else 0.0
            assert weight.mean().item() == pytest.approx(mean, abs=5 * error)
            assert weight.std().item() == pytest.approx(0.02, abs=5 * error)
            assert module.bias is None or not module.bias.any()


def test_every_network_has_a_reference() -> None:
    elsewhere = {"Excited", "Projected"}  # test_excited.py; test_projected.py, test_efficientnet.py
    elsewhere |= {"R3gan", "R3ganCritic"}  # test_r3gan.py
    elsewhere |= {"ProgressiveGan", "ProgressiveCritic"}  # test_progressive.py
    elsewhere |= {"BigGan", "BigGanCritic"}  # test_biggan.py
    elsewhere |= {"StyleGan2", "StyleGan2Critic"}  # test_stylegan2.py
    elsewhere |= {"Edsr", "Rrdb"}  # test_restorers.py
    elsewhere |= {"FlowUNet", "ProxyHead"}  # tests/games: test_flow_matching.py, test_data_cross_entropy.py
    elsewhere |= {"Gat", "Transgan", "VitCritic"}  # test_transformers.py
    elsewhere |= {"LatentHead", "TableCritic", "TableMlp"}  # test_table_players.py
    elsewhere |= {
        "AttributeCritic",
        "Doppelganger",
        "DoppelgangerCritic",
        "SeriesGru",
        "SeriesGruCritic",
    }  # test_series_networks.py
    elsewhere |= {"TextLstm", "TextTransformer"}  # test_text_networks.py
    elsewhere |= {"TextCnnCritic", "TextLstmCritic"}  # tests/games/test_text_games.py
    elsewhere |= {"TorusGenerator"}  # test_torus.py
    elsewhere |= {"MultiScale", "PatchHeads", "ResidualTranslator"}  # test_residual_translator.py
    elsewhere |= {"HifiGan", "Joined", "Periods", "Resolutions", "Scales", "Vocos"}  # test_wave_networks.py
    elsewhere |= {"SoundClassifier", "WaveGan", "WaveGanCritic", "WordSpeaker"}  # test_speech_networks.py
    elsewhere |= {"ClipCritic", "FrameCritic"}  # test_clip_networks.py
    elsewhere |= {"MotionContent", "MovedForeground", "TemporalGenerator"}  # test_clip_networks.py
    elsewhere |= {"VolumeCritic", "VolumeGan"}  # test_volume_gan.py
    networks = {part.__name__ for part in parts().values() if fits(part, Network)}
    assert networks - {type(case.described).__name__ for case in CASES.values()} == elsewhere

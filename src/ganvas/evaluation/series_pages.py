"""The part of a report page that only series have: comparison with baselines, sequences, autocorrelation, spectra."""

from collections.abc import Mapping, Sequence

import torch
from PIL import Image, ImageDraw

from ..domains.series_picture import COLOURS, INK, PAPER, box, lines_picture, polyline
from ..metrics.post_hoc import Score, Sequences
from ..metrics.series_distances import autocorrelation, spectrum
from .report_content import Picture, TextTable
from .series_sides import GENERATED, SideScores, channels_first

SHOWN, ACROSS = 12, 6  # sequences of each side in the picture
CHART, MOST_CHANNELS, LABEL = (220, 150), 12, 16  # pixels of a chart, charts at most, pixels of its name
REAL_LINE, FAKE_LINE = "#9a9a9a", COLOURS[0]


def series_page(
    names: Sequence[str], sides: Mapping[str, Sequences], scores: Mapping[str, SideScores]
) -> tuple[tuple[TextTable, ...], tuple[Picture, ...]]:
    """The tables and pictures of a page.

    Args:
        names: of the channels.
        sides: every set of sequences, by name.
        scores: of all but the held-out one.
    """
    held, fake = channels_first(sides["held out"]), channels_first(sides[GENERATED])
    real_power, fake_power = (10 * (spectrum(*side) + 1e-6).log10() for side in (held, fake))
    pictures = (
        Picture("Generated sequences", "A line for each channel, in its range in the training split.", some(fake)),
        Picture("Held-out sequences", "The same of real ones, evenly spaced through the split.", some(held)),
        Picture(
            "Autocorrelation of each channel",
            "From lag 1 on. Grey: held-out sequences. Blue: generated ones.",
            charts(names, autocorrelation(*held), autocorrelation(*fake), (-1.0, 1.0)),
        ),
        Picture(
            "Spectrum of each channel",
            "Shares of power in decibels, slow changes on the left. Grey: held-out sequences. Blue: generated ones.",
            charts(names, real_power, fake_power, (-60.0, 0.0)),
        ),
    )
    return (comparison(scores),), pictures


def comparison(scores: Mapping[str, SideScores]) -> TextTable:
    """One row for the model and for each baseline."""
    heads = ("sequences", "discriminative", "held out", "predictive", "autocorrelation", "spectrum", "correlation")
    note = (
        "The lower, the better. Discriminative: |accuracy - 0.5| of a small network that tells the sequences from "
        "those of the training split (as published; of real sequences: from held-out ones). Held out: from held-out "
        "ones. Predictive: mean absolute error of the next step of held-out sequences, in ranges of the channel, of a "
        "network that learnt from these. The last three are distances to held-out sequences, of spectra in decibels."
    )
    rows = tuple((name, *cells(each)) for name, each in scores.items())
    return TextTable("Beside real sequences and baselines", note, heads, rows)


def cells(scores: SideScores) -> tuple[str, ...]:
    """The scores of one set of sequences as text."""
    judged = (scores.discriminative, scores.held, scores.predictive)
    return (
        *map(with_error, judged),
        f"{scores.autocorrelation:.3f}",
        f"{scores.spectrum:.2f}",
        f"{scores.correlation:.3f}",
    )


def with_error(score: Score) -> str:
    """Value and standard error."""
    return f"{score.value:.3f} ± {score.error:.3f}"


def some(side: tuple[torch.Tensor, torch.Tensor]) -> Image.Image:
    """A few sequences, evenly spaced."""
    x, mask = side
    rows = torch.linspace(0, len(x) - 1, min(SHOWN, len(x))).long()
    return lines_picture(2 * x[rows].numpy() - 1, mask[rows].numpy() > 0, ACROSS)


def charts(names: Sequence[str], real: torch.Tensor, fake: torch.Tensor, limits: tuple[float, float]) -> Image.Image:
    """A chart for each channel: a grey line of reals below a blue one of fakes."""
    count = min(len(names), MOST_CHANNELS)
    across = min(4, count)
    picture = Image.new("RGB", (across * CHART[0], -(-count // across) * (CHART[1] + LABEL)), PAPER)
    draw = ImageDraw.Draw(picture)
    for place in range(count):
        corner = (place % across * CHART[0], place // across * (CHART[1] + LABEL) + LABEL)
        draw.text((corner[0] + 6, corner[1] - LABEL + 2), names[place][:32], fill=INK)
        box(draw, corner, CHART)
        for line, colour in ((real, REAL_LINE), (fake, FAKE_LINE)):
            polyline(draw, corner, CHART, line[place].tolist(), line.shape[1], limits, colour)
    return picture

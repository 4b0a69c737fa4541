"""The part of a report page that only tables have: the comparison with baselines, worst columns and pairs, pictures."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from ..domains.table_picture import INK, PAPER, charts
from ..metrics.table_similarity import association, binned_column
from .report_content import Picture, TextTable
from .table_scores_of import RealRows, RowScores

Numbers = np.ndarray[Any, np.dtype[np.float64]]
WORST = 10  # columns and pairs in lists
MOST_COLUMNS = 40  # columns of a map
SIDE, LABELS, GAP = 320, 100, 24  # pixels of a map, of its names, between maps
LOW, HIGH = (247, 247, 247), (33, 72, 117)  # colours of no association and of a full one


def table_page(
    real: RealRows, fake: Numbers, scores: Mapping[str, RowScores]
) -> tuple[tuple[TextTable, ...], tuple[Picture, ...]]:
    """The tables and pictures of a page.

    Args:
        real: the real rows.
        fake: generated ones.
        scores: of the generated rows and of the baselines, by name.
    """
    names, ours = [column.name for column in real.domain.learnt], scores["generated"]
    order = np.argsort(ours.columns, kind="stable")
    tables = (comparison(scores), worst_columns(names, ours, order), worst_pairs(names, ours))
    pictures = (
        Picture("Columns, the worst first", "Grey: held-out rows. Blue: generated rows.", columns(real, fake, order)),
        Picture(
            "Pairs of columns",
            "Association (Cramer's V) of held-out rows on the left and of generated rows on the right: "
            "the two maps should be the same.",
            maps(names[:MOST_COLUMNS], real, fake),
        ),
    )
    return tables, pictures if len(names) > 1 else pictures[:1]


def comparison(scores: Mapping[str, RowScores]) -> TextTable:
    """One row for the model and for each baseline."""
    heads = ("rows", "shapes ↑", "pairs ↑", "C2ST ½", "F1 ↑", "F1 boosting ↑", "nearer ½", "membership ½", "copies")
    note = (
        "½: 0.5 is best. Shapes and pairs: similarity of columns and of pairs. C2ST: area under the curve of a "
        "classifier that tells the rows from held-out ones. F1: the mean of four classifiers that learn from the rows "
        "and are judged on held-out rows. Nearer: the share of rows nearer to a training row than to a held-out one. "
        "Copies: rows equal to a training row; in brackets the share of held-out rows that are."
    )
    return TextTable("Beside real rows and baselines", note, heads, tuple(row(*each) for each in scores.items()))


def row(name: str, scores: RowScores) -> tuple[str, ...]:
    """The scores of one set of rows as text."""
    found = scores.privacy
    private = (
        ("", "", "")
        if found is None
        else (
            f"{found.nearer:.3f}",
            f"{found.auc:.3f} ({found.low:.3f} to {found.high:.3f})",
            f"{found.copies:.2%} ({found.chance:.2%})",
        )
    )
    return (
        name,
        f"{scores.columns.mean():.3f}",
        f"{scores.pair_mean:.3f}",
        f"{scores.auc:.3f} ± {scores.auc_error:.3f}",
        "" if scores.four is None else f"{scores.four:.3f}",
        f"{scores.f1['boosting']:.3f}" if scores.f1 else "",
        *private,
    )


def worst_columns(names: list[str], scores: RowScores, order: Any) -> TextTable:
    """The columns that are least alike."""
    rows = tuple((names[place], f"{scores.columns[place]:.3f}") for place in order[:WORST])
    note = "1 - Kolmogorov-Smirnov distance of numbers, 1 - total variation distance of categories."
    return TextTable("Worst columns", note, ("column", "similarity ↑"), rows)


def worst_pairs(names: list[str], scores: RowScores) -> TextTable:
    """The pairs of columns that are least alike."""
    one, other = np.triu_indices(len(names), 1)
    order = np.argsort(scores.pairs[one, other], kind="stable")[:WORST]
    rows = tuple((f"{names[one[k]]}, {names[other[k]]}", f"{scores.pairs[one[k], other[k]]:.3f}") for k in order)
    note = "1 - half the difference of correlations of two columns of numbers, else 1 - total variation distance."
    return TextTable("Worst pairs", note, ("columns", "similarity ↑"), rows)


def columns(real: RealRows, fake: Numbers, order: Any) -> Image.Image:
    """A chart of each column, bars of held-out and generated rows."""
    drawn = []
    for place in order:
        discrete = real.discrete[place]
        ours, theirs, size = binned_column(real.held[:, place], fake[:, place], discrete=discrete)
        shares = [np.bincount(side, minlength=size) / max(1, len(side)) for side in (ours, theirs)]
        drawn.append((real.domain.learnt[place].name, shares[0], shares[1], discrete))
    return charts(drawn)


def maps(names: list[str], real: RealRows, fake: Numbers) -> Image.Image:
    """Two maps of associations side by side, names on the left."""
    size = len(names)
    cell = max(4, SIDE // size)
    picture = Image.new("RGB", (LABELS + 2 * size * cell + GAP, size * cell + 4), PAPER)
    draw = ImageDraw.Draw(picture)
    for place, name in enumerate(names):
        if cell >= 9:
            draw.text((2, place * cell + cell / 2 - 6), name[:16], fill=INK)
    for side, rows in enumerate((real.held, fake)):
        found = association(rows[:, :size], real.discrete[:size], real.held[:, :size])
        left = LABELS + side * (size * cell + GAP)
        for (down, across), value in np.ndenumerate(found):
            share = min(1.0, float(value))
            colour = tuple(round(low + share * (high - low)) for low, high in zip(LOW, HIGH, strict=True))
            corner = (left + across * cell, down * cell)
            draw.rectangle((*corner, corner[0] + cell - 2, corner[1] + cell - 2), fill=colour)
    return picture

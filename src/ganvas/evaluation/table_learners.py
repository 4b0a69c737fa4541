"""Classifiers on tables: whether they separate generated rows from real ones, and what they learn from such rows."""

import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import MissingExtra
from ..base.progress import report_progress
from ..data.table_column import TableColumn

Numbers = np.ndarray[Any, np.dtype[np.float64]]
FOLDS = 5


class Scale(NamedTuple):
    """Means and standard deviations of the columns of numbers, of the training rows."""

    mean: Numbers
    deviation: Numbers

    @classmethod
    def of(cls, rows: Numbers) -> "Scale":
        """Of rows [N, F], without missing cells."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a column without any number
            mean, deviation = np.nanmean(rows, axis=0), np.nanstd(rows, axis=0)
        return cls(np.nan_to_num(mean), np.where(deviation > 0, np.nan_to_num(deviation, nan=1.0), 1.0))


def features(rows: Numbers, columns: tuple[TableColumn, ...], scale: Scale, without: int | None = None) -> Numbers:
    """Rows [N, F] as features [N, D]: numbers standardised, missing ones 0 with a mark; categories one-hot.

    Args:
        rows: as `Tables.decode` has them.
        columns: the learnt ones.
        scale: of the training rows.
        without: the place of a column that is left out.
    """
    parts = []
    for place, column in enumerate(columns):
        values = rows[:, place]
        if place == without:
            continue
        if column.is_discrete:
            size = len(column.categories) + (column.missing > 0)
            codes = np.nan_to_num(values, nan=size - 1).astype(np.int64)
            parts.append(np.eye(size)[codes])
        else:
            standard = np.nan_to_num((values - scale.mean[place]) / scale.deviation[place])
            parts.append(np.stack([standard, np.isnan(values)], 1) if column.missing else standard[:, None])
    return np.concatenate(parts, axis=1)


def classifiers() -> dict[str, Any]:
    """The four of SDGym's table of 2019, and gradient boosting. Raises MissingExtra.

    Xu et al. 2019, appendix; https://github.com/sdv-dev/SDGym, release 0.2.0
    """
    try:
        from sklearn.ensemble import AdaBoostClassifier, HistGradientBoostingClassifier  # type: ignore[import-untyped]
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
        from sklearn.neural_network import MLPClassifier  # type: ignore[import-untyped]
        from sklearn.tree import DecisionTreeClassifier  # type: ignore[import-untyped]
    except ImportError as error:
        message = "an evaluation of tables needs scikit-learn, which is not installed"
        raise MissingExtra(message, hint='pip install "ganvas[tables]"') from error
    return {
        "tree": DecisionTreeClassifier(max_depth=15, class_weight="balanced", random_state=0),
        "adaboost": AdaBoostClassifier(random_state=0),
        "logistic": LogisticRegression(class_weight="balanced", max_iter=50, random_state=0),
        "mlp": MLPClassifier((50,), max_iter=50, random_state=0),
        "boosting": HistGradientBoostingClassifier(random_state=0),
    }


FOUR = ("tree", "adaboost", "logistic", "mlp")


def usefulness(
    train: tuple[Numbers, Any], test: tuple[Numbers, Any], *, only: tuple[str, ...] = (*FOUR, "boosting")
) -> Mapping[str, float]:
    """F1 on test rows of classifiers that learn from other rows: of the rarer class where there are two, else macro.

    Args:
        train: features [N, D] and classes [N] of the rows to learn from.
        test: those of real rows.
        only: names of classifiers.
    """
    from sklearn.metrics import f1_score  # type: ignore[import-untyped]

    (x, y), (x_test, y_test) = train, test
    classes, counts = np.unique(y_test, return_counts=True)
    rarer = classes[counts.argmin()]
    found: dict[str, float] = {}
    for place, name in enumerate(only):
        report_progress("classifiers that learn from the rows", place, len(only))
        if len(np.unique(y)) < 2:
            found[name] = 0.0
            continue
        learner = classifiers()[name]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # 50 iterations are the protocol, whether they suffice or not
            guess = learner.fit(x, y).predict(x_test)
        if len(classes) == 2:
            found[name] = float(f1_score(y_test == rarer, guess == rarer, zero_division=0))
        else:
            found[name] = float(f1_score(y_test, guess, average="macro", zero_division=0))
    return found


def two_sample_auc(real: Numbers, fake: Numbers, seed: int = 0) -> tuple[float, float]:
    """The area under the curve of a classifier of fakes against reals, cross-validated; 0.5 is best.

    Lopez-Paz and Oquab 2017, section 3. https://arxiv.org/abs/1610.06545
    Gradient boosting on as many rows of each side; the standard error is that over the folds.

    Returns:
        The mean over the folds, and its standard error.
    """
    n = min(len(real), len(fake))
    x = np.concatenate([real[:n], fake[:n]])
    y = np.repeat([0, 1], n)
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold  # type: ignore[import-untyped]

    areas = []
    for fold, (learn, judge) in enumerate(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(x, y)):
        report_progress("a classifier tells generated rows from real ones", fold, FOLDS)
        learner = classifiers()["boosting"].fit(x[learn], y[learn])
        areas.append(roc_auc_score(y[judge], learner.predict_proba(x[judge])[:, 1]))
    return float(np.mean(areas)), float(np.std(areas, ddof=1) / FOLDS**0.5)

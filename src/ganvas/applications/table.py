"""Tables from Python, in scikit-learn's manner: `ganvas.Table(minutes=5).fit(frame).sample(1000)`."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..base.errors import MissingExtra, UsageError
from ..runs import Event, Run, fresh_path
from ..sessions.load_model import load
from ..sessions.resume import resume
from ..sessions.table_rows import domain_of, table_rows
from ..sessions.train import train

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]

PARAMETERS = ("recipe", "minutes", "kinds", "drop", "primary_key", "rules", "changes", "seed", "out", "device")


class Table:
    """A generator of rows: `fit` learns a DataFrame, `sample` makes new rows with the same columns and types.

    Arguments are stored as they are, so that `sklearn.base.clone` and `get_params` work. `fit` sets `run_` (the Run),
    `model_` (the Model), `feature_names_in_` and `n_features_in_` (the columns and their number).

    Args:
        recipe: a name such as "ctgan"; None to choose one.
        minutes: how long `fit` trains; None: as `changes` says, or 20.
        kinds: what columns are taken for, by name, such as {"age": "category"}.
        drop: names of columns that are left out.
        primary_key: the column that identifies a row.
        rules: conditions that every sample meets, such as "start <= end".
        changes: overrides of the recipe by dotted path, such as {"samples": 100_000}.
        seed: of the run.
        out: the folder of the run; None for a new one under runs/.
        device: "cpu", "cuda" or "auto".
    """

    def __init__(
        self,
        *,
        recipe: str | None = None,
        minutes: float | None = None,
        kinds: Mapping[str, str] | None = None,
        drop: Sequence[str] = (),
        primary_key: str = "",
        rules: Sequence[str] = (),
        changes: Mapping[str, Any] | None = None,
        seed: int = 0,
        out: str | os.PathLike[str] | None = None,
        device: str = "auto",
    ) -> None:
        self.recipe, self.minutes, self.kinds, self.drop = recipe, minutes, kinds, drop
        self.primary_key, self.rules, self.changes = primary_key, rules, changes
        self.seed, self.out, self.device = seed, out, device

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's arguments.

        Args:
            deep: unused; there are no nested estimators.

        Returns:
            Values by name.
        """
        return {name: getattr(self, name) for name in PARAMETERS}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor.

        Args:
            params: values by name.

        Returns:
            The estimator.

        Raises:
            UsageError: there is no such argument.
        """
        for name, value in params.items():
            if name not in PARAMETERS:
                raise UsageError(f"Table has no parameter '{name}'", hint=f"It has: {', '.join(PARAMETERS)}.")
            setattr(self, name, value)
        return self

    def fit(
        self,
        X: "pd.DataFrame | str | os.PathLike[str]",  # scikit-learn's name
        y: object = None,
        *,
        minutes: float | None = None,
        callback: Callable[[Event], None] | None = None,
    ) -> Self:
        """Learn a table. A DataFrame is stored as a Parquet file beside the run, so that the run can be resumed.

        Args:
            X: a DataFrame, or the path of a table.
            y: unused.
            minutes: how long to train, instead of the constructor's.
            callback: called with every event of the run.

        Returns:
            The fitted estimator.

        Raises:
            DataError: the table cannot be learnt.
            UsageError: an argument is wrong.
        """
        out = Path(self.out) if self.out is not None else fresh_path(Path("runs"), "table")
        data = str(X) if isinstance(X, str | os.PathLike) else store_frame(X, out.with_name(f"{out.name}.parquet"))
        early = {"source.kinds": dict(self.kinds or {}), "source.drop": tuple(self.drop)}
        early |= {"source.primary_key": self.primary_key, "domain.rules": tuple(self.rules)}
        wanted = {key: value for key, value in early.items() if value}
        self.run_ = train(
            self.recipe,
            data=data,
            changes={**wanted, "seed": self.seed, **(self.changes or {})},
            minutes=self.minutes if minutes is None else minutes,
            out=out,
            device=self.device,
            on_event=callback,
            quiet=callback is not None,
        )
        return self._fitted()

    def partial_fit(self, X: object = None, y: object = None, *, minutes: float) -> Self:
        """Train on, with the table that it was fitted to.

        Args:
            X: unused.
            y: unused.
            minutes: how long.

        Returns:
            The estimator.
        """
        self.run_ = resume(self._run(), minutes=minutes, device=self.device)
        return self._fitted()

    def sample(self, n: int = 1, *, where: str | Sequence[str] = (), seed: int = 0) -> "pd.DataFrame":
        """New rows.

        Args:
            n: how many, at least 1.
            where: conditions that every row meets, such as "income = >50K".
            seed: the same seed gives the same rows.

        Returns:
            A DataFrame with the columns and types of the data.

        Raises:
            UsageError: it is not fitted, or a condition is wrong.
            DataError: a category is unknown, or too few rows meet the conditions.
        """
        self._run()
        conditions = (where,) if isinstance(where, str) else tuple(where)
        return domain_of(self.model_).frame(table_rows(self.model_, n, seed=seed, where=conditions))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Copy the run to a new folder.

        Args:
            path: of the new folder.
        """
        shutil.copytree(self._run(), path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The estimator of a run of a table, fitted.

        Args:
            path: the run's folder, also one that `save` wrote or `ganvas train` made.

        Returns:
            A fitted estimator with default arguments.
        """
        made = cls()
        made.run_ = Run.open(Path(path))
        return made._fitted()

    def _fitted(self) -> Self:
        self.model_ = load(self.run_.path)
        columns = domain_of(self.model_).columns
        self.feature_names_in_ = [column.name for column in columns]
        self.n_features_in_ = len(columns)
        return self

    def _run(self) -> Path:
        if not hasattr(self, "run_"):
            raise UsageError("this Table is not fitted", hint="Call fit first, or Table.load(RUN).")
        return Path(self.run_.path)


def store_frame(frame: "pd.DataFrame", path: Path) -> str:
    """Write a DataFrame as Parquet. Raises UsageError, MissingExtra."""
    if not hasattr(frame, "to_parquet"):
        raise UsageError(f"fit takes a DataFrame or a path, not {type(frame).__name__}", hint="pandas.DataFrame(x)")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        frame.to_parquet(path, index=False)
    except ImportError as error:
        raise MissingExtra("a DataFrame is stored by pyarrow", hint='pip install "ganvas[tables]"') from error
    return str(path)

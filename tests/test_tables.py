"""A person's own table of all kinds of columns, from `ganvas train --data` to new rows, a report and an estimator."""

import csv
import json
import random
from pathlib import Path

import pytest

import ganvas as package
from ganvas.domains.tables import Tables
from ganvas.metrics.table_scores import TableScores
from ganvas.sessions.load_model import load
from ganvas.sessions.plan import plan
from speaking import ganvas, spoken

pd = pytest.importorskip("pandas")
SMALL = ["G.network.widths=[16]", "D.network.widths=[16]", "samples=2000", "threads=1", "scorings=2", "snapshots=1"]
SMALL += ["diagnoses=2", "batch_samples=50"]
NAMES = ["id", "start", "end", "price", "member", "plan", "day", "level"]
LEVELS = {"basic": 1, "gold": 2, "rare": 9}


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("here"))


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """600 rows: an identifier, two numbers in order, a price with missing cells, yes or no, a category, a date.

    The last number follows from the category.
    """
    path = tmp_path_factory.mktemp("tables") / "people.csv"
    draw = random.Random(0)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*NAMES, "note"])
        for row in range(600):
            start = draw.randint(0, 50)
            price = "" if draw.random() < 0.2 else f"{draw.gauss(20, 5):.2f}"
            kind = draw.choices(["basic", "gold", "rare"], [80, 19, 1])[0]
            date = f"2024-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"
            cells = [f"P-{row:04d}", start, start + draw.randint(0, 9), price, draw.choice(["yes", "no"]), kind, date]
            writer.writerow([*cells, LEVELS[kind], f"the words of row {row}"])
    return path


@pytest.fixture(scope="module")
def trained(people: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("run") / "people"
    said = ganvas("train", "--data", people, "--rule", "start <= end", *SMALL, "-o", run)
    assert said.code == 0, said
    for words in (
        "600 rows and 9 columns",
        "identifier: id",
        "left out",
        "every sample will meet",
        "level follows from plan",
    ):
        assert words.lower() in said.err.lower() + said.out.lower(), words
    return run


def read(path: str) -> list[list[str]]:
    with Path(path).open(newline="") as file:
        return list(csv.reader(file))


def test_new_rows_have_the_columns_and_keep_the_rule(trained: Path) -> None:
    assert ganvas("sample", trained, "-n", "300", "-o", "new.csv").code == 0
    head, *rows = read("new.csv")
    assert head == NAMES, "free text is left out"
    assert len(rows) == 300
    assert [row[0] for row in rows[:2]] == ["P-0600", "P-0601"], "identifiers go on after the last"
    assert all(int(row[1]) <= int(row[2]) for row in rows)
    assert all(row[3] == "" or len(row[3].partition(".")[2]) == 2 for row in rows)
    assert any(row[3] == "" for row in rows)
    assert {row[4] for row in rows} <= {"yes", "no"}
    assert all(int(row[7]) == LEVELS[row[5]] for row in rows)
    assert all(row[6].startswith("2024-") and len(row[6]) == 10 for row in rows)
    first = Path("new.csv").read_bytes()
    assert ganvas("sample", trained, "-n", "300", "-o", "new.csv").code == 0
    assert Path("new.csv").read_bytes() == first
    assert ganvas("verify", "new.csv", "--run", trained).code == 0


def test_conditions_hold_in_every_row_and_impossible_ones_end(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = ganvas(
        "sample", trained, "-n", "40", "-o", "gold.parquet", "--where", "plan = gold", "--where", "day >= 2024-03-01"
    )
    assert said.code == 0, said
    frame = pd.read_parquet("gold.parquet")
    assert len(frame) == 40
    assert set(frame["plan"]) == {"gold"}
    assert frame["day"].min() >= "2024-03-01"
    spoken(3, ganvas("sample", trained, "-o", "x.csv", "--where", "plan = silver"), "silver", "gold")
    spoken(2, ganvas("sample", trained, "-o", "x.csv", "--where", "paln = gold"), "paln")
    spoken(2, ganvas("sample", trained, "-o", "x.csv", "--where", "plan < gold"), "no order")
    spoken(2, ganvas("sample", trained, "-o", "x.csv", "--where", "start < soon"), "'soon'")
    monkeypatch.setattr("ganvas.sessions.table_rows.PATIENCE", 2_000)
    spoken(3, ganvas("sample", trained, "-o", "x.csv", "--where", "start > 1000"), "start > 1000")
    spoken(2, ganvas("sample", trained, "-o", "x.xlsx"), ".xlsx")


def test_data_check_says_what_each_column_is_taken_for(people: Path) -> None:
    said = ganvas("data", "check", people, "--column", "start=category", "--drop", "note", "--json")
    assert said.code == 0, said
    columns = {each["name"]: each for each in json.loads(said.out)["columns"]}
    assert {name: each["kind"] for name, each in columns.items()} == {
        "id": "identifier",
        "start": "category",
        "end": "whole",
        "price": "number",
        "member": "yes/no",
        "plan": "category",
        "day": "date",
        "level": "whole",
    }
    assert 0.15 < columns["price"]["missing"] < 0.25
    assert "price" in ganvas("data", "check", people).out
    spoken(2, ganvas("data", "check", people, "--column", "start=shape"), "shape")
    spoken(2, ganvas("train", "ring", "--drop", "note"), "--data")


def test_rules_that_the_data_break_are_refused(people: Path) -> None:
    spoken(3, ganvas("train", "--data", people, "--rule", "end <= start"), "end <= start", "rule")


def test_a_recipe_by_name_gets_the_table_and_its_scores(people: Path) -> None:
    planned = plan("ctgan", data=people)
    assert isinstance(planned.recipe.domain, Tables)
    (metric,) = planned.recipe.scores
    assert isinstance(metric, TableScores)
    assert planned.recipe.batch_samples == 500


@pytest.mark.parametrize(("recipe", "spikes"), [("ctgan", None), ("ctgan.modern", 0.5), (None, 0.5)])
def test_scores_have_the_form_of_the_recipes_own_domain(recipe: str | None, spikes: float | None, people: Path) -> None:
    """`ctgan` has no modes for frequent values; an override may change from which share there are some."""
    changes = {} if spikes is None else {"domain.spikes": spikes}
    chosen = plan(recipe, data=people, changes=changes).recipe
    assert isinstance(chosen.domain, Tables)
    (metric,) = chosen.scores
    assert isinstance(metric, TableScores)
    assert chosen.domain.spikes == (spikes or 0.0)
    assert chosen.domain.fit(chosen.source.items("train")).blocks == metric.blocks


def test_the_evaluation_stands_beside_real_rows_and_baselines(trained: Path) -> None:
    pytest.importorskip("sklearn")
    said = ganvas("eval", trained, "--all")
    assert said.code == 0, said
    for name in ("table_c2st", "table_f1", "table_column_shapes", "table_copies", "table_membership_auc"):
        assert name in said.out, name
    assert "of 100 pairs of a generated row and a real one a classifier knows" in said.out + said.err
    page = (trained / "evaluation-val.html").read_text()
    for words in ("Gaussian copula", "independent columns", "Worst pairs", "data:image/png"):
        assert words in page, words
    results = {each["name"]: each for each in json.loads((trained / "evaluation-val.json").read_text())["results"]}
    assert results["table_c2st"]["real_vs_real"] < 0.75 < results["table_c2st"]["value"]
    assert results["table_copies"]["value"] == 0.0


def test_an_estimator_in_scikit_learns_manner(people: Path) -> None:
    base = pytest.importorskip("sklearn.base")
    changes = {"G.network.widths": [16], "D.network.widths": [16], "samples": 500, "batch_samples": 50, "threads": 1}
    made = base.clone(package.Table(drop=["note"], rules=["start <= end"], changes={**changes, "diagnoses": 0}))
    with pytest.raises(package.UsageError, match="not fitted"):
        made.sample(3)
    frame = pd.read_csv(people).assign(member=lambda each: each["member"] == "yes")
    events: list[object] = []
    made.fit(frame, callback=events.append)
    assert events
    new = made.sample(20, where="plan = gold", seed=1)
    assert list(new.columns) == NAMES
    assert new["member"].dtype == bool
    assert (new["start"] <= new["end"]).all()
    assert set(new["plan"]) == {"gold"}
    made.save("kept")
    pd.testing.assert_frame_equal(package.Table.load("kept").sample(20, where="plan = gold", seed=1), new)
    assert made.feature_names_in_ == NAMES
    with pytest.raises(package.UsageError, match="no parameter"):
        made.set_params(epochs=3)


def test_a_run_ends_where_no_score_is_better_for_its_patience(people: Path) -> None:
    """Players of learning rate zero never improve."""
    stopped = ["G.optimiser.lr=0", "D.optimiser.lr=0", "G.ema=null", "patience=600", "scorings=10", "-o", "still"]
    said = ganvas("train", "--data", people, *SMALL, *stopped)
    assert said.code == 0, said
    assert 600 <= load("still").samples_seen < 2_000
    assert "ends early" in Path("still/log.txt").read_text()

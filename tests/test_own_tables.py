"""A person's own table, from `ganvas train --data` to new rows under the same names."""

import csv
import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from ganvas.base.types import Batch
from ganvas.data.csv import Csv
from ganvas.ingest.picture_options import PictureOptions
from ganvas.metrics.columns import ColumnScores
from ganvas.networks.mlp import MlpCritic
from ganvas.networks.packed import Packed
from ganvas.recipes import from_yaml, to_yaml
from ganvas.recipes.auto_table import ColumnFacts, choose_columns
from ganvas.sessions.load_model import load
from ganvas.sessions.plan import plan
from speaking import ganvas, spoken

TINY = [
    "generator.widths=[8]",
    "discriminator.widths=[16]",
    "samples=1280",
    "batch_samples=32",
    "precision=fp32",
    "threads=1",
    "scorings=1",
    "snapshots=1",
]
NAMES = ["income", "rate", "prix, €", "version"]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("here"))


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Columns of standard deviations 1e6, 1e-4 and 10 (whole numbers), and a constant one."""
    z = np.random.default_rng(0).normal(size=(700, 3))
    path = tmp_path_factory.mktemp("tables") / "people.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(NAMES)
        writer.writerows([5e6 + 1e6 * a, 1e-4 * b, round(40 + 10 * c), 0.1] for a, b, c in z.tolist())
    return path


@pytest.fixture(scope="module")
def trained(people: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("run") / "people"
    said = ganvas("train", "--data", people, *TINY, "-o", run)
    assert said.code == 0, said
    for words in (
        "700 rows and 4 columns",
        "separated by commas, a header, UTF-8",
        "samples keep exactly: version",
        "rounded: prix, €",
        "ColumnScores",
        "columns_sliced",
    ):
        assert words in said.err, words
    return run


def test_new_rows_have_the_names_units_and_digits_of_the_old(trained: Path) -> None:
    for name in ("new.csv", "new.csv.gz"):
        assert ganvas("sample", trained, "-n", "200", "-o", name).code == 0
    text = Path("new.csv").read_bytes()
    assert gzip.decompress(Path("new.csv.gz").read_bytes()) == text
    rows = list(csv.reader(text.decode().splitlines()))
    assert rows[0] == NAMES
    x = np.array(rows[1:], float)
    assert x.shape == (200, 4)
    assert {row[3] for row in rows[1:]} == {"0.1"}
    assert all(row[2].lstrip("-").isdecimal() for row in rows[1:])
    assert 3e4 < x[:, 0].std() < 3e7
    assert 3e-6 < x[:, 1].std() < 3e-3
    assert Csv("new.csv").items("train").columns == tuple(NAMES), "they can be trained on"
    first = Path("new.csv.gz").read_bytes()
    assert ganvas("sample", trained, "-n", "200", "-o", "new.csv.gz").code == 0
    assert Path("new.csv.gz").read_bytes() == first


def test_a_table_carries_its_mark_beside_it(trained: Path) -> None:
    assert ganvas("sample", trained, "-n", "5", "-o", "new.csv").code == 0
    assert json.loads(Path("new.csv.ganvas.json").read_text())["generated"] is True
    assert ganvas("verify", "new.csv", "--run", trained).code == 0
    with Path("new.csv").open("a") as file:
        file.write("1,2,3,4\n")
    assert ganvas("verify", "new.csv").code == 7, "the mark speaks of other bytes"
    Path("new.csv.ganvas.json").write_text('{"generated": true}')
    assert ganvas("verify", "new.csv").code == 7
    assert ganvas("sample", trained, "-n", "5", "-o", "bare.csv", "--no-mark").code == 0
    assert not Path("bare.csv.ganvas.json").exists()
    assert ganvas("verify", "bare.csv").code == 7


def test_the_run_is_scored_column_by_column_and_examined(trained: Path) -> None:
    records = [json.loads(line) for line in (trained / "metrics.jsonl").read_text().splitlines()]
    assert {"columns_sliced", "columns_coverage", "wasserstein[income]", "ks[prix, €]", "sd[rate]"} <= {
        record["name"] for record in records
    }
    assert all(record["real_vs_real"] is not None for record in records)
    assert ganvas("doctor", trained).code in (0, 7)
    said = ganvas("eval", trained)
    assert said.code == 0, said
    assert "wasserstein[income]" in said.out


def test_scores_are_those_of_the_rows_that_a_person_gets(trained: Path, people: Path) -> None:
    records = {
        each["name"]: each["value"]
        for each in map(json.loads, (trained / "metrics.jsonl").read_text().splitlines())
        if each["protocol"]["split"] == "val"
    }
    real = Csv(str(people), missing=0.05).items("val").x[:, :3]
    fake = load(trained).sample(len(real), seed=0)[:, :3]
    results = ColumnScores(names=tuple(NAMES[:3])).measure(
        real=Batch(torch.from_numpy(real)), fake=Batch(torch.from_numpy(fake))
    )
    for result in results:
        assert result.value == pytest.approx(records[result.name], rel=1e-4, abs=1e-4), result.name


def test_a_run_on_a_table_is_resumed_and_begun_from(trained: Path, people: Path) -> None:
    said = ganvas(
        "train", "--data", people, "--init-from", trained, "samples=320", "threads=1", "precision=fp32", "-o", "tuned"
    )
    assert said.code == 0, said
    said = ganvas("resume", "tuned")
    assert said.code == 0, said


def test_the_same_table_under_a_recipe_by_name(people: Path) -> None:
    planned = plan("ring", data=people, changes={"source.columns": ["income", "rate"]})
    assert isinstance(planned.recipe.source, Csv)
    assert planned.recipe.source.columns == ("income", "rate")
    assert planned.recipe.scores == (ColumnScores(names=("income", "rate")),)
    assert "ModeCoverage does not fit" in " ".join(planned.messages)


def test_the_circle_is_open(people: Path) -> None:
    """A path in the recipe's place names the option, and the option takes it."""
    spoken(2, ganvas("train", people), "--data", str(people))
    assert plan(data=people, minutes=1.0).recipe.source == Csv(str(people), missing=0.05)


def test_what_a_table_cannot_be() -> None:
    Path("words.csv").write_text("age,job\n" + "30,poet\n" * 50)
    spoken(3, ganvas("train", "--data", "words.csv"), "no column can be learnt", "words.csv")
    spoken(3, ganvas("train", "--data", "nothing.csv"), "nothing.csv")
    Path("same.csv").write_text("a,b\n" + "1,2\n" * 50)
    spoken(3, ganvas("train", "--data", "same.csv"), "one value")
    Path("good.csv").write_text("a,b\n" + "".join(f"{row},{row * row}\n" for row in range(50)))
    spoken(2, ganvas("train", "--data", "good.csv", "--size", "64"), "--size", "good.csv")
    spoken(2, ganvas("train", "--data", "good.csv", "--flips"), "--flips")
    spoken(2, ganvas("train", "--data", "good.csv", "--encoding", "utf-9"), "utf-9")
    spoken(2, ganvas("train", "--data", "good.csv", "source.columns=[c]"), "'c'")
    spoken(2, ganvas("train", "--data", "good.csv", "source.kind=Ring"), "--data", "source.kind")
    spoken(2, ganvas("train", "ring", "--encoding", "latin-1"), "--encoding", "--data")
    os.mkfifo("pipe.csv")
    spoken(3, ganvas("train", "--data", "pipe.csv"), "pipe.csv", "not a regular file")
    spoken(
        3, ganvas("train", "ring", "source={kind: Csv, path: pipe.csv}", "scores=[]"), "pipe.csv", "not a regular file"
    )


def test_an_old_encoding_is_named() -> None:
    Path("old.csv").write_bytes(("größe;wert\n" + "".join(f"{row},5;{row}\n" for row in range(60))).encode("latin-1"))
    spoken(3, ganvas("train", "--data", "old.csv"), "--encoding latin-1")
    said = " ".join(plan(data="old.csv", options=PictureOptions(encoding="latin-1"), minutes=1.0).messages)
    assert "LATIN-1" in said
    assert "semicolons" in said


def test_heavy_tails_are_judged_in_packs() -> None:
    facts = ColumnFacts(("a", "b"), 1_000, 125)
    light, heavy = (
        choose_columns(Csv("rows.csv"), facts._replace(heavy=heavy), minutes=5.0)[0].D for heavy in (False, True)
    )
    assert light is not None
    assert heavy is not None
    assert light.network == MlpCritic(widths=(128, 128, 128))
    assert heavy.network == Packed(MlpCritic(widths=(128, 128, 128)), pack=4)
    Path("heavy.csv").write_text("a,b\n" + "".join(f"{row},{9 if row % 500 == 7 else 0}\n" for row in range(2_000)))
    assert "D judges 4 rows together" in " ".join(plan(data="heavy.csv", minutes=1.0).messages)


@pytest.mark.parametrize(("columns", "train"), [(1, 30), (6, 26_000), (40, 500), (200, 1_000_000)])
def test_whatever_is_chosen_is_a_whole_recipe_with_reasons(columns: int, train: int) -> None:
    made, reasons = choose_columns(
        Csv("rows.csv"), ColumnFacts(tuple(f"c{place}" for place in range(columns)), train, train // 8), minutes=5.0
    )
    assert from_yaml(to_yaml(made)) == made
    assert made.batch_samples <= train
    assert made.batch_samples % 4 == 0
    assert bool(made.scores) == (train // 8 >= 50)
    assert any(f"{columns} column" in reason.text for reason in reasons)

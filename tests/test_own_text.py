"""A person's own text, from `ganvas data check` to new lines: the same seed, the same text; a resumed run is exact."""

import json
import os
from pathlib import Path

import pytest

import ganvas as package
from ganvas.applications.write_text import as_page
from ganvas.data.made_quatrains import MadeQuatrains
from ganvas.data.spelled_numbers import spelled_number
from ganvas.data.text_lines import TextLines
from ganvas.domains.text import Text
from ganvas.metrics.text_scores import TextScores
from ganvas.runs import Run, checkpoints
from ganvas.sessions.plan import plan
from speaking import ganvas, spoken

TINY = ["generator.embedding=8", "generator.width=16", "samples=1280", "batch_samples=32", "precision=fp32"]
TINY += ["threads=1", "scorings=1", "snapshots=1", "saves=2"]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("here"))


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "numbers.txt"
    path.write_text("\n".join(["", *(spelled_number(37 * number) for number in range(400)), "zero"]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(text: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("run") / "numbers"
    said = ganvas("train", "--data", text, *TINY, "-o", run)
    assert said.code == 0, said
    for words in ("401 lines", "1 empty line is left out", "Tokens are words", "TextScores", "text_self_bleu_2"):
        assert words in said.err, words
    return run


def weights(run: Path) -> str:
    newest = next(iter(checkpoints.newest_first(Run.open(run).checkpoints)))
    return checkpoints.sha256(newest / "players.safetensors")


def test_the_file_is_checked(text: Path) -> None:
    said = ganvas("data", "check", text)
    assert said.code == 0, said
    for words in ("401; 1 empty one", "UTF-8", "words, 1 to", "train 301, val 50, test 50", "2 times: zero"):
        assert words in said.out, words
    facts = json.loads(ganvas("data", "check", text, "--json").out)
    assert (facts["lines"], facts["splits"]["val"], facts["repeated"]) == (401, 50, 1)


def test_the_same_seed_is_the_same_text(trained: Path) -> None:
    said = ganvas("sample", trained, "-n", "70", "--temperature", "0.8", "--seed", "3")
    assert said.code == 0, said
    lines = said.out.splitlines()
    assert len(lines) == 70
    assert ganvas("sample", trained, "-n", "5", "--temperature", "0.8", "--seed", "3").out.splitlines() == lines[:5]
    assert ganvas("sample", trained, "-n", "70", "--seed", "3").out.splitlines() != lines
    model = package.load(trained)
    assert model.sample(70, seed=3, temperature=0.8).tolist() == lines
    assert all(line.startswith("nine hundred") for line in model.sample(9, prompt="nine hundred"))
    assert ganvas("sample", trained, "-n", "3", "-o", "new.txt").code == 0
    assert Path("new.txt").read_text(encoding="utf-8").splitlines() == model.sample(3).tolist()
    assert ganvas("verify", "new.txt", "--run", trained).code == 0
    assert ganvas("sample", trained, "-n", "3", "-o", "new.html").code == 0
    page = Path("new.html").read_text(encoding="utf-8")
    assert page.count("<li>") == 3
    assert f"<li>{model.sample(3)[0]}</li>" in page
    assert as_page(["<b>&", "c"], "t").count("&lt;b&gt;&amp;") == 1
    assert ganvas("sample", trained, "-o", "sheet.png").code == 0
    assert json.loads(ganvas("sample", trained, "-n", "2", "--json").out)["lines"] == model.sample(2).tolist()


def test_previews_are_text(trained: Path) -> None:
    (preview,) = (trained / "samples").glob("*.txt")
    assert preview.read_text(encoding="utf-8").splitlines() == package.load(trained).sample(20).tolist()


def test_a_resumed_run_is_the_run_left_alone(text: Path, trained: Path) -> None:
    whole = ["generator.embedding=8", "generator.width=16", "batch_samples=32", "precision=fp32", "threads=1"]
    runs = []
    for name, samples in (("left", 1280), ("resumed", 640)):
        changes = [*whole, "G.optimiser.lr=0.002", "snapshots=0", "scorings=0", "diagnoses=0", f"samples={samples}"]
        assert ganvas("train", "--data", text, *changes, "-o", name).code == 0
        runs.append(Path(name))
    assert weights(runs[0]) != weights(runs[1])
    said = ganvas("resume", "resumed", "--samples", "1280")
    assert said.code == 0, said
    assert weights(runs[0]) == weights(runs[1])


def test_scores_and_doctor(trained: Path) -> None:
    records = {each["name"]: each for each in map(json.loads, (trained / "metrics.jsonl").read_text().splitlines())}
    assert records["text_frechet"]["real_vs_real"] is not None
    assert 0 < records["text_nll"]["value"] < 4
    assert ganvas("doctor", trained).code in (0, 7)
    said = ganvas("eval", trained, "--all")
    assert said.code == 0, said
    assert "text_nll" in said.out


def test_the_same_text_under_a_recipe_by_name(text: Path) -> None:
    planned = plan("text.transformer", data=text, changes={"domain.tokens": "characters"})
    assert planned.recipe.source == TextLines(str(text))
    assert planned.recipe.domain == Text(tokens="characters")
    assert planned.recipe.scores == (TextScores(),)
    assert "Tokens are characters" in " ".join(planned.messages)


def test_poems_from_the_file_to_rhyme_and_tones() -> None:
    pytest.importorskip("pypinyin")
    poems = MadeQuatrains(samples=300).items("train").x
    Path("poems.txt").write_text(
        "\n".join(f"{poem[:5]}，{poem[5:10]}。{poem[10:]}" for poem in poems), encoding="utf-8"
    )
    said = ganvas("train", "poem", "--data", "poems.txt", *TINY, "scorings=0", "-o", "poems")
    assert said.code == 0, said
    made = ganvas("sample", "poems", "-n", "3", "--prompt", poems[0][:2]).out.splitlines()
    assert [line[5] + line[11] + line[17] + line[23] for line in made] == ["，。，。"] * 3
    assert all(line[:2] == poems[0][:2] for line in made)
    said = ganvas("eval", "poems", "--all")
    assert said.code == 0, said
    for name in ("text_frechet", "text_shared", "poem_rhyme", "poem_tones"):
        assert name in said.out, name
    Path("other.txt").write_text("\n".join([*poems, "一二三"]), encoding="utf-8")
    spoken(3, ganvas("train", "poem", "--data", "other.txt"), "characters", "one form")


def test_pairs_from_the_file_to_answers() -> None:
    rows = [f"{number},{spelled_number(number)}" for number in range(0, 4_000, 13)]
    Path("pairs.csv").write_text("\n".join(["question,answer", *rows, "7,"]), encoding="utf-8")
    said = ganvas("train", "--data", "pairs.csv", *TINY, "-o", "pairs")
    assert said.code == 0, said
    for words in ("308 pairs", "1 row lacks", "(characters), at most 5", "(words)", "answer_exact", "answer_bleu_4"):
        assert words in said.err, words
    model = package.load("pairs")
    answers = model.sample(3, prompt="26", temperature=0.5).tolist()
    assert ganvas("sample", "pairs", "-n", "3", "--prompt", "26", "--temperature", "0.5").out.splitlines() == answers
    lines = ganvas("sample", "pairs", "-n", "2").out.splitlines()
    assert [line.split("\t")[1] for line in lines] == model.sample(2).tolist()
    assert all(int(line.split("\t")[0]) % 13 == 0 for line in lines)
    (preview,) = Path("pairs/samples").glob("*.txt")
    assert preview.read_text(encoding="utf-8").splitlines()[:2] == lines
    assert ganvas("doctor", "pairs").code in (0, 7)
    assert "answer_exact" in ganvas("eval", "pairs", "--all").out
    spoken(2, ganvas("sample", "pairs", "--prompt", "2a"), "'a'")
    spoken(2, ganvas("sample", "pairs", "--prompt", "123456"), "6 tokens")
    Path("few.tsv").write_text("a\tb\n")
    spoken(3, ganvas("train", "seq2seq", "--data", "few.tsv"), "1 pair", "few.tsv")
    Path("three.csv").write_text("a,b\nc,d,e\n")
    spoken(3, ganvas("train", "seq2seq", "--data", "three.csv"), "row 2", "three.csv")


def test_what_text_cannot_be(text: Path) -> None:
    Path("few.txt").write_text("one\ntwo\n")
    spoken(3, ganvas("train", "--data", "few.txt"), "2 lines", "few.txt")
    spoken(3, ganvas("data", "check", "few.txt"), "2 lines", "few.txt")
    spoken(3, ganvas("train", "--data", "missing.txt"), "missing.txt")
    spoken(2, ganvas("train", "--data", text, "--size", "64"), "--size", "text")
    spoken(2, ganvas("train", "ring", "--data", text), "this recipe makes none")
    spoken(2, ganvas("train", "--data", text, "source.kind=Ring"), "source.kind")
    os.mkfifo("pipe.txt")
    spoken(3, ganvas("train", "--data", "pipe.txt"), "pipe.txt", "not a regular file")


def test_a_column_of_a_table_is_text(text: Path) -> None:
    lines = [line for line in text.read_text(encoding="utf-8").splitlines() if line]
    Path("table.csv").write_text("\n".join(["n,said", *(f"{n},{line}" for n, line in enumerate(lines))]))
    planned = plan(None, data="table.csv", changes={"source.column": "said"})
    assert planned.recipe.source == TextLines("table.csv", column="said")
    assert "Text of 401 lines" in " ".join(planned.messages)
    spoken(3, ganvas("train", "--data", "table.csv", "source.column=text"), "no column 'text'", "n, said")


def test_options_of_text(trained: Path) -> None:
    spoken(2, ganvas("sample", trained, "--temperature", "0"), "temperature")
    spoken(2, ganvas("sample", trained, "--prompt", "zebra"), "zebra")
    spoken(2, ganvas("sample", trained, "--prompt", "one", "-o", "sheet.png"), "--prompt")

"""Samples that are text: as lines, and as a file of lines, marked as generated."""

import gzip
from html import escape
from pathlib import Path

import numpy as np

from ..base.errors import UsageError
from ..domains.contract import HasTexts
from ..domains.text_pairs import TextPairs
from ..runs import cannot_write, mark_of, write_sidecar
from ..sessions.model import Model

ENDINGS = (".txt", ".txt.gz", ".html")
STYLE = "body{font:1.1rem/1.7 serif;max-width:50rem;margin:2rem auto;padding:0 1rem}td,li{padding:.2rem 1rem .2rem 0}"


def writes_text(model: Model, out: Path | None) -> bool:
    """Whether samples of this model are written as lines of text: on the screen (None), or to a .txt or .html file."""
    return isinstance(model.domain, HasTexts) and (out is None or out.name.lower().endswith(ENDINGS))


def sample_lines(model: Model, n: int, *, seed: int, temperature: float | None, prompt: str) -> list[str]:
    """n samples of a model of text. Raises UsageError.

    Args:
        model: whose samples.
        n: how many, at least 1.
        seed: the same seed gives the same text.
        temperature: below 1 the likely tokens become likelier; None for the model's own distribution.
        prompt: the beginning of every sample; of pairs the question that all answer. Without one, pairs are questions
            of val and their answers, with a tab between them.
    """
    made = list(model.sample(n, seed=seed, temperature=temperature, prompt=prompt))
    if prompt or not model.game.needs_data or not isinstance(model.domain, TextPairs):
        return made
    return ["\t".join(pair) for pair in zip(first_questions(model, n), made, strict=True)]


def first_questions(model: Model, n: int) -> list[str]:
    """The questions of val that `Model.sample` answers."""
    stream, domain = model.experiment.stream("val"), model.domain
    assert isinstance(domain, TextPairs)
    places = np.arange(n) % len(stream.store)
    return domain.questions.texts(stream.at(places, np.zeros(n, np.int64)).given["question"])


def write_lines(model: Model, lines: list[str], out: Path, *, seed: int, mark: bool = True) -> list[Path]:
    """Write lines in UTF-8, and their mark into a second file; returns the files.

    Args:
        model: for the mark.
        lines: of text.
        out: ends in .txt or .txt.gz, or in .html for a page.
        seed: of the lines, for the mark.
        mark: whether a second file says that they are generated.

    Raises:
        ResourceError: the files cannot be written.
    """
    page = out.suffix.lower() == ".html"
    data = (as_page(lines, repr(model)) if page else "".join(f"{line}\n" for line in lines)).encode()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        # gzip without a date: the same seed gives the same bytes
        out.write_bytes(gzip.compress(data, mtime=0) if out.suffix.lower() == ".gz" else data)
        return [out, *([write_sidecar(out, mark_of(model.sha256, seed))] if mark else [])]
    except OSError as error:
        raise cannot_write(out, error) from error


def as_page(lines: list[str], title: str) -> str:
    """Lines as a page of HTML, a list; pairs with a tab between them as a table. Nothing in it is loaded or run."""
    head = f"<!doctype html>\n<meta charset='utf-8'>\n<title>{escape(title)}</title>\n<style>{STYLE}</style>\n"
    if any("\t" in line for line in lines):
        rows = ("".join(f"<td>{escape(cell)}</td>" for cell in line.split("\t")) for line in lines)
        body, tag = "".join(f"<tr>{row}</tr>\n" for row in rows), "table"
    else:
        body, tag = "".join(f"<li>{escape(line)}</li>\n" for line in lines), "ol"
    return f"{head}<p>{escape(title)}. These lines are generated.</p>\n<{tag}>\n{body}</{tag}>\n"


def check_text_options(temperature: float | None, prompt: str) -> None:
    """Raises UsageError for options of text where the samples are written as something else."""
    if temperature is not None or prompt:
        option = "temperature" if temperature is not None else "prompt"
        raise UsageError(f"--{option} applies to text", hint="Leave it out, or write the samples with -o samples.txt.")

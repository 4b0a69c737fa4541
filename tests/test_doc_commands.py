"""The commands of README and docs go through the command's own parser, to the last option."""

import re
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import typer.main

from ganvas.cli import main
from ganvas.cli.edit import run_before_edit
from ganvas.cli.evaluate import spelled_out
from ganvas.cli.output import output_options, parse_output_options

ROOT = Path(__file__).parents[1]
USAGE: Any = typer.BadParameter.__base__  # of click, or of the copy of it in typer
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").glob("*.md"))]


def shell_commands(page: Path) -> list[str]:
    """The lines `ganvas ...` of blocks, without what stands beside them, and without what follows > | & ;."""
    blocks = re.findall(r"```(?:bash|sh|console)?\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    lines = re.sub(r"\\\n\s*", " ", "\n".join(blocks)).split("\n")
    ours = [line.strip().removeprefix("$ ") for line in lines]
    return [re.split(r"\s{2,}| [>|&]+ |;", line)[0] for line in ours if line.startswith("ganvas ")]


def parse(line: str) -> None:
    """Raises USAGE."""
    words = run_before_edit(spelled_out(parse_output_options(shlex.split(line, comments=True)[1:])))
    command: Any = typer.main.get_command(main.app)
    context, name = None, "ganvas"
    while True:
        context = command.make_context(name, list(words), parent=context)
        rest = [*getattr(context, "_protected_args", []), *context.args]
        if not hasattr(command, "commands") or not rest:
            return
        name, command, words = command.resolve_command(context, rest)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_understood(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in asdict(output_options).items():
        monkeypatch.setattr(output_options, name, value)  # put back afterwards
    for line in shell_commands(page):
        try:
            parse(line)
        except (typer.Exit, SystemExit):  # --help, --version
            continue
        except USAGE as error:
            pytest.fail(f"{line}: {error.message}")


def test_a_wrong_command_is_seen() -> None:
    assert len(shell_commands(ROOT / "README.md")) > 20
    for line in ("ganvas trian mnist", "ganvas train mnist --minuts 3", "ganvas sample"):
        with pytest.raises(USAGE):
            parse(line)

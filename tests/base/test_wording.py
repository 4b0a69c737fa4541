import ast
import re
import shlex
from pathlib import Path

import pytest

from ganvas.base.wording import command, counted, shortened, shortened_lines


def test_a_command_survives_the_shell() -> None:
    for name in ("plain", "my run", "it's", 'a"b', "a;b $HOME *", "-n"):
        assert shlex.split(command("ganvas", "resume", Path("runs") / name)) == ["ganvas", "resume", f"runs/{name}"]
    assert command("ganvas", "resume", "runs/a") == "ganvas resume runs/a"


SRC = Path(__file__).parents[2] / "src" / "ganvas"
OPEN_COMMAND = re.compile(
    r"(\bganvas( [a-z]+)+|\btyped\(\)\}.*|\bganvas\}.*|--[a-z-]+)[ =]$"
)  # a command whose next word is not a fixed one
A_VALUE = (
    "processes",
    "restarts",
    "size",
    "scale",
    "name",
    "asked[name]",
    "option",
    "enough",
)  # what a person typed is shown as it was typed


def unquoted(text: str) -> list[str]:
    """Values in f-strings that stand as words of a command, but do not go through `command`."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.JoinedStr):
            before = ""
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    value = ast.unparse(part.value)
                    if OPEN_COMMAND.search(before) and not value.startswith("command(") and value not in A_VALUE:
                        found.append(before + value)
                    before += "{" + value + "}"
                elif isinstance(part, ast.Constant):
                    before += str(part.value)
    return found


@pytest.mark.parametrize("folder", sorted(path.name for path in SRC.iterdir() if path.is_dir()))
def test_paths_in_commands_are_quoted(folder: str) -> None:
    assert [
        (file.name, where)
        for file in (SRC / folder).glob("*.py")
        for where in unquoted(file.read_text(encoding="utf-8"))
    ] == []


def test_the_search_for_unquoted_commands_finds_them() -> None:
    assert (
        len(
            unquoted(
                'f"go on: ganvas resume {path}"; f"{ganvas} sample {path}"; f"{typed()} doctor {run.path}"; '
                'f"Name it: --out {path}"'
            )
        )
        == 4
    )
    assert unquoted('''f"go on: {command('ganvas', 'resume', path)}"; f"--fit {name} is no choice"''') == []


def test_lists_stay_short() -> None:
    names = [str(number) for number in range(1012)]
    assert shortened(names[:10]) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert shortened(names) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 1,002 more"
    assert shortened_lines(names, 2) == ["0", "1", "and 1,010 more"]
    assert shortened_lines(names[:2], 2) == ["0", "1"]


def test_counts() -> None:
    assert [counted(number, "picture") for number in (0, 1, 2500)] == ["0 pictures", "1 picture", "2,500 pictures"]
    assert counted(2, "entry", "entries") == "2 entries"

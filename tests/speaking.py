"""The command line in this process, as a person's shell would see it."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from ganvas.cli import main as command


class Said(NamedTuple):
    code: int
    out: str
    err: str


def ganvas(*words: str | Path) -> Said:
    """What the command says, and its exit code."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with patch.object(sys, "argv", ["ganvas", *map(str, words)]), redirect_stdout(out), redirect_stderr(err):
        try:
            command.main()
        except SystemExit as end:
            code = int(end.code or 0)
    return Said(code, out.getvalue(), err.getvalue())


def spoken(code: int, said: Said, *words: str) -> None:
    """One clear sentence on stderr: the code, all the words, no traceback."""
    assert said.code == code, said
    assert "Traceback" not in said.err
    assert "internal error" not in said.err
    for word in words:
        assert word in said.err, said.err

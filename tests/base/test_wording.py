import shlex
from pathlib import Path

from ganvas.base.wording import command, counted, shortened, shortened_lines


def test_a_command_survives_the_shell() -> None:
    for name in ("plain", "my run", "it's", 'a"b', "a;b $HOME *", "-n"):
        assert shlex.split(command("ganvas", "resume", Path("runs") / name)) == ["ganvas", "resume", f"runs/{name}"]
    assert command("ganvas", "resume", "runs/a") == "ganvas resume runs/a"


def test_lists_stay_short() -> None:
    names = [str(number) for number in range(1012)]
    assert shortened(names[:10]) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert shortened(names) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 1,002 more"
    assert shortened_lines(names, 2) == ["0", "1", "and 1,010 more"]
    assert shortened_lines(names[:2], 2) == ["0", "1"]


def test_counts() -> None:
    assert [counted(number, "picture") for number in (0, 1, 2500)] == ["0 pictures", "1 picture", "2,500 pictures"]
    assert counted(2, "entry", "entries") == "2 entries"

"""Progress reaches who listens, and nobody else."""

import threading

from ganvas.base.progress import listening, tell


def test_the_innermost_listener_hears() -> None:
    outer: list[tuple[str, int, int]] = []
    inner: list[tuple[str, int, int]] = []
    tell("unheard", 1, 2)
    with listening(lambda *said: outer.append(said)):
        tell("a", 1, 2)
        with listening(lambda *said: inner.append(said)):
            tell("b", 2, 2)
        tell("c", 2, 2)
    tell("unheard", 2, 2)
    assert outer == [("a", 1, 2), ("c", 2, 2)]
    assert inner == [("b", 2, 2)]


def test_other_threads_are_not_heard() -> None:
    heard: list[str] = []
    with listening(lambda what, done, total: heard.append(what)):
        thread = threading.Thread(target=tell, args=("elsewhere", 1, 1))
        thread.start()
        thread.join()
    assert heard == []

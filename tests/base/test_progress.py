"""Progress reaches who listens, and nobody else."""

import threading

from ganvas.base.progress import progress_listener, report_progress


def test_the_innermost_listener_hears() -> None:
    outer: list[tuple[str, int, int]] = []
    inner: list[tuple[str, int, int]] = []
    report_progress("unheard", 1, 2)
    with progress_listener(lambda *said: outer.append(said)):
        report_progress("a", 1, 2)
        with progress_listener(lambda *said: inner.append(said)):
            report_progress("b", 2, 2)
        report_progress("c", 2, 2)
    report_progress("unheard", 2, 2)
    assert outer == [("a", 1, 2), ("c", 2, 2)]
    assert inner == [("b", 2, 2)]


def test_other_threads_are_not_heard() -> None:
    heard: list[str] = []
    with progress_listener(lambda what, done, total: heard.append(what)):
        thread = threading.Thread(target=report_progress, args=("elsewhere", 1, 1))
        thread.start()
        thread.join()
    assert heard == []

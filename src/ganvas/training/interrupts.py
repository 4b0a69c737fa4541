"""Ctrl-C and SIGTERM end a run cleanly; a second Ctrl-C ends it at once."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def catch_signals(numbers: Sequence[signal.Signals] = STOPPING) -> Iterator[Callable[[], str]]:
    """A function that returns the name of the first of these signals that has come ("SIGINT", "SIGTERM"), or an empty string.

    The handlers of before are restored at the end. A signal that is ignored stays ignored; another than SIGINT for which the program has a handler of its
    own goes to that handler. In a thread that is not the main one nothing is heard, because Python lets only the main thread have handlers.
    """
    came: list[str] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(signal.Signals(number).name)
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

    if threading.current_thread() is not threading.main_thread():
        yield lambda: ""
        return
    before = {number: signal.getsignal(number) for number in numbers}
    taken = [
        number
        for number, handler in before.items()
        if handler == signal.SIG_DFL or (number == signal.SIGINT and callable(handler))
    ]
    for number in taken:
        signal.signal(number, note)
    try:
        yield lambda: came[0] if came else ""
    finally:
        for number in taken:
            signal.signal(number, before[number])


def raise_signal(name: str, message: str = "") -> None:
    """Do what a program expects of a signal that was only noted: SIGINT raises KeyboardInterrupt with these message, another ends the process."""
    number = signal.Signals[name]
    if number == signal.SIGINT:
        raise KeyboardInterrupt(message)
    signal.raise_signal(number)

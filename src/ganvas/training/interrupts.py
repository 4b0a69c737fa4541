"""Ctrl-C and SIGTERM end a run cleanly; a second Ctrl-C ends it at once."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def catch_signals(numbers: Sequence[signal.Signals] = STOPPING) -> Iterator[Callable[[], str]]:
    """Catch signals while the context is open.

    Earlier handlers are restored at the end. An ignored signal stays ignored. A signal other than SIGINT for which the
    program has a handler goes to that handler. Outside the main thread no signal is caught, as Python allows only the
    main thread to set handlers. A second signal has its usual effect.

    Args:
        numbers: the signals.

    Yields:
        A function that returns the name of the first caught signal ("SIGINT", "SIGTERM"), or an empty string.
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
    """Give a caught signal its usual effect.

    Args:
        name: of the signal.
        message: of the KeyboardInterrupt.

    Raises:
        KeyboardInterrupt: for SIGINT; another signal ends the process.
    """
    number = signal.Signals[name]
    if number == signal.SIGINT:
        raise KeyboardInterrupt(message)
    signal.raise_signal(number)

import os
import signal
import threading

import pytest

from ganvas.training import catch_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_only_noted(number: signal.Signals) -> None:
    with catch_signals() as arrived:
        assert arrived() == ""
        os.kill(os.getpid(), number)
        assert arrived() == number.name
        assert arrived() == number.name


def test_the_second_ctrl_c_ends_it_at_once() -> None:
    with catch_signals() as arrived:
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        assert arrived() == "SIGINT"


def test_a_ctrl_c_after_a_sigterm_is_noted_too_but_the_first_is_told() -> None:
    with catch_signals() as arrived:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        assert arrived() == "SIGTERM"


def test_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with catch_signals():
        os.kill(os.getpid(), signal.SIGTERM)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    with pytest.raises(ZeroDivisionError), catch_signals():
        raise ZeroDivisionError
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_in_another_thread_it_hears_nothing_and_breaks_nothing() -> None:
    heard: list[str] = []

    def listen() -> None:
        with catch_signals() as arrived:
            heard.append(arrived())

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert heard == [""]


def test_an_ignored_signal_stays_ignored_and_a_programs_own_handler_of_sigterm_stays() -> None:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    own: list[int] = []
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda number, _: own.append(number))
        with catch_signals() as arrived:
            for number in numbers:
                signal.raise_signal(number)
            assert arrived() == ""
        assert own == [signal.SIGTERM]
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)

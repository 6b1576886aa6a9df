from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable

import pytest

from nlq.cancel import CancelToken
from nlq.cli.interruptible import GRACE_S, interruptible
from nlq.errors import Cancelled


def interrupt_after(seconds: float) -> None:
    threading.Timer(seconds, lambda: signal.raise_signal(signal.SIGINT)).start()


def test_items_are_shown_in_order_and_the_result_comes_back() -> None:
    shown: list[int] = []

    def work(emit: Callable[[int], None]) -> str:
        for number in range(5):
            emit(number)
        return "done"

    assert interruptible(work, shown.append, CancelToken()) == "done"
    assert shown == [0, 1, 2, 3, 4]


def test_what_the_work_raises_is_raised() -> None:
    def work(emit: Callable[[int], None]) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        interruptible(work, lambda _: None, CancelToken())


def test_an_interrupt_cancels_and_takes_the_clean_end_of_the_work() -> None:
    token = CancelToken()

    def work(emit: Callable[[int], None]) -> str:
        while not token.cancelled:
            time.sleep(0.01)
        return "ended cleanly"

    interrupt_after(0.1)
    assert interruptible(work, lambda _: None, token) == "ended cleanly"


def test_work_that_does_not_hear_is_left_behind() -> None:
    release = threading.Event()

    def work(emit: Callable[[int], None]) -> None:
        release.wait(30)

    interrupt_after(0.1)
    started = time.monotonic()
    with pytest.raises(Cancelled):
        interruptible(work, lambda _: None, CancelToken())
    assert time.monotonic() - started < GRACE_S + 1
    release.set()

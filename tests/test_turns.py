from __future__ import annotations

import threading

import pytest

from nlq.cancel import CancelToken
from nlq.errors import Cancelled
from nlq.turns import Turns


def test_so_many_at_once_and_no_more() -> None:
    turns, lock = Turns(2), threading.Lock()
    inside, most = 0, 0
    both = threading.Barrier(2, timeout=10)

    def work() -> None:
        nonlocal inside, most
        with turns.take(CancelToken()):
            with lock:
                inside += 1
                most = max(most, inside)
            both.wait()  # two of them are inside together
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == 2


def test_whoever_waits_may_cancel_and_an_error_gives_the_turn_back() -> None:
    turns, cancel = Turns(1), CancelToken()
    cancel.cancel()
    with turns.take(CancelToken()), pytest.raises(Cancelled), turns.take(cancel):
        pass
    with pytest.raises(ZeroDivisionError), turns.take(CancelToken()):
        raise ZeroDivisionError
    with turns.take(CancelToken()):
        pass

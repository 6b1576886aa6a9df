"""A server that takes no query now: something to send enters, its outcome leaves, or when to stop.

What is "busy" never ran, so sending it again runs nothing twice.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Final, TypeVar

from nlq.cancel import CancelToken
from nlq.engine.base import OnProgress
from nlq.errors import EngineUnavailable, QueryTimeout

_FIRST_PAUSE: Final = 0.5  # seconds, doubled each time
_LONGEST_PAUSE: Final = 5.0
_WORTH_A_TRY: Final = 1.0  # seconds; with less left the query would only run out of time

Got = TypeVar("Got")


def until_taken(
    send: Callable[[float], Got],
    *,
    seconds: float,
    wait_s: float,
    cancel: CancelToken,
    on_progress: OnProgress | None = None,
) -> Got:
    """What ``send`` returns, which is given the seconds that are left of ``seconds``.

    While it raises an ``EngineUnavailable`` that says "busy" it is tried again, with pauses that
    grow and vary so that those who wait do not all come back at once, for ``wait_s`` in all.
    Raises what ``send`` raises, and ``Cancelled``.
    """
    started, waited = time.monotonic(), 0.0
    for tries in count(1):
        try:
            return send(seconds - waited)
        except QueryTimeout as timeout:
            if tries == 1:
                raise
            raise QueryTimeout(
                f"The query ran past its limit of {seconds:g} s, of which it had waited "
                f"{waited:.0f} s for a place in the queue.",
                hint="Ask again in a while.",
            ) from timeout
        except EngineUnavailable as busy:
            if busy.cause != "busy":
                raise
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (tries - 1))
            pause *= random.uniform(0.5, 1.0)
            waited = time.monotonic() - started
            if waited + pause > min(wait_s, seconds - _WORTH_A_TRY):
                raise _given_up(busy, tries, waited) from busy
        if on_progress is not None:
            on_progress(f"Waiting for a place in the queue, {waited:.0f} s", None)
        _sleep(pause, cancel)
        waited = time.monotonic() - started
    raise AssertionError("counting has no end")


def _given_up(busy: EngineUnavailable, tries: int, waited: float) -> EngineUnavailable:
    if tries == 1:
        return busy
    return EngineUnavailable(
        f"{busy.message} It was asked {tries} times in {waited:.0f} s.",
        hint=busy.hint,
        cause="busy",
    )


def _sleep(seconds: float, cancel: CancelToken) -> None:
    cancelled = threading.Event()
    with cancel.calling(cancelled.set):
        cancelled.wait(seconds)
    cancel.check()

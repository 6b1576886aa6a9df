"""Work that Ctrl-C ends within a second, whatever C library it is inside of.

The work runs in a thread and hands out items; the calling thread shows them and stays free to
hear the interrupt, on which it cancels the token and waits a moment for a clean end.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Queue
from typing import Generic, TypeVar

from nlq.cancel import CancelToken
from nlq.errors import Cancelled

Item = TypeVar("Item")
Result = TypeVar("Result")

GRACE_S = 0.5
"""How long cancelled work may take to end cleanly, seconds."""

_LOOK_S = 0.05


class _Outcome(Generic[Result]):
    """What the work came to: a result or an error."""

    def __init__(self, result: Result | None = None, error: BaseException | None = None) -> None:
        self.result = result
        self.error = error


def interruptible(
    work: Callable[[Callable[[Item], None]], Result],
    show: Callable[[Item], None],
    token: CancelToken,
) -> Result:
    """Run ``work(emit)`` in a thread, ``show`` each item that it emits, and return its result.

    Raises what ``work`` raises, and ``Cancelled`` after Ctrl-C when the work does not end within
    ``GRACE_S`` seconds (it is then left behind in a daemon thread).
    """
    # No SimpleQueue: a signal at the end of its time-out makes it wait for ever (CPython 3.11).
    heard: Queue[Item | _Outcome[Result]] = Queue()

    def body() -> None:
        try:
            heard.put(_Outcome(work(heard.put)))
        except BaseException as error:  # handed to the calling thread, which raises it
            heard.put(_Outcome(error=error))

    with _interrupts() as interrupts:
        threading.Thread(target=body, name="nlq-work", daemon=True).start()
        while True:
            if interrupts:
                token.cancel()
                if len(interrupts) > 1 or time.monotonic() > interrupts[0] + GRACE_S:
                    raise Cancelled
            with suppress(Empty):
                item = heard.get(timeout=_LOOK_S)
                if not isinstance(item, _Outcome):
                    show(item)
                elif item.error is not None:
                    raise item.error
                else:
                    return item.result  # type: ignore[return-value]  # set wherever error is not


@contextmanager
def _interrupts() -> Iterator[list[float]]:
    """The moments of Ctrl-C so far, on the monotonic clock; none where signals cannot be heard."""
    pressed: list[float] = []
    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return
    # Not KeyboardInterrupt: it may be raised anywhere, also in the middle of showing something.
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(time.monotonic()))
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)

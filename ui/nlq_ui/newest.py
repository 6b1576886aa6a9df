"""Steps on the way that come quicker than they can be shown: the newest of them, now and then."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import suppress


async def newest(
    steps: Generator[str], pause_s: float, stop: Callable[[], None]
) -> AsyncGenerator[str]:
    """The first of ``steps`` at once; of later ones the newest, ``pause_s`` seconds after it came.

    It ends at once when all are made; the last is not among them, which the caller shows as a
    whole. They are made in a thread of their own; where nobody reads on, ``stop`` is called, and
    the thread leaves at the next one. Raises what making them raises.
    """
    loop = asyncio.get_running_loop()
    made: list[str] = []
    failed: list[Exception] = []
    lock = threading.Lock()
    news, over, left = asyncio.Event(), asyncio.Event(), threading.Event()

    def tell(step: str) -> None:
        with lock:
            known, made[:] = bool(made), [step]
        if not known:  # else the loop has still to fetch the one before
            loop.call_soon_threadsafe(news.set)

    def end() -> None:
        over.set()
        news.set()

    def make() -> None:
        try:
            for step in steps:
                tell(step)
                if left.is_set():
                    steps.close()
                    return
        except Exception as error:  # raised again where the steps are read
            failed.append(error)
        finally:
            with suppress(RuntimeError):  # the loop has ended, and nobody reads on
                loop.call_soon_threadsafe(end)

    threading.Thread(target=make, name="nlq-steps", daemon=True).start()
    pause = 0.0
    try:
        while True:
            await news.wait()
            news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), pause)
            if over.is_set():
                break
            with lock:
                step = made.pop()
            yield step
            pause = pause_s
    finally:
        left.set()
        if not over.is_set():
            stop()
    if failed:
        raise failed[0]

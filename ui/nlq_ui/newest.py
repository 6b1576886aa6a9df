"""Steps on the way that come quicker than they can be shown: the newest of them, now and then."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import suppress


async def newest(
    steps: Generator[str], pause_s: float, stop: Callable[[], None]
) -> AsyncGenerator[str]:
    """The first of ``steps`` at once, then the newest every ``pause_s`` seconds until all are made.

    It ends at once when they are; the last is not among them, which the caller shows as a whole.
    They are made in a thread of their own; where nobody reads on, ``stop`` is called, and the
    thread leaves at the next one. Raises what making them raises.
    """
    loop = asyncio.get_running_loop()
    made: list[str] = []
    failed: list[Exception] = []
    news, over, left = asyncio.Event(), asyncio.Event(), threading.Event()

    def tell(step: str) -> None:
        made[:] = [step]
        news.set()

    def end() -> None:
        over.set()
        news.set()

    def make() -> None:
        try:
            for step in steps:
                loop.call_soon_threadsafe(tell, step)
                if left.is_set():
                    steps.close()
                    return
        except Exception as error:  # raised again where the steps are read
            failed.append(error)
        finally:
            with suppress(RuntimeError):  # the loop has ended, and nobody reads on
                loop.call_soon_threadsafe(end)

    threading.Thread(target=make, name="nlq-steps", daemon=True).start()
    try:
        while True:
            await news.wait()
            news.clear()
            if over.is_set():
                break
            yield made.pop()
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), pause_s)
    finally:
        left.set()
        if not over.is_set():
            stop()
    if failed:
        raise failed[0]

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Generator, Iterable

import pytest
from apart import run_apart
from nlq_ui.newest import newest

PAUSE_S = 0.05


def steps(waits: Iterable[float]) -> Generator[str]:
    for number, wait_s in enumerate(waits):
        time.sleep(wait_s)
        yield str(number)


def never() -> None:
    raise AssertionError("nobody left")


async def seen(made: Generator[str]) -> list[str]:
    return [step async for step in newest(made, PAUSE_S, never)]


def test_of_steps_that_come_together_the_first_and_the_newest_are_shown() -> None:
    shown = run_apart(lambda: seen(steps([0.0] * 20 + [4 * PAUSE_S])))
    assert shown[-1] == "19"
    assert len(shown) <= 3


def test_the_end_waits_for_no_pause() -> None:
    async def took_s() -> float:
        began = time.monotonic()
        async for _ in newest(steps([0.0, 0.0]), 30.0, never):
            pass
        return time.monotonic() - began

    assert run_apart(took_s) < 10


def test_what_goes_wrong_while_they_are_made_is_raised_where_they_are_read() -> None:
    def broken() -> Generator[str]:
        yield "first"
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        run_apart(lambda: seen(broken()))


def test_where_nobody_reads_on_the_work_is_stopped_and_left() -> None:
    stopped, closed = threading.Event(), threading.Event()

    def endless() -> Generator[str]:
        try:
            while True:
                yield "more"
                stopped.wait(0.01)
        finally:
            closed.set()

    async def leave() -> None:
        reading = newest(endless(), PAUSE_S, stopped.set)
        assert await anext(reading) == "more"
        await reading.aclose()
        assert stopped.is_set()
        assert await asyncio.to_thread(closed.wait, 5)

    run_apart(leave)

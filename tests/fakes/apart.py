"""Coroutines in tests: on a thread of their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio

T = TypeVar("T")


def run_apart(main: Callable[[], Awaitable[T]]) -> T:
    """What ``main`` returns. A browser test before may have left a running loop in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(anyio.run, main).result()

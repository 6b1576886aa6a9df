from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from nlq_ui.memory import keep_together


def test_threads_still_get_memory_afterwards() -> None:
    keep_together()
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda number: bytes(10**6 + number), range(1, 50)))

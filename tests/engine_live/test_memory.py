"""A result of a million rows that a cap stops takes no more memory than the cap and a few pages."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from nlq.cancel import CancelToken
from nlq.engine.servers.server import RunningServer
from nlq.engine.trino_client_engine import PrestoEngine, ServerEngine, TrinoEngine
from nlq.types import QueryResult, RunLimits

MILLION = "SELECT orderkey, partkey, comment FROM tpch.sf1.lineitem LIMIT 1000000"
PAGES_BYTES = 40_000_000
"""A few pages of at most 1 MB of JSON, in Python some ten times as much; all rows take 210 MB."""


@pytest.fixture(scope="module")
def engine(either_server: RunningServer) -> Iterator[ServerEngine]:
    make = PrestoEngine if either_server.kind == "presto" else TrinoEngine
    made = make(either_server.url)
    yield made
    made.close()


def measured(run: Callable[[], QueryResult]) -> tuple[QueryResult, int]:
    """The result, and the most bytes that were held at any time on the way."""
    tracemalloc.start()
    try:
        result = run()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return result, peak


@pytest.mark.parametrize("caps", [{"rows": 5_000}, {"size_bytes": 200_000}])
def test_a_cap_bounds_memory(engine, guarded, caps) -> None:
    limits = RunLimits(**{"seconds": 120, "rows": 10**9, "size_bytes": 10**9, **caps})
    engine.run(guarded("SELECT 1"), limits, CancelToken())  # imports and connections
    result, peak = measured(lambda: engine.run(guarded(MILLION), limits, CancelToken()))
    assert result.truncated
    assert 3_000 < len(result.rows) <= 10_000
    assert peak < 6 * result.size_bytes + PAGES_BYTES

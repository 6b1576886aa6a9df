"""Presto's results and errors for function and query cases, as a PrestoDB server gave them."""

from __future__ import annotations

from collections.abc import Callable

import cases
import pytest

from nlq.cancel import CancelToken
from nlq.engine.duckdb_engine import DuckDbEngine
from nlq.errors import QueryFailed
from nlq.sql.guarded import GuardedQuery
from nlq.types import RunLimits

ALL = [
    pytest.param(case, id=f"{file.stem}: {case.text[:70]}")
    for file in sorted(cases.FOLDER.glob("*.txt"))
    for case in cases.read(file)
]


@pytest.mark.parametrize("case", ALL)
def test_gives_what_presto_gave(
    case: cases.Case, engine: DuckDbEngine, guarded: Callable[..., GuardedQuery]
) -> None:
    query = guarded(case.sql)
    if case.error:
        with pytest.raises(QueryFailed):
            engine.run(query, RunLimits(), CancelToken())
        return
    result = engine.run(query, RunLimits(), CancelToken())
    types = cases.comparable_types([column.type for column in result.columns])
    rows = tuple(
        [cases.comparable(value, kind) for value, kind in zip(row, types, strict=True)]
        for row in result.rows
    )
    assert (types, rows) == (case.types, case.rows)

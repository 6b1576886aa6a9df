"""Presto's results and errors for function and query cases, as a PrestoDB server gave them."""

from __future__ import annotations

import re
from collections.abc import Callable

import cases
import pytest

from nlq.cancel import CancelToken
from nlq.engine.duckdb_engine import DuckDbEngine
from nlq.engine.presto_on_duckdb.calls import function_names
from nlq.engine.presto_on_duckdb.macros import macros, needed_by
from nlq.engine.presto_on_duckdb.signatures import catalog
from nlq.errors import QueryFailed
from nlq.sql.guarded import GuardedQuery
from nlq.types import RunLimits

FILES = sorted(cases.FOLDER.glob("*.txt"))
EVERY = [case for file in FILES for case in cases.read(file)]


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.text[:80])
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


def test_every_function_has_a_case() -> None:
    text = " ".join(case.text.lower() for case in EVERY)
    missing = [
        name for name in function_names() if name != "[]" and not re.search(rf"\b{name}\s*\(", text)
    ]
    assert missing == []


def test_every_macro_that_a_function_needs_is_there() -> None:
    templates = " ".join(s.template for overloads in catalog().values() for s in overloads)
    called = set(re.findall(r"\bpresto_\w+", templates))
    assert called <= set(macros())
    assert called <= set(needed_by(templates))


def test_a_macro_comes_after_those_that_it_calls() -> None:
    order = needed_by("presto_map_agg(x)")
    assert order == ("presto_keyed", "presto_first_entries", "presto_map_agg")

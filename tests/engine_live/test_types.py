"""Every type arrives as the same Python value from the embedded engine, PrestoDB and Trino.

What an engine lacks or gives otherwise stands in ``OTHERWISE`` with the reason, and is tested too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from math import inf, nan
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from nlq.cancel import CancelToken
from nlq.engine.base import Engine
from nlq.engine.duckdb_engine import DuckDbEngine
from nlq.engine.trino_client_engine import PrestoEngine, TrinoEngine
from nlq.errors import QueryFailed
from nlq.types import QueryResult, RunLimits

BERLIN = ZoneInfo("Europe/Berlin")
INDIA = timezone(timedelta(hours=5, minutes=30))
ID = "12151fd2-7586-11e9-8f9e-2a86e4085a59"

VALUES: dict[str, object] = {
    "true": True,
    "NULL": None,
    "CAST(7 AS tinyint)": 7,
    "CAST(-7 AS smallint)": -7,
    "CAST(7 AS integer)": 7,
    "9223372036854775807": 9223372036854775807,
    "1.5e0": 1.5,
    "nan()": nan,
    "infinity()": inf,
    "-infinity()": -inf,
    "CAST(NULL AS double)": None,
    "REAL '1.1'": 1.1,
    "CAST(1e-45 AS real)": 1.4e-45,
    "CAST(nan() AS real)": nan,
    "CAST('12345678901234567890.10' AS decimal(22,2))": Decimal("12345678901234567890.10"),
    "-0.05": Decimal("-0.05"),
    "''": "",
    "'Zoë 😀'": "Zoë 😀",
    "CAST('a' AS char(3))": "a  ",
    "X'00ff'": b"\x00\xff",
    "DATE '2026-02-28'": date(2026, 2, 28),
    "TIME '01:02:03.500'": time(1, 2, 3, 500_000),
    "TIME '01:02:03.500 +05:30'": time(1, 2, 3, 500_000, INDIA),
    "TIMESTAMP '2026-02-28 01:02:03'": datetime(2026, 2, 28, 1, 2, 3),
    "TIMESTAMP '2026-02-28 01:02:03.456'": datetime(2026, 2, 28, 1, 2, 3, 456_000),
    "TIMESTAMP '2026-02-28 01:02:03.456789'": datetime(2026, 2, 28, 1, 2, 3, 456_000),
    "TIMESTAMP '2026-07-01 01:02:03.456 Europe/Berlin'": datetime(
        2026, 7, 1, 1, 2, 3, 456_000, BERLIN
    ),
    "TIMESTAMP '2026-02-28 01:02:03.456 +05:30'": datetime(2026, 2, 28, 1, 2, 3, 456_000, INDIA),
    "INTERVAL '26' HOUR": timedelta(hours=26),
    "INTERVAL '1' SECOND * -1.5e0": timedelta(seconds=-1.5),
    "INTERVAL '14' MONTH": "1-2",
    "INTERVAL '14' MONTH * -1": "-1-2",
    f"UUID '{ID}'": ID,
    "JSON_PARSE('{\"a\": [1, null]}')": '{"a":[1,null]}',
    "CAST('10.0.0.1' AS ipaddress)": "10.0.0.1",
    "CAST(NULL AS array(bigint))": None,
    "CAST(ARRAY[] AS array(double))": [],
    "ARRAY[1, NULL, 9223372036854775807]": [1, None, 9223372036854775807],
    "ARRAY[nan(), infinity(), NULL, 0.5e0]": [nan, inf, None, 0.5],
    "ARRAY[REAL '1.1']": [1.1],
    "ARRAY[CAST('12345678901234567890.12' AS decimal(22,2))]": [Decimal("12345678901234567890.12")],
    "ARRAY[X'ab']": [b"\xab"],
    f"ARRAY[UUID '{ID}']": [ID],
    "ARRAY[JSON_PARSE('{\"a\":1}')]": ['{"a":1}'],
    "ARRAY[ARRAY['a', 'é\"'], ARRAY[], NULL]": [["a", 'é"'], [], None],
    "ARRAY[INTERVAL '26' HOUR]": [timedelta(hours=26)],
    "CAST(MAP() AS map(bigint,bigint))": {},
    "MAP(ARRAY[1, 2], ARRAY['x', NULL])": {1: "x", 2: None},
    "MAP(ARRAY[true], ARRAY[false])": {True: False},
    "MAP(ARRAY[1.5e0, 1e20], ARRAY[1, 2])": {1.5: 1, 1e20: 2},
    "MAP(ARRAY[DATE '2026-01-01'], ARRAY[ARRAY[1.5e0]])": {date(2026, 1, 1): [1.5]},
    "MAP(ARRAY[X'00ff'], ARRAY[MAP(ARRAY['a'], ARRAY[1])])": {b"\x00\xff": {"a": 1}},
    "MAP(ARRAY[TIMESTAMP '2026-01-01 00:00:00 UTC'], ARRAY[1])": {
        datetime(2026, 1, 1, tzinfo=UTC): 1
    },
    "CAST(MAP() AS map(array(bigint),bigint))": [],
    "MAP(ARRAY[ARRAY[1, 2]], ARRAY['x'])": [[[1, 2], "x"]],
    "MAP(ARRAY[ARRAY['a, b']], ARRAY['x'])": [[["a, b"], "x"]],
    "MAP(ARRAY[ARRAY[DATE '2026-01-01']], ARRAY[1])": [[[date(2026, 1, 1)], 1]],
    "MAP(ARRAY[ROW(1, 'a')], ARRAY['x'])": [[[1, "a"], "x"]],
    "MAP(ARRAY[CAST(ROW(1, 'a, b') AS ROW(x bigint, y varchar))], ARRAY[true])": [
        [{"x": 1, "y": "a, b"}, True]
    ],
    "MAP(ARRAY[MAP(ARRAY[1], ARRAY[X'00ff'])], ARRAY['x'])": [[{1: b"\x00\xff"}, "x"]],
    "map_entries(MAP(ARRAY[ARRAY['a, b']], ARRAY['x']))": [[["a, b"], "x"]],
    "ROW(1, 'a')": [1, "a"],
    "CAST(ROW(1, NULL) AS ROW(x bigint, y varchar))": {"x": 1, "y": None},
    "CAST(ROW(1, ROW(ARRAY[TIMESTAMP '2026-01-01 00:00:00 UTC'])) AS "
    "ROW(x bigint, r ROW(z array(timestamp with time zone))))": {
        "x": 1,
        "r": {"z": [datetime(2026, 1, 1, tzinfo=UTC)]},
    },
    "ARRAY[CAST(ROW(MAP(ARRAY['k'], ARRAY[ROW(1.50, NULL)])) AS "
    "ROW(m map(varchar, row(d decimal(3,2), n bigint))))]": [
        {"m": {"k": {"d": Decimal("1.50"), "n": None}}}
    ],
}
"""What it is in SQL, and in Python."""

NO_TYPE = "the embedded engine has no such type"
OTHERWISE: dict[tuple[str, str], tuple[object, str]] = {
    ("duckdb", "CAST('a' AS char(3))"): (QueryFailed, NO_TYPE),
    ("duckdb", "TIME '01:02:03.500 +05:30'"): (QueryFailed, NO_TYPE),
    ("duckdb", "CAST('10.0.0.1' AS ipaddress)"): (QueryFailed, NO_TYPE),
    ("duckdb", "INTERVAL '14' MONTH"): (QueryFailed, "it has it while computing, not as a result"),
    ("duckdb", "INTERVAL '14' MONTH * -1"): (QueryFailed, "the same"),
    ("trino", "TIMESTAMP '2026-02-28 01:02:03.456789'"): (
        datetime(2026, 2, 28, 1, 2, 3, 456_789),
        "Trino's timestamps have microseconds and more, PrestoDB's have milliseconds",
    ),
    ("trino", "MAP(ARRAY[ARRAY['a, b']], ARRAY['x'])"): (
        QueryFailed,
        "Trino writes the key as [a, b], in which nothing tells one text from two",
    ),
}
"""Another value, or the error, where an engine differs; and why."""


@pytest.fixture(scope="module", params=["duckdb", "presto", "trino"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    made: Engine
    if request.param == "duckdb":
        lake: Path = request.getfixturevalue("sample_lake")
        made = DuckDbEngine(lake, now=datetime(2026, 6, 1, tzinfo=UTC), threads=1)
    else:
        server = request.getfixturevalue(f"{request.param}_server")
        made = (PrestoEngine if request.param == "presto" else TrinoEngine)(server.url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def run(engine, guarded) -> Callable[[str], QueryResult]:
    return lambda sql: engine.run(guarded(sql), RunLimits(seconds=120), CancelToken())


def expected(engine: Engine) -> dict[str, object]:
    return {sql: OTHERWISE.get((engine.name, sql), (value,))[0] for sql, value in VALUES.items()}


def exact(value: object) -> object:
    """With what == leaves out: the types, at every level, NaN, and the offsets of zones."""
    match value:
        case list():
            return [exact(item) for item in value]
        case dict():
            return {repr(exact(key)): exact(item) for key, item in value.items()}
        case datetime() | time():
            return (type(value), value.replace(tzinfo=None), value.utcoffset())
    return (type(value), repr(value))


def test_every_value_is_the_same(engine, run) -> None:
    wanted = {sql: value for sql, value in expected(engine).items() if value is not QueryFailed}
    (row,) = run(f"SELECT {', '.join(wanted)}").rows
    found: dict[str, Any] = dict(zip(wanted, row, strict=True))
    assert {sql: exact(value) for sql, value in found.items()} == {
        sql: exact(value) for sql, value in wanted.items()
    }


def test_in_a_column_with_nulls_too(engine, run) -> None:
    wanted = {sql: value for sql, value in expected(engine).items() if value is not QueryFailed}
    columns = ", ".join(f"IF(n = 2, {sql})" for sql in wanted if sql != "NULL")
    rows = run(f"SELECT {columns} FROM UNNEST(ARRAY[1, 2, 3]) AS t (n) ORDER BY n").rows
    assert set(rows[0]) == set(rows[2]) == {None}
    assert list(map(exact, rows[1])) == [exact(v) for sql, v in wanted.items() if sql != "NULL"]


def test_what_an_engine_lacks_fails_with_a_hint_or_a_name(engine, run) -> None:
    for sql, value in expected(engine).items():
        if value is QueryFailed:
            with pytest.raises(QueryFailed) as caught:
                run(f"SELECT {sql}")
            assert caught.value.hint or caught.value.message.count(" ") > 5, sql


def test_a_sketch_is_text(engine, run) -> None:
    if engine.name == "duckdb":  # which has no such type
        with pytest.raises(QueryFailed, match="approx_set"):
            run("SELECT approx_set(1)")
        return
    ((sketch,),) = run("SELECT approx_set(1)").rows
    assert isinstance(sketch, str)
    assert sketch


@pytest.mark.parametrize("sql", ["DATE '-0005-01-01'", "TIMESTAMP '12026-02-28 01:02:03'"])
def test_a_date_beyond_pythons_years_is_a_clear_error(run, sql) -> None:
    with pytest.raises(QueryFailed, match="Python cannot hold") as caught:
        run(f"SELECT {sql}")
    assert "varchar" in caught.value.hint


def test_columns_of_one_name_and_no_rows(run) -> None:
    twice = run("SELECT 1 AS n, 'a' AS n, 2 AS m")
    assert [column.name for column in twice.columns] == ["n", "n", "m"]
    assert twice.rows == ((1, "a", 2),)
    empty = run("SELECT 1 AS n, ARRAY[DATE '2026-01-01'] AS d WHERE 1 = 0")
    assert [column.name for column in empty.columns] == ["n", "d"]
    assert (empty.rows, empty.size_bytes, empty.truncated) == ((), 0, False)


def test_types_are_told_alike(run) -> None:
    result = run(
        "SELECT CAST(1 AS decimal(3,2)) a, INTERVAL '2' DAY b, MAP(ARRAY[1], ARRAY[1.5e0]) c, "
        "true d, CAST(ROW(1) AS ROW(x bigint)) e, CAST(NULL AS array(real)) f"
    )
    assert [column.type for column in result.columns] == [
        "decimal(3,2)", "interval day to second", "map(integer,double)", "boolean",
        "row(x bigint)", "array(real)",
    ]  # fmt: skip

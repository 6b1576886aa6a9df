"""Values of the protocol in ``QueryResult``'s terms, and what they weigh."""

from __future__ import annotations

import math
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from nlq.engine.trino_client_values import PageReader, size_of
from nlq.errors import QueryFailed

ID = "12151fd2-7586-11e9-8f9e-2a86e4085a59"


def scalar(kind: str) -> dict[str, Any]:
    return {"rawType": kind, "arguments": []}


def nested(kind: str, *inner: dict[str, Any]) -> dict[str, Any]:
    return {"rawType": kind, "arguments": [{"kind": "TYPE", "value": value} for value in inner]}


def row(*fields: tuple[str | None, dict[str, Any]]) -> dict[str, Any]:
    values = [{"fieldName": {"name": name}, "typeSignature": kind} for name, kind in fields]
    return {
        "rawType": "row",
        "arguments": [{"kind": "NAMED_TYPE", "value": value} for value in values],
    }


BIGINT, VARCHAR, BOOLEAN, DOUBLE = map(scalar, ("bigint", "varchar", "boolean", "double"))


def reader(*kinds: dict[str, Any]) -> PageReader:
    return PageReader([{"name": "c", "type": "", "typeSignature": kind} for kind in kinds])


def read(kind: dict[str, Any], sent: object) -> object:
    ((value,), (null,)) = reader(kind).rows([[sent], [None]])
    assert null is None
    ((alone,),) = reader(kind).rows([[sent]])
    assert repr(alone) == repr(value)
    return value


@pytest.mark.parametrize(
    ("kind", "sent", "wanted"),
    [
        ("boolean", True, True),
        ("bigint", 9223372036854775807, 9223372036854775807),
        ("double", 1.5, 1.5),
        ("double", "-Infinity", -math.inf),
        ("real", "Infinity", math.inf),
        ("decimal", "12345678901234567890.120", Decimal("12345678901234567890.120")),
        ("varchar", "Zoë", "Zoë"),
        ("char", "a  ", "a  "),
        ("varbinary", "AP8=", b"\x00\xff"),
        ("date", "2026-02-28", date(2026, 2, 28)),
        ("time", "01:02:03.5", time(1, 2, 3, 500_000)),
        ("time", "01:02:03", time(1, 2, 3)),
        (
            "time with time zone",
            "01:02:03.500-03:30",
            time(1, 2, 3, 500_000, timezone(-timedelta(hours=3, minutes=30))),
        ),
        ("timestamp", "2026-02-28 01:02:03.456", datetime(2026, 2, 28, 1, 2, 3, 456_000)),
        ("timestamp", "2026-02-28 01:02:03", datetime(2026, 2, 28, 1, 2, 3)),
        ("timestamp", "2026-02-28 01:02:03.123456999999", datetime(2026, 2, 28, 1, 2, 3, 123_456)),
        (
            "timestamp with time zone",
            "2026-07-01 01:02:03.456 Europe/Berlin",
            datetime(2026, 7, 1, 1, 2, 3, 456_000, ZoneInfo("Europe/Berlin")),
        ),
        (
            "timestamp with time zone",
            "2026-07-01 01:02:03 -03:30",
            datetime(2026, 7, 1, 1, 2, 3, 0, timezone(-timedelta(hours=3, minutes=30))),
        ),
        ("interval day to second", "1 02:00:00.000", timedelta(hours=26)),
        ("interval day to second", "-1 02:00:00.001", -timedelta(hours=26, milliseconds=1)),
        ("interval year to month", "-1-2", "-1-2"),
        ("uuid", ID, ID),
        ("json", '{"a":1}', '{"a":1}'),
        ("ipaddress", "10.0.0.1", "10.0.0.1"),
        ("HyperLogLog", "AgwB", "AgwB"),
        ("unknown", None, None),
    ],
)
def test_scalars(kind, sent, wanted) -> None:
    value = read(scalar(kind), sent)
    assert repr(value) == repr(wanted)


def test_nan() -> None:
    rows = reader(DOUBLE).rows([["NaN"], [None], [1.5]])
    assert math.isnan(rows[0][0])
    assert rows[1:] == [(None,), (1.5,)]


@pytest.mark.parametrize(
    ("kind", "sent", "wanted"),
    [
        (nested("array", BIGINT), [1, None], [1, None]),
        (nested("array", scalar("decimal")), ["1.50", None], [Decimal("1.50"), None]),
        (nested("array", nested("array", scalar("date"))), [["2026-01-01"], None],
         [[date(2026, 1, 1)], None]),
        (nested("map", BIGINT, VARCHAR), {"1": "x", "2": None}, {1: "x", 2: None}),
        (nested("map", BOOLEAN, BOOLEAN), {"true": False, "false": None},
         {True: False, False: None}),
        (nested("map", DOUBLE, DOUBLE), {"1.0E20": "Infinity"}, {1e20: math.inf}),
        (nested("map", scalar("date"), nested("array", DOUBLE)), {"2026-01-01": [1.5, None]},
         {date(2026, 1, 1): [1.5, None]}),
        (row(("x", BIGINT), ("y", scalar("date"))), [1, "2026-01-01"],
         {"x": 1, "y": date(2026, 1, 1)}),
        (row(("x", BIGINT), ("x", BIGINT)), [1, 2], [1, 2]),
        (row((None, BIGINT), ("y", scalar("date"))), [None, None], [None, None]),
        (row(("r", row(("a", nested("array", scalar("varbinary")))))), [[["qw=="]]],
         {"r": {"a": [b"\xab"]}}),
    ],
)  # fmt: skip
def test_arrays_maps_and_rows(kind, sent, wanted) -> None:
    assert repr(read(kind, sent)) == repr(wanted)


@pytest.mark.parametrize(
    ("key", "sent", "wanted"),
    [
        (nested("array", BIGINT), "[1, 2]", [1, 2]),
        (nested("array", BIGINT), "[]", []),
        (nested("array", nested("array", BIGINT)), "[[1, 2], [], [3]]", [[1, 2], [], [3]]),
        (nested("array", BOOLEAN), "[true]", [True]),
        (nested("array", scalar("varbinary")), "[AP8=, AQ==]", [b"\x00\xff", b"\x01"]),
        (nested("array", VARCHAR), "[a]", ["a"]),
        (nested("array", scalar("timestamp with time zone")), "[2026-01-01 01:02:03 UTC]",
         [datetime(2026, 1, 1, 1, 2, 3, tzinfo=ZoneInfo("UTC"))]),
        (row(("x", BIGINT), ("y", VARCHAR)), "[1, a, b]", {"x": 1, "y": "a, b"}),
        (row((None, VARCHAR), (None, BIGINT)), "[a, 1], 2]", ["a, 1]", 2]),
        (nested("map", BIGINT, DOUBLE), "{1=2.5, 3=4.0}", {1: 2.5, 3: 4.0}),
        (nested("map", nested("array", BIGINT), BIGINT), "{[1]=2}", [[[1], 2]]),
        (nested("map", scalar("varbinary"), BIGINT), "{AP8==1}", {b"\x00\xff": 1}),
        (nested("map", BIGINT, BIGINT), "{}", {}),
        (nested("array", BIGINT), f"[{', '.join(['7'] * 5000)}]", [7] * 5000),
    ],
)  # fmt: skip
def test_a_map_whose_keys_no_dict_can_have_is_pairs(key, sent, wanted) -> None:
    kind = nested("map", key, scalar("date"))
    pairs = read(kind, {sent: "2026-01-01"})
    assert repr(pairs) == repr([[wanted, date(2026, 1, 1)]])


def test_such_a_map_may_arrive_as_pairs_too() -> None:
    kind = nested("map", row(("x", scalar("date"))), scalar("date"))
    pairs = read(kind, [[["2026-01-01"], "2026-01-02"], [["2026-01-03"], None]])
    assert pairs == [
        [{"x": date(2026, 1, 1)}, date(2026, 1, 2)],
        [{"x": date(2026, 1, 3)}, None],
    ]


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        (nested("array", VARCHAR), "[a, b]"),  # one text, or two
        (nested("array", VARCHAR), "[]"),  # no text, or an empty one
        (row(("x", VARCHAR), ("y", VARCHAR)), "[a, b, c]"),
        (nested("map", VARCHAR, VARCHAR), "{a=b=c}"),
        (nested("array", BIGINT), "1, 2"),  # no way
    ],
)
def test_a_key_that_can_be_read_in_several_ways_is_not_guessed(key, sent) -> None:
    with pytest.raises(QueryFailed, match="where its parts end") as caught:
        reader(nested("map", key, BIGINT)).rows([[{sent: 1}]])
    assert "map_entries" in caught.value.hint


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("timestamp", "+12026-02-28 01:02:03"),
        ("date", "-0005-01-01"),
        ("interval day to second", "9999999999 00:00:00.000"),
    ],
)
def test_what_python_cannot_hold(kind, sent) -> None:
    with pytest.raises((ValueError, OverflowError)):
        reader(scalar(kind)).rows([[sent]])


def test_rows_without_columns_or_without_rows() -> None:
    assert reader().rows([]) == []
    assert reader(scalar("date")).rows([]) == []


def test_a_pages_weight_is_that_of_its_values() -> None:
    pages = reader(
        BIGINT, VARCHAR, nested("array", scalar("uuid")), scalar("timestamp with time zone")
    )
    rows = pages.rows([[1, "abc", [ID], None], [2, None, None, None]])
    assert rows == [(1, "abc", [ID], None), (2, None, None, None)]
    assert pages.size_bytes(rows) == 2 * (8 + 8) + (3 + 1) + (36 + 1)


def test_size_of() -> None:
    assert size_of({"ab": [1, None], "c": b"xyz"}) == 2 + 8 + 1 + 1 + 3
    assert size_of(date(2026, 1, 1)) == 8
    assert size_of([Decimal(1), True]) == 17


def test_the_weight_is_the_data_and_python_holds_a_few_times_as_much() -> None:
    """``size_bytes`` bounds memory only as far as this factor holds."""
    pages = reader(BIGINT, DOUBLE, scalar("decimal"), scalar("date"), scalar("timestamp"), VARCHAR)
    rows = pages.rows(
        [[10**9 + i, i / 7, f"{i}.25", "2026-01-01", "2026-01-01 00:00:00", "words " * 6]
         for i in range(1_000)]
    )  # fmt: skip
    held = sum(sys.getsizeof(line) + sum(map(sys.getsizeof, line)) for line in rows)
    assert 2 < held / pages.size_bytes(rows) < 6


@pytest.mark.parametrize(
    ("room_rows", "room_bytes", "wanted"),
    [
        (9, 99, (3, 24, False)),
        (3, 24, (3, 24, False)),
        (2, 99, (2, 16, True)),
        (9, 23, (2, 16, True)),
        (0, 99, (0, 0, True)),
        (9, 7, (0, 0, True)),
    ],
)
def test_taken(room_rows, room_bytes, wanted) -> None:
    kept, size, cut = reader(BIGINT).taken([(1,), (2,), (3,)], room_rows, room_bytes)
    assert (len(kept), size, cut) == wanted


def test_taken_weighs_each_row_where_they_differ() -> None:
    rows: list[tuple[object, ...]] = [("a", [1]), ("b" * 50, [1, 2]), (None, [])]
    assert reader(VARCHAR, nested("array", BIGINT)).taken(rows, 9, 75) == (rows[:2], 75, True)
    assert reader(VARCHAR, nested("array", BIGINT)).taken(rows, 9, 76) == (rows, 76, False)
    assert reader(VARCHAR, nested("array", BIGINT)).taken(rows, 9, 74) == (rows[:1], 9, True)


def test_what_is_not_changed_is_not_copied() -> None:
    text = "x" * 100
    ((kept, _),) = reader(VARCHAR, scalar("timestamp")).rows([[text, "2026-01-01 00:00:00"]])
    assert kept is text


def test_a_zone_that_takes_utc() -> None:
    value = read(scalar("timestamp with time zone"), "2026-01-01 00:00:00.000 UTC")
    assert value == datetime(2026, 1, 1, tzinfo=UTC)

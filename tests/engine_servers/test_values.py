"""The client's values in ``QueryResult``'s terms, and what they weigh."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from dateutil.relativedelta import relativedelta
from trino.types import NamedRowTuple

from nlq.engine.trino_client_values import PageReader, plain, size_of, taken

ID = "12151fd2-7586-11e9-8f9e-2a86e4085a59"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (UUID(ID), ID),
        (relativedelta(years=1, months=2), "1-2"),
        (relativedelta(months=-14), "-1-2"),
        (relativedelta(), "0-0"),
        (NamedRowTuple([1, UUID(ID)], ["x", "y"], ["bigint", "uuid"]), {"x": 1, "y": ID}),
        (NamedRowTuple([1, 2], ["x", "x"], ["bigint", "bigint"]), [1, 2]),
        (NamedRowTuple([1, 2], [None, None], ["bigint", "bigint"]), [1, 2]),
        ([[UUID(ID)], None], [[ID], None]),
        ({UUID(ID): [relativedelta(months=1)]}, {ID: ["0-1"]}),
        (Decimal("1.50"), Decimal("1.50")),
        (None, None),
    ],
)
def test_plain(value, wanted) -> None:
    assert plain(value) == wanted
    assert type(plain(value)) is type(wanted)


def test_a_pages_weight_is_that_of_its_values() -> None:
    reader = PageReader(["bigint", "varchar(9)", "array(uuid)", "timestamp(3) with time zone"])
    rows = reader.rows([[1, "abc", [UUID(ID)], None], [2, None, None, None]])
    assert rows == [(1, "abc", [ID], None), (2, None, None, None)]
    assert reader.size_bytes(rows) == 2 * (8 + 8) + (3 + 1) + (36 + 1)


def test_capitals_and_spaces_in_types_do_not_matter() -> None:
    reader = PageReader(["interval year to month", "row(x uuid)"])
    page = [[relativedelta(months=1), NamedRowTuple([UUID(ID)], ["x"], ["uuid"])]]
    assert reader.rows(page) == [("0-1", {"x": ID})]


def test_size_of() -> None:
    assert size_of({"ab": [1, None], "c": b"xyz"}) == 2 + 8 + 1 + 1 + 3
    assert size_of(date(2026, 1, 1)) == 8


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
    rows: list[tuple[object, ...]] = [(1,), (2,), (3,)]
    kept, size, cut = taken(rows, lambda some: 8 * len(some), room_rows, room_bytes)
    assert (len(kept), size, cut) == wanted

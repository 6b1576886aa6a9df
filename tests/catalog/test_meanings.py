"""Meanings of values that the comment of their column tells."""

from __future__ import annotations

import pytest

from nlq.catalog.catalog import Catalog
from nlq.catalog.meanings import meanings, with_meanings
from nlq.types import ColumnDoc, TableDoc, ValueDoc


@pytest.mark.parametrize(
    ("description", "told"),
    [
        ("A = active, M = in maintenance, R = retired",
         {"A": "active", "M": "in maintenance", "R": "retired"}),
        ("state: 'A' means active and 'R' means retired", {"A": "active", "R": "retired"}),
        ("A: active; R: retired", {"A": "active", "R": "retired"}),
        ("full, assoc or R (retired)", {"R": "retired"}),
        ("possible values: A, R", {}),
        ("A active, M in maintenance or R retired",
         {"A": "active", "M": "in maintenance", "R": "retired"}),
        ("state: A - active; R - retired; X - gone", {"A": "active", "R": "retired"}),
        ("in use (A) or out of use (R)", {"A": "in use", "R": "out of use"}),
        ("A team that is in use", {}),
        ("with M in it, R", {}),
        ("A = 1 where the account of whoever asked is still open", {}),
        ("X = active", {}),
    ],
)  # fmt: skip
def test_what_a_comment_says(description: str, told: dict[str, str]) -> None:
    assert meanings(description, {"A", "M", "R"}) == told


def test_docs_of_values_are_left_as_people_wrote_them() -> None:
    written = ColumnDoc("state", "varchar", "A = active", values=(ValueDoc("A", "alive"),))
    seen = ColumnDoc("kind", "varchar", "A = active", values=(ValueDoc("A"), ValueDoc("B")))
    table = TableDoc("lake.shop.users", (written, seen))
    explained = with_meanings(Catalog({table.name: table})).tables[table.name]
    assert explained.columns[0] == written
    assert explained.columns[1].values == (ValueDoc("A", "active"), ValueDoc("B"))

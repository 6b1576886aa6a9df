"""Joins that names and values bear out, and those that only seem to be there."""

from __future__ import annotations

from dataclasses import replace

from nlq.catalog.catalog import Catalog
from nlq.catalog.joins import infer_joins
from nlq.catalog.profile import Profile, load_profile, save_profile, with_joins
from nlq.types import ColumnDoc, JoinEdge, TableDoc

ROWS = {
    "cars": {"id": [1, 2, 3], "make": ["a", "b", "b"]},
    "sales": {"id": [1, 2, 3, 4], "car_id": [1, 1, 3, None], "custno": [7, 8, 8, 7]},
    "payments": {"sale_id": [1, 2, 9], "id": [1, 2, 3]},
    "sbcustomer": {"sbcustid": ["C1", "C2"], "status": ["a", "b"]},
    "sbtransaction": {"sbtxcustid": ["C1", "C1", "C2"], "status": ["a", "b", "b"]},
}


class Rows:
    """Answers from ``ROWS``."""

    def is_key(self, table: str, column: str) -> bool:
        values = self._values(table, column)
        return len(set(values)) == len(values) and None not in values

    def within(self, table: str, column: str, key_table: str, key: str) -> bool:
        values = {value for value in self._values(table, column) if value is not None}
        return bool(values) and values <= set(self._values(key_table, key))

    def _values(self, table: str, column: str) -> list[object]:
        return list(ROWS[table.split(".")[2]][column])


def catalog() -> Catalog:
    tables = {}
    for name, columns in ROWS.items():
        kinds = {c: "varchar" if isinstance(v[0], str) else "bigint" for c, v in columns.items()}
        docs = tuple(ColumnDoc(column, kind) for column, kind in kinds.items())
        tables[f"lake.shop.{name}"] = TableDoc(f"lake.shop.{name}", docs)
    return Catalog(tables)


def ends(edges: tuple[JoinEdge, ...]) -> set[tuple[str, str, str, str]]:
    return {
        (e.left.split(".")[2], e.left_columns[0], e.right.split(".")[2], e.right_columns[0])
        for e in edges
    }


def test_names_and_values_must_both_agree() -> None:
    found = infer_joins(catalog(), Rows())
    assert ends(found) == {
        ("sales", "car_id", "cars", "id"),
        ("sbtransaction", "sbtxcustid", "sbcustomer", "sbcustid"),
    }  # not payments.sale_id: 9 is no sale; not status: it is anything's name
    assert {edge.cardinality for edge in found} == {"many_to_one"}


def test_what_is_documented_is_not_guessed_over() -> None:
    known = catalog()
    sales, cars = known.tables["lake.shop.sales"], known.tables["lake.shop.cars"]
    edge = JoinEdge(sales.name, ("custno",), cars.name, ("id",))
    documented = replace(known, tables={**known.tables, sales.name: replace(sales, joins=(edge,))})
    assert ends(infer_joins(documented, Rows())) == {
        ("sbtransaction", "sbtxcustid", "sbcustomer", "sbcustid")
    }


def test_a_profile_comes_back_as_it_was_kept(tmp_path) -> None:
    profile = Profile({"lake.shop.cars.make": ("a", "b")}, infer_joins(catalog(), Rows()))
    save_profile(profile, tmp_path / "home" / "profile.json")
    kept = load_profile(tmp_path / "home" / "profile.json")
    assert kept == profile
    assert ends(with_joins(catalog(), kept.joins).joins) == ends(profile.joins)
    assert load_profile(tmp_path / "none.json") == Profile()

from __future__ import annotations

import pytest

from nlq.catalog.catalog import Catalog
from nlq.retrieval.joins import lookups, many_to_many, path_between
from nlq.types import Cardinality, Certification, ColumnDoc, JoinEdge, TableDoc


def edge(left: str, right: str, cardinality: Cardinality = "many_to_one") -> JoinEdge:
    return JoinEdge(left, ("k",), right, ("k",), cardinality)


def lake(*edges: JoinEdge, trust: dict[str, Certification] | None = None) -> Catalog:
    names = {name for e in edges for name in (e.left, e.right)}
    return Catalog(
        {
            name: TableDoc(
                name,
                (ColumnDoc("k", "bigint"),),
                certification=(trust or {}).get(name, "certified"),
                joins=tuple(e for e in edges if e.left == name),
            )
            for name in names
        }
    )


LINES = edge("lines", "orders")
ORDERS = edge("orders", "customers")
COUNTRY = edge("customers", "countries")
SHOP = lake(LINES, ORDERS, COUNTRY, edge("tickets", "customers"))


def test_a_path_leads_outward_from_its_start() -> None:
    assert path_between(SHOP, "lines", "countries") == (LINES, ORDERS, COUNTRY)


def test_a_join_is_turned_where_it_is_walked_backwards() -> None:
    assert path_between(SHOP, "customers", "orders") == (ORDERS.reversed(),)
    assert ORDERS.reversed().cardinality == "one_to_many"


def test_nowhere_to_go() -> None:
    apart = lake(LINES, edge("islands", "seas"))
    assert path_between(apart, "lines", "seas") is None
    assert path_between(apart, "lines", "nosuch") is None
    assert path_between(SHOP, "lines", "lines") == ()


def test_a_long_way_that_repeats_no_row_beats_a_short_one_that_does() -> None:
    way = [edge("a", "b"), edge("b", "c"), edge("c", "d"), edge("d", "e"), edge("e", "z")]
    catalog = lake(*way, edge("a", "z", "one_to_many"))
    assert path_between(catalog, "a", "z") == tuple(way)


@pytest.mark.parametrize("worse", ["staging", "deprecated", "none"])
def test_the_way_leads_through_certified_tables(worse: Certification) -> None:
    old, new = edge("a", "old"), edge("a", "new")
    catalog = lake(old, edge("old", "z"), new, edge("new", "z"), trust={"old": worse})
    assert path_between(catalog, "a", "z") == (new, edge("new", "z"))


def test_a_join_to_a_table_that_is_not_there_is_not_walked() -> None:
    hidden = Catalog({name: t for name, t in SHOP.tables.items() if name != "orders"})
    assert path_between(hidden, "lines", "customers") is None


def test_tables_that_a_third_one_pairs_are_joined_over_it() -> None:
    writes, of = edge("authorship", "authors"), edge("authorship", "papers")
    papers = lake(writes, of, edge("papers", "journals"), edge("islands", "seas"))
    assert many_to_many(papers, ["authors"], "papers") == (writes.reversed(), of)
    assert many_to_many(papers, ["seas"], "papers") is None
    assert many_to_many(papers, ["seas", "authors"], "papers") == (writes.reversed(), of)


def test_facts_that_merely_share_something_are_not_paired() -> None:
    assert path_between(SHOP, "lines", "tickets") is not None
    assert many_to_many(SHOP, ["lines"], "tickets") is None
    assert many_to_many(SHOP, ["customers"], "tickets") is not None


def test_lookups_never_repeat_rows_of_the_fact() -> None:
    assert lookups(SHOP, "orders", ["countries", "lines", "tickets"]) == (ORDERS, COUNTRY)

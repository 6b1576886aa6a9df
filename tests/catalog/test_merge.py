from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nlq.catalog.catalog import Catalog
from nlq.catalog.merge import merge
from nlq.errors import CatalogError
from nlq.types import (
    AmbiguousTerm,
    ColumnDoc,
    Freshness,
    JoinEdge,
    MetricDoc,
    TableDoc,
    ValueDoc,
    VerifiedQuery,
)

NAME = "lake.shop.orders"


class Given:
    """A source that knows what it is given."""

    name = "given"

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def load(self) -> Catalog:
        return self._catalog


class Broken:
    name = "broken"

    def load(self) -> Catalog:
        raise CatalogError("broken.yaml is not readable.")


def merged(*catalogs: Catalog) -> Catalog:
    return merge([Given(catalog) for catalog in catalogs])


def table(*columns: ColumnDoc, **fields: object) -> Catalog:
    return Catalog({NAME: TableDoc(NAME, columns, **fields)})  # type: ignore[arg-type]


ENGINE = table(
    ColumnDoc("id", "bigint"),
    ColumnDoc("st", "varchar(2)", tags=("pii",)),
    description="from the engine",
    partitioned_by=("ds",),
    row_count=10,
)
DOCS = table(
    ColumnDoc("st", "varchar", "State.", tags=("code",), values=(ValueDoc("A", "Active"),)),
    description="Orders.",
    certification="certified",
)


def test_the_later_source_wins_field_by_field() -> None:
    got = merged(ENGINE, DOCS).tables[NAME]
    assert got.description == "Orders."
    assert got.certification == "certified"
    assert got.partitioned_by == ("ds",)
    assert got.row_count == 10


def test_an_empty_field_says_nothing() -> None:
    assert merged(DOCS, ENGINE).tables[NAME].certification == "certified"


def test_columns_keep_the_order_and_the_types_of_the_engine() -> None:
    got = merged(ENGINE, DOCS).tables[NAME]
    assert [(c.name, c.type) for c in got.columns] == [("id", "bigint"), ("st", "varchar(2)")]
    assert got.columns[1].description == "State."
    assert got.columns[1].values == (ValueDoc("A", "Active"),)


def test_tags_add_up_so_that_personal_data_stays_personal() -> None:
    assert merged(ENGINE, DOCS).tables[NAME].columns[1].tags == ("pii", "code")
    assert merged(DOCS, ENGINE).tables[NAME].columns[0].tags == ("code", "pii")


def test_one_source_may_know_the_promise_and_another_what_landed() -> None:
    landed = Freshness(updated_at=datetime(2026, 7, 15, 8, tzinfo=UTC))
    promised = Freshness(sla_hours=3)
    both = Freshness(landed.updated_at, 3)
    assert merged(table(freshness=landed), table(freshness=promised)).tables[NAME].freshness == both
    assert merged(table(freshness=both), table()).tables[NAME].freshness == both


def test_a_column_that_only_the_docs_know_is_added() -> None:
    extra = table(ColumnDoc("note", "varchar"))
    assert [c.name for c in merged(ENGINE, extra).tables[NAME].columns] == ["id", "st", "note"]


def test_joins_of_both_are_kept_once() -> None:
    edge = JoinEdge(NAME, ("id",), "lake.shop.other", ("id",))
    surer = JoinEdge(NAME, ("id",), "lake.shop.other", ("id",), "one_to_one")
    got = merged(table(joins=(edge,)), table(joins=(surer,))).tables[NAME]
    assert got.joins == (surer,)


def test_metrics_are_replaced_whole() -> None:
    old = MetricDoc("m", "M", "old", filters=("a = 1",))
    new = MetricDoc("m", "M", "new")
    got = merged(Catalog(metrics={"m": old}), Catalog(metrics={"m": new}))
    assert got.metrics["m"] == new


def test_verified_queries_and_terms_are_kept_once_by_their_words() -> None:
    first = Catalog(
        verified=(VerifiedQuery("q", "SELECT 1"), VerifiedQuery("r", "SELECT 3")),
        ambiguous=(AmbiguousTerm(("sales",), "Which?", ("a", "b")),),
    )
    second = Catalog(
        verified=(VerifiedQuery("q", "SELECT 2"),),
        ambiguous=(AmbiguousTerm(("sales",), "Which one?", ("a", "b")),),
    )
    got = merged(first, second)
    assert [(q.question, q.sql) for q in got.verified] == [("q", "SELECT 2"), ("r", "SELECT 3")]
    assert [term.question for term in got.ambiguous] == ["Which one?"]


def test_no_sources_are_an_empty_catalog() -> None:
    assert merge([]) == Catalog()


def test_a_broken_source_is_not_passed_over() -> None:
    with pytest.raises(CatalogError, match=r"broken\.yaml"):
        merge([Given(ENGINE), Broken()])

from __future__ import annotations

from dataclasses import replace

import pytest

from nlq.catalog.catalog import Catalog
from nlq.retrieval.documents import Document, documents, families, mask
from nlq.types import ColumnDoc, Freshness, TableDoc, ValueDoc

EVENTS = TableDoc("lake.web.events_20240101", (ColumnDoc("user_id", "bigint", "Who."),))
TABLES = {
    name: replace(EVENTS, name=name)
    for name in ("lake.web.events_20240101", "lake.web.events_20240102", "lake.web.pages")
}


def test_shards_are_one_family_and_the_latest_stands_for_it() -> None:
    assert families(Catalog(TABLES)) == {
        "lake.web.pages": ("lake.web.pages",),
        "lake.web.events": ("lake.web.events_20240102", "lake.web.events_20240101"),
    }
    assert [doc.name for doc in documents(Catalog(TABLES))] == ["lake.web.pages", "lake.web.events"]


def test_a_key_changes_with_the_words_and_not_with_the_data() -> None:
    def key(table: TableDoc) -> str:
        return documents(Catalog({table.name: table}))[0].key

    assert key(EVENTS) == key(replace(EVENTS, freshness=Freshness(sla_hours=1), row_count=5))
    assert key(EVENTS) != key(replace(EVENTS, description="Clicks."))
    assert key(EVENTS) != key(replace(EVENTS, columns=(ColumnDoc("user_id", "bigint", "What."),)))


@pytest.mark.parametrize(
    ("question", "masked"),
    [
        ("Revenue in Germany in May 2025", "Revenue in [value] in [date]"),
        ("Top 10 customers in 2025", "Top [number] customers in [date]"),
        ("orders since 2025-01-31 over $1,000", "orders since [date] over $[number]"),
        ("calls to 'Acme Ltd' in Q3 2025", "calls to [value] in [date]"),
        ("What may I see?", "What may I see?"),
    ],
)
def test_masks_particulars(question: str, masked: str) -> None:
    assert mask(question, ("Germany",)) == masked


def test_tables_of_one_schema_with_the_same_columns_share_a_text() -> None:
    elsewhere = replace(EVENTS, name="lake.app.events")
    told = replace(EVENTS, name="lake.web.told", description="Told apart.")
    tables = {**TABLES, elsewhere.name: elsewhere, told.name: told}
    keys = {doc.name: doc.key for doc in documents(Catalog(tables))}
    assert keys["lake.web.pages"] == keys["lake.web.events"]
    assert len(set(keys.values())) == 3


def test_values_are_searched_but_for_personal_data_and_leave_the_key_alone() -> None:
    def doc(*tags: str) -> Document:
        column = ColumnDoc("city", "varchar", tags=tags, values=(ValueDoc("DE", "Germany"),))
        return documents(Catalog({"a.b.c": TableDoc("a.b.c", (column,))}))[0]

    assert doc().values == "DE Germany"
    assert doc("pii").values == ""
    plain = documents(Catalog({"a.b.c": TableDoc("a.b.c", (ColumnDoc("city", "varchar"),))}))[0]
    assert doc().key == plain.key

from __future__ import annotations

from dataclasses import replace

import pytest

from nlq.catalog.catalog import Catalog
from nlq.retrieval.documents import documents, families, mask
from nlq.types import ColumnDoc, Freshness, TableDoc

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

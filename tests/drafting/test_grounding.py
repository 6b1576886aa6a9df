"""What counts as said by the tables of a draft: short names, codes, and words that tell nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nlq.catalog.catalog import Catalog
from nlq.drafting.grounding import ungrounded
from nlq.types import Clock, ColumnDoc, Context, Principal, Question, TableDoc, ValueDoc

Missing = Callable[[str], tuple[str, ...]]

CRATES = TableDoc(
    "lake.dock.crt",
    (
        ColumnDoc("crt_id", "integer"),
        ColumnDoc("cust", "varchar"),
        ColumnDoc("wgt_kg", "double"),
        ColumnDoc("pts", "integer"),
        ColumnDoc("st", "varchar", values=(ValueDoc("CXL"), ValueDoc("SHP"))),
    ),
)


@pytest.fixture
def missing(clock: Clock) -> Missing:
    """The words of a text that tables which a query of crates reads do not say."""

    def of(text: str) -> tuple[str, ...]:
        context = Context(Question("q", text, Principal("ann"), clock), text)
        return ungrounded(context, Catalog({CRATES.name: CRATES}), "SELECT count(*) FROM crt")

    return of


@pytest.mark.parametrize(
    "text",
    [
        "Which customers sent at least seven crates, whatever they\u2019d cost? Give the id.",
        "The nineteen cheapest crates, in terms of money",
        "How many kilograms and points do our heaviest crates have?",
        "Crates that were cancelled or shipped",
    ],
)
def test_short_names_codes_and_empty_words_ground_a_draft(missing: Missing, text: str) -> None:
    assert missing(text) == ()


def test_things_that_the_tables_lack_do_not(missing: Missing) -> None:
    assert missing("How many parking spaces are there for tugboats?") == (
        "parking",
        "spaces",
        "tugboats",
    )

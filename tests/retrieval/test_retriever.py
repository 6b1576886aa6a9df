from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nlq.catalog.catalog import Catalog
from nlq.retrieval.index import build_index
from nlq.retrieval.retriever import Retriever
from nlq.types import Clock, Context, Principal, Question, TableDoc, Turn

if TYPE_CHECKING:
    from conftest import HashedWords, WordCounter

BUDGET = 700


@pytest.fixture(scope="module")
def public(sample: Catalog) -> Catalog:
    """What somebody sees who may neither see the people team's tables nor personal data."""

    def cut(table: TableDoc) -> TableDoc:
        return replace(table, columns=tuple(c for c in table.columns if "pii" not in c.tags))

    tables = {n: cut(t) for n, t in sample.tables.items() if not n.startswith("lake.hr.")}
    return replace(sample, tables=tables)


def asked(text: str, clock: Clock, *turns: Turn) -> Question:
    return Question("q", text, Principal("ann"), clock, turns)


def names(context: Context) -> list[str]:
    return [hit.table.name for hit in context.tables]


def test_a_governed_question_has_all_that_its_draft_needs(
    retriever: Retriever, sample: Catalog, clock: Clock
) -> None:
    text = (
        "What was my revenue year over year, from quarter one of last year to quarter two of "
        "this year, by segment in Germany?"
    )
    context = retriever.retrieve(asked(text, clock), sample)
    assert context.metrics[0].metric.name == "revenue"
    assert context.metrics[0].phrase == "revenue"
    assert context.dimensions[0].dimension.name == "segment"
    assert names(context)[0] == "lake.finance.revenue_lines"
    assert ("lake.product.accounts", "ctry_cd", "DE") in {
        (v.table, v.column, v.value) for v in context.values
    }
    assert (context.time.grain, context.time.comparison) == ("quarter", "previous_year")
    assert context.unmatched == ()
    assert not context.restricted
    assert 0 < context.tokens <= BUDGET
    assert "CREATE TABLE revenue_lines (" in context.text


def test_joins_start_at_the_best_table_and_repeat_no_row(
    retriever: Retriever, sample: Catalog, clock: Clock
) -> None:
    context = retriever.retrieve(asked("revenue by segment and region", clock), sample)
    assert context.joins
    assert context.joins[0].left == names(context)[0]
    assert {edge.cardinality for edge in context.joins} <= {"many_to_one", "one_to_one"}


def test_certified_tables_come_before_their_copies_unless_those_are_named(
    retriever: Retriever, sample: Catalog, clock: Clock
) -> None:
    shunned = [t for t in sample.tables.values() if t.certification in ("staging", "deprecated")]
    assert shunned, "the sample has such copies"
    for text in ("revenue by product", "messages by carrier", "customer accounts by plan"):
        best = retriever.retrieve(asked(text, clock), sample).tables[0].table
        assert best.certification == "certified", text
    for table in shunned:
        text = f"How many rows has {table.name.rsplit('.', 1)[-1]}?"
        assert names(retriever.retrieve(asked(text, clock), sample))[0] == table.name


def test_nothing_comes_from_what_is_not_visible(
    retriever: Retriever, public: Catalog, clock: Clock
) -> None:
    for text in (
        "What is the average salary by department?",
        "List the e-mail addresses of all users",
        "How many employees are there?",
    ):
        context = retriever.retrieve(asked(text, clock), public)
        for hit in context.tables:
            assert hit.table is public.tables[hit.table.name]
            assert set(hit.columns) <= {c.name for c in hit.table.columns}
        for link in context.values:
            assert public.tables[link.table].column(link.column) is not None
        assert "lake.hr." not in context.text
        assert "salary_usd" not in context.text


@pytest.mark.parametrize(
    ("text", "restricted"),
    [
        ("What is the average salary by department?", True),
        ("How many employees do we have?", True),
        ("Show me the full name of every user", True),
        ("What are the e-mail addresses of the sales reps?", True),
        ("From which IP did each console user last log in?", True),
        ("Give me the phone numbers that Halden Retail Group rents from us", True),
        ("How many phone numbers does Halden Retail Group rent?", False),
        ("Show phone number rentals by month", False),
        ("What was revenue by region last month?", False),
        ("How many messages were sent last week?", False),
        ("What did customers pay per voice minute last month?", False),
        ("What is the weather in Paris?", False),
    ],
)
def test_says_when_something_better_is_hidden(
    text: str, restricted: bool, retriever: Retriever, public: Catalog, clock: Clock
) -> None:
    assert retriever.retrieve(asked(text, clock), public).restricted is restricted


def test_a_hidden_metric_that_is_named_is_noticed(
    retriever: Retriever, sample: Catalog, clock: Clock
) -> None:
    less = {name: m for name, m in sample.metrics.items() if name != "gross_margin"}
    visible = replace(sample, metrics=less)
    assert retriever.retrieve(asked("gross margin by month", clock), visible).restricted
    assert not retriever.retrieve(asked("gross profit by month", clock), visible).restricted


def test_who_sees_everything_is_never_restricted(
    retriever: Retriever, sample: Catalog, clock: Clock
) -> None:
    context = retriever.retrieve(asked("What is the average salary?", clock), sample)
    assert not context.restricted
    assert names(context)[0].startswith("lake.hr.")


def test_a_follow_up_is_retrieved_as_a_whole_question(
    retriever: Retriever, sample: Catalog, clock: Clock
) -> None:
    before = "What was revenue last quarter?"
    last = Turn(before, before)
    context = retriever.retrieve(asked("and by region?", clock, last), sample)
    assert context.standalone == "What was revenue last quarter by region?"
    assert context.continues is last
    assert context.metrics[0].metric.name == "revenue"
    assert [r.label for r in context.time.ranges] == ["Q2 2026"]


def test_a_verified_query_is_found_by_its_shape(
    retriever: Retriever, sample: Catalog, clock: Clock
) -> None:
    text = "What was the delivery rate of each German carrier in May 2026?"
    best = retriever.retrieve(asked(text, clock), sample).verified[0]
    assert best.query.question.startswith("What was the delivery rate of each Brazilian carrier")


def test_an_ambiguous_word_and_an_unanswerable_one_are_reported(
    retriever: Retriever, sample: Catalog, clock: Clock
) -> None:
    assert retriever.retrieve(asked("sales by region", clock), sample).ambiguous
    context = retriever.retrieve(asked("What is the weather in Paris?", clock), sample)
    assert context.unmatched == ("weather", "paris")
    assert not [hit for hit in context.metrics if hit.phrase]


def test_everything_but_the_embedding_is_quick(
    retriever: Retriever, sample: Catalog, clock: Clock
) -> None:
    question = asked("How many messages were delivered in Germany last month by carrier?", clock)
    retriever.retrieve(question, sample)
    spent = []
    for _ in range(5):
        started = time.process_time()
        retriever.retrieve(question, sample)
        spent.append(time.process_time() - started)
    assert min(spent) < 0.1


def test_the_same_question_has_the_same_context(
    retriever: Retriever, sample: Catalog, clock: Clock
) -> None:
    question = asked("revenue by region last month", clock)
    assert retriever.retrieve(question, sample) == retriever.retrieve(question, sample)


def test_an_empty_catalog_gives_an_empty_context(
    tmp_path: Path, embeddings: HashedWords, counter: WordCounter, clock: Clock
) -> None:
    index = build_index(Catalog(), embeddings, tmp_path)
    retriever = Retriever(Catalog(), index, token_counter=counter, budget_tokens=BUDGET)
    context = retriever.retrieve(asked("revenue last month", clock), Catalog())
    assert (context.tables, context.text, context.tokens) == (
        (),
        "-- \"last month\" is >= DATE '2026-06-01' and < DATE '2026-07-01'",
        11,
    )

"""A table's page: docs, lineage as far as it is known, and who uses it, within rights."""

from __future__ import annotations

import pytest

from nlq.types import Answer, Principal, Question

REVENUE, USAGE = "lake.finance.revenue_lines", "lake.curated.daily_usage"
ACCOUNTS = "lake.product.accounts"


@pytest.fixture(scope="module", autouse=True)
def asked(assistant):
    """Three answers and one error over a table that no other test of this folder asks of."""
    clock = assistant.clock()
    for number, (name, kind) in enumerate(
        [("bob", "answer"), ("bob", "answer"), ("eve", "answer"), ("max", "error")]
    ):
        question = Question(f"use{number}", "How many campaigns?", Principal(name), clock)
        assistant.audit.begin(question, interface="test")
        tables = ["lake.marketing.campaigns", ACCOUNTS]
        assistant.audit.note(question.id, tables_read=tables)
        assistant.audit.finish(question.id, Answer(question.id, question.text, kind, "Done."))


def edges(page, basis):
    return {(e.upstream, e.downstream, e.directed) for e in page.lineage if e.basis == basis}


def test_the_docs_words_give_lineage_a_direction(desk, ana):
    up, down = desk.table(REVENUE, ana), desk.table(USAGE, ana)
    assert (USAGE, REVENUE, True) in edges(up, "docs")
    assert (USAGE, REVENUE, True) in edges(down, "docs")
    (said,) = [e.words for e in up.lineage if e.directed and e.upstream == USAGE]
    assert said == "Usage lines are the month's sum of curated.daily_usage."
    assert "no lineage from a scheduler" in up.lineage_note


def test_joins_and_queries_tell_what_belongs_together(desk, ana):
    page = desk.table(REVENUE, ana)
    assert (REVENUE, ACCOUNTS, False) in edges(page, "joins")
    assert any(ACCOUNTS in edge for edge in edges(page, "verified queries"))
    assert all(edge.left == REVENUE for edge in page.joins)


def test_lineage_names_no_table_that_is_hidden(desk, emea):
    page = desk.table("lake.crm.opportunities", emea)
    named = {name for e in page.lineage for name in (e.upstream, e.downstream)}
    assert named <= {hit.table.name for hit in desk.search("", emea)}
    assert page.row_filters == ("region = 'EMEA'",)


def test_everyone_sees_how_many_and_only_those_who_may_see_who(desk, ana, platform):
    seen, named = (
        desk.table("marketing.campaigns", ana).use,
        desk.table("marketing.campaigns", platform).use,
    )
    assert (seen.people, seen.questions, seen.names, seen.names_shown) == (2, 3, (), False)
    assert (named.people, named.names, named.names_shown) == (2, (("bob", 2), ("eve", 1)), True)
    together = [
        e for e in desk.table("marketing.campaigns", ana).lineage if e.basis == "asked questions"
    ]
    assert [(e.downstream, e.words) for e in together] == [
        (ACCOUNTS, "Read together for 3 answers.")
    ]


def test_hidden_columns_are_counted_and_not_named(desk, ana, platform):
    page = desk.table("lake.events.console_logins", ana)
    assert page.hidden_columns == 1
    assert page.doc.column("ip_addr") is None
    assert desk.table("lake.events.console_logins", platform).hidden_columns == 0


def test_the_state_says_owner_and_freshness(desk, ana):
    state = desk.table(REVENUE, ana).state
    assert state.owner_business.startswith("Revenue Operations")
    assert state.late_by_hours == 0.0


def test_every_visible_table_has_a_page_and_a_sample(desk, ana, emea):
    for principal in (ana, emea):
        for hit in desk.search("", principal):
            assert desk.table(hit.table.name, principal).doc == hit.table
            sample = desk.sample(hit.table.name, principal, rows=3)
            assert [c.name for c in sample.columns] == [c.name for c in hit.table.columns]
            assert 0 < len(sample.rows) <= 3, hit.table.name


def test_a_sample_shows_only_the_rows_of_the_policy(desk, emea):
    sample = desk.sample("lake.crm.reps", emea, rows=50)
    place = [c.name for c in sample.columns].index("region")
    assert {row[place] for row in sample.rows} == {"EMEA"}

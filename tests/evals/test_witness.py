"""What a run sees beside the answer: tables and columns read and shown, and rules of the guard."""

from __future__ import annotations

import json

import pytest
from nlq_evals.outcome import Outcome
from nlq_evals.scorers import guarding, money
from nlq_evals.scorers.reads import reads
from nlq_evals.scorers.recall import recall
from nlq_evals.suite import SuiteError
from nlq_evals.witness import Heard, Overheard, seen, shown_by

from nlq.types import Answer, ColumnDoc, Context, TableDoc, TableHit

ORDERS = TableDoc("lake.shop.orders", tuple(ColumnDoc(n, "bigint") for n in ("id", "who", "total")))
PEOPLE = TableDoc("lake.shop.people", tuple(ColumnDoc(n, "bigint") for n in ("id", "name")))
TABLES = {table.name: table for table in (ORDERS, PEOPLE)}


class Sink:
    """An audit log that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, object]] = []

    def note(self, id: str, **notes: object) -> None:
        self.told.append((id, notes))


@pytest.mark.parametrize(
    ("sql", "dialect", "found"),
    [
        (
            "SELECT o.total FROM lake.shop.orders o",
            "presto",
            {"lake.shop.orders", "lake.shop.orders:total"},
        ),
        ("SELECT SUM(Total) FROM Orders", "sqlite", {"lake.shop.orders", "lake.shop.orders:total"}),
        (
            "SELECT T2.name FROM orders AS T1 JOIN people AS T2 ON T1.who = T2.id",
            "sqlite",
            {
                "lake.shop.orders",
                "lake.shop.orders:who",
                "lake.shop.people",
                "lake.shop.people:id",
                "lake.shop.people:name",
            },
        ),
        (
            "WITH big AS (SELECT who FROM shop.orders WHERE total > 5) SELECT who FROM big",
            "postgres",
            {"lake.shop.orders", "lake.shop.orders:who", "lake.shop.orders:total"},
        ),
        ("SELECT * FROM nosuch", "presto", set()),
        ("SELECT FROM WHERE", "presto", set()),
    ],
)
def test_reads_are_named_by_the_catalog(sql, dialect, found):
    assert reads(sql, dialect, TABLES) == found


def test_a_name_that_several_tables_have_is_none_of_them():
    both = TABLES | {"lake.old.orders": ORDERS}
    assert reads("SELECT total FROM orders", "sqlite", both) == frozenset()


def test_the_log_is_listened_to_and_told_all():
    sink = Sink()
    heard = Overheard(sink)
    heard.note("a", standalone="How many orders?")
    heard.note("a", decision={"sql": "x", "refused": "no", "rule": "unknown_column"})
    heard.note("b", decision={"sql": "x", "refused": "no", "rule": "engine"})
    heard.note("a", decision={"sql": "y", "refused": "no", "rule": "engine"})
    assert heard.heard("a") == Heard(("unknown_column", "engine"), "How many orders?")
    assert heard.heard("a") == Heard()
    assert len(sink.told) == 4


def test_only_tables_whose_name_stands_in_the_context_are_shown():
    hits = (TableHit(ORDERS, 1.0, ("who", "total")), TableHit(PEOPLE, 0.9, ("name",)))
    context = Context(None, "?", tables=hits, text="shop.orders(who bigint, total bigint)")
    assert shown_by(context) == {
        "lake.shop.orders",
        "lake.shop.orders:who",
        "lake.shop.orders:total",
    }


def test_the_reference_nearest_to_the_draft_counts():
    answer = Answer("a", "?", "answer", "", sql="SELECT sum(total) FROM lake.shop.orders")
    references = ["SELECT name FROM people", "SELECT sum(total) FROM orders WHERE who = 1"]
    found = seen(answer, references, "sqlite", TABLES, frozenset({"lake.shop.orders"}), ())
    assert found.needed == ("lake.shop.orders", "lake.shop.orders:total", "lake.shop.orders:who")
    assert found.read == ("lake.shop.orders", "lake.shop.orders:total")
    assert found.shown == ("lake.shop.orders",)
    refused = seen(Answer("a", "?", "refusal", ""), references, "sqlite", TABLES, None, ("x",))
    assert (refused.read, refused.shown, refused.rules) == (None, None, ("x",))


def _outcome(**more):
    return Outcome(
        **{
            "id": "a",
            "fingerprint": "f",
            "category": "metric",
            "expect": "answer",
            "question": "?",
            "kind": "answer",
            "right": True,
            "reason": "",
        }
        | more
    )


def test_recall_is_over_the_cases_where_it_is_known():
    outcomes = [
        _outcome(needed=("t", "t:a", "t:b"), shown=("t", "t:a"), read=("t", "t:a", "t:b")),
        _outcome(needed=("t", "t:a"), shown=("t", "t:a"), read=None),
        _outcome(),
    ]
    tables, columns = (recall(outcomes, what, "shown") for what in ("tables", "columns"))
    assert (tables.mean, tables.whole.right, tables.whole.total) == (1.0, 2, 2)
    assert (columns.mean, columns.whole.right, columns.whole.total) == (0.75, 1, 2)
    assert recall(outcomes, "columns", "read").whole.total == 1
    assert recall([_outcome()], "tables", "read") is None


def test_rules_that_turned_drafts_down_are_counted_by_question():
    outcomes = [
        _outcome(rules=("unknown_column", "unknown_column")),
        _outcome(rules=("unknown_column", "engine"), right=False),
        _outcome(rules=("engine",), kind="error", right=False),
        _outcome(rules=("unknown_column",), kind="refusal", right=False),
        _outcome(),
    ]
    found = guarding.by_rule(outcomes)
    assert list(found) == ["unknown_column", "engine"]
    assert found["unknown_column"] == guarding.TurnedDown(3, 2, 1)
    assert found["engine"] == guarding.TurnedDown(2, 1, 0)


def test_tokens_cost_what_the_prices_say():
    outcomes = [_outcome(tokens_read=1_000_000, tokens_written=500_000), _outcome()]
    assert money.cost_of(outcomes, money.parse_prices("0.4, 1.6")) == pytest.approx(1.2)
    assert money.parse_prices("") is None
    with pytest.raises(SuiteError, match="no prices"):
        money.parse_prices("cheap")


def test_what_was_seen_comes_back_from_a_log_line():
    one = _outcome(rules=("engine",), needed=("t", "t:a"), shown=("t",), read=None)
    line = json.loads(json.dumps(one.to_json()))
    assert Outcome.from_json(line) == one

"""What the drafter settles itself, what it asks the model, and what it makes of the reply."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from nlq.cancel import CancelToken
from nlq.drafting.drafter import PROMPTS, Drafter
from nlq.llm.prompts import load_prompt
from nlq.llm.scripted import ScriptedChat
from nlq.retrieval.index import Found
from nlq.retrieval.retriever import Retriever
from nlq.types import (
    AmbiguousTerm,
    Clarification,
    DateRange,
    Principal,
    Question,
    Refusal,
    Rejection,
    SqlDraft,
    TableDoc,
    TableHit,
    VerifiedHit,
    VerifiedQuery,
)

NO_METRIC = json.dumps({"metric": "none", "split_by": []})


WEAKLY = (TableHit(TableDoc("lake.shop.orders", ()), 0.5),)


class Alike:
    """An index in which the named docs are alike with the given scores."""

    def __init__(self, tables=None, metrics=None) -> None:
        self.found = Found(tables or {}, metrics or {}, {}, {})

    def search(self, text: str, masked: str, times: Sequence[DateRange] = ()) -> Found:
        return self.found


class Words:
    def count(self, text: str) -> int:
        return len(text.split())


@pytest.fixture
def ask(catalog, clock):
    """Asks a drafter with a scripted model; gives the draft and the model."""

    def run(text, replies=(), *, rejections=(), tables=None, metrics=None, change=None):
        index = Alike(tables or {"lake.shop.orders": 0.9, "lake.shop.costs": 0.8}, metrics)
        retriever = Retriever(catalog, index, token_counter=Words(), budget_tokens=500)
        context = retriever.retrieve(Question("q", text, Principal("ann"), clock), catalog)
        context = replace(context, **(change or {}))
        model = ScriptedChat(list(replies))
        prompts = {name: load_prompt(name) for name in PROMPTS}
        drafter = Drafter(model, prompts)
        return drafter.draft(context, catalog, tuple(rejections), CancelToken()), model

    return run


def test_a_metric_question_needs_no_model(ask):
    draft, model = ask("Revenue by region last quarter")
    assert isinstance(draft, SqlDraft)
    assert draft.source == "metric"
    assert draft.plan.metrics == ("revenue",)
    assert not model.calls
    assert draft.tokens.calls == 0


def test_what_rules_leave_open_is_offered_to_the_model_as_metrics_first(ask):
    choice = json.dumps({"metric": "revenue", "split_by": ["tier"]})
    draft, model = ask(
        "Takings for the different classes of buyers", [choice], metrics={"revenue": 0.8}
    )
    assert draft.source == "metric"
    assert draft.plan.dimensions == ("tier",)
    assert len(model.calls) == 1
    assert "revenue" in model.calls[0].messages[-1].text


def test_without_a_fitting_metric_the_model_writes_sql(ask):
    draft, model = ask(
        "Which orders are still open?",
        [NO_METRIC, "```sql\nSELECT order_id FROM lake.shop.orders;\n```"],
        metrics={"revenue": 0.8},
    )
    assert draft.source == "model"
    assert draft.sql == "SELECT order_id FROM lake.shop.orders"
    assert draft.tokens.calls == 2
    assert [prompt.split("@")[0] for prompt in draft.prompts] == ["choose_metric", "write_sql"]
    told = "\n".join(message.text for message in model.calls[1].messages)
    assert "orders" in told
    assert "order_id" in told


def test_a_metric_of_a_distant_table_is_not_offered(ask):
    draft, model = ask(
        "Which shop tiers are there?",
        ["SELECT DISTINCT tier FROM lake.shop.customers"],
        tables={"lake.shop.customers": 0.9, "lake.shop.orders": 0.2},
        metrics={"revenue": 0.8},
    )
    assert draft.source == "model"
    assert len(model.calls) == 1


def test_a_choice_in_no_known_form_counts_as_none(ask):
    draft, _ = ask(
        "Which orders are still open?",
        ["I would say revenue.", "SELECT 1"],
        metrics={"revenue": 0.8},
    )
    assert (draft.source, draft.sql) == ("model", "SELECT 1")


def test_a_choice_that_loses_a_condition_is_not_used(ask):
    choice = json.dumps({"metric": "cost", "split_by": []})
    draft, _ = ask("What did paid things cost us?", [choice, "SELECT 2"], metrics={"cost": 0.8})
    assert (draft.source, draft.sql) == ("model", "SELECT 2")


def test_a_repair_shows_the_rejected_sql_and_the_reason(ask):
    rejection = Rejection("SELECT nope", "There is no column nope.", "Columns: name.")
    draft, model = ask("Which orders are open?", ["SELECT name"], rejections=[rejection])
    assert draft.sql == "SELECT name"
    shown = [message.text for message in model.calls[0].messages]
    assert shown[-2] == "SELECT nope"
    assert "There is no column nope. Columns: name." in shown[-1]


def test_a_repeated_query_is_asked_for_once_more_with_more_freedom(ask):
    rejection = Rejection("SELECT nope", "There is no column nope.")
    draft, model = ask(
        "Which orders are open?", ["SELECT nope;", "SELECT name"], rejections=[rejection]
    )
    assert draft.sql == "SELECT name"
    assert len(model.calls) == 2


def test_an_ambiguous_word_is_asked_about(ask):
    term = AmbiguousTerm(("sales",), "Which sales?", ("revenue", "orders"))
    draft, model = ask("What were our Sales last quarter?", change={"ambiguous": (term,)})
    assert draft == Clarification(
        "Which sales?",
        ("What were our revenue last quarter?", "What were our orders last quarter?"),
    )
    assert not model.calls


def test_a_reading_that_the_person_chose_is_not_drafted_again(ask):
    draft, model = ask("which orders are open?", change={"chosen": "SELECT 4"})
    assert (draft.source, draft.sql) == ("chosen", "SELECT 4")
    assert not model.calls


def test_a_verified_question_gets_its_verified_sql(ask):
    query = VerifiedQuery("Which orders are open?", "SELECT 3")
    draft, model = ask(
        "which orders are open?", change={"verified": (VerifiedHit(query, 1.0),), "metrics": ()}
    )
    assert (draft.source, draft.sql) == ("verified", "SELECT 3")
    assert not model.calls


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"restricted": True}, "forbidden"),
        ({"tables": ()}, "unanswerable"),
        ({"unmatched": ("cup",), "tables": WEAKLY}, "unanswerable"),
    ],
)
def test_what_is_out_of_scope_is_refused_without_a_model(ask, change, cause):
    draft, model = ask("Who won the cup?", change=change)
    assert isinstance(draft, Refusal)
    assert draft.cause == cause
    assert not model.calls


@pytest.mark.parametrize(
    ("text", "metrics", "words"),
    [
        ("How many customers churned in EMEA?", ("churned",), {"customers", "churned"}),
        ("Which deals did we win last month?", ("won",), {"deals", "win"}),
    ],
)
def test_names_in_pieces(catalog, clock, text, metrics, words):
    from nlq.catalog.catalog import Catalog
    from nlq.drafting.scattered_names import scattered_metric
    from nlq.types import Context, MetricDoc

    docs = {
        "churned": MetricDoc("churned", "Churned customers", ""),
        "won": MetricDoc("won", "Won deals", ""),
        "new": MetricDoc("new", "New customers", ""),
    }
    context = Context(Question("q", text, Principal("ann"), clock), text)
    metric, found = scattered_metric(context, Catalog(metrics=docs))
    assert (metric.name,) == metrics
    assert set(found) == words


def test_a_draft_on_tables_that_say_nothing_of_the_question_is_refused(ask):
    sql = "SELECT count(*) FROM lake.shop.orders"
    question = "How many parking spaces does the Dublin office have?"
    draft, _ = ask(question, [sql], change={"unmatched": ()})
    assert isinstance(draft, Refusal)
    assert draft.cause == "unanswerable"
    assert "parking" in draft.reason
    assert draft.tokens.calls == 1


def test_a_draft_with_short_names_of_tables_is_grounded_in_them(ask):
    draft, _ = ask(
        "Which orders are open?", ["SELECT o.order_id FROM orders o WHERE o.status = 'O'"],
        change={"metrics": ()},
    )  # fmt: skip
    assert draft.source == "model"

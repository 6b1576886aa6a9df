"""Whether the data can answer: the model's sureness with unexplained words; further drafts."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from telling_chat import TellingChat, yes_or_no

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.drafting.answerable import can_answer, invented
from nlq.drafting.drafter import PROMPTS, Drafter
from nlq.llm.prompts import load_prompt
from nlq.llm.scripted import ScriptedChat
from nlq.types import (
    Clock,
    Context,
    Principal,
    Question,
    Refusal,
    SqlDraft,
    TableDoc,
    TableHit,
    TokenUse,
)

DOCS = "CREATE TABLE orders (order_id bigint, status varchar);"


def telling(texts: list[str], yes: float) -> TellingChat:
    return TellingChat(texts, told=yes_or_no(yes), is_embedded=True)


@pytest.fixture
def context(clock: Clock) -> Context:
    question = Question("q", "Which orders are open?", Principal("ann"), clock, notes="Only paid.")
    hit = TableHit(TableDoc("lake.shop.orders", ()), 0.9)
    return Context(question, question.text, tables=(hit,), text="-- tables: orders", lake=DOCS)


@pytest.fixture
def drafter() -> Callable[[ScriptedChat], Drafter]:
    return lambda model: Drafter(model, {name: load_prompt(name) for name in PROMPTS})


def test_the_first_prompts_begin_alike_so_that_their_docs_are_read_once():
    first, *others = (
        load_prompt(name).sections[0] for name in ("write_sql", "write_sql_bare", "can_answer")
    )
    assert first[0] == "system"
    assert others == [first, first]


def test_a_model_that_is_sure_drafts_whatever_a_word_may_mean(drafter, context, catalog: Catalog):
    model = telling(["Yes", "SELECT order_id FROM orders"], yes=0.98)
    about = replace(context, unmatched=("pending",))
    draft = drafter(model).draft(about, catalog, (), CancelToken())
    assert isinstance(draft, SqlDraft)
    assert [prompt.split("@")[0] for prompt in draft.prompts] == ["can_answer", "write_sql"]
    assert draft.tokens.calls == 2
    asked, wrote = (call.messages for call in model.calls)
    assert asked[0] == wrote[0], "the docs are not read twice"
    assert model.calls[0].options["max_tokens"] == 1


def test_a_model_that_is_not_refuses_before_any_draft(drafter, context, catalog):
    model = telling(["No"], yes=0.6)
    about = replace(context, unmatched=("cup",))
    refusal = drafter(model).draft(about, catalog, (), CancelToken())
    assert isinstance(refusal, Refusal)
    assert refusal.cause == "unanswerable"
    assert "cup" in refusal.reason
    assert refusal.tokens.calls == len(model.calls) == 1


def test_a_draft_that_reads_what_no_table_has_is_not_taken(drafter, context, catalog):
    about = replace(context, unmatched=("courier",))
    texts = ["Yes", "SELECT courier_name FROM orders"]
    sure = 0.94  # enough for a draft of columns that are there
    refusal = drafter(telling(texts, yes=sure)).draft(about, catalog, (), CancelToken())
    assert isinstance(refusal, Refusal)
    assert "courier" in refusal.reason
    assert refusal.tokens.calls == 2
    texts = ["Yes", "SELECT status AS courier_name FROM orders ORDER BY courier_name"]
    draft = drafter(telling(texts, yes=sure)).draft(about, catalog, (), CancelToken())
    assert isinstance(draft, SqlDraft)


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SELECT o.courier FROM orders o JOIN parcels p ON o.order_id = p.order_id",
         ("parcels", "courier")),
        ("SELECT c.order_id FROM customers c", ()),
        ("WITH w AS (SELECT status AS kind FROM orders) SELECT w.kind FROM w", ()),
        ("SELECT FROM WHERE (", ()),
    ],
)  # fmt: skip
def test_what_a_draft_reads_and_no_table_has(catalog, sql: str, names: tuple[str, ...]):
    assert set(invented(sql, catalog)) == set(names)


def test_where_docs_explain_every_word_nothing_is_asked_first(drafter, context, catalog):
    model = telling(["SELECT order_id FROM orders"], yes=0.1)
    assert isinstance(drafter(model).draft(context, catalog, (), CancelToken()), SqlDraft)
    assert len(model.calls) == 1


def test_what_no_doc_explains_asks_for_more_sureness(context):
    fairly = 2.3
    cup = replace(context, unmatched=("cup",))
    assert can_answer(context, fairly) == "yes"
    assert can_answer(cup, fairly) == "maybe"
    assert can_answer(cup, fairly, has_invented=True) == "no"
    assert can_answer(cup, 1.5) == "no"
    assert can_answer(cup, 4.0) == "yes"


def test_what_may_well_be_missing_is_drafted_to_be_confirmed(drafter, context, catalog):
    texts = ["Yes", "SELECT order_id FROM orders"]
    about = replace(context, unmatched=("cup",))
    draft = drafter(telling(texts, yes=0.9)).draft(about, catalog, (), CancelToken())
    assert isinstance(draft, SqlDraft)
    assert draft.to_confirm
    assert any("cup" in note for note in draft.assumptions)
    surely = drafter(telling(texts, yes=0.98)).draft(about, catalog, (), CancelToken())
    assert isinstance(surely, SqlDraft)
    assert not surely.to_confirm


def test_how_sure_the_model_is_of_the_data_is_told_where_it_tells_alternatives(drafter, context):
    model = telling(["Yes"], yes=0.8)
    sure, read = drafter(model).sureness(context, CancelToken())
    assert sure == pytest.approx(math.log(4), abs=0.01)
    assert read.calls == 1
    silent = ScriptedChat([])
    assert drafter(silent).sureness(context, CancelToken()) == (None, TokenUse())


def test_a_model_that_tells_nothing_of_itself_is_not_asked(drafter, context, catalog):
    model = ScriptedChat(["SELECT order_id FROM orders"])
    assert isinstance(drafter(model).draft(context, catalog, (), CancelToken()), SqlDraft)


def test_further_drafts_are_asked_for_otherwise(drafter, context, catalog):
    model = ScriptedChat(["SELECT 1", "SELECT 2", "SELECT 3"])
    for number in (1, 2, 3):
        drafter(model).another(context, catalog, number, CancelToken())
    bare, example, sample = model.calls
    assert bare.messages[-1].text == "Which orders are open? Only paid."
    assert DOCS in bare.messages[0].text
    assert len(example.messages) > 10
    assert DOCS in example.messages[-1].text
    assert sample.messages == example.messages
    assert "temperature" not in example.options
    assert sample.options["temperature"] > 0


def test_of_a_large_lake_whose_docs_are_read_they_are_samples(drafter, context, catalog):
    model = ScriptedChat(["SELECT 1", "SELECT 2", "SELECT 3"])
    large = replace(context, lake="", text=DOCS)
    drafter(model).draft(large, catalog, (), CancelToken())
    for number in (1, 2):
        drafter(model).another(large, catalog, number, CancelToken())
    first, *others = model.calls
    assert all(call.messages == first.messages for call in others), "the docs would be read anew"
    assert [call.options["seed"] for call in others] == [2, 3]
    assert all(call.options["temperature"] > 0 for call in others)

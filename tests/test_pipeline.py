"""The walk: its order, its only loop, what it logs, and that every outcome is one answer."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.errors import AuditError, Cancelled, GuardRefused, ModelUnavailable, QueryFailed, TooCostly
from nlq.log import AuditLog
from nlq.pipeline import Assistant
from nlq.sql.guard import Guard
from nlq.sql.guarded import GuardedQuery
from nlq.sql.policy import Policy
from nlq.types import (
    Clarification,
    Clock,
    ColumnDoc,
    Context,
    Draft,
    Estimate,
    Finished,
    Principal,
    QueryResult,
    Question,
    Refusal,
    Rejection,
    ResultColumn,
    RunLimits,
    SqlDraft,
    StageFinished,
    StageStarted,
    TableDoc,
    TableHit,
    TokenUse,
)

ANN = Principal("ann", ("analyst",))
SALES = TableDoc(
    "lake.shop.sales", (ColumnDoc("day", "date"), ColumnDoc("amount", "bigint")), "Sales."
)
SECRET = TableDoc("lake.hr.pay", (ColumnDoc("amount", "bigint"),), "Pay.")
CATALOG = Catalog({SALES.name: SALES, SECRET.name: SECRET})
POLICY = """
version: 1
contact: Ask data-access@example.com.
limits: {max_bytes: 1000000, confirm_above_bytes: 200000}
roles:
  analyst: {tables: [lake.shop.*], limits: {max_seconds: 5}}
  executive: {tables: [lake.shop.*]}
"""
GOOD = "SELECT sum(amount) AS total FROM lake.shop.sales"
BAD = "SELECT sum(amuont) AS total FROM lake.shop.sales"


class FakeRetriever:
    def __init__(self) -> None:
        self.seen: list[Catalog] = []

    def retrieve(self, question: Question, visible: Catalog) -> Context:
        self.seen.append(visible)
        hits = tuple(TableHit(table, 1.0) for table in visible.tables.values())
        return Context(question, question.text, tables=hits)

    def lake_docs(self, visible: Catalog) -> str:
        return ", ".join(visible.tables)


class Unexplaining(FakeRetriever):
    """Finds a word of the question that nothing explains."""

    def retrieve(self, question: Question, visible: Catalog) -> Context:
        return replace(super().retrieve(question, visible), unmatched=("reservation",))


class FakeDrafter:
    """Hands out drafts (or raises errors) in order and remembers what it was told."""

    def __init__(self, *drafts: Draft | str | Exception) -> None:
        self.drafts = list(drafts)
        self.told: list[tuple[Rejection, ...]] = []
        self.sure: float | None = None

    def draft(
        self,
        context: Context,
        visible: Catalog,
        rejections: tuple[Rejection, ...],
        cancel: CancelToken,
        on_text: Callable[[str], None] | None = None,
    ) -> Draft:
        self.told.append(rejections)
        draft = self.drafts.pop(0)
        if isinstance(draft, Exception):
            raise draft
        return SqlDraft(draft, "model") if isinstance(draft, str) else draft

    def another(
        self, context: Context, visible: Catalog, number: int, cancel: CancelToken
    ) -> Draft:
        return self.draft(context, visible, (), cancel)

    def sureness(self, context: Context, cancel: CancelToken) -> tuple[float | None, TokenUse]:
        return self.sure, TokenUse(1, 1)

    def warm_up(self, lake: str = "") -> None:
        self.warmed = lake


class FakeEngine:
    name = "fake"

    def __init__(self, *outcomes: object, size_bytes: int | None = None) -> None:
        self.outcomes = list(outcomes) or [((42,),)]
        self.ran: list[GuardedQuery] = []
        self.limits: list[RunLimits] = []
        self.size_bytes = size_bytes

    def ping(self) -> str:
        return "fake 1"

    def estimate(self, query: GuardedQuery) -> Estimate:
        return Estimate(size_bytes=self.size_bytes)

    def run(self, query, limits, cancel, on_progress=None) -> QueryResult:
        self.ran.append(query)
        self.limits.append(limits)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        if callable(outcome):
            outcome = outcome(cancel)
        return QueryResult((ResultColumn("total", "bigint"),), outcome, engine="fake")

    def close(self) -> None:
        pass


@pytest.fixture
def build(tmp_path: Path):
    policy_file = tmp_path / "policy.yaml"
    policy_file.write_text(POLICY)
    policy = Policy.load(policy_file)
    clock = Clock(datetime(2026, 7, 15, 9, tzinfo=UTC), ZoneInfo("UTC"))

    def make(drafter: FakeDrafter, engine: FakeEngine | None = None, **parts) -> Assistant:
        return Assistant(
            catalog=CATALOG,
            policy=policy,
            guard=Guard(CATALOG, policy),
            retriever=parts.pop("retriever", FakeRetriever()),
            drafter=drafter,
            engine=engine or FakeEngine(),
            audit=parts.pop("audit", None) or AuditLog(tmp_path / "audit.sqlite"),
            clock=lambda: clock,
            **parts,
        )

    return make


def outcomes(assistant: Assistant) -> list[str]:
    assert isinstance(assistant.audit, AuditLog)
    return [record.outcome for record in assistant.audit.every()]


def test_an_answer_walks_every_stage_in_order(build):
    assistant = build(FakeDrafter(GOOD))
    events = list(assistant.stream("How much?", principal=ANN))
    started = [event.stage for event in events if isinstance(event, StageStarted)]
    assert started == ["retrieve", "draft", "guard", "estimate", "run", "explain"]
    assert [e.stage for e in events if isinstance(e, StageFinished)] == started
    answer = events[-1].answer
    assert answer.kind == "answer"
    assert answer.result.rows == ((42,),)
    assert "42" in answer.headline
    assert [stage for stage, _ in answer.timings] == started
    assert outcomes(assistant) == ["answer"]


def test_a_draft_stops_before_the_run(build):
    engine = FakeEngine()
    answer = build(FakeDrafter(GOOD), engine).draft("How much?", principal=ANN)
    assert answer.kind == "draft"
    assert "lake" in answer.sql
    assert engine.ran == []


def test_what_the_engine_gets_went_through_the_guard(build):
    engine = FakeEngine()
    build(FakeDrafter(GOOD), engine).ask("How much?", principal=ANN)
    (query,) = engine.ran
    assert isinstance(query, GuardedQuery)
    assert query.principal == ANN
    assert [limits.seconds for limits in engine.limits] == [5]


def test_a_rejected_draft_goes_back_with_the_reason(build):
    drafter = FakeDrafter(BAD, GOOD)
    assistant = build(drafter)
    answer = assistant.ask("How much?", principal=ANN)
    assert answer.kind == "answer"
    assert answer.repairs == 1
    (rejection,) = drafter.told[1]
    assert rejection.sql == BAD
    assert "amuont" in rejection.reason
    (record,) = assistant.audit.every()
    assert len(record.drafts) == 2
    assert record.decisions[0]["sql"] == BAD


def test_an_engine_error_goes_back_too(build):
    engine = FakeEngine(QueryFailed("Division by zero."), ((7,),))
    answer = build(FakeDrafter(GOOD, GOOD + " WHERE amount > 0"), engine).ask("x", principal=ANN)
    assert answer.kind == "answer"
    assert answer.repairs == 1


def test_repair_ends_after_the_second_time(build):
    drafter = FakeDrafter(BAD, BAD.replace("sum", "min"), BAD.replace("sum", "max"), GOOD)
    assistant = build(drafter)
    answer = assistant.ask("How much?", principal=ANN)
    assert answer.kind == "refusal"
    assert answer.rule
    assert len(drafter.told) == 3
    assert outcomes(assistant) == ["refusal"]


def test_the_same_sql_is_not_tried_twice(build):
    engine = FakeEngine(QueryFailed("No."), ((7,),))
    answer = build(FakeDrafter(GOOD, GOOD), engine).ask("x", principal=ANN)
    assert answer.kind == "error"
    assert len(engine.ran) == 1
    refused = build(FakeDrafter(BAD, BAD)).ask("x", principal=ANN)
    assert (refused.kind, refused.rule) == ("refusal", "unknown-column")


def test_what_may_not_be_seen_reaches_neither_retriever_nor_engine(build):
    retriever, engine = FakeRetriever(), FakeEngine()
    drafter = FakeDrafter(*["SELECT sum(amount) FROM lake.hr.pay" + " " * n for n in range(3)])
    answer = build(drafter, engine, retriever=retriever).ask("Pay?", principal=ANN)
    assert list(retriever.seen[0].tables) == [SALES.name]
    assert engine.ran == []
    assert answer.kind == "refusal"
    assert "Pay." not in repr(answer)


def test_a_principal_without_a_role_sees_nothing(build):
    retriever = FakeRetriever()
    drafter = FakeDrafter(GOOD, GOOD + " ", GOOD + "  ")
    answer = build(drafter, retriever=retriever).ask("x", principal=Principal("eve"))
    assert dict(retriever.seen[0].tables) == {}
    assert answer.kind == "refusal"


@pytest.mark.parametrize(
    ("draft", "kind"),
    [
        (Clarification("Which?", ("a", "b")), "clarification"),
        (Refusal("unanswerable", "The lake has nothing on this."), "refusal"),
        (ModelUnavailable("The model server is down.", hint="Start it."), "error"),
        (Cancelled(), "cancelled"),
        (ZeroDivisionError("oops /secret/path"), "error"),
    ],
)
def test_every_outcome_is_one_answer_and_one_record(build, draft, kind):
    assistant = build(FakeDrafter(draft))
    answer = assistant.ask("x", principal=ANN)
    assert answer.kind == kind
    assert answer.headline
    assert "Traceback" not in repr(answer)
    assert "/secret/path" not in repr(answer)
    assert outcomes(assistant) == [kind]


def test_a_clarification_can_be_continued(build):
    answer = build(FakeDrafter(Clarification("Which?", ("a", "b")))).ask("x", principal=ANN)
    assert answer.turn.options == ("a", "b")


def test_too_costly_is_not_run(build):
    engine = FakeEngine(size_bytes=5_000_000)
    answer = build(FakeDrafter(GOOD), engine).ask("x", principal=ANN)
    assert (answer.kind, answer.rule, answer.may_confirm) == ("refusal", "too-costly", False)
    assert engine.ran == []
    assert "would read about 5.0 MB, 5.0 times the 1.0 MB" in answer.headline


def test_a_cost_that_may_be_confirmed_is_asked_for_first(build):
    engine = FakeEngine(size_bytes=300_000)
    assistant = build(FakeDrafter(GOOD, GOOD), engine)
    asked = assistant.ask("x", principal=ANN)
    assert (asked.kind, asked.may_confirm) == ("refusal", True)
    assert "above which you are asked first" in asked.headline
    assert engine.ran == []
    assert assistant.ask("x", principal=ANN, confirmed=True).kind == "answer"
    assert [limits.read_bytes for limits in engine.limits] == [1_000_000]


def test_a_run_that_passes_its_budget_may_be_confirmed(build):
    engine = FakeEngine(TooCostly("It read 300 kB.", hint="Narrow it."), size_bytes=None)
    answer = build(FakeDrafter(GOOD), engine).ask("x", principal=ANN)
    assert (answer.kind, answer.may_confirm, answer.hint) == ("refusal", True, "Narrow it.")
    assert [limits.read_bytes for limits in engine.limits] == [200_000]


def test_a_costly_query_can_be_drafted(build):
    engine = FakeEngine(size_bytes=5_000_000)
    assert build(FakeDrafter(GOOD), engine).draft("x", principal=ANN).kind == "draft"


def test_no_record_no_query(build, tmp_path):
    class FullDisk(AuditLog):
        def begin(self, question, *, interface):
            raise AuditError("The audit log cannot be written.")

    drafter, engine = FakeDrafter(GOOD), FakeEngine()
    assistant = build(drafter, engine, audit=FullDisk(tmp_path / "full.sqlite"))
    answer = assistant.ask("x", principal=ANN)
    assert answer.kind == "error"
    assert drafter.told == []
    assert engine.ran == []


def test_cancel_while_running(build):
    waiting = threading.Event()

    def stall(cancel: CancelToken):
        waiting.set()
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            cancel.check()
            time.sleep(0.01)
        raise AssertionError("never cancelled")

    token = CancelToken()
    assistant = build(FakeDrafter(GOOD), FakeEngine(stall))
    threading.Thread(target=lambda: (waiting.wait(5), token.cancel())).start()
    answer = assistant.ask("x", principal=ANN, cancel=token)
    assert answer.kind == "cancelled"
    assert outcomes(assistant) == ["cancelled"]


def test_leaving_the_stream_cancels_the_work(build):
    cancelled = threading.Event()

    def stall(cancel: CancelToken):
        with cancel.calling(cancelled.set):
            assert cancelled.wait(5)
        cancel.check()

    stream = build(FakeDrafter(GOOD), FakeEngine(stall)).stream("x", principal=ANN)
    for event in stream:
        if isinstance(event, StageStarted) and event.stage == "run":
            break
    stream.close()
    assert cancelled.is_set()


def test_an_empty_question_is_refused(build):
    answer = build(FakeDrafter()).ask("  ", principal=ANN)
    assert answer.kind == "error"
    assert answer.hint


def test_many_at_once_do_not_mix(build):
    class Echo(FakeDrafter):
        def draft(self, context, visible, rejections, cancel, on_text=None):
            return SqlDraft(f"SELECT {context.question.text} AS n", "verified")

    class EchoEngine(FakeEngine):
        def run(self, query, limits, cancel, on_progress=None):
            number = int(query.sql.split()[1])
            return QueryResult((ResultColumn("n", "integer"),), ((number,),), engine="fake")

    assistant = build(Echo(), EchoEngine())
    found: dict[int, object] = {}

    def ask(n: int) -> None:
        found[n] = assistant.ask(str(n), principal=ANN).result.rows[0][0]

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(100, 120)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: n for n in range(100, 120)}
    assert outcomes(assistant) == ["answer"] * 20


def test_the_turn_carries_what_a_follow_up_needs(build):
    answer = build(FakeDrafter(GOOD)).ask("How much?", principal=ANN)
    assert answer.turn.question == "How much?"
    assert answer.turn.sql == answer.sql
    assert isinstance(Finished(answer).answer.turn.headline, str)
    assert date(2026, 7, 15) == answer.as_of.date()


def unsure(sql: str) -> SqlDraft:
    return SqlDraft(sql, "model", doubt=9.0)


MOST = "SELECT max(amount) AS total FROM lake.shop.sales"
LEAST = "SELECT min(amount) AS total FROM lake.shop.sales"


def test_where_the_model_is_unsure_the_result_that_drafts_agree_on_is_taken(build) -> None:
    drafter = FakeDrafter(unsure(GOOD), unsure(MOST), unsure(LEAST), unsure(GOOD))
    engine = FakeEngine(((42,),), ((7,),), ((7,),), ((1,),))
    answer = build(drafter, engine, drafts=4).ask("How much?", principal=ANN)
    assert answer.result is not None
    assert answer.result.rows == ((7,),)
    assert "MAX" in answer.sql
    assert len(engine.ran) == 3, "two that agree settle it"
    assert answer.confidence == "agreed"
    assert not any("disagree" in warning for warning in answer.warnings)


def test_drafts_that_all_disagree_are_told_of(build) -> None:
    drafter = FakeDrafter(unsure(GOOD), unsure(MOST), unsure(LEAST))
    engine = FakeEngine(((42,),), ((7,),), ((1,),))
    answer = build(drafter, engine, drafts=3).ask("How much?", principal=ANN)
    assert answer.result is not None
    assert answer.result.rows == ((42,),), "the draft that the model thought likeliest"
    assert answer.confidence == "alone"
    assert any("disagree" in warning for warning in answer.warnings)
    assert answer.readings == answer.turn.readings == (MOST, LEAST), "what else it may mean"
    assert "largest" in answer.options[0]
    boss = Principal("eve", ("executive",))
    drafter = FakeDrafter(unsure(GOOD), unsure(MOST), unsure(LEAST))
    engine = FakeEngine(((42,),), ((7,),), ((1,),))
    asked = build(drafter, engine, drafts=3).ask("How much?", principal=boss)
    assert (asked.kind, asked.readings) == ("clarification", (GOOD, MOST, LEAST))


def test_drafts_that_all_disagree_are_asked_about_and_the_chosen_one_is_run(build) -> None:
    drafter = FakeDrafter(unsure(GOOD), unsure(MOST), BAD, unsure(LEAST))
    engine = FakeEngine(((42,),), ((7,),), ((None,),))
    assistant = build(drafter, engine, drafts=4, in_doubt="ask")
    asked = assistant.ask("How much?", principal=ANN)
    assert asked.kind == "clarification"
    assert asked.result is None
    assert len(asked.options) == 2, "what found nothing is no choice beside what found something"
    assert "sum" in asked.options[0]
    assert "largest" in asked.options[1]
    assert not any("Read shop.sales" in option for option in asked.options), "both do that"
    assert asked.readings == asked.turn.readings == (GOOD, MOST)


def test_a_sure_draft_that_lost_an_amount_gives_way_to_those_that_have_it(build) -> None:
    drafter = FakeDrafter(
        SqlDraft(GOOD, "model", doubt=0.1, lost=("$9",)), unsure(MOST), unsure(LEAST)
    )
    engine = FakeEngine(((42,),), ((7,),), ((7,),))
    answer = build(drafter, engine, drafts=4).ask("How much above $9?", principal=ANN)
    assert (answer.confidence, answer.result.rows) == ("agreed", ((7,),))
    assert answer.warnings == ()


def test_what_every_draft_lost_is_warned_of(build) -> None:
    drafter = FakeDrafter(*(SqlDraft(GOOD, "model", doubt=0.1, lost=("$9",)) for _ in range(3)))
    engine = FakeEngine(((42,),), ((42,),), ((42,),))
    answer = build(drafter, engine, drafts=3).ask("How much above $9?", principal=ANN)
    assert answer.confidence == "agreed"
    assert any("$9" in warning for warning in answer.warnings)


def test_one_draft_alone_is_asked_about_too(build) -> None:
    drafter = FakeDrafter(unsure(GOOD), BAD, BAD)
    parts = {"drafts": 3, "in_doubt": "ask"}
    asked = build(drafter, FakeEngine(((42,),)), **parts).ask("How much?", principal=ANN)
    assert asked.kind == "clarification"
    assert asked.readings == (GOOD,)
    assert asked.headline.endswith("Is this what you mean?")


def test_who_is_strict_gets_no_answer_that_drafts_disagree_on(build) -> None:
    drafter = FakeDrafter(unsure(GOOD), unsure(MOST), unsure(LEAST))
    engine = FakeEngine(((42,),), ((7,),), ((1,),))
    answer = build(drafter, engine, drafts=3, in_doubt="refuse").ask("How much?", principal=ANN)
    assert answer.kind == "refusal"
    assert "disagree" in answer.headline
    assert answer.result is None
    agreeing = FakeDrafter(unsure(GOOD), unsure(MOST))
    engine = FakeEngine(((42,),), ((42,),))
    parts = {"drafts": 3, "in_doubt": "refuse"}
    assert build(agreeing, engine, **parts).ask("How much?", principal=ANN).kind == "answer"


def test_drafts_that_disagree_over_words_that_nothing_explains_are_asked_about(build) -> None:
    drafts = unsure(GOOD), unsure(MOST), unsure(LEAST)
    engine = FakeEngine(((42,),), ((7,),), ((1,),))
    parts = {"retriever": Unexplaining(), "drafts": 3}
    asked = build(FakeDrafter(*drafts), engine, **parts).ask("How many?", principal=ANN)
    assert asked.kind == "clarification"
    assert "reservation" in asked.headline
    engine = FakeEngine(((42,),), ((7,),), ((1,),))
    refusing = parts | {"in_doubt": "refuse"}
    refused = build(FakeDrafter(*drafts), engine, **refusing).ask("How many?", principal=ANN)
    assert refused.kind == "refusal"
    assert "reservation" in refused.headline
    sure = FakeDrafter(SqlDraft(GOOD, "model", doubt=0.1))
    assert build(sure, FakeEngine(), **parts).ask("How many?", principal=ANN).kind == "answer"


def test_what_the_data_may_lack_is_confirmed_before_anybody_gets_a_number(build) -> None:
    doubtful = SqlDraft(GOOD, "model", doubt=0.1, to_confirm=True)
    parts = {"retriever": Unexplaining(), "drafts": 3}
    asked = build(FakeDrafter(doubtful), FakeEngine(), **parts).ask("How many?", principal=ANN)
    assert asked.kind == "clarification"
    assert asked.readings == (GOOD,)
    assert "reservation" in asked.headline
    assert asked.headline.endswith("Is this what you mean?")
    assert "sum" in asked.options[0]
    strict = parts | {"in_doubt": "refuse"}
    refused = build(FakeDrafter(doubtful), FakeEngine(), **strict).ask("How many?", principal=ANN)
    assert refused.kind == "refusal"
    drafted = build(FakeDrafter(doubtful), FakeEngine(), **parts).draft("How many?", principal=ANN)
    assert drafted.kind == "draft"
    assert "SUM" in drafted.sql.upper()


def test_what_the_data_may_lack_and_no_draft_answers_is_refused(build) -> None:
    broken = SqlDraft(BAD, "model", doubt=0.1, to_confirm=True)
    parts = {"retriever": Unexplaining(), "drafts": 1}
    drafter = FakeDrafter(broken, GOOD)
    answer = build(drafter, FakeEngine(), **parts).ask("How many?", principal=ANN)
    assert answer.kind == "refusal"
    assert "reservation" in answer.headline
    assert len(drafter.told) == 1


def test_drafts_that_disagree_are_asked_about_where_the_model_doubts_the_data(build) -> None:
    for sureness, kind in ((1.9, "clarification"), (3.0, "answer"), (None, "answer")):
        drafter = FakeDrafter(unsure(GOOD), unsure(MOST), unsure(LEAST))
        drafter.sure = sureness
        engine = FakeEngine(((42,),), ((7,),), ((1,),))
        answer = build(drafter, engine, drafts=3).ask("How much?", principal=ANN)
        assert answer.kind == kind
        assert ("holds this" in answer.headline) == (kind == "clarification")


def test_a_sure_model_is_asked_once(build) -> None:
    drafter, engine = FakeDrafter(SqlDraft(GOOD, "model", doubt=0.1)), FakeEngine()
    assert build(drafter, engine, drafts=4).ask("How much?", principal=ANN).confidence == "sure"
    assert len(engine.ran) == 1


def test_further_drafts_stand_in_for_one_that_does_not_run(build) -> None:
    drafter = FakeDrafter(BAD, Refusal("unanswerable", "No."), GOOD, GOOD)
    engine = FakeEngine(((42,),), ((42,),))
    answer = build(drafter, engine, drafts=4).ask("How much?", principal=ANN)
    assert answer.kind == "answer"
    assert answer.repairs == 1
    assert drafter.told == [(), (), (), ()], "nothing went back with a reason"


def test_a_second_opinion_may_not_read_much(build) -> None:
    drafter = FakeDrafter(unsure(GOOD), unsure(MOST), unsure(LEAST))
    engine = FakeEngine(((42,),), size_bytes=150_000_000)
    policy_free = build(drafter, engine, drafts=3)
    answer = policy_free.ask("How much?", principal=ANN, confirmed=True)
    assert answer.may_confirm is False
    assert len(engine.ran) <= 1


def test_a_draft_alone_is_never_checked_against_others(build) -> None:
    drafter = FakeDrafter(unsure(GOOD))
    assert build(drafter, drafts=4).draft("How much?", principal=ANN).kind == "draft"


def test_warming_up_reads_the_docs_of_those_who_ask(build) -> None:
    drafter = FakeDrafter()
    build(drafter).warm_up(ANN)
    assert drafter.warmed == "lake.shop.sales"


def test_half_characters_are_no_reason_to_hang(build) -> None:
    answer = build(FakeDrafter(GOOD)).ask("How much \ud800?", principal=ANN)
    assert answer.kind == "answer"
    assert answer.question == "How much ??"


def test_a_log_that_breaks_unforeseen_still_ends_the_question(build, tmp_path: Path) -> None:
    class Broken(AuditLog):
        def begin(self, question: Question, *, interface: str) -> None:
            raise RuntimeError("surprise")

    answer = build(FakeDrafter(GOOD), audit=Broken(tmp_path / "b.sqlite")).ask("x", principal=ANN)
    assert answer.kind == "error"
    assert "surprise" not in answer.headline + answer.hint


def test_all_rows_run_within_the_policys_own_limit_and_are_logged(build) -> None:
    engine = FakeEngine(((1,),), ((1,), (2,)))
    assistant = build(FakeDrafter("SELECT amount FROM lake.shop.sales"), engine)
    answer = replace(assistant.ask("All?", principal=ANN), limited=True)
    assert "LIMIT 1000" in answer.sql
    whole = assistant.full_result(answer, ANN, interface="export")
    assert len(whole.rows) == 2
    assert engine.ran[-1].sql.endswith("LIMIT 10000")
    record = assistant.audit.recent(1)[0]
    assert (record.outcome, record.interface, record.rows) == ("answer", "export", 2)


def test_all_rows_are_for_whoever_may_see_them_now(build) -> None:
    engine = FakeEngine()
    assistant = build(FakeDrafter(GOOD), engine)
    answer = assistant.ask("How much?", principal=ANN)
    with pytest.raises(GuardRefused):
        assistant.full_result(answer, Principal("bob", ("nobody",)))
    assert len(engine.ran) == 1
    assert assistant.audit.recent(1)[0].outcome == "refusal"

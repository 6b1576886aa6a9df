"""The one way through: a question goes in, events come out, the last of them with the answer.

Only this module knows the order of the stages, and it holds the only loop: a draft that the guard
or the engine turned down goes back, at most ``repairs`` times, with the reason.
"""

from __future__ import annotations

import queue
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal, Protocol

from nlq.agreement import (
    ENOUGH,
    MOST_BYTES,
    backing,
    is_in_doubt,
    is_settled,
    is_unsure,
    most_agreed,
)
from nlq.answer import explain
from nlq.answer.formats import format_bytes
from nlq.audit.record import DraftNote
from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.doubt import held_back, not_drafted, others
from nlq.engine.base import Engine
from nlq.errors import AuditError, Cancelled, GuardRefused, NlqError, QueryFailed, TooCostly
from nlq.log import AuditSink
from nlq.sql.all_rows import with_limit
from nlq.sql.cost import check_cost, run_limits
from nlq.sql.guard import Guard
from nlq.sql.guarded import GuardedQuery
from nlq.sql.invented import refuse_invented
from nlq.sql.narrowing import how_to_narrow
from nlq.sql.policy import Grants, Policy
from nlq.turns import Turns
from nlq.types import (
    Answer,
    Clarification,
    Clock,
    Context,
    Draft,
    Estimate,
    Event,
    Finished,
    InDoubt,
    Principal,
    Progress,
    QueryResult,
    Question,
    Refusal,
    Rejection,
    RunLimits,
    SqlDraft,
    TokenUse,
    Turn,
)
from nlq.walk import Ran, Walk

OnText = Callable[[str], None]

_SURENESS_BEFORE = 2
"""Number of the further draft before which the model is asked whether the data holds what is asked:
the first two begin with the same docs, which it need not read again then."""

_EXPORT_BYTES = 200_000_000
"""Of values, that an export of a whole result may hold in memory."""


class Retriever(Protocol):
    """Finds what helps to answer a question, among what the principal may see."""

    def retrieve(self, question: Question, visible: Catalog) -> Context:
        """The context of a draft."""

    def lake_docs(self, visible: Catalog) -> str:
        """What every context over ``visible`` has as its ``lake``."""


class Drafter(Protocol):
    """Turns a context into a draft."""

    def draft(
        self,
        context: Context,
        visible: Catalog,
        rejections: tuple[Rejection, ...],
        cancel: CancelToken,
        on_text: OnText | None = None,
    ) -> Draft:
        """SQL, a clarifying question or a refusal; never the same SQL as a rejected one."""

    def another(
        self, context: Context, visible: Catalog, number: int, cancel: CancelToken
    ) -> Draft:
        """A further draft of the same question, by chance another one; ``number`` from 1."""

    def sureness(self, context: Context, cancel: CancelToken) -> tuple[float | None, TokenUse]:
        """The model's log-odds that the data holds what is asked; None where it does not tell."""

    def warm_up(self, lake: str = "") -> None:
        """Load what is slow to load, so that the first question is quick."""


class Assistant:
    """Answers questions over one lake; safe to use from several threads at once."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        policy: Policy,
        guard: Guard,
        retriever: Retriever,
        drafter: Drafter,
        engine: Engine,
        audit: AuditSink,
        clock: Callable[[], Clock],
        limits: RunLimits | None = None,
        repairs: int = 2,
        drafts: int = 1,
        in_doubt: InDoubt = "by_role",
    ) -> None:
        self.catalog = catalog
        self.policy = policy
        self.audit = audit
        self._guard = guard
        self._retriever = retriever
        self._drafter = drafter
        self._engine = engine
        self.clock = clock
        self._limits = limits or RunLimits()
        self._repairs = repairs
        self._drafts = drafts
        self._in_doubt = in_doubt
        self._turns = Turns()

    def ask(
        self,
        text: str,
        *,
        principal: Principal,
        conversation: tuple[Turn, ...] = (),
        conversation_id: str = "",
        cancel: CancelToken | None = None,
        interface: str = "api",
        confirmed: bool = False,
        notes: str = "",
    ) -> Answer:
        """Answer a question. Every outcome is an ``Answer``; none is an exception.

        ``confirmed`` runs it although it is costly, where the policy leaves that to the person.
        ``notes`` say more about how it is to be computed.
        """
        return _last(
            self.stream(
                text,
                principal=principal,
                conversation=conversation,
                conversation_id=conversation_id,
                cancel=cancel,
                interface=interface,
                confirmed=confirmed,
                notes=notes,
            )
        )

    def draft(
        self,
        text: str,
        *,
        principal: Principal,
        conversation: tuple[Turn, ...] = (),
        conversation_id: str = "",
        cancel: CancelToken | None = None,
        interface: str = "api",
        notes: str = "",
    ) -> Answer:
        """Draft and guard SQL for a question, and stop before it is run."""
        return _last(
            self.stream(
                text,
                principal=principal,
                conversation=conversation,
                conversation_id=conversation_id,
                cancel=cancel,
                interface=interface,
                run=False,
                notes=notes,
            )
        )

    def stream(
        self,
        text: str,
        *,
        principal: Principal,
        conversation: tuple[Turn, ...] = (),
        conversation_id: str = "",
        cancel: CancelToken | None = None,
        interface: str = "api",
        run: bool = True,
        confirmed: bool = False,
        notes: str = "",
    ) -> Iterator[Event]:
        """The same as events, as they happen; the last one is ``Finished``.

        The work is done on a thread of its own. Leaving the iteration early cancels it.
        """
        token = cancel or CancelToken()
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        question = Question(
            uuid.uuid4().hex[:12],
            _readable(text),
            principal,
            self.clock(),
            conversation,
            conversation_id or uuid.uuid4().hex[:12],
            _readable(notes),
        )
        walk = Walk(question, token, self.audit, events.put, confirmed)
        worker = threading.Thread(
            target=lambda: events.put(Finished(self._answer_surely(walk, interface, run))),
            name=f"question-{question.id}",
            daemon=True,
        )
        worker.start()
        finished = False
        try:
            while not finished:
                event = events.get()
                finished = isinstance(event, Finished)
                yield event
        finally:
            if not finished:
                token.cancel()
            worker.join(timeout=10)

    def check(self, sql: str, principal: Principal) -> GuardedQuery:
        """Run the guard alone; raises ``GuardRefused``."""
        return self._guard.check(sql, principal)

    def run_sql(
        self, sql: str, principal: Principal, cancel: CancelToken | None = None
    ) -> QueryResult:
        """Guard SQL that a person wrote and run it; raises what the guard and the engine raise."""
        query = self._guard.check(sql, principal)
        limits = self._limits_of(principal, confirmed=True)
        return self._engine.run(query, limits, cancel or CancelToken())

    def full_result(
        self,
        answer: Answer,
        principal: Principal,
        *,
        cancel: CancelToken | None = None,
        interface: str = "api",
        confirmed: bool = True,
    ) -> QueryResult:
        """Run an answer's query again for all of its rows, within the principal's own limits.

        A limit that the guard added gives way to the policy's highest. Leaves an audit record of
        its own. Raises what the guard, the engine and the log raise; not ``confirmed``, also
        ``TooCostly`` where the policy leaves it to the person.
        """
        question = Question(
            uuid.uuid4().hex[:12], f"All rows of: {answer.question}", principal, self.clock()
        )
        self.audit.begin(question, interface=interface)
        done = explain.cancelled(question)
        try:
            query, result = self._run_whole(answer, question, cancel or CancelToken(), confirmed)
            self.audit.note(
                question.id,
                tables_read=list(query.tables),
                sql=query.sql,
                fingerprint=query.fingerprint,
                rows=len(result.rows),
                result_bytes=result.size_bytes,
                read_bytes=result.read_bytes,
                engine=result.engine,
                query_id=result.query_id,
            )
            done = replace(done, kind="answer", headline="")
            return result
        except GuardRefused as exc:
            done = explain.guard_refused(question, exc)
            raise
        except Cancelled:
            raise
        except NlqError as exc:
            done = explain.failed(question, exc)
            raise
        finally:
            self.audit.finish(question.id, done)

    def _run_whole(
        self, answer: Answer, question: Question, cancel: CancelToken, confirmed: bool
    ) -> tuple[GuardedQuery, QueryResult]:
        principal = question.principal
        granted = self._grants(principal).limits
        most = granted.max_row_limit
        sql = with_limit(answer.sql, most) if answer.limited else answer.sql
        query = self._guard.check(sql, principal)
        estimate = self._engine.estimate(query)
        check_cost(granted, estimate, confirmed=confirmed, hint=lambda: "Ask for less.")
        limits = self._limits_of(principal, confirmed=confirmed)
        whole = replace(
            limits,
            rows=max(limits.rows, most),
            size_bytes=max(limits.size_bytes, _EXPORT_BYTES),
        )
        try:
            return query, self._engine.run(query, whole, cancel)
        except TooCostly as exc:
            raise self._read_more(exc, limits, principal) from exc

    def estimate(self, query: GuardedQuery) -> Estimate:
        """What a query would read; raises ``EngineError`` where the engine turns it down."""
        return self._engine.estimate(query)

    def redraft(
        self,
        text: str,
        rejection: Rejection,
        principal: Principal,
        cancel: CancelToken | None = None,
    ) -> Draft:
        """A new draft for what ``text`` asks, in place of the one turned down; not yet guarded.

        Raises ``ModelError`` and ``Cancelled``.
        """
        context = self.search(text, principal)
        token = cancel or CancelToken()
        return self._drafter.draft(context, self._visible(principal), (rejection,), token)

    def search(self, text: str, principal: Principal) -> Context:
        """What the retriever finds for a text, among what the principal may see."""
        question = Question("search", text, principal, self.clock())
        return self._retriever.retrieve(question, self._visible(principal))

    def ping(self) -> str:
        """The engine's name and version; raises ``EngineUnavailable``."""
        return self._engine.ping()

    def feedback(
        self, answer_id: str, rating: Literal["up", "down"], note: str, principal: Principal
    ) -> None:
        """Log what a person thought of an answer; raises ``AuditError``."""
        self.audit.feedback(answer_id, rating, note, principal)

    def warm_up(self, principal: Principal | None = None) -> None:
        """Load the model and its unchanging prompt parts; raises ``ModelError``.

        With ``principal``, also the docs of the lake that their questions begin with.
        """
        lake = self._retriever.lake_docs(self._visible(principal)) if principal else ""
        self._drafter.warm_up(lake)

    def close(self) -> None:
        """Free the engine and the log; safe to call twice."""
        self._engine.close()
        self.audit.close()

    def _visible(self, principal: Principal) -> Catalog:
        return self._grants(principal).visible(self.catalog)

    def _grants(self, principal: Principal) -> Grants:
        return self.policy.grants(principal)

    def _limits_of(self, principal: Principal, *, confirmed: bool) -> RunLimits:
        return run_limits(self._limits, self._grants(principal).limits, confirmed=confirmed)

    def _answer_surely(self, walk: Walk, interface: str, run: bool) -> Answer:
        """An answer whatever happens: whoever waits for it would wait for ever."""
        try:
            return self._answer(walk, interface, run)
        except Exception:
            return explain.failed(
                walk.question,
                NlqError(
                    "Something went wrong inside the assistant.",
                    hint="Ask again; if it stays so, tell the data platform team.",
                ),
            )

    def _answer(self, walk: Walk, interface: str, run: bool) -> Answer:
        """Walk every stage; whatever happens, one audit record and one answer come of it."""
        question = walk.question
        try:
            self.audit.begin(question, interface=interface)
        except AuditError as exc:
            return explain.failed(question, exc)
        try:
            answer = self._walk(walk, run)
        except Cancelled:
            answer = explain.cancelled(question)
        except GuardRefused as exc:
            answer = explain.guard_refused(question, exc)
        except TooCostly as exc:
            answer = explain.too_costly(question, exc)
        except NlqError as exc:
            answer = explain.failed(question, exc)
        except Exception as exc:
            walk.note(fault=f"{type(exc).__name__}: {exc}")
            answer = explain.failed(
                question,
                NlqError(
                    "Something went wrong inside the assistant.",
                    hint=f"Ask again; the data platform team can look up answer {question.id}.",
                ),
            )
        answer = replace(
            answer,
            tokens=walk.tokens,
            timings=tuple(walk.timings.items()),
            repairs=len(walk.rejections),
            turn=self._turn(walk, answer),
        )
        try:
            walk.write_notes()
            self.audit.finish(question.id, answer)
        except AuditError as exc:
            return explain.failed(question, exc)
        return answer

    def _walk(self, walk: Walk, run: bool) -> Answer:
        question = walk.question
        if not question.text:
            raise NlqError("The question is empty.", hint="Type a question.")
        visible = self._visible(question.principal)
        with walk.stage("retrieve", "Looking up which data can answer this") as say:
            with self._turns.take(walk.cancel):
                walk.context = context = self._retriever.retrieve(question, visible)
            say(_found(context))
        walk.note(
            standalone=context.standalone,
            tables_shown=[hit.table.name for hit in context.tables],
        )
        done = self._draft_until_it_holds(walk, context, visible, run)
        if isinstance(done, Clarification):
            return explain.clarified(context, done)
        if isinstance(done, Refusal):
            contact = self._grants(question.principal).contact
            return explain.refused(context, done, contact=contact)
        if done.result is None:
            return explain.drafted(
                context=context,
                draft=done.draft,
                query=done.query,
                catalog=visible,
                estimate=done.estimate,
            )
        with (
            walk.stage("explain", "Putting the answer into words"),
            self._turns.take(walk.cancel),
        ):
            return explain.explain(
                context=context,
                draft=done.draft,
                query=done.query,
                result=done.result,
                catalog=visible,
                estimate=done.estimate,
                confidence=done.confidence,
                others=others(done, visible),
            )

    def _draft_until_it_holds(
        self, walk: Walk, context: Context, visible: Catalog, run: bool
    ) -> Ran | Clarification | Refusal:
        turned_down: GuardRefused | QueryFailed | None = None
        first: SqlDraft | None = None
        while True:
            draft = self._draft(walk, context, visible)
            if not isinstance(draft, SqlDraft):
                return draft
            first = first or draft
            if turned_down and draft.sql in {rejected.sql for rejected in walk.rejections}:
                raise turned_down
            try:
                done = self._run(walk, draft, run)
            except (GuardRefused, QueryFailed) as exc:
                walk.note(decision={"sql": draft.sql, "refused": str(exc), "rule": _rule(exc)})
                if not exc.repairable:
                    raise
                if run and (agreed := self._agreed(walk, context, visible, draft, None)):
                    walk.rejections += (Rejection(draft.sql, exc.message, exc.hint),)
                    return held_back(context, visible, first, agreed, self._in_doubt) or agreed
                if first.to_confirm:
                    return not_drafted(context)
                if len(walk.rejections) >= self._repairs:
                    raise
                turned_down = exc
                walk.rejections += (Rejection(draft.sql, exc.message, exc.hint),)
            else:
                if not run:
                    return done
                done = self._agreed(walk, context, visible, draft, done) or done
                return held_back(context, visible, first, done, self._in_doubt) or done

    def _agreed(
        self,
        walk: Walk,
        context: Context,
        visible: Catalog,
        draft: SqlDraft,
        first: Ran | None,
    ) -> Ran | None:
        """Where the model is unsure: what further drafts agree on, None where nothing came of it.

        ``first`` is what came of ``draft``, None where it did not run. Done once a question.
        """
        if walk.rejections or draft.source != "model" or self._drafts < 2:
            return None
        if first and not is_unsure(draft, first.result):
            return replace(first, confidence="sure" if draft.doubt is not None else None)
        ran = [first] if first else []
        sure: float | None = None
        for number in range(1, self._drafts):
            if is_settled([done.result for done in ran if done.result and not done.draft.lost]):
                break
            with walk.stage("draft", "Drafting again, to be sure") as say:
                if number == _SURENESS_BEFORE and is_in_doubt(draft):
                    sure, read = self._drafter.sureness(context, walk.cancel)
                    walk.tokens += read
                other = self._drafter.another(context, visible, number, walk.cancel)
                walk.tokens += other.tokens
                say(_drafted(other))
            if not isinstance(other, SqlDraft):
                continue
            with suppress(GuardRefused, QueryFailed, TooCostly):
                ran.append(self._run(walk, other, run=True, most_bytes=MOST_BYTES))
        ran = [done for done in ran if not done.draft.lost] or ran
        results = [done.result for done in ran if done.result]
        if not results:
            return None
        best = most_agreed(results)
        if backing(results, best) >= ENOUGH:
            return replace(ran[best], confidence="agreed")
        first, *rest = ran[best], *ran[:best], *ran[best + 1 :]
        return replace(first, confidence="alone", rivals=(first, *rest), sureness=sure)

    def _draft(self, walk: Walk, context: Context, visible: Catalog) -> Draft:
        again = " again" if walk.rejections else ""
        with walk.stage("draft", f"Writing the query{again}") as say:
            written = 0

            def on_text(_: str) -> None:
                nonlocal written
                written += 1
                walk.emit(Progress("draft", f"Writing the query{again} ({written} words)"))

            draft = self._drafter.draft(context, visible, walk.rejections, walk.cancel, on_text)
            walk.tokens += draft.tokens
            say(_drafted(draft))
        if isinstance(draft, SqlDraft):
            noted: DraftNote = {"sql": draft.sql, "source": draft.source}
            walk.note(prompts=draft.prompts, draft=noted)
        else:
            walk.note(prompts=draft.prompts)
        return draft

    def _run(self, walk: Walk, draft: SqlDraft, run: bool, most_bytes: int | None = None) -> Ran:
        """Guard, estimate and run a draft; one of over ``most_bytes`` is too costly."""
        question = walk.question
        with walk.stage("guard", "Checking that the query is safe and allowed") as say:
            with self._turns.take(walk.cancel):
                query = self._guard.check(draft.sql, question.principal)
                if draft.source == "model":
                    refuse_invented(query)
            say("; ".join(query.rewrites) or "It is.")
        with walk.stage("estimate", "Estimating what the query would read") as say:
            estimate = self._engine.estimate(query)
            if run:
                self._check_cost(walk, query, estimate)
            if most_bytes is not None and (estimate.size_bytes or 0) > most_bytes:
                raise TooCostly("A second opinion would read too much.")
            say(_estimated(estimate))
        walk.note(
            tables_read=list(query.tables),
            sql=query.sql,
            rewrites=list(query.rewrites),
            fingerprint=query.fingerprint,
            estimated_rows=estimate.rows,
            estimated_bytes=estimate.size_bytes,
        )
        if not run:
            return Ran(draft, query, estimate, None)
        with walk.stage("run", f"Running the query on {self._engine.name}") as say:
            result = self._run_within_limits(walk, query)
            say(f"{len(result.rows):,} rows" + (", kept from before" if result.computed_at else ""))
        walk.note(
            rows=len(result.rows),
            result_bytes=result.size_bytes,
            read_bytes=result.read_bytes,
            cached=result.computed_at is not None,
            engine=result.engine,
            query_id=result.query_id,
        )
        return Ran(draft, query, estimate, result)

    def _check_cost(self, walk: Walk, query: GuardedQuery, estimate: Estimate) -> None:
        limits = self._grants(walk.question.principal).limits
        most = limits.max_bytes if walk.confirmed else limits.confirm_above_bytes
        check_cost(
            limits,
            estimate,
            confirmed=walk.confirmed,
            hint=lambda: (
                how_to_narrow(query, self.catalog, estimate, most or limits.max_bytes)
                or "Ask for a shorter time or fewer columns."
            ),
        )

    def _run_within_limits(self, walk: Walk, query: GuardedQuery) -> QueryResult:
        principal = walk.question.principal
        limits = self._limits_of(principal, confirmed=walk.confirmed)
        try:
            return self._engine.run(
                query,
                limits,
                walk.cancel,
                lambda text, share: walk.emit(Progress("run", text, share)),
            )
        except TooCostly as exc:
            raise self._read_more(exc, limits, principal) from exc

    def _read_more(self, exc: TooCostly, limits: RunLimits, principal: Principal) -> TooCostly:
        """It read more than was estimated, if anything was; confirmed, it may have room for it."""
        may_confirm = limits != self._limits_of(principal, confirmed=True)
        return TooCostly(exc.message, hint=exc.hint, may_confirm=may_confirm)

    def _turn(self, walk: Walk, answer: Answer) -> Turn | None:
        if walk.context is None or answer.kind in ("error", "cancelled"):
            return None
        return Turn(
            walk.question.text,
            walk.context.standalone,
            answer.sql,
            answer.headline,
            answer.plan,
            answer.options,
            answer.readings,
        )


def _readable(text: str) -> str:
    """The text without half characters, which can be neither kept nor sent."""
    return text.encode("utf-8", "replace").decode("utf-8").strip()


def _last(events: Iterator[Event]) -> Answer:
    for event in events:
        if isinstance(event, Finished):
            return event.answer
    raise AssertionError("A stream always ends with Finished.")


def _rule(exc: NlqError) -> str:
    return exc.rule if isinstance(exc, GuardRefused) else "engine"


def _found(context: Context) -> str:
    if context.metrics and context.metrics[0].phrase:
        return f"Governed metric: {context.metrics[0].metric.label}"
    names = [hit.table.short_name for hit in context.tables[:3]]
    return f"Closest tables: {', '.join(names)}" if names else "Nothing found"


def _drafted(draft: Draft) -> str:
    match draft:
        case SqlDraft(source="metric"):
            return "Compiled from governed metrics"
        case SqlDraft(source="verified"):
            return "A verified query answers this"
        case SqlDraft():
            return "Drafted by the model"
        case Clarification():
            return "A question back"
        case Refusal():
            return "Not answerable"


def _estimated(estimate: Estimate) -> str:
    if estimate.size_bytes is None:
        return "Size unknown"
    return f"About {format_bytes(estimate.size_bytes)}"


def read_now() -> datetime:
    """The real time, in UTC; the one place where the clock is read for a question."""
    return datetime.now(UTC)

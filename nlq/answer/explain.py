"""The last stage: all that was found about a question goes in, an ``Answer`` comes out.

Rules only, no model. An answer of every kind is made here, so that all of them read alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from nlq.answer.assumptions import assumptions_of, kept_since
from nlq.answer.chart import choose_chart
from nlq.answer.covered import Span, covered_by
from nlq.answer.formats import format_bytes
from nlq.answer.headline import headline, plain, previous_span
from nlq.answer.how import how_computed
from nlq.answer.labels import (
    ValueWords,
    column_label,
    filter_words,
    join_words,
    mid_sentence,
    sentence_case,
)
from nlq.answer.lineage import Lineage
from nlq.answer.narrowed import narrowed_to
from nlq.answer.numbers import unsupported_numbers
from nlq.answer.query_form import group_keys, is_aggregated, ranking_of, telling_labels
from nlq.answer.shape import Shape, shape_of
from nlq.answer.suggestions import suggest
from nlq.answer.tables import table_states
from nlq.answer.told import Told
from nlq.answer.units import units_of
from nlq.answer.warnings import (
    cost_warnings,
    doubt_warnings,
    lost_warnings,
    result_warnings,
    table_warnings,
)
from nlq.catalog.catalog import Catalog
from nlq.errors import GuardRefused, NlqError, QueryFailed, TooCostly
from nlq.sql.guarded import GuardedQuery
from nlq.types import (
    Answer,
    AnswerKind,
    Clarification,
    Confidence,
    Context,
    Definition,
    Estimate,
    MetricPlan,
    QueryResult,
    Question,
    Refusal,
    SqlDraft,
)


def explain(
    *,
    context: Context,
    draft: SqlDraft,
    query: GuardedQuery,
    result: QueryResult,
    catalog: Catalog,
    estimate: Estimate | None,
    confidence: Confidence | None = None,
    others: Mapping[str, str] = MappingProxyType({}),
) -> Answer:
    """The answer to a question that was run. ``catalog`` holds only what the principal may see.

    ``others`` are drafts that disagree with this one: of each its words and its SQL.
    """
    clock, plan = context.question.clock, draft.plan
    lineage = Lineage(query.tree(), catalog)
    ranking = ranking_of(lineage, plan)
    grouped = is_aggregated(lineage, plan) or ranking.cuts
    shape = shape_of(result, plan, aggregated=grouped, keys=group_keys(lineage))
    shape = _led_by(shape, result, ranking.column)
    units = units_of(lineage, result.columns, plan)
    covered = covered_by(lineage, plan, clock.today)
    tables = table_states(query.tables, catalog, clock)
    ranked = bool(shape.measures) and ranking.column == result.columns[shape.measures[0]].name
    told = Told(
        result=result,
        shape=shape,
        units=dict(units),
        catalog=catalog,
        covered=covered,
        clock=clock,
        values=ValueWords(lineage, [column.name for column in result.columns]),
        plan=plan,
        scope=filter_words(plan.filters, catalog) if plan else narrowed_to(lineage),
        part=filter_words(plan.part, catalog) if plan else "",
        ascending=ranked and ranking.ascending and ranking.limit is not None,
        limit=ranking.limit,
        ranked=ranked,
        labels=telling_labels(lineage),
    )
    sentence = _checked(told, context)
    full = len(result.rows) >= query.row_limit
    return Answer(
        id=context.question.id,
        question=context.question.text,
        kind="answer",
        headline=sentence,
        hint=_empty_hint(shape),
        sql=query.sql,
        source=draft.source,
        plan=plan,
        result=result,
        units=units,
        labels=tuple(
            (column.name, sentence_case(column_label(column.name, catalog)))
            for column in result.columns
        ),
        chart=choose_chart(result, shape, units, _title(told)),
        how=how_computed(lineage) if full else _without_guards_limit(lineage, query),
        definitions=definitions(plan, catalog),
        tables=tables,
        assumptions=(
            *assumptions_of(context, draft, query, covered, units, full=full),
            *kept_since(result, clock),
        ),
        warnings=(
            *table_warnings(tables, catalog, covered),
            *result_warnings(lineage, result, shape, covered, clock, tables),
            *cost_warnings(estimate),
            *lost_warnings(draft.lost),
            *doubt_warnings(confidence, offers_others=bool(others)),
        ),
        options=tuple(others),
        readings=tuple(others.values()),
        suggestions=suggest(plan, shape, covered, catalog),
        as_of=clock.now,
        confidence=confidence,
        columns=query.columns,
        limited=full and _guards_limit(query),
    )


def _guards_limit(query: GuardedQuery) -> bool:
    return any(rewrite.startswith("limited to") for rewrite in query.rewrites)


def _without_guards_limit(lineage: Lineage, query: GuardedQuery) -> tuple[str, ...]:
    """The steps but for a limit that the guard added and that took nothing away."""
    steps = how_computed(lineage)
    return steps[:-1] if _guards_limit(query) and steps[-1].startswith("Keep the first") else steps


def drafted(
    *,
    context: Context,
    draft: SqlDraft,
    query: GuardedQuery,
    catalog: Catalog,
    estimate: Estimate | None,
) -> Answer:
    """SQL that passed the guard and was not run."""
    clock, plan = context.question.clock, draft.plan
    lineage = Lineage(query.tree(), catalog)
    covered = covered_by(lineage, plan, clock.today)
    tables = table_states(query.tables, catalog, clock)
    size = "" if estimate is None or estimate.size_bytes is None else _size(estimate.size_bytes)
    return Answer(
        id=context.question.id,
        question=context.question.text,
        kind="draft",
        headline=f"This query answers the question; it passed every check and was not run{size}.",
        sql=query.sql,
        source=draft.source,
        plan=plan,
        how=how_computed(lineage),
        definitions=definitions(plan, catalog),
        tables=tables,
        assumptions=assumptions_of(context, draft, query, covered, (), full=True),
        warnings=(*table_warnings(tables, catalog, covered), *lost_warnings(draft.lost)),
        as_of=clock.now,
        columns=query.columns,
    )


def clarified(context: Context, clarification: Clarification) -> Answer:
    """A question back, with readings to choose from."""
    return Answer(
        id=context.question.id,
        question=context.question.text,
        kind="clarification",
        headline=_sentence(clarification.question, "?"),
        hint="Choose one of these, or ask in other words.",
        options=clarification.options,
        readings=clarification.readings,
        as_of=context.question.clock.now,
    )


def refused(context: Context, refusal: Refusal, *, contact: str = "") -> Answer:
    """Why the question gets no answer; ``contact`` says whom to ask for access."""
    if refusal.cause == "forbidden":
        ask = contact or "Ask the data's owner for access."
        return _told(context.question, "refusal", refusal.reason, ask, rule="policy")
    close = [hit.metric.label for hit in context.metrics[:3]]
    hint = "Ask about something that the lake holds, or name the table you mean."
    if close:
        hint = f"The lake does have: {', '.join(close)}."
    return _told(context.question, "refusal", refusal.reason, hint)


def guard_refused(question: Question, error: GuardRefused) -> Answer:
    """A guardrail turned the last draft down, and no repair helped.

    What a draft made up is no reason to whoever asks: it is told as what was tried last, and
    executives are spared it.
    """
    if error.rule not in _SLIPS:
        return _told(question, "refusal", error.message, error.hint, rule=error.rule)
    told = _told(question, "refusal", _NOT_BORNE_OUT, _NAME_IT, rule=error.rule)
    tried = f"The last query that was tried was turned down: {_sentence(error.message, '.')}"
    return replace(told, how=() if "executive" in question.principal.roles else (tried,))


def too_costly(question: Question, error: TooCostly) -> Answer:
    """It would read more than the policy allows, or than it allows unasked."""
    told = _told(question, "refusal", error.message, error.hint, rule="too-costly")
    return replace(told, may_confirm=error.may_confirm)


def failed(question: Question, error: NlqError) -> Answer:
    """Something went wrong. An engine's own words quote SQL, so executives are spared them."""
    if not isinstance(error, QueryFailed) or error.__cause__ is None:
        return _told(question, "error", error.message, error.hint or _ASK_AGAIN)
    spared = "executive" in question.principal.roles
    return replace(
        _told(
            question,
            "error",
            "The query engine could not run the query that was written for this question.",
            _ASK_AGAIN if spared else error.hint or _ASK_AGAIN,
        ),
        how=() if spared else (_sentence(f"The engine said: {error.message}", "."),),
    )


def cancelled(question: Question) -> Answer:
    """The person cancelled."""
    return _told(question, "cancelled", "The question was cancelled.", "Ask again at any time.")


def definitions(plan: MetricPlan | None, catalog: Catalog) -> tuple[Definition, ...]:
    """The governed metrics that an answer shows, those that they are made of included."""
    found: dict[str, Definition] = {}
    waiting = list(plan.metrics) if plan else []
    while waiting:
        name = waiting.pop(0)
        metric = catalog.metrics.get(name)
        if metric and name not in found:
            found[name] = Definition(metric.label, metric.description, metric.owner)
            waiting += metric.inputs
    return tuple(found.values())


_ASK_AGAIN = "Ask again, in other words or for less data; if it keeps failing, tell the data team."
_NOT_BORNE_OUT = "No query could be written for this that the data bears out."
_NAME_IT = "Ask in other words, or name the table or column that holds it."
_SLIPS = frozenset(
    {
        "ambiguous-column",
        "ambiguous-table",
        "duplicate-alias",
        "invented-value",
        "type-mismatch",
        "unknown-column",
        "unknown-function",
        "unknown-table",
        "unparsable",
    }
)
"""Rules against what only who wrote the SQL can get wrong, not who asked."""

_TERMINAL_CODES = re.compile(r"\x1b\[[0-9;]*m")


def _told(
    question: Question, kind: AnswerKind, message: str, hint: str, *, rule: str = ""
) -> Answer:
    return Answer(
        id=question.id,
        question=question.text,
        kind=kind,
        headline=_sentence(message, "."),
        hint=hint,
        rule=rule,
        as_of=question.clock.now,
    )


def _sentence(text: str, end: str) -> str:
    """The first line of a text as a whole sentence."""
    line = _TERMINAL_CODES.sub("", text).strip().split("\n")[0].strip()
    if not line:
        return "Something went wrong."
    return sentence_case(line) + ("" if line.endswith((".", "?", "!")) else end)


def _checked(told: Told, context: Context) -> str:
    """The headline, or a plainer one where a number of it stands in no result and no date."""
    days = {day for span in told.covered.spans for day in span.days()}
    days |= {day for r in context.time.ranges for day in Span(r.start, r.end).days()}
    days.add(told.clock.today)
    if told.plan and told.plan.comparison and told.plan.start and told.plan.end:
        days |= set(previous_span(told.plan).days())
    labels = [told.label(index) for index in range(len(told.result.columns))]
    names = (
        told.scope.strip(),
        told.part.strip(),
        *labels,
        *map(sentence_case, labels),
        *told.values.meanings(),
    )
    for sentence in (headline(told), plain(told)):
        if not unsupported_numbers(
            sentence,
            told.result,
            days,
            units=told.units.items(),
            names=names,
            fiscal_start_month=told.clock.fiscal_start_month,
        ):
            return sentence
    return "The result is in the table."


def _led_by(shape: Shape, result: QueryResult, column: str) -> Shape:
    """The shape with the measure that orders the rows in front: it is what was asked about."""
    names = [c.name for c in result.columns]
    if column not in names or names.index(column) not in shape.measures:
        return shape
    lead = names.index(column)
    return replace(shape, measures=(lead, *(i for i in shape.measures if i != lead)))


def _title(told: Told) -> str:
    shape, fiscal = told.shape, told.clock.fiscal_start_month
    if not shape.measures:
        return ""
    title = sentence_case(told.label(shape.measures[0])) + told.scope
    split = [told.label(i) for i in shape.categories]
    if shape.times and shape.grain:
        split.insert(0, shape.grain)
    title += f" by {join_words(mid_sentence(s) for s in split)}" if split else ""
    span = told.covered.single
    text = span.text(fiscal) if span else ""
    return f"{title}, {text}" if text else title


def _empty_hint(shape: Shape) -> str:
    return "Try a longer time or fewer filters." if shape.kind == "empty" else ""


def _size(size_bytes: int) -> str:
    return f"; it would read about {format_bytes(size_bytes)}"

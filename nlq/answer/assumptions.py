"""What was taken for granted on the way to an answer, for the person to agree with or not."""

from __future__ import annotations

from sqlglot import exp

from nlq.answer.covered import Covered
from nlq.answer.labels import sentence_case
from nlq.answer.periods import day_text
from nlq.sql.guarded import GuardedQuery
from nlq.types import Clock, Context, MetricUnit, QueryResult, SqlDraft


def assumptions_of(
    context: Context,
    draft: SqlDraft,
    query: GuardedQuery,
    covered: Covered,
    units: tuple[tuple[str, MetricUnit], ...],
    *,
    full: bool,
) -> tuple[str, ...]:
    """Sentences, each once: dates, values, the draft's own, what the guard changed, currency.

    ``full`` says that the result has as many rows as the query's limit; a limit that took nothing
    away is not worth a word.
    """
    found = [*context.time.notes, *draft.assumptions]
    if covered.timed and covered.sure and all(not (s.start or s.end) for s in covered.spans):
        found.append("No dates were given, so all dates in the data are counted.")
    written = _literals(query) if context.values else set()
    found += [
        f"{link.phrase!r} is read as {link.column} = {link.value}"
        + (f" ({link.meaning})" if link.meaning else "")
        for link in context.values
        if link.value in written and link.phrase.lower() != link.value.lower()
    ]
    found += [
        f"The query was changed for safety: {rewrite}"
        for rewrite in query.rewrites
        if full or not rewrite.startswith("limited to")
    ]
    if any(unit == "usd" for _, unit in units):
        found.append("Amounts are in US dollars.")
    sentences = (sentence_case(text.strip().rstrip(".")) + "." for text in found if text.strip())
    return tuple(dict.fromkeys(sentences))


def kept_since(result: QueryResult, clock: Clock) -> tuple[str, ...]:
    """For a result of an earlier question: when it was computed, and what that means."""
    if result.computed_at is None:
        return ()
    when = result.computed_at.astimezone(clock.zone)
    since = (
        "nothing that it reads has changed since"
        if result.unchanged
        else "data that came after that may not be in it yet"
    )
    return (
        f"This result was computed on {day_text(when.date())} at {when:%H:%M} {when.tzname()} "
        f"and kept; {since}.",
    )


def _literals(query: GuardedQuery) -> set[str]:
    return {node.name for node in query.nodes() if isinstance(node, exp.Literal)}

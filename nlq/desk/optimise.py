"""Rewrites that read or compute less: SQL goes in, whole queries with reasons come out.

Each suggestion is one rewrite (``nlq.desk.rewrites``) of the query as it is written, and passes the
guard. A query that lacks its partition's condition is refused by the guard, and is looked at all
the same: the condition may be what is suggested.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nlq.desk.bound import bind
from nlq.desk.rewrites import (
    approximate,
    columns,
    having,
    join_order,
    ordering,
    partitions,
    patterns,
    ranges,
    repeated,
    unions,
)
from nlq.desk.rewrites.rewriting import Rewriting
from nlq.desk.show import shown
from nlq.desk.types import Suggestion
from nlq.errors import GuardRefused
from nlq.pipeline import Assistant
from nlq.sql.dialect import BREAKS, render
from nlq.types import Principal


@dataclass(frozen=True, slots=True)
class _Rewrite:
    name: str
    why: str
    rewrite: Callable[[Rewriting], None]
    changes: str = ""


REWRITES: Final = (
    _Rewrite(
        "partition condition",
        "Only the partitions of those days are read, not the whole table.",
        partitions.rewrite,
    ),
    _Rewrite(
        "range in place of a function",
        "A condition on the bare column lets the engine skip files and partitions; a function "
        "around it hides which rows are meant.",
        ranges.rewrite,
    ),
    _Rewrite(
        "group condition before grouping",
        "Rows that are not wanted are dropped before they are grouped.",
        having.rewrite,
    ),
    _Rewrite(
        "columns by name",
        "The lake keeps each column by itself: what is not named is not read.",
        columns.rewrite,
    ),
    _Rewrite(
        "larger table first",
        "Presto keeps the right side of a join in memory: the smaller table belongs there.",
        join_order.rewrite,
    ),
    _Rewrite(
        "approximate count",
        "A sketch needs little memory however many different values there are.",
        approximate.rewrite,
        "Counts of different values are then estimates, with a standard error of 2.3 %.",
    ),
    _Rewrite(
        "no sort inside",
        "A nested query without LIMIT has no order for those who read it; sorting it is lost work.",
        ordering.rewrite,
    ),
    _Rewrite(
        "UNION ALL",
        "UNION compares all rows to drop repeated ones, and here there can be none.",
        unions.rewrite,
    ),
    _Rewrite(
        "repeated query named",
        "It is read, checked and changed in one place; an engine that keeps the rows of WITH "
        "computes it once.",
        repeated.rewrite,
    ),
    _Rewrite(
        "equality in place of LIKE",
        "An equality can use the files' value ranges; a pattern is matched row by row.",
        patterns.like,
    ),
    _Rewrite(
        "IN in place of OR",
        "One list is looked up at once, and the engine can skip files by it.",
        patterns.any_of,
    ),
)


def optimise(assistant: Assistant, sql: str, principal: Principal) -> tuple[Suggestion, ...]:
    """What would help; raises ``GuardRefused`` for what may not run and cannot be helped."""
    refused: GuardRefused | None = None
    try:
        assistant.check(sql, principal)
    except GuardRefused as exc:
        if exc.rule not in ("partition-filter", "partition-span"):
            raise
        refused = exc
    grants = assistant.policy.grants(principal)
    visible = grants.visible(assistant.catalog)
    bound = bind(sql, visible.tables, grants.limits)
    before = render(bound.written)
    found = []
    for each in REWRITES:
        work = Rewriting(bound.written.copy(), bound, visible)
        try:
            each.rewrite(work)
            if not work.done or render(work.tree) == before:
                continue
            text = shown(work.tree)
            assistant.check(text, principal)
        except (GuardRefused, *BREAKS):
            continue
        reason = f"{each.why} Here: {'; '.join(work.done)}."
        found.append(Suggestion(each.name, reason, text, not each.changes, each.changes))
    if refused and not found:
        raise refused
    return tuple(found)

"""What the guard decides on a query: SQL and who asks go in, a report of it comes out.

The guard stops at its first refusal. Its rules on what a query costs are independent of each other,
so those are all looked at here, to tell everything that is to be mended at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from nlq.catalog.catalog import Catalog
from nlq.desk.bound import bind
from nlq.desk.types import CheckReport, Decision, GuardChange
from nlq.errors import GuardRefused
from nlq.pipeline import Assistant
from nlq.sql.bombs import check_bombs
from nlq.sql.facts import analyse
from nlq.sql.joins import check_joins
from nlq.sql.limits import Limits
from nlq.sql.names import whole_name
from nlq.sql.partitions import check_partitions
from nlq.types import Principal

_READ: Final = {
    "one-statement": "It is one statement.",
    "reads-only": "It only reads.",
    "inline-function": "It defines no functions.",
    "unparsable": "It is SQL that can be read.",
    "odd-character": "It holds no invisible characters.",
    "too-long": "It is short enough.",
    "too-deep": "It is not nested too deeply.",
    "recursion": "It does not call itself.",
    "table-function": "It reads tables by their names alone.",
    "unknown-function": "All its functions are known and only compute.",
    "not-understood": "Every part of it is understood.",
}
_NAMES: Final = {
    "unknown-table": "All its tables are there, for you.",
    "ambiguous-table": "Every table's name means one table.",
    "duplicate-alias": "Every source has a name of its own.",
    "unknown-column": "All its columns are there.",
    "ambiguous-column": "Every column's name means one column.",
    "column-not-granted": "You may read all its columns.",
    "hidden-column": "It reads no hidden column of the connector.",
    "type-mismatch": "It compares only what Presto compares.",
}
_COST: Final = {
    "too-many-joins": "It joins few enough tables.",
    "unbounded-call": "No call makes an unbounded number of values.",
    "cross-join": "All its sources are linked.",
    "partition-filter": "Every table that asks for it is restricted to some partitions.",
    "partition-span": "No partition condition spans too long a time.",
}
_WRITTEN: Final = {
    "limit-not-literal": "Its LIMIT is a number, or there is none.",
    "row-filter": "The policy's row filters fit their tables.",
    "not-rendered": "What is sent reads back as what was checked.",
}
RULES: Final = (_READ, _NAMES, _COST, _WRITTEN)
"""The rules' names with the words for a query that passes, in the order of the guard's work."""

_WHY: Final = (
    ("limited to", "More rows than this are not given out at once; the policy sets the limit."),
    ("only the rows of", "The policy lets you see some rows of this table only."),
    ("read ", "A short name is completed, so that it is certain which table is meant."),
)
_MENDED: Final = "Presto would refuse it or read it otherwise, and what was meant is certain."
_LATER: Final = "Not looked at, as the query was refused before."


def check(assistant: Assistant, sql: str, principal: Principal) -> CheckReport:
    """Every decision; never raises for a refusal."""
    try:
        query = assistant.check(sql, principal)
    except GuardRefused as exc:
        grants = assistant.policy.grants(principal)
        decisions = tuple(_refused(exc, sql, grants.visible(assistant.catalog), grants.limits))
        return CheckReport(False, exc.message, exc.hint, exc.rule, decisions)
    changes = tuple(GuardChange(words, _why(words)) for words in query.rewrites)
    changed = f" The guard changed {_things(len(changes))}." if changes else ""
    return CheckReport(
        allowed=True,
        headline=f"The query is safe and you may run it.{changed}",
        hint="",
        rule="",
        decisions=tuple(
            Decision(rule, "passed", words) for group in RULES for rule, words in group.items()
        ),
        sql=query.sql,
        changes=changes,
        tables=query.tables,
        columns=query.columns,
        row_limit=query.row_limit,
    )


def _things(count: int) -> str:
    return "one thing" if count == 1 else f"{count} things"


def _why(words: str) -> str:
    return next((why for start, why in _WHY if words.startswith(start)), _MENDED)


def _refused(
    refusal: GuardRefused, sql: str, visible: Catalog, limits: Limits
) -> Iterator[Decision]:
    """The refusal among what was decided before it and what was not reached."""
    own = Decision(refusal.rule, "refused", refusal.message, refusal.hint)
    known = any(refusal.rule in group for group in RULES)
    if not known:
        yield own
    before = known
    for group in RULES:
        if refusal.rule in group:
            others = _costs(sql, visible, limits) if group is _COST else {}
            for rule, words in group.items():
                later = others.get(rule)
                if rule == refusal.rule:
                    yield own
                elif later is not None:
                    yield Decision(rule, "refused", later.message, later.hint)
                elif group is _COST:
                    yield Decision(rule, "passed", words)
                else:
                    yield Decision(rule, "not reached", _LATER)
            before = False
        else:
            for rule, words in group.items():
                yield Decision(rule, *(("passed", words) if before else ("not reached", _LATER)))


def _costs(sql: str, visible: Catalog, limits: Limits) -> dict[str, GuardRefused]:
    """What every rule on cost refuses, each looked at by itself."""
    found: dict[str, GuardRefused] = {}
    try:
        tree = bind(sql, visible.tables, limits).bound
    except GuardRefused:
        return found

    def look(rule: Callable[[], None]) -> None:
        try:
            rule()
        except GuardRefused as exc:
            found.setdefault(exc.rule, exc)

    joins = analyse(tree).joins
    if joins > limits.max_joins:
        found["too-many-joins"] = GuardRefused(
            "too-many-joins", f"It joins {joins} times; at most {limits.max_joins} are allowed."
        )
    look(lambda: check_bombs(tree, limits))
    for scope in traverse_scope(tree):
        if not isinstance(scope.expression, exp.Select):
            continue
        look(lambda scope=scope: check_joins(scope, visible.tables, limits))  # type: ignore[misc]
        for name, (_, source) in scope.selected_sources.items():
            if isinstance(source, exp.Table):
                doc = visible.tables[whole_name(source)]
                look(lambda s=scope, n=name, d=doc: check_partitions(s, n, d, limits))  # type: ignore[misc]
    return found

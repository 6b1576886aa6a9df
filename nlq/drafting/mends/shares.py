"""Shares of themselves: a ratio whose parts count the same rows is one, whatever the data.

``count(*) / count(*) ... WHERE month AND paid`` was meant as the share of the month's rows that are
paid: the condition belongs into the upper part, and out of WHERE.
"""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, column_doc, conjuncts, outermost, sources_of
from nlq.retrieval.words import stem, words
from nlq.types import ValueDoc

_RATIO_OF = re.compile(r"\bratio of\b.*?\bto\b(.*)", re.IGNORECASE)

_TIMES = (exp.Cast, exp.TsOrDsToDate, exp.DateTrunc, exp.TimestampTrunc)


def plain_counts(tree: exp.Expr, mending: Mending) -> None:
    """Write ``count(*) FILTER (WHERE c)`` as ``count_if(c)``, which other mends read."""
    for kept in list(tree.find_all(exp.Filter)):
        if isinstance(kept.this, exp.Count) and isinstance(kept.this.this, exp.Star):
            kept.replace(exp.CountIf(this=kept.expression.this.copy()))
            mending.note("rows counted by a condition")


def mend_shares(tree: exp.Expr, mending: Mending) -> None:
    """Count in the upper part alone what meets the last condition that is not about time."""
    for division in list(tree.find_all(exp.Div)):
        select = division.find_ancestor(exp.Select)
        where = select.args.get("where") if select else None
        over, under = _aggregate(division.this), _aggregate(division.expression)
        if select is None or where is None or not isinstance(under, exp.Count):
            continue
        conditions = conjuncts(where.this)
        if over == under and not isinstance(under.this, exp.Distinct):
            meant = [each for each in conditions if not each.find(*_TIMES)][-1:]
        else:
            meant = _counted_twice(over, conditions)
        if not meant:
            continue
        left = [each.copy() for each in conditions if each not in meant]
        if over == under and over is not None:
            over.replace(exp.CountIf(this=exp.and_(*(each.copy() for each in meant))))
        select.set("where", exp.Where(this=exp.and_(*left)) if left else None)
        mending.note("the share is of all rows, not of those counted")


def mend_ratio_of(tree: exp.Expr, mending: Mending) -> None:
    """Make "the ratio of lost to won" one of lost to won, where a draft divides lost by all."""
    asked = _RATIO_OF.search(mending.asked)
    select = outermost(tree)
    sources = sources_of(select, mending.catalog) if select else None
    if not asked or not sources or select is None:
        return
    for division in list(select.find_all(exp.Div)):
        over, under = _aggregate(division.this), _aggregate(division.expression)
        condition = _condition(over)
        if over is None or not isinstance(under, exp.Count) or not isinstance(condition, exp.EQ):
            continue
        column, value = condition.this, condition.expression
        known = column_doc(column, sources) if isinstance(column, exp.Column) else None
        if known is None or not isinstance(value, exp.Literal) or _condition(under) is not None:
            continue
        others = [v.value for v in known.values if v.value != value.this and _says(asked[1], v)]
        if len(others) == 1 and not _says(asked[1], ValueDoc(value.this)):
            other = exp.EQ(this=column.copy(), expression=exp.Literal.string(others[0]))
            under.replace(exp.CountIf(this=other))
            mending.note(f"divided by those with {others[0]}")


def _says(text: str, value: ValueDoc) -> bool:
    told = {stem(word) for word in words(text)}
    names = (value.value, value.meaning, *value.synonyms)
    return any({stem(word) for word in words(name)} <= told for name in names if words(name))


def _condition(aggregate: exp.Expr | None) -> exp.Expr | None:
    """What a conditional count counts; None for any other aggregate."""
    if isinstance(aggregate, exp.CountIf):
        found: exp.Expr | None = aggregate.this
        return found
    if isinstance(aggregate, exp.Sum | exp.Count) and isinstance(aggregate.this, exp.Case):
        branches = aggregate.this.args.get("ifs") or []
        return branches[0].this if len(branches) == 1 else None
    return None


def _aggregate(node: exp.Expr) -> exp.Expr | None:
    """The one aggregate of a part of a ratio: ``100.0 * CAST(count(*) AS double)`` has one."""
    found = list(node.find_all(exp.AggFunc))
    return found[0] if len(found) == 1 and not node.find(exp.Query, exp.Window) else None


def _counted_twice(over: exp.Expr | None, conditions: list[exp.Expr]) -> list[exp.Expr]:
    """The last condition of a conditional count, where WHERE has all of its conditions."""
    counted = conjuncts(_condition(over) or _is_there(over))
    return counted[-1:] if counted and all(each in conditions for each in counted) else []


def _is_there(over: exp.Expr | None) -> exp.Expr | None:
    """What ``count(x)`` tests: that x is there."""
    if isinstance(over, exp.Count) and isinstance(over.this, exp.Column):
        return exp.Not(this=exp.Is(this=over.this.copy(), expression=exp.null()))
    return None

"""What no engine runs though it is plain what is meant.

A sum of truths counts them; a condition on an aggregate belongs to HAVING; rows of two columns
EXCEPT those of one are those whose first column is not among them; two rows of one table that are
each named in the ON of a join are two values.
"""

from __future__ import annotations

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, column_doc, columns_of, conjuncts, sources_of


def mend_unsound(tree: exp.Expr, mending: Mending) -> None:
    """Write what would be turned down as it is meant."""
    for select in list(tree.find_all(exp.Select)):
        _count_truths(select, mending)
        _move_to_having(select, mending)
        _take_single_rows(select, mending)
    for both in list(tree.find_all(exp.Except, exp.Intersect)):
        _widen(both, mending)


def _count_truths(select: exp.Select, mending: Mending) -> None:
    sources = sources_of(select, mending.catalog) or {}
    for total in list(select.find_all(exp.Sum)) if sources else ():
        known = column_doc(total.this, sources) if isinstance(total.this, exp.Column) else None
        if known is not None and known.type == "boolean":
            total.replace(exp.CountIf(this=total.this.copy()))
            mending.note(f"rows counted that are {known.name}")


def _move_to_having(select: exp.Select, mending: Mending) -> None:
    where = select.args.get("where")
    conditions = conjuncts(where.this if where else None)
    moved = [each for each in conditions if _aggregates(each, select)]
    if not moved or not select.args.get("group"):
        return
    kept = [each.copy() for each in conditions if each not in moved]
    select.set("where", exp.Where(this=exp.and_(*kept)) if kept else None)
    select.having(*(each.copy() for each in moved), copy=False)
    mending.note("conditions on groups tested after grouping")


def _aggregates(condition: exp.Expr, select: exp.Select) -> bool:
    return any(
        each.find_ancestor(exp.Select) is select and not each.find_ancestor(exp.Window)
        for each in condition.find_all(exp.AggFunc)
    )


def _take_single_rows(select: exp.Select, mending: Mending) -> None:
    """Make ``a.x / b.x`` of two rows that literals name two scalar subqueries."""
    sources = sources_of(select, mending.catalog) or {}
    joins = select.args.get("joins") or []
    if len(sources) != 2 or len({doc.name for doc in sources.values()}) != 1:
        return
    rest = ("group", "having", "order", "limit", "distinct")
    if any(select.args.get(part) for part in rest) or select.find(exp.AggFunc):
        return
    where = select.args.get("where")
    conditions = conjuncts(joins[0].args.get("on")) + conjuncts(where.this if where else None)
    pinned = {alias: [c for c in conditions if _pins(c, alias)] for alias in sources}
    if not all(pinned.values()) or sum(map(len, pinned.values())) != len(conditions):
        return
    nodes = {
        node.alias_or_name.lower(): node for node in (select.args["from_"].this, joins[0].this)
    }
    shown = [c for c in columns_of(select) if c.find_ancestor(exp.Join, exp.Where) is None]
    if not shown or any(column.table.lower() not in sources for column in shown):
        return
    for column in shown:
        alias = column.table.lower()
        row = exp.select(column.copy()).from_(nodes[alias].copy())
        value = row.where(*(each.copy() for each in pinned[alias])).subquery()
        of = column.parent
        column.replace(exp.alias_(value, column.name) if of is select else value)
    for part in ("from_", "joins", "where"):
        select.set(part, None)
    mending.note("each of the two rows looked up by itself")


def _pins(condition: exp.Expr, alias: str) -> bool:
    """Whether it makes a column of that table equal to a literal."""
    column, value = condition.this, condition.expression
    if not isinstance(condition, exp.EQ) or not isinstance(value, exp.Literal):
        return False
    return {c.table.lower() for c in column.find_all(exp.Column)} == {alias}


def _widen(both: exp.SetOperation, mending: Mending) -> None:
    """Give the second query the columns of the first, where it has the key alone."""
    left, right = both.this, both.expression
    if not isinstance(left, exp.Select) or not isinstance(right, exp.Select):
        return
    if len(left.expressions) < 2 or len(right.expressions) != 1 or left.args.get("group"):
        return
    key = left.expressions[0].unalias()
    if not isinstance(key, exp.Column) or any(each.is_star for each in right.expressions):
        return
    wide = left.copy()
    wide.where(exp.In(this=key.copy(), query=right.copy().subquery()), copy=False)
    both.set("expression", wide)
    mending.note(f"rows compared by {key.name}")

"""Columns that an answer is read by: the keys of its groups, and what ranks or selects its rows.

"The five domains with the most authors" is an answer with the number of authors beside each; a
model often gives the names alone.
"""

from __future__ import annotations

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, outermost

_MOST_COLUMNS = 8


def mend_shown(tree: exp.Expr, mending: Mending) -> None:
    """Show keys of groups, ordering values and the aggregates of HAVING, where they are missing."""
    select = outermost(tree)
    if select is None or select.args.get("distinct"):
        return
    for wanted in _read_by(select):
        if len(select.expressions) >= _MOST_COLUMNS:
            return
        if not _is_shown(wanted, select):
            name = _name(wanted, select)
            select.select(exp.alias_(wanted.copy(), name), append=True, copy=False)
            mending.note(f"{name} shown beside")


def _read_by(select: exp.Select) -> list[exp.Expr]:
    found: list[exp.Expr] = []
    group = select.args.get("group")
    keys = list(group.expressions) if group else []
    found += [key for key in keys if isinstance(key, exp.Column)]
    order = select.args.get("order")
    for ordered in order.expressions if order else ():
        if isinstance(ordered.this, exp.Column) or ordered.this.find(exp.AggFunc):
            found.append(ordered.this)
    having = select.args.get("having")
    if having:
        for compared in having.find_all(exp.GT, exp.GTE, exp.LT, exp.LTE):
            if isinstance(compared.this, exp.AggFunc):
                found.append(compared.this)
    return found


def _is_shown(wanted: exp.Expr, select: exp.Select) -> bool:
    for shown in select.expressions:
        if isinstance(shown, exp.Star) or (isinstance(shown, exp.Column) and shown.is_star):
            return True
        bare = shown.unalias()
        if bare == wanted:
            return True
        if isinstance(wanted, exp.Column):
            if not wanted.table and shown.alias_or_name.lower() == wanted.name.lower():
                return True
            if isinstance(bare, exp.Column) and bare.name.lower() == wanted.name.lower():
                return True
    return False


def _name(wanted: exp.Expr, select: exp.Select) -> str:
    taken = {shown.alias_or_name.lower() for shown in select.expressions}
    base = wanted.name.lower() if isinstance(wanted, exp.Column) else ""
    if not base:
        inner = wanted.find(exp.Column)
        kind = wanted.key if isinstance(wanted, exp.Func) else "value"
        base = f"{kind}_{inner.name.lower()}" if inner and not inner.is_star else kind
    names = (base, *(f"{base}_{number}" for number in range(2, 20)))
    return next(name for name in names if name not in taken)

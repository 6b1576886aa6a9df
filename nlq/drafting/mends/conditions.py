"""Conditions that say something else than they read: NOT IN over nulls, OR beside AND.

``x NOT IN (SELECT y ...)`` is never true where a y is null, and never for a null x; people mean
"has none among". ``a LIKE 'J%' OR a LIKE '%z' AND b = 1`` binds the other way round than the
question that it was written for, when both sides of OR are about one column.
"""

from __future__ import annotations

from sqlglot import exp

from nlq.drafting.mends.draft import Mending


def mend_conditions(tree: exp.Expr, mending: Mending) -> None:
    """Make NOT IN mind nulls, and OR of one column bind before AND of others."""
    for negation in list(tree.find_all(exp.Not)):
        if isinstance(negation.this, exp.In) and negation.this.args.get("query"):
            _mind_nulls(negation, mending)
    for either in list(tree.find_all(exp.Or)):
        _bind_first(either, mending)


def _mind_nulls(negation: exp.Not, mending: Mending) -> None:
    within = negation.this
    query = within.args["query"].unnest()
    if not (
        isinstance(query, exp.Select)
        and len(query.expressions) == 1
        and isinstance(within.this, exp.Column)
        and isinstance(query.expressions[0].unalias(), exp.Column)
        and not query.args.get("group")
    ):
        return
    present = exp.Not(
        this=exp.Is(this=query.expressions[0].unalias().copy(), expression=exp.null())
    )
    query.where(present, copy=False)
    missing = exp.Is(this=within.this.copy(), expression=exp.null())
    negation.replace(exp.paren(exp.or_(negation.copy(), missing)))
    mending.note("rows without a value count as having none")


def _bind_first(either: exp.Or, mending: Mending) -> None:
    """Make ``a1 OR a2 AND b`` ``(a1 OR a2) AND b``: a1 and a2 test one column, b another."""
    parts = list(either.flatten())
    if any(isinstance(part, exp.Paren) for part in parts) or isinstance(either.parent, exp.Or):
        return
    last = parts[-1]
    if not isinstance(last, exp.And) or any(isinstance(part, exp.And) for part in parts[:-1]):
        return
    conjuncts = list(last.flatten())
    tested = _tested(conjuncts[0])
    if not tested or any(_tested(part) != tested for part in parts[:-1]):
        return
    among = [*parts[:-1], conjuncts[0]]
    if any(_tested(part) & tested and not _is_apart(part, among) for part in conjuncts[1:]):
        return
    first = exp.paren(exp.or_(*(part.copy() for part in (*parts[:-1], conjuncts[0]))))
    either.replace(exp.and_(first, *(part.copy() for part in conjuncts[1:])))
    mending.note("what is joined by OR taken together")


def _is_apart(condition: exp.Expr, among: list[exp.Expr]) -> bool:
    """Whether it is a pattern for another part of a text than all of those have.

    "K and M giants" begin with K or M, and each of them has III somewhere behind.
    """
    shapes = [_shape(each) for each in (condition, *among)]
    return None not in shapes and len(set(shapes[1:])) == 1 and shapes[0] != shapes[1]


def _shape(condition: exp.Expr) -> tuple[bool, bool] | None:
    """Whether anything may stand before, and behind, what a pattern looks for."""
    if not (isinstance(condition, exp.Like | exp.ILike) and condition.expression.is_string):
        return None
    pattern = condition.expression.name
    return pattern.startswith("%"), pattern.endswith("%")


def _tested(condition: exp.Expr) -> set[str]:
    return {column.sql().lower() for column in condition.find_all(exp.Column)}

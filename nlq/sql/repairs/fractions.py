"""Casts that would lose the fraction that they are there to keep.

Presto has no FLOAT (and its REAL has seven digits), and its bare DECIMAL has no digits after the
point: ``ROUND(CAST(x AS DECIMAL), 2)`` and ``CAST(a AS DECIMAL) / b`` would be whole numbers.
"""

from __future__ import annotations

from sqlglot import exp


def repair(tree: exp.Expr) -> str:
    """FLOAT, and bare DECIMAL where a fraction is wanted, become DOUBLE."""
    done = False
    for cast in tree.find_all(exp.Cast, exp.TryCast):
        to = cast.to
        bare = to.is_type(exp.DType.DECIMAL) and not to.expressions
        if to.is_type(exp.DType.FLOAT) or (bare and _wants_fraction(cast)):
            cast.set("to", exp.DataType.build("double"))
            done = True
    return "computed with double precision" if done else ""


def _wants_fraction(cast: exp.Expr) -> bool:
    parent = cast.parent
    while isinstance(parent, exp.Paren | exp.Mul | exp.Div):
        if isinstance(parent, exp.Div):
            return True
        parent = parent.parent
    return isinstance(parent, exp.Round) and parent.args.get("decimals") is not None

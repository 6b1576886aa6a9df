"""SQL as analysts write it: a tree goes in, Presto SQL on several lines comes out.

The same query as ``nlq.sql.dialect.render`` gives, but for its looks: ``DATE '2026-01-01'`` and not
a cast, ``IS NOT NULL`` and ``NOT IN`` in one place, functions in lower case, comments kept.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from nlq.sql.dialect import LAKE

_TYPED: Final = {exp.DType.DATE: "DATE", exp.DType.TIMESTAMP: "TIMESTAMP"}


def shown(tree: exp.Expr) -> str:
    """The tree's SQL, laid out.

    >>> import sqlglot
    >>> sql = "SELECT COUNT(*) FROM t WHERE NOT d IS NULL AND d > date'2026-01-01'"
    >>> print(shown(sqlglot.parse_one(sql, read="presto")))
    SELECT
      count(*)
    FROM t
    WHERE
      d IS NOT NULL AND d > DATE '2026-01-01'
    """
    dressed = tree.copy().transform(_dress, copy=False)
    return dressed.sql(dialect=LAKE, pretty=True, normalize_functions="lower").strip("\n")


def _dress(node: exp.Expr) -> exp.Expr:
    """A node that is written as people write it; it is for rendering alone."""
    if type(node) is exp.Cast and node.to.this in _TYPED and not node.to.expressions:
        value = node.this
        if isinstance(value, exp.Literal) and value.is_string and not node.args.get("format"):
            return _as_written(f"{_TYPED[node.to.this]} {value.sql(dialect=LAKE)}", node)
    if isinstance(node, exp.Not):
        inner: exp.Expr = node.this
        if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
            inner.set("expression", exp.Var(this="NOT NULL"))
            return inner
        if type(inner) in (exp.In, exp.Like, exp.Between) and isinstance(inner.this, exp.Column):
            column = inner.this.sql(dialect=LAKE)
            inner.set("this", exp.Var(this=f"{column} NOT"))
            return inner
    return node


def _as_written(text: str, node: exp.Expr) -> exp.Expr:
    var = exp.Var(this=text)
    var.comments = node.comments
    return var

"""Years that are kept as whole numbers, and compared or cut as if they were dates."""

from __future__ import annotations

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, column_doc, columns_of, sources_of

_WHOLE = ("bigint", "integer", "smallint", "int")
_FROM, _BEFORE = (exp.GTE, exp.GT), (exp.LT, exp.LTE)


def mend_years(tree: exp.Expr, mending: Mending) -> None:
    """Compare a column of years with years, and take the year of it as it is."""
    for select in list(tree.find_all(exp.Select)):
        sources = sources_of(select, mending.catalog) or {}
        for column in columns_of(select):
            known = column_doc(column, sources)
            if known is None or known.type not in _WHOLE or "year" not in known.name:
                continue
            _mend_year(column, mending)
    for cut in list(tree.find_all(exp.DateTrunc, exp.TimestampTrunc)):
        if cut.text("unit").upper() == "DECADE":
            ten = exp.Literal.number(10)
            years = exp.Div(this=exp.Year(this=cut.this.copy()), expression=ten, typed=True)
            cut.replace(exp.Mul(this=years, expression=ten.copy()))
            mending.note("decades by their first year")


def _mend_year(column: exp.Column, mending: Mending) -> None:
    parent = column.parent
    while isinstance(parent, exp.Cast | exp.TsOrDsToDate):
        parent = parent.parent
    if parent is not None and _takes_year(parent):
        parent.replace(column.copy())
        mending.note(f"{column.name} is a year already")
        return
    if isinstance(parent, (*_FROM, *_BEFORE, exp.EQ)) and parent.this.find(exp.Column) is column:
        year = _year_of(parent.expression)
        if year is not None:
            parent.set("this", column.copy())
            parent.set("expression", exp.Literal.number(year))
            mending.note(f"{column.name} compared with years")
    elif isinstance(parent, exp.Between):
        low, high = (_year_of(parent.args[side]) for side in ("low", "high"))
        if low is not None and high is not None:
            parent.set("this", column.copy())
            parent.set("low", exp.Literal.number(low))
            parent.set("high", exp.Literal.number(high))
            mending.note(f"{column.name} compared with years")


def _takes_year(node: exp.Expr) -> bool:
    """Whether it is ``year(x)``, ``extract(year FROM x)`` or ``date_trunc('year', x)``."""
    if isinstance(node, exp.Extract):
        return node.name.upper() == "YEAR"
    if isinstance(node, exp.DateTrunc | exp.TimestampTrunc):
        return node.text("unit").upper() == "YEAR"
    return isinstance(node, exp.Year)


def _year_of(node: exp.Expr) -> int | None:
    """The year of a literal day."""
    text = node.find(exp.Literal)
    if text is None or not text.is_string or node.find(exp.Column):
        return None
    year, _, rest = text.this.partition("-")
    return int(year) if len(year) == 4 and year.isdigit() and rest else None

"""Amounts that are kept in cents or micros: shown in whole units, where a draft shows them bare."""

from __future__ import annotations

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, column_doc, outermost, sources_of

_AMOUNTS = (exp.Sum, exp.Avg, exp.Min, exp.Max)
_PARTS = {"cents": "1e2", "micros": "1e6"}
"""Units that are parts of a currency's, as docs name them, and what makes a whole."""


def mend_units(tree: exp.Expr, mending: Mending) -> None:
    """Divide bare amounts of the outermost SELECT by what makes a whole unit."""
    select = outermost(tree)
    sources = (sources_of(select, mending.catalog) or {}) if select else {}
    for projection in list(select.expressions) if select and sources else ():
        shown = projection.this if isinstance(projection, exp.Alias) else projection
        column = shown.this if isinstance(shown, _AMOUNTS) else shown
        if not isinstance(column, exp.Column):
            continue
        known = column_doc(column, sources)
        unit = known.unit.split() if known else []
        if unit and unit[-1] in _PARTS:
            parts = exp.Literal.number(_PARTS[unit[-1]])
            whole = exp.Div(this=shown.copy(), expression=parts, typed=True, safe=False)
            name = projection.alias if isinstance(projection, exp.Alias) else column.name
            projection.replace(exp.alias_(whole, name))
            mending.note(f"{column.name} shown in {' '.join(unit[:-1]) or 'whole units'}")

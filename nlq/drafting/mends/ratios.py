"""Ratios and averages that Presto would cut: computed as doubles.

The ratio of two counts is a whole number, the average of prices in cents is rounded to cents, and
their ratio too. Whole numbers are only mended where the upper part of the ratio is an aggregate:
``year / 10 * 10`` is meant to be cut.
"""

from __future__ import annotations

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, column_doc, sources_of


def mend_ratios(tree: exp.Expr, mending: Mending) -> None:
    """Cast the upper part of a ratio of counts, or of a decimal number, to double.

    ``100.0 * count(*) / 3`` and ``cents / 100.0`` are decimals of one place in Presto.
    """
    for division in list(tree.find_all(exp.Div)):
        over = division.this
        numbers = [n.name for n in division.find_all(exp.Literal) if not n.is_string]
        fraction = any("." in number for number in numbers)
        if division.find_ancestor(exp.Floor) or not (over.find(exp.AggFunc) or fraction):
            continue
        if any(part.find(exp.Cast, exp.TryCast, exp.Avg) for part in (over, division.expression)):
            continue
        if any("e" in number.lower() for number in numbers):
            continue
        division.set("this", exp.cast(over.copy(), "double"))
        mending.note("ratio computed with its fraction")


def mend_decimals(tree: exp.Expr, mending: Mending) -> None:
    """Average decimals, and divide them, with all of their fraction."""
    for select in list(tree.find_all(exp.Select)):
        sources = sources_of(select, mending.catalog)
        for node in list(select.find_all(exp.Avg, exp.Div)) if sources else ():
            columns = list(node.this.find_all(exp.Column))
            types = [doc.type for c in columns if (doc := column_doc(c, sources or {}))]
            if not any(kind.startswith("decimal") for kind in types):
                continue
            if node.find_ancestor(exp.Select) is select and not node.find(exp.Cast, exp.TryCast):
                node.set("this", exp.cast(node.this.copy(), "double"))
                mending.note("computed with double precision")

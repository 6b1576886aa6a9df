"""Days added to or taken from a date as a bare number: ``current_date - 7``."""

from __future__ import annotations

from sqlglot import exp

from nlq.sql.kinds import kind_of
from nlq.sql.values import whole_number


def repair(tree: exp.Expr) -> str:
    """``current_date - 7`` becomes ``current_date - INTERVAL '7' DAY``."""
    done = False
    for node in tree.find_all(exp.Add, exp.Sub):
        number = whole_number(node.expression)
        if number is not None and number >= 0 and kind_of(node.this) == "date":
            node.set(
                "expression",
                exp.Interval(this=exp.Literal.string(str(number)), unit=exp.var("DAY")),
            )
            done = True
    return "counted a bare number in days" if done else ""

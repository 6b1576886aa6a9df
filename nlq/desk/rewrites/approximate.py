"""``count(DISTINCT x)`` into ``approx_distinct(x)``: a small sketch in place of all values."""

from __future__ import annotations

from sqlglot import exp

from nlq.desk.rewrites.rewriting import Rewriting


def rewrite(work: Rewriting) -> None:
    """Replace counts of different values of one expression."""
    for count in list(work.tree.find_all(exp.Count)):
        distinct = count.this
        if isinstance(distinct, exp.Distinct) and len(distinct.expressions) == 1:
            counted = distinct.expressions[0]
            work.say(f"{counted.sql('presto')} is counted by a sketch")
            sketch: exp.Expr = exp.ApproxDistinct(this=counted.copy())
            if isinstance(count.parent, exp.Select):
                sketch = exp.alias_(sketch, "count")
            count.replace(sketch)

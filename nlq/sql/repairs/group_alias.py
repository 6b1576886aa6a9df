"""``GROUP BY month`` where month is both a column and the name of an output made from it.

Presto groups by the column and then shows a label for each of its values, many rows of one label.
What was meant is the output: ``SELECT date_trunc('month', day) AS day ... GROUP BY day``.
"""

from __future__ import annotations

from sqlglot import exp

from nlq.sql.functions import has_aggregate


def repair(tree: exp.Expr) -> str:
    """Group by the output where its name is that of a column which it is computed from."""
    done = ""
    for select in tree.find_all(exp.Select):
        group = select.args.get("group")
        if not group:
            continue
        outputs = {e.alias.lower(): e.this for e in select.expressions if isinstance(e, exp.Alias)}
        for key in list(group.expressions):
            if not isinstance(key, exp.Column) or key.table:
                continue
            made = outputs.get(key.name.lower())
            if (
                made is None
                or isinstance(made, exp.Column)
                or has_aggregate(made)
                or made.find(exp.Window)
            ):
                continue
            if any(c.name.lower() == key.name.lower() for c in made.find_all(exp.Column)):
                key.replace(made.copy())
                done = key.name
    return f"grouped by the output {done}" if done else ""

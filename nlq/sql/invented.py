"""Values that a model made up: a guarded draft enters, a refusal is raised or nothing happens.

``SELECT 42 AS revenue`` is safe SQL, and its answer stands in its result; it is no answer all the
same. People may write such queries, so this is asked of a model's drafts alone.
"""

from __future__ import annotations

from sqlglot import exp

from nlq.errors import GuardRefused
from nlq.sql.guarded import GuardedQuery

_FROM_DATA = (exp.Column, exp.Count, exp.CountIf, exp.Query)


def refuse_invented(query: GuardedQuery) -> None:
    """Raise ``GuardRefused`` where a number is given that no data stands behind.

    Outputs that are constant texts may label the parts of a UNION; a query of nothing else, or of
    no table, is refused too.
    """
    outermost = _outermost(query.tree())
    constant = [
        [output for output in select.expressions if not output.find(*_FROM_DATA)]
        for select in outermost
    ]
    numbers = [
        output.alias_or_name
        for outputs in constant
        for output in outputs
        if any(not literal.is_string for literal in output.find_all(exp.Literal))
    ]
    selects = zip(outermost, constant, strict=True)
    whole = any(len(outputs) == len(select.expressions) for select, outputs in selects)
    if query.tables and not numbers and not whole:
        return
    named = f": {', '.join(numbers)}" if numbers else ""
    raise GuardRefused(
        "invented-value",
        f"The query gives values that do not come from the data{named}.",
        hint="Select columns of the tables listed, or expressions of them.",
    )


def _outermost(tree: exp.Query) -> list[exp.Select]:
    """The SELECTs that give the result's rows: one, or those of a UNION."""
    if isinstance(tree, exp.SetOperation):
        return [*_outermost(tree.left), *_outermost(tree.right)]
    inner = tree.unnest()
    return [inner] if isinstance(inner, exp.Select) else []

"""Text in double quotes, which are for names in Presto: ``status = "sent"``.

Only where no column of any table in the query, and no name that the query itself gives, is so
called, and only beside a comparison, LIKE or IN: then nothing but text can have been meant.
"""

from __future__ import annotations

from sqlglot import exp

_PLACES = (exp.EQ, exp.NEQ, exp.In, exp.Like, exp.ILike, exp.GT, exp.GTE, exp.LT, exp.LTE)
_PLACES_TOO = (exp.Between, exp.If, exp.Case, exp.Coalesce)


def repair(tree: exp.Expr, known: frozenset[str]) -> str:
    """Turn quoted names that cannot be names into text; ``known`` are all lower-case names."""
    done: dict[str, None] = {}
    for column in list(tree.find_all(exp.Column)):
        name = column.this
        if column.table or not isinstance(name, exp.Identifier) or not name.quoted:
            continue
        if name.name.lower() in known or name.name.startswith("$"):
            continue
        if not isinstance(column.parent, _PLACES + _PLACES_TOO):
            continue
        column.replace(exp.Literal.string(name.name))
        done[name.name] = None
    return f"read {', '.join(done)} as text" if done else ""

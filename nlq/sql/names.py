"""Small questions about the names in a tree whose tables are complete."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from nlq.types import TableDoc


def base_tables(tree: exp.Expr) -> tuple[str, ...]:
    """Whole names of the tables of the lake in a tree whose tables are complete."""
    names = (whole_name(t) for t in tree.find_all(exp.Table) if t.args.get("catalog"))
    return tuple(dict.fromkeys(names))


def whole_name(table: exp.Table) -> str:
    """``catalog.schema.table`` of a complete table node."""
    return ".".join(part.name for part in table.parts).lower()


def is_star(select: exp.Expr) -> bool:
    """Whether an output is ``*`` or ``t.*`` (``count(*)`` is not)."""
    return isinstance(select, exp.Star) or (
        isinstance(select, exp.Column | exp.Dot) and select.is_star
    )


def suggest(name: str, known: tuple[str, ...]) -> str:
    """A "did you mean" sentence, or the empty string."""
    close = get_close_matches(name.lower(), known, n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(close)}?" if close else ""


def columns_of(source: object, tables: Mapping[str, TableDoc]) -> tuple[str, ...]:
    """The columns that a table or a query's scope gives, lower case."""
    if isinstance(source, Scope):
        query = source.expression
        if isinstance(query, exp.Query):
            return tuple(query.named_selects)
        return tuple(c.name for c in query.args["alias"].columns) if query.args.get("alias") else ()
    if isinstance(source, exp.Table) and source.args.get("catalog"):
        return tuple(c.name.lower() for c in tables[whole_name(source)].columns)
    return ()

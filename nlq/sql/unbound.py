"""What to say about a column that could not be bound: a tree's trouble enters, a refusal leaves."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.scope import Scope

from nlq.errors import GuardRefused
from nlq.sql.names import columns_of, suggest
from nlq.types import TableDoc

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def unbound(column: exp.Column, scope: Scope, tables: Mapping[str, TableDoc]) -> GuardRefused:
    """The refusal of a column that no source in sight has, or several."""
    sources = {
        name: columns_of(source, tables) for name, (_, source) in scope.selected_sources.items()
    }
    name = column.name.lower()
    if column.table and column.table not in sources:
        return GuardRefused(
            "unknown-column",
            f"There is no {column.table} to take {column.table}.{name} from.",
            hint=f"FROM has {', '.join(sources) or 'nothing'}.",
        )
    having = [source for source, columns in sources.items() if name in columns]
    if len(having) > 1 and not column.table:
        return GuardRefused(
            "ambiguous-column",
            f"The column {name} is in {' and in '.join(having)}.",
            hint=f"Write {having[0]}.{name} or {having[1]}.{name}.",
        )
    offered = sources.get(column.table) or tuple(c for cs in sources.values() for c in cs)
    where = f" in {column.table or ' or '.join(sources)}" if sources else ""
    few = f"Columns there: {', '.join(offered[:40])}." if offered else ""
    return GuardRefused(
        "unknown-column",
        f"There is no column {name}{where}.",
        hint=" ".join(part for part in (suggest(name, offered), few) if part),
    )


def _unknown(name: str, tree: exp.Query, tables: Mapping[str, TableDoc]) -> GuardRefused:
    """``a.nme``: what the source called a has instead."""
    asked = {c.table for c in tree.find_all(exp.Column) if c.name.lower() == name and c.table}
    offered: dict[str, None] = {}
    for source in tree.find_all(exp.Table, exp.Subquery, exp.CTE):
        if source.alias_or_name not in asked:
            continue
        if isinstance(source, exp.Table) and source.args.get("catalog"):
            offered |= dict.fromkeys(columns_of(source, tables))
        elif isinstance(source.this, exp.Query):
            offered |= dict.fromkeys(source.this.named_selects)
    known = tuple(offered)
    few = f"Columns there: {', '.join(known[:40])}." if known else ""
    where = f" in {' or '.join(sorted(asked))}" if asked else ""
    return GuardRefused(
        "unknown-column",
        f"There is no column {name}{where}.",
        hint=" ".join(part for part in (suggest(name, known), few) if part),
    )


def translated(exc: OptimizeError, tree: exp.Query, tables: Mapping[str, TableDoc]) -> GuardRefused:
    """The refusal that an error of sqlglot\'s resolver means."""
    text = _COLOUR.sub("", str(exc)).split("\n", 1)[0]
    if text.startswith("Unknown column"):
        name = text.removeprefix("Unknown column: ").rstrip(".").lower()
        return _unknown(name, tree, tables)
    if "automatically join" in text:
        return GuardRefused("unknown-column", f"USING: {text}.", hint="Write the join with ON.")
    if "mbiguous" in text:
        return GuardRefused("ambiguous-column", f"{text}.", hint="Write table.column.")
    if "already used" in text:
        return GuardRefused("duplicate-alias", f"{text}.", hint="Give each source its own alias.")
    return GuardRefused("unknown-column", f"{text}.")

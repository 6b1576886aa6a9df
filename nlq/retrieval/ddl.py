"""Table docs as a model reads them best: a catalog's tables enter, CREATE TABLE texts leave.

One column a line with a short comment: this is how models of code saw schemas when they were
trained. A comment that only says the name over again is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nlq.catalog.catalog import Catalog
from nlq.retrieval.words import stem, words
from nlq.types import ColumnDoc, JoinEdge, TableDoc

_NOTE = 110
"""Longest comment on a column, characters."""
_MOST_VALUES = 8
_VALUES = 90
"""Longest list of a column's values, characters."""
_SAYS_NOTHING = frozenset({
    "a", "an", "and", "belongs", "by", "column", "each", "for", "foreign", "from", "id",
    "identifier", "identifies", "in", "is", "it", "its", "key", "located", "name", "number", "of",
    "on", "or", "primary", "reference", "referencing", "table", "that", "the", "this", "to",
    "unique", "uniquely", "was", "were", "where", "which", "with",
})  # fmt: skip


def lake_ddl(catalog: Catalog, names: Mapping[str, str]) -> str:
    """All tables and joins of ``catalog`` in a stable order: the same text for every question."""
    tables = (
        table_ddl(table, names.get(name, name)) for name, table in sorted(catalog.tables.items())
    )
    edges = (join_line(edge, names) for edge in catalog.joins)
    return "\n".join((*tables, *dict.fromkeys(edges)))


def table_ddl(table: TableDoc, name: str, columns: Collection[str] | None = None) -> str:
    """One table, or those ``columns`` of it; the table's own facts come first, as a comment."""
    facts = [about] if (about := table.description.split(". ")[0].rstrip(".")) else []
    if table.certification in ("staging", "deprecated"):
        facts.append(table.certification.upper())
    if table.partition_filter_required:
        facts.append(f"always filter {' or '.join(table.partitioned_by)}")
    shown = [c for c in table.columns if columns is None or c.name in columns]
    lines = [f"-- {'; '.join(facts)}"] if facts else []
    lines.append(f"CREATE TABLE {name} (")
    for position, column in enumerate(shown, start=1):
        comma = "," if position < len(shown) else ""
        note = _note(column, table)
        lines.append(f"  {column.name} {column.type}{comma}" + (f" -- {note}" if note else ""))
    lines.append(");")
    return "\n".join(lines)


def join_line(edge: JoinEdge, names: Mapping[str, str]) -> str:
    """``-- join a.x = b.y``."""
    left, right = names.get(edge.left, edge.left), names.get(edge.right, edge.right)
    pairs = zip(edge.left_columns, edge.right_columns, strict=True)
    return "-- join " + " AND ".join(f"{left}.{a} = {right}.{b}" for a, b in pairs)


def _note(column: ColumnDoc, table: TableDoc) -> str:
    notes = [note for note in (_description(column, table), column.unit) if note]
    codes = ", ".join(
        f"'{v.value}' {v.meaning}" if v.meaning else f"'{v.value}'"
        for v in column.values[:_MOST_VALUES]
    )
    if codes and len(codes) <= _VALUES and _is_telling(column):
        notes.append(f"values {codes}")
    return "; ".join(" ".join(note.split()) for note in notes)


def _description(column: ColumnDoc, table: TableDoc) -> str:
    text = column.description.strip().rstrip(".")
    known = {stem(word) for word in (*words(column.name), *words(table.name))}
    if all(word in _SAYS_NOTHING or stem(word) in known for word in words(text)):
        return ""
    return text if len(text) <= _NOTE else text[:_NOTE].rsplit(" ", 1)[0] + "..."


def _is_telling(column: ColumnDoc) -> bool:
    """Whether its values say more than its comment: people's docs of them, or a few categories."""
    told = column.description.lower()
    if any(v.synonyms or v.meaning.lower() not in told for v in column.values):
        return True
    few = len(column.values) <= _MOST_VALUES
    return few and not all(value.value.lower() in told for value in column.values)

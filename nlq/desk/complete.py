"""What may be written next: SQL and a cursor go in, completions from the catalog come out.

The text is half written, so it is not parsed but looked at: the word before the cursor, the clause
that it stands in, and the tables that FROM and JOIN name anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nlq.catalog.catalog import Catalog
from nlq.desk.types import Completion, CompletionKind
from nlq.sql.functions import AGGREGATES, FUNCTIONS
from nlq.sql.words import RESERVED
from nlq.types import ColumnDoc, TableDoc

MOST: Final = 60
_FIRST_KEYWORDS: Final = (
    "SELECT", "FROM", "WHERE", "GROUP BY", "ORDER BY", "LIMIT", "JOIN", "LEFT JOIN", "ON", "AND",
    "OR", "AS", "WITH", "HAVING", "DISTINCT", "BETWEEN", "IN", "IS NOT NULL", "CASE", "WHEN",
    "THEN", "ELSE", "END", "DESC", "UNION ALL", "OVER", "PARTITION BY", "DATE", "TIMESTAMP",
    "INTERVAL",
)  # fmt: skip
_KEYWORDS: Final = (*_FIRST_KEYWORDS, *sorted(RESERVED - {*_FIRST_KEYWORDS, "GROUP", "ORDER"}))
_NOTHING: Final = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^']|'')*(?:'|\Z)", re.DOTALL)
_SOURCE: Final = re.compile(
    r"\b(?:FROM|JOIN)\s+([\w.]+)(?:\s+(?:AS\s+)?(?!(?:ON|WHERE|JOIN|LEFT|RIGHT|FULL|INNER|CROSS|"
    r"GROUP|ORDER|HAVING|LIMIT|UNION|USING|AS|SELECT)\b)([a-z_]\w*))?",
    re.IGNORECASE,
)
_STEP: Final = re.compile(r"(?:\bWITH|,)\s*([a-z_]\w*)\s+AS\s*\(", re.IGNORECASE)
_CLAUSE: Final = re.compile(
    r"\b(SELECT|FROM|JOIN|WHERE|ON|GROUP\s+BY|ORDER\s+BY|HAVING|LIMIT)\b", re.IGNORECASE
)
_COMPARED: Final = re.compile(
    r"([\w.]+)\s*(?:=|<>|!=|\bIN\s*\((?:\s*'[^']*'\s*,)*)\s*'([^']*)\Z", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where the cursor is: the word ``typed`` from ``start`` to ``end``, and what is around it."""

    typed: str
    start: int
    end: int
    clause: str
    sources: dict[str, TableDoc]
    steps: tuple[str, ...]

    def give(
        self, text: str, kind: CompletionKind, detail: str = "", words: str = "", *, skip: int = 0
    ) -> Completion:
        """A completion of the word, but for its first ``skip`` characters."""
        return Completion(text, kind, self.start + skip, self.end, detail, words)


def complete(visible: Catalog, sql: str, position: int) -> tuple[Completion, ...]:
    """The completions of the word before the cursor, best first."""
    end = max(0, min(position, len(sql)))
    before = sql[:end]
    if (inside := _inside(before)) == "text":
        return tuple(_values(visible, sql, before))[:MOST]
    if inside:
        return ()
    cursor = _cursor(visible, sql, before)
    found = {(c.kind, c.text): c for c in _all(visible, cursor)}
    return tuple(found.values())[:MOST]


def _inside(before: str) -> str:
    """``text`` in an open quote, ``comment`` in a comment, else empty."""
    last = next(reversed(list(_NOTHING.finditer(before))), None)
    if last is None or last.end() != len(before):
        return ""
    if last[0].startswith("--"):
        return "comment"
    if last[0].startswith("/*"):
        return "" if last[0].endswith("*/") else "comment"
    return "text" if last[0].count("'") % 2 else ""


def _cursor(visible: Catalog, sql: str, before: str) -> _Cursor:
    word = re.search(r"[\w.]*\Z", before)
    typed = word[0] if word else ""
    plain = _NOTHING.sub(" ", before[: len(before) - len(typed)])
    clauses = _CLAUSE.findall(_outside_brackets(plain))
    whole = _NOTHING.sub(" ", sql)
    return _Cursor(
        typed.lower(),
        len(before) - len(typed),
        len(before),
        " ".join(clauses[-1].upper().split()) if clauses else "",
        _sources(visible, whole),
        tuple(name.lower() for name in _STEP.findall(whole)),
    )


def _outside_brackets(text: str) -> str:
    """The text without brackets that are closed, so that the last clause is the cursor's own."""
    for _ in range(40):
        shorter = re.sub(r"\([^()]*\)", " ", text)
        if shorter == text:
            break
        text = shorter
    return text.rpartition("(")[2] if _CLAUSE.search(text.rpartition("(")[2]) else text


def _sources(visible: Catalog, text: str) -> dict[str, TableDoc]:
    """The tables that are read, by alias or by their last name."""
    found: dict[str, TableDoc] = {}
    for name, alias in _SOURCE.findall(text):
        doc = _table(visible, name.lower())
        if doc:
            found[(alias or name.rpartition(".")[2]).lower()] = doc
    return found


def _table(visible: Catalog, name: str) -> TableDoc | None:
    if name in visible.tables:
        return visible.tables[name]
    ending = [n for n in visible.tables if n.endswith(f".{name}")]
    return visible.tables[ending[0]] if len(ending) == 1 else None


def _all(visible: Catalog, cursor: _Cursor) -> Iterator[Completion]:
    qualifier, dot, rest = cursor.typed.rpartition(".")
    if dot and qualifier in cursor.sources:
        doc = cursor.sources[qualifier]
        for column in _starting(doc, rest):
            yield _column(cursor, doc, column, skip=len(qualifier) + 1)
        return
    reading = cursor.clause in ("FROM", "JOIN")
    if reading or dot:
        yield from _tables(visible, cursor)
    if dot:
        return
    if not reading:
        yield from _columns(cursor)
        if cursor.clause and cursor.typed:
            yield from _functions(cursor)
    yield from (
        cursor.give(word, "keyword")
        for word in _KEYWORDS
        if word.lower().startswith(cursor.typed) and (cursor.typed or word in _FIRST_KEYWORDS)
    )


def _tables(visible: Catalog, cursor: _Cursor) -> Iterator[Completion]:
    for step in cursor.steps:
        if step.startswith(cursor.typed):
            yield cursor.give(step, "table", "WITH")
    typed = cursor.typed
    ranked = sorted(
        (rank, doc.certification == "deprecated", doc.name)
        for doc in visible.tables.values()
        if (rank := _rank(doc, typed)) is not None
    )
    for _, _, name in ranked:
        doc = visible.tables[name]
        state = "" if doc.certification == "none" else doc.certification
        yield cursor.give(name, "table", state, doc.description)


def _rank(doc: TableDoc, typed: str) -> int | None:
    """How well a table fits what is typed: by its own name first, then whole, then inside of it."""
    last = doc.name.rpartition(".")[2]
    for rank, name in enumerate((last, doc.short_name, doc.name)):
        if name.startswith(typed):
            return rank
    return 3 if len(typed) > 2 and typed in doc.name else None


def _columns(cursor: _Cursor) -> Iterator[Completion]:
    for alias, doc in cursor.sources.items():
        for column in _starting(doc, cursor.typed):
            yield _column(cursor, doc, column)
        if alias.startswith(cursor.typed):
            yield cursor.give(alias, "alias", doc.name, doc.description)


def _starting(doc: TableDoc, typed: str) -> list[ColumnDoc]:
    """The columns that begin so, and after them those that have a word that does."""
    first = [c for c in doc.columns if c.name.lower().startswith(typed)]
    later = [
        c
        for c in doc.columns
        if len(typed) > 2 and c not in first and any(s.startswith(typed) for s in c.synonyms)
    ]
    return first + later


def _column(cursor: _Cursor, doc: TableDoc, column: ColumnDoc, skip: int = 0) -> Completion:
    unit = f", {column.unit}" if column.unit else ""
    detail = f"{column.type}{unit} · {doc.short_name}"
    return cursor.give(column.name, "column", detail, column.description, skip=skip)


def _functions(cursor: _Cursor) -> Iterator[Completion]:
    for name in sorted(FUNCTIONS):
        if name.startswith(cursor.typed):
            yield cursor.give(name, "function", "aggregate" if name in AGGREGATES else "function")


def _values(visible: Catalog, sql: str, before: str) -> Iterator[Completion]:
    """What a column holds, inside of the quote that it is compared with."""
    compared = _COMPARED.search(before)
    if compared is None:
        return
    qualifier, _, name = compared[1].lower().rpartition(".")
    start = len(before) - len(compared[2])
    for alias, doc in _sources(visible, _NOTHING.sub(" ", sql)).items():
        column = doc.column(name) if qualifier in ("", alias) else None
        for value in column.values if column else ():
            if value.value.lower().startswith(compared[2].lower()):
                yield Completion(value.value, "value", start, len(before), value.meaning)

"""Two versions of a query side by side: SQL goes in, laid out SQL and lines of a diff come out."""

from __future__ import annotations

from difflib import SequenceMatcher

import sqlglot
from sqlglot import exp

from nlq.desk.show import shown
from nlq.desk.types import DiffLine
from nlq.errors import GuardRefused
from nlq.sql.dialect import BREAKS, LAKE


def formatted(sql: str) -> str:
    """One query laid out in lines, comments kept; raises ``GuardRefused`` where it is unreadable.

    >>> print(formatted("select a, b from t where a=1"))
    SELECT
      a,
      b
    FROM t
    WHERE
      a = 1
    """
    try:
        trees = sqlglot.parse(sql, dialect=LAKE)
        text = ";\n".join(shown(tree) for tree in trees if tree)
    except (*BREAKS, RecursionError) as exc:
        raise GuardRefused(
            "unparsable", "The SQL cannot be read, so it is not laid out.", hint=_where(exc)
        ) from exc
    if not text:
        raise GuardRefused("unparsable", "There is no SQL.", hint="Write one SELECT query.")
    return text


def _where(exc: BaseException) -> str:
    """Where a parser stopped, where it says so."""
    errors = getattr(exc, "errors", None) or [{}]
    line, text = errors[0].get("line"), errors[0].get("highlight")
    return f"Look at line {line}, near {text!r}." if line and text else "Write plain Presto SQL."


def diff(before: str, after: str) -> tuple[DiffLine, ...]:
    """The lines of both versions, laid out the same way, so that only what differs shows.

    A version that cannot be read is compared as it is written.
    """
    old, new = _lines(before), _lines(after)
    lines: list[DiffLine] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [
                DiffLine("same", old[i], i + 1, j + 1)
                for i, j in zip(range(i1, i2), range(j1, j2), strict=True)
            ]
        else:
            lines += [DiffLine("removed", old[i], i + 1, None) for i in range(i1, i2)]
            lines += [DiffLine("added", new[j], None, j + 1) for j in range(j1, j2)]
    return tuple(lines)


def _lines(sql: str) -> list[str]:
    try:
        return formatted(sql).splitlines()
    except GuardRefused:
        return [line.rstrip() for line in sql.strip().splitlines()]


def same_query(before: str, after: str) -> bool:
    """Whether two texts are one query, but for layout, comments and the case of keywords.

    >>> same_query("select a from t -- all", "SELECT a FROM t")
    True
    """
    try:
        trees = [sqlglot.parse_one(sql, dialect=LAKE) for sql in (before, after)]
    except (*BREAKS, RecursionError):
        return before.strip() == after.strip()
    return _bare(trees[0]) == _bare(trees[1])


def _bare(tree: exp.Expr) -> str:
    return tree.sql(dialect=LAKE, comments=False)

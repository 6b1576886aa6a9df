"""Names in backticks, MySQL's and BigQuery's way: Presto takes double quotes."""

from __future__ import annotations

import re

_PIECES = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|`([^`"\n]*)`""", re.DOTALL
)


def repair(sql: str) -> tuple[str, list[str]]:
    """The text with names in double quotes (each part of ```a.b``` on its own), and what changed.

    >>> repair("SELECT `a` FROM `s.t`")[0]
    'SELECT "a" FROM "s"."t"'
    """
    if "`" not in sql:
        return sql, []
    return _PIECES.sub(_quoted, sql), ["wrote names in double quotes"]


def _quoted(piece: re.Match[str]) -> str:
    name = piece.group(1)
    if name is None:
        return piece.group()
    return ".".join(f'"{part}"' for part in name.split("."))

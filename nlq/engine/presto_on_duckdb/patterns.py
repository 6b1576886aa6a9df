"""Date patterns: MySQL's of ``date_format`` and Joda's of ``format_datetime``, as DuckDB's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlq.engine.presto_on_duckdb.scope import unsupported

_MYSQL = {
    "a": "%a",
    "b": "%b",
    "c": "%-m",
    "d": "%d",
    "e": "%-d",
    "f": "%f",
    "H": "%H",
    "h": "%I",
    "I": "%I",
    "i": "%M",
    "j": "%j",
    "k": "%-H",
    "l": "%-I",
    "M": "%B",
    "m": "%m",
    "p": "%p",
    "r": "%I:%M:%S %p",
    "S": "%S",
    "s": "%S",
    "T": "%H:%M:%S",
    "v": "%V",
    "W": "%A",
    "x": "%G",
    "Y": "%Y",
    "y": "%y",
    "%": "%%",
}


def mysql_format(pattern: str) -> str:
    """DuckDB's form of a MySQL pattern.

    >>> mysql_format('%Y-%m-%d %H:%i')
    '%Y-%m-%d %H:%M'
    """

    def code(found: re.Match[str]) -> str:
        letter = found[1]
        if letter in _MYSQL:
            return _MYSQL[letter]
        if letter in "DUuVwX":
            raise unsupported(f"%{letter} in a date format", "Presto has no such code either")
        return letter

    return re.sub(r"%(.)", code, pattern, flags=re.DOTALL)


# Joda's letters, each with the DuckDB code for one letter, two, three, and four or more.
_JODA = {
    "y": ("%Y", "%y", "%Y", "%Y"),
    "Y": ("%Y", "%y", "%Y", "%Y"),
    "x": ("%G", None, "%G", "%G"),
    "M": ("%-m", "%m", "%b", "%B"),
    "d": ("%-d", "%d", None, None),
    "E": ("%a", "%a", "%a", "%A"),
    "a": ("%p", "%p", "%p", "%p"),
    "H": ("%-H", "%H", None, None),
    "h": ("%-I", "%I", None, None),
    "m": ("%-M", "%M", None, None),
    "s": ("%-S", "%S", None, None),
    "S": (None, None, "%g", None),
    "D": ("%-j", None, "%j", None),
    "w": (None, "%V", None, None),
    "e": ("isodow", None, None, None),
}


def joda_parts(pattern: str) -> Iterator[tuple[str, str]]:
    """The pattern's parts: each a text, and ``"format"``, ``"function"`` or ``"literal"``.

    >>> list(joda_parts("yyyy-MM'T'"))
    [('%Y', 'format'), ('-', 'literal'), ('%m', 'format'), ('T', 'literal')]
    """
    for part in re.finditer(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+", pattern):
        letters = part[0]
        if part[1] is not None:
            yield part[1].replace("''", "'") or "'", "literal"
        elif part[2] is None:
            yield letters, "literal"
        else:
            codes = _JODA.get(part[2], (None,) * 4)
            code = codes[min(len(letters), 4) - 1]
            if code is None:
                raise unsupported(f"'{letters}' in a date pattern")
            yield code, "format" if code.startswith("%") else "function"

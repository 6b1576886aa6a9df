"""Dates into text and back with the patterns of other dialects: into Presto's with % patterns."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from nlq.sql.dialect import LAKE

_TO_TEXT = {"to_char", "strftime", "format_date", "format_timestamp", "date_format"}
_TO_DATE = {"to_date", "parse_date", "str_to_date"}
_LETTERS: Final = {
    "YYYY": "%Y",
    "YY": "%y",
    "MONTH": "%M",
    "MMMM": "%M",
    "MMM": "%b",
    "MON": "%b",
    "MM": "%m",
    "DAY": "%W",
    "DD": "%d",
    "DY": "%a",
    "EEEE": "%W",
    "EEE": "%a",
    "HH24": "%H",
    "HH12": "%h",
    "HH": "%H",
    "MI": "%i",
    "SS": "%s",
}
_WORD = re.compile("|".join(sorted(_LETTERS, key=len, reverse=True)), re.IGNORECASE)
_LEFTOVER = re.compile(r"(?<!%)[A-Za-z]")


def repair(tree: exp.Expr) -> str:
    """``to_char(d, 'YYYY-MM')`` becomes ``date_format(d, '%Y-%m')``; unknown patterns stay."""
    done = [n for call in list(tree.find_all(exp.Func)) if (n := _rewritten(call))]
    return f"wrote {done[0]} as Presto does" if done else ""


def _rewritten(call: exp.Func) -> str:
    if isinstance(call, exp.TimeToStr):
        # Already Presto's function; Java's letters in it mean nothing there.
        pattern = call.args.get("format")
        if isinstance(pattern, exp.Literal) and "%" not in pattern.name:
            found = presto_pattern(pattern.name)
            if found:
                call.replace(text_of(call.this, found))
                return "date_format"
        return ""
    if not isinstance(call, exp.Anonymous):
        return ""
    name, args = call.name.lower(), call.expressions
    if name in _TO_DATE and len(args) == 1:
        call.replace(exp.cast(args[0], "date"))
        return name
    if name not in _TO_TEXT | _TO_DATE or len(args) != 2:
        return ""
    pattern, value = (args[0], args[1]) if _is_pattern(args[0]) else (args[1], args[0])
    if not _is_pattern(pattern):
        return ""
    text = pattern.name if "%" in pattern.name else presto_pattern(pattern.name)
    if not text:
        return ""
    if name in _TO_DATE:
        parsed = exp.StrToTime(this=value, format=LAKE.format_time(exp.Literal.string(text)))
        call.replace(exp.cast(parsed, "date"))
    else:
        call.replace(text_of(value, text))
    return name


def _is_pattern(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and bool(presto_pattern(node.name) or "%" in node.name)


def text_of(value: exp.Expr, pattern: str) -> exp.TimeToStr:
    """``date_format(value, pattern)`` with one of Presto's % patterns."""
    return exp.TimeToStr(this=value, format=LAKE.format_time(exp.Literal.string(pattern)))


def presto_pattern(pattern: str) -> str:
    """A pattern of letters with %, or the empty string where a letter is not understood.

    >>> presto_pattern("YYYY-MM"), presto_pattern("Mon YYYY"), presto_pattern("Qx")
    ('%Y-%m', '%b %Y', '')
    """
    # Minutes are mm in Java and MI elsewhere; after an hour mm can mean nothing else.
    text = re.sub(r"(?<=[Hh]:)mm", "MI", pattern)
    text = _WORD.sub(lambda found: _LETTERS[found.group().upper()], text)
    return "" if _LEFTOVER.search(text) or "%" not in text else text

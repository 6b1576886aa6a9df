"""Literals of another type than the column that they are compared with.

Presto refuses ``created >= '2026-01-01'`` for a date, ``code = 5`` for text and ``active = 1`` for
a boolean. The literal takes the column's type where it can be read as such.
"""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.sql.kinds import kind_of, type_name
from nlq.sql.values import parse_day

_COMPARES = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?Z?")
_TRUTH = {"1": True, "true": True, "t": True, "0": False, "false": False, "f": False}


def repair(tree: exp.Expr) -> str:
    """Give literals in comparisons, BETWEEN and IN the type of what they are compared with."""
    done: dict[str, None] = {}
    for node in tree.find_all(*_COMPARES, exp.Between, exp.In):
        if isinstance(node, _COMPARES):
            pairs = [(node.this, node.expression), (node.expression, node.this)]
        elif isinstance(node, exp.Between):
            pairs = [(node.this, node.args["low"]), (node.this, node.args["high"])]
        else:
            pairs = [(node.this, value) for value in node.expressions]
        for side, literal in pairs:
            if isinstance(literal, exp.Literal) and not isinstance(side, exp.Literal):
                typed = _typed(literal, side)
                if typed is not None:
                    literal.replace(typed)
                    done[literal.sql()] = None
    return f"read {', '.join(done)} as the type compared with" if done else ""


def _typed(literal: exp.Literal, side: exp.Expr) -> exp.Expr | None:
    kind, text = kind_of(side), literal.name
    if kind == "date" and literal.is_string and _DAY.fullmatch(text) and parse_day(text):
        return exp.cast(literal.copy(), "date")
    if kind == "time" and literal.is_string and parse_day(text):
        return _moment(text, side)
    if kind == "text" and not literal.is_string:
        return exp.Literal.string(text)
    if kind == "number" and literal.is_string and _NUMBER.fullmatch(text):
        return exp.Literal.number(text)
    if kind == "boolean" and text.lower() in _TRUTH:
        return exp.Boolean(this=_TRUTH[text.lower()])
    return None


def _moment(text: str, side: exp.Expr) -> exp.Expr | None:
    if _DAY.fullmatch(text):
        return exp.cast(exp.Literal.string(text), "date")
    if not _TIME.fullmatch(text):
        return None
    if text.endswith("Z") and "TZ" not in type_name(side):
        return None
    return exp.cast(exp.Literal.string(text.replace("T", " ")), type_name(side))

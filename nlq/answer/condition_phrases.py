"""How each kind of condition is said: comparisons, lists, patterns and what is made of them."""

from __future__ import annotations

from sqlglot import exp

from nlq.answer.labels import join_words
from nlq.answer.periods import day_text
from nlq.answer.wording import DATE_TYPES, Phrases, Wording, fixed, midnight, phrase

_COMPARED: dict[type[exp.Expr], tuple[str, str]] = {
    exp.GT: ("is more than", "is after"),
    exp.GTE: ("is at least", "is on or after"),
    exp.LT: ("is less than", "is before"),
    exp.LTE: ("is at most", "is on or before"),
}
_TURNED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
}


def _equal(w: Wording, node: exp.Expr) -> str:
    return _is(w, node, "is")


def _unequal(w: Wording, node: exp.Expr) -> str:
    return _is(w, node, "is not")


def _is(w: Wording, node: exp.Expr, verb: str) -> str:
    left, right = node.this, node.expression
    if isinstance(left, exp.Literal) and not isinstance(right, exp.Literal):
        left, right = right, left
    if isinstance(right, exp.Boolean) and verb == "is":
        return w.condition(left if right.this else exp.Not(this=left))
    equal = {"is": "equals", "is not": "differs from"}[verb]
    verb = equal if isinstance(right, exp.Column) else verb
    return f"{w.value(left)} {verb} {w.constant(left, right)}"


def _compared(w: Wording, node: exp.Expr) -> str:
    left, right = node.this, node.expression
    kind: type[exp.Expr] = type(node)
    if isinstance(left, exp.Literal):
        left, right, kind = right, left, _TURNED[kind]
    number, day = _COMPARED[kind]
    timed = midnight(right) is not None or _is_time(left)
    # A day says when it begins; up to and after a moment need the moment itself.
    told = _day(w, left, right) if kind in (exp.GTE, exp.LT) else w.value(right)
    return f"{w.value(left)} {day if timed else number} {told}"


def _day(w: Wording, left: exp.Expr, right: exp.Expr) -> str:
    day = midnight(right)
    return day_text(day) if day and _is_time(left) else w.value(right)


def _is_time(node: exp.Expr) -> bool:
    return node.type is not None and node.type.this in DATE_TYPES


def _between(w: Wording, node: exp.Expr) -> str:
    low, high = node.args["low"], node.args["high"]
    joiner = ("from", "to") if midnight(low) else ("between", "and")
    said = f"{joiner[0]} {_day(w, node.this, low)} {joiner[1]} {w.value(high)}"
    return f"{w.value(node.this)} is {said}"


def _in(w: Wording, node: exp.Expr, verb: str = "is") -> str:
    if node.args.get("query"):
        return f"{w.value(node.this)} {verb} among the results of a nested query"
    values = [w.constant(node.this, e) for e in node.expressions]
    return f"{w.value(node.this)} {verb} {join_words(values, 'or')}" if values else ""


def _like(w: Wording, node: exp.Expr) -> str:
    contains, starts, ends = ("contains", "starts with", "ends with")
    if node.args.get("negate"):
        contains, starts, ends = ("does not contain", "does not start with", "does not end with")
    pattern = node.expression
    if not isinstance(pattern, exp.Literal) or "_" in pattern.name:
        return ""
    text = pattern.name.strip("%")
    if not text or "%" in text:
        return ""
    shape = (pattern.name.startswith("%"), pattern.name.endswith("%"))
    if shape == (True, True):
        return f"{w.value(node.this)} {contains} “{text}”"
    if shape == (False, True):
        return f"{w.value(node.this)} {starts} “{text}”"
    return f"{w.value(node.this)} {ends} “{text}”" if shape == (True, False) else ""


def _is_null(w: Wording, node: exp.Expr) -> str:
    return f"{w.value(node.this)} is missing" if isinstance(node.expression, exp.Null) else ""


def _negated(w: Wording, node: exp.Expr) -> str:
    inner = node.this.unnest()
    if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
        return f"{w.value(inner.this)} is present"
    if isinstance(inner, exp.In) and CONDITION_PHRASES[exp.In].covers(inner):
        return _in(w, inner, "is not")
    if isinstance(inner, exp.Exists):
        return "a nested query finds no row"
    if isinstance(inner, exp.EQ) and not isinstance(inner.expression, exp.Boolean):
        return _unequal(w, inner)
    if isinstance(inner, exp.Column):
        return _flag(w, inner, holds=False)
    return f"not ({w.condition(inner)})"


def _bare(w: Wording, node: exp.Expr) -> str:
    return _flag(w, node, holds=True)


def _flag(w: Wording, node: exp.Expr, *, holds: bool) -> str:
    """A column that is itself true or false."""
    first, _, rest = w.value(node).partition(" ")
    if first in ("is", "has") and rest:
        told = {("is", True): "is", ("is", False): "is not", ("has", True): "has"}
        return f"it {told.get((first, holds), 'does not have')} {rest}"
    return f"{w.value(node)} is {'true' if holds else 'false'}"


def _either(w: Wording, node: exp.Expr) -> str:
    return f"({' or '.join(w.condition(e) for e in node.flatten())})"


def _both(w: Wording, node: exp.Expr) -> str:
    return f"({' and '.join(w.conditions(list(node.flatten())))})"


CONDITION_PHRASES: Phrases = {
    exp.EQ: phrase(_equal, "expression"),
    exp.NEQ: phrase(_unequal, "expression"),
    exp.GT: phrase(_compared, "expression"),
    exp.GTE: phrase(_compared, "expression"),
    exp.LT: phrase(_compared, "expression"),
    exp.LTE: phrase(_compared, "expression"),
    exp.Between: phrase(_between, "low", "high"),
    exp.In: phrase(_in, "expressions", "query"),
    exp.Like: phrase(_like, "expression", "negate"),
    exp.Is: phrase(_is_null, "expression"),
    exp.Not: phrase(_negated),
    exp.Or: phrase(_either, "expression"),
    exp.And: phrase(_both, "expression"),
    exp.Exists: fixed("a nested query finds a row"),
    exp.Column: phrase(_bare, "table", "db", "catalog"),
    exp.Boolean: phrase(lambda _, node: "always" if node.this else "never"),
}

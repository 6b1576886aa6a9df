"""Words for more kinds of expression than answers need: an analyst's SQL holds any of them."""

from __future__ import annotations

from typing import Final

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from nlq.answer.condition_phrases import CONDITION_PHRASES
from nlq.answer.labels import join_words
from nlq.answer.lineage import Lineage
from nlq.answer.value_phrases import VALUE_PHRASES
from nlq.answer.wording import Phrases, Wording, phrase
from nlq.sql.dialect import render


class DeskWording(Wording):
    """As answers say it, and whatever call they leave as code is said as a call of what."""

    def value(self, node: exp.Expr) -> str:
        """A value; a call that has no phrase names its function and what goes in."""
        node = node.unalias()
        if isinstance(node, exp.Query):
            return "the result of the nested query"
        said = super().value(node)
        if not said.startswith("`") or not isinstance(node, exp.Func):
            return said
        given = [part for part in _arguments(node) if not isinstance(part, exp.Var)]
        name = render(node).partition("(")[0].lower()
        if not given or not name.isidentifier():
            return said
        return f"{name} of {join_words(self.operand(part) for part in given)}"


def _arguments(node: exp.Expr) -> list[exp.Expr]:
    return [part for part in node.iter_expressions() if not isinstance(part, exp.DataType)]


def desk_wording(lineage: Lineage, scope: Scope, *, sources: bool = False) -> DeskWording:
    """The words for one scope; with ``sources`` every column says what it is a column of."""
    return DeskWording(lineage, scope, VALUES, CONDITIONS, sources=sources)


def _concat(w: Wording, node: exp.Expr) -> str:
    return f"{join_words(w.operand(part) for part in node.expressions)} put together"


def _piped(w: Wording, node: exp.Expr) -> str:
    return f"{join_words(w.operand(part) for part in node.flatten())} put together"


def _substring(w: Wording, node: exp.Expr) -> str:
    start, length = node.args.get("start"), node.args.get("length")
    text = w.operand(node.this)
    if start is None:
        return ""
    if length is None:
        return f"{text} from character {w.value(start)} on"
    if start.sql() == "1":
        return f"the first {w.value(length)} characters of {text}"
    return f"{w.value(length)} characters of {text} from character {w.value(start)}"


def _array(w: Wording, node: exp.Expr) -> str:
    return f"the list of {w.value(node.this)}"


def _any_case(w: Wording, node: exp.Expr) -> str:
    said = w.condition(exp.Like(this=node.this, expression=node.expression))
    return f"{said}, in any case of letters" if "`" not in said else ""


def _matches(w: Wording, node: exp.Expr) -> str:
    return f"{w.value(node.this)} matches the pattern {w.value(node.expression)}"


VALUES: Final[Phrases] = {
    **VALUE_PHRASES,
    exp.TryCast: phrase(
        lambda w, n: (
            f"{w.operand(n.this)} as {n.args['to'].sql('presto').lower()} (empty where it is none)"
        ),
        "to",
        "safe",
    ),
    exp.Concat: phrase(_concat, "expressions", "safe", "coalesce"),
    exp.DPipe: phrase(_piped, "expression", "safe"),
    exp.Substring: phrase(_substring, "start", "length"),
    exp.Length: phrase(lambda w, n: f"the length of {w.value(n.this)}", "encoding", "binary"),
    exp.Trim: phrase(lambda w, n: f"{w.operand(n.this)} without spaces around it"),
    exp.Greatest: phrase(
        lambda w, n: f"the largest of {join_words(map(w.value, (n.this, *n.expressions)))}",
        "expressions",
        "ignore_nulls",
    ),
    exp.Least: phrase(
        lambda w, n: f"the smallest of {join_words(map(w.value, (n.this, *n.expressions)))}",
        "expressions",
        "ignore_nulls",
    ),
    exp.Ceil: phrase(lambda w, n: f"{w.operand(n.this)} rounded up"),
    exp.Floor: phrase(lambda w, n: f"{w.operand(n.this)} rounded down"),
    exp.Week: phrase(lambda w, n: f"the week number of {w.value(n.this)}"),
    exp.WeekOfYear: phrase(lambda w, n: f"the week number of {w.value(n.this)}"),
    exp.DayOfWeek: phrase(lambda w, n: f"the weekday (1 is Monday) of {w.value(n.this)}"),
    exp.DayOfMonth: phrase(lambda w, n: f"the day of the month of {w.value(n.this)}"),
    exp.DayOfYear: phrase(lambda w, n: f"the day of the year of {w.value(n.this)}"),
    exp.TimeToStr: phrase(
        lambda w, n: f"{w.operand(n.this)} as text, written {w.value(n.args['format'])}", "format"
    ),
    exp.ArrayAgg: phrase(_array, "nulls_excluded"),
    exp.StddevPop: phrase(lambda w, n: f"the standard deviation of all {w.value(n.this)}"),
    exp.StddevSamp: phrase(lambda w, n: f"the standard deviation of {w.value(n.this)}"),
    exp.Corr: phrase(
        lambda w, n: f"the correlation of {w.value(n.this)} and {w.value(n.expression)}",
        "expression",
    ),
}

CONDITIONS: Final[Phrases] = {
    **CONDITION_PHRASES,
    exp.ILike: phrase(_any_case, "expression"),
    exp.RegexpLike: phrase(_matches, "expression"),
    exp.Paren: phrase(lambda w, n: w.condition(n.this)),
}

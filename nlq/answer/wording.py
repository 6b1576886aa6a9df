"""Expressions of a checked tree in plain words; what has no sure wording is shown as its own SQL.

Each kind of node has a phrase that names the arguments it covers. A node with any other argument
(an ordering inside an aggregate, a format, a flag) falls back to its SQL: never wrong, at worst
terse. The phrases are in ``value_phrases`` and ``condition_phrases``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from nlq.answer.labels import value_meaning
from nlq.answer.lineage import Lineage, read_here, table_name
from nlq.answer.periods import day_text

DATE_TYPES = {exp.DType.DATE, exp.DType.TIMESTAMP}
EXACT_TYPES = {exp.DType.DOUBLE, exp.DType.DECIMAL, exp.DType.FLOAT}

_LONGEST_CODE = 200


@dataclass(frozen=True, slots=True)
class Phrase:
    """How a kind of node is said, and which of its arguments that covers."""

    say: Callable[[Wording, exp.Expr], str]
    args: frozenset[str]

    def covers(self, node: exp.Expr) -> bool:
        """Whether the phrase says all of the node."""
        return all(key in self.args for key, value in node.args.items() if value not in (None, []))


Phrases = Mapping[type[exp.Expr], Phrase]


def phrase(say: Callable[[Wording, exp.Expr], str], *args: str) -> Phrase:
    """A phrase that covers ``this`` and the arguments named."""
    return Phrase(say, frozenset({"this", *args}))


def fixed(text: str) -> Phrase:
    """Always the same words."""
    return phrase(lambda _words, _node: text)


class Wording:
    """Says the expressions of one scope.

    With ``sources`` every column says which source it is of, else only those that need to.
    """

    def __init__(
        self,
        lineage: Lineage,
        scope: Scope,
        values: Phrases,
        conditions: Phrases,
        *,
        sources: bool = False,
    ) -> None:
        self.lineage, self.scope = lineage, scope
        self.sources = sources or bool(scope.external_columns)
        self._values, self._conditions = values, conditions
        self._labels = _source_labels(scope)

    def source(self, alias: str) -> str:
        """What a source is called."""
        return self._labels.get(alias, alias)

    def value(self, node: exp.Expr) -> str:
        """A value: ``the sum of amount cents (USD cents) divided by 100``."""
        node = node.unalias()
        known = self._values.get(type(node))
        if known is None or not known.covers(node):
            return code(node)
        return known.say(self, node) or code(node)

    def condition(self, node: exp.Expr) -> str:
        """Something that holds or not: ``country code is Germany (DE)``."""
        node = node.unnest()
        known = self._conditions.get(type(node))
        if known is None or not known.covers(node):
            return f"{code(node)} holds"
        return known.say(self, node) or f"{code(node)} holds"

    def conditions(self, terms: list[exp.Expr]) -> list[str]:
        """Terms that must all hold; the two ends of a stretch of days become one phrase."""
        said: list[str] = []
        left = list(terms)
        while left:
            term = left.pop(0)
            partner = next((other for other in left if self._stretch(term, other)), None)
            if partner is None:
                said.append(self.condition(term))
                continue
            left.remove(partner)
            said.append(self._stretch(term, partner))
        return said

    def ordered(self, node: exp.Expr) -> str:
        """One sort key, with its direction where that is downwards."""
        if not isinstance(node, exp.Ordered):
            return self.value(node)
        return self.value(node.this) + (" (largest first)" if node.args.get("desc") else "")

    def operand(self, node: exp.Expr) -> str:
        """A value inside a calculation, in parentheses unless it is a plain one."""
        inner = node.unnest()
        while isinstance(inner, exp.Cast) and inner.to.this in EXACT_TYPES:
            inner = inner.this.unnest()
        text = self.value(inner)
        plain = isinstance(inner, exp.Column | exp.Literal | exp.CurrentDate | exp.Interval) or (
            isinstance(inner, exp.AggFunc) and isinstance(inner.this, exp.Column | exp.Star)
        )
        return text if plain or text.startswith("`") else f"({text})"

    def constant(self, column: exp.Expr, node: exp.Expr) -> str:
        """A value that a column is compared with, as the column's docs say it."""
        if isinstance(node, exp.Literal):
            origin = self.lineage.origin(column, self.scope)
            meaning = value_meaning(origin.column, node.name) if origin else ""
            if meaning:
                return meaning if meaning == node.name else f"{meaning} ({node.name})"
        return self.value(node)

    def _stretch(self, first: exp.Expr, second: exp.Expr) -> str:
        """``ds >= A AND ds < B`` on days A and B, else an empty text."""
        if isinstance(first, exp.LT) and isinstance(second, exp.GTE):
            first, second = second, first
        if not (isinstance(first, exp.GTE) and isinstance(second, exp.LT)):
            return ""
        start, end = midnight(first.right), midnight(second.right)
        if first.left != second.left or start is None or end is None or end <= start:
            return ""
        last = date.fromordinal(end.toordinal() - 1)
        days = day_text(start) if last == start else f"from {day_text(start)} to {day_text(last)}"
        return f"{self.value(first.left)} is {days}"


def _source_labels(scope: Scope) -> dict[str, str]:
    """Names of the sources, of outer queries too; the alias tells two readings of a table apart."""
    plain: dict[str, str] = {}
    outer: Scope | None = scope
    while outer is not None:
        for alias, source in read_here(outer).items():
            if isinstance(source, exp.Table):
                plain.setdefault(alias, table_name(source).split(".", 1)[-1])
            elif isinstance(source, Scope):
                plain.setdefault(alias, f'"{_step_name(source) or alias}"')
        outer = outer.parent
    names = list(plain.values())
    return {
        alias: f"{name} (as {alias})" if names.count(name) > 1 else name
        for alias, name in plain.items()
    }


def _step_name(scope: Scope) -> str:
    parent = scope.expression.parent
    return parent.alias if isinstance(parent, exp.CTE | exp.Subquery) else ""


def code(node: exp.Expr) -> str:
    """The node's own SQL, without the names of sources and without quotes where they can go."""
    bare = node.copy()
    if len({column.table for column in bare.find_all(exp.Column)}) == 1:
        for column in bare.find_all(exp.Column):
            column.set("table", None)
    for name in bare.find_all(exp.Identifier):
        name.set("quoted", False)
    text = " ".join(bare.sql("presto").split())
    return f"`{text}`" if len(text) <= _LONGEST_CODE else f"`{text[:_LONGEST_CODE]}…`"


def midnight(node: exp.Expr) -> date | None:
    """The day of a literal that is a date, or a time at its midnight."""
    if isinstance(node, exp.Cast) and node.to.this in DATE_TYPES:
        node = node.this
    if not isinstance(node, exp.Literal) or not node.is_string or len(node.name) < 10:
        return None
    try:
        moment = datetime.fromisoformat(node.name)
    except ValueError:
        return None
    return moment.date() if moment == datetime(moment.year, moment.month, moment.day) else None

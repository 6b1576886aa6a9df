"""One clause in a sentence: a piece of a laid out query goes in, what it does comes out.

The words rest on the bound tree: where a name comes from, what a value means. A clause whose bound
counterpart is gone is told by its own text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from nlq.answer.labels import join_words, sentence_case
from nlq.answer.lineage import Lineage, conjuncts, read_here, totals
from nlq.answer.wording import code
from nlq.desk.bound import BoundSql
from nlq.desk.fan_out import fan_out
from nlq.desk.layout import Piece, terms
from nlq.desk.phrases import DeskWording, desk_wording
from nlq.desk.types import Clause
from nlq.sql.bounds import SETS
from nlq.sql.kinds import kind_of
from nlq.sql.names import is_star
from nlq.types import TableDoc

_MANY = 12
_COMBINED: Final[dict[type[exp.Expr], str]] = {
    exp.Union: "Puts the rows of the part above and of the part below together",
    exp.Intersect: "Keeps the rows of the part above that are also in the part below",
    exp.Except: "Keeps the rows of the part above that are not in the part below",
}
_BARE: Final[dict[Clause, str]] = {
    "with": "Names a step that is read below",
    "select": "Shows these columns",
    "column": "Shows",
    "from": "Reads",
    "join": "Joins",
    "where": "Keeps rows where this holds",
    "group": "Makes one row for each",
    "having": "Keeps groups where this holds",
    "window": "Names a window",
    "order": "Sorts by",
    "limit": "Keeps only so many rows",
    "offset": "Skips rows",
    "set": "Combines the parts above and below",
}


class ClauseWords:
    """Says the pieces of one query; ``row_filters`` gives the policy's conditions on a table."""

    def __init__(
        self, sql: BoundSql, lineage: Lineage, row_filters: Callable[[str], tuple[str, ...]]
    ) -> None:
        self._sql, self._lineage, self._row_filters = sql, lineage, row_filters
        self._scopes = {id(scope.expression): scope for scope in lineage.scopes()}
        self._say: Mapping[Clause, Callable[[Piece, Scope], str]] = {
            "with": self._step,
            "select": self._selected,
            "column": self._column,
            "from": self._from,
            "join": self._join,
            "where": self._condition,
            "having": self._condition,
            "group": self._group,
            "window": self._bare,
            "order": self._order,
            "limit": self._limit,
            "offset": self._offset,
            "set": self._combined,
        }

    def say(self, piece: Piece) -> str:
        """The sentence; empty for a closing bracket."""
        if piece.clause == "end":
            return ""
        query = self._sql.counterpart(piece.query)
        scope = self._scopes.get(id(query))
        if scope is None:
            return self._bare(piece)
        return self._say[piece.clause](piece, scope) or self._bare(piece)

    def _bare(self, piece: Piece, _: Scope | None = None) -> str:
        return f"{_BARE[piece.clause]}: {code(piece.node)}."

    def _step(self, piece: Piece, _: Scope) -> str:
        return f'First a step of its own, "{piece.node.alias}", which is read below like a table:'

    def _selected(self, piece: Piece, scope: Scope) -> str:
        select = scope.expression
        if isinstance(piece.node, exp.Subquery) or not isinstance(select, exp.Select):
            return "A query in brackets:"
        if isinstance(select.parent, exp.Exists):
            return "Only looks whether there is such a row:"
        count = len(select.selects)
        columns = "one column" if count == 1 else f"{count} columns"
        if select.args.get("distinct"):
            return f"Shows each different row of {columns} once:"
        if select.args.get("group"):
            return f"Shows {columns} of each group:"
        if any(totals(e) for e in select.selects):
            return f"Makes one row out of all rows that are kept, with {columns}:"
        return f"Shows {columns} of each row:"

    def _column(self, piece: Piece, scope: Scope) -> str:
        written, bound = piece.query.selects, _outputs(scope)
        stars = [i for i, output in enumerate(written) if is_star(output)]
        if is_star(piece.node):
            names = [e.alias_or_name for e in bound]
            if len(stars) == 1:
                after = len(written) - 1 - piece.index
                names = names[piece.index : len(names) - after]
            shown = names if len(names) <= _MANY else [*names[:_MANY], f"{len(names) - _MANY} more"]
            return f"All columns that you may see: {join_words(shown)}."
        place = piece.index
        if stars and piece.index > stars[0]:
            place = piece.index - len(written)
        if len(stars) > 1 or (not stars and len(written) != len(bound)):
            return ""
        return self._output(bound[place], scope)

    def _output(self, output: exp.Expr, scope: Scope) -> str:
        words, value = self._words(scope), output.unalias()
        name, said = output.alias_or_name, words.value(value)
        if not isinstance(value, exp.Column):
            constant = "always " if isinstance(value.unnest(), exp.Literal) else ""
            return f'"{name}" is {constant}{said}.'
        origin = self._lineage.origin(value, scope)
        description = origin.column.description.rstrip(".") if origin else ""
        about = f": {description}" if description else ""
        if value.name == name:
            return f'"{name}"{_from(words, value)}{about}.'
        return f'"{name}" is {said}{_from(words, value)}{about}.'

    def _from(self, _: Piece, scope: Scope) -> str:
        source = scope.expression.args.get("from_")
        return f"Reads {self._source(source.this, scope)}" if source else ""

    def _source(self, node: exp.Expr, scope: Scope) -> str:
        """A source with what is known of it, as the end of a sentence and further ones."""
        source = read_here(scope).get(node.alias_or_name)
        sample = "a sample of " if node.args.get("sample") else ""
        if isinstance(source, exp.Table) and (doc := self._lineage.table(source)):
            return f"{sample}{doc.name}{_grain(doc)}.{self._only(doc)}"
        if isinstance(node, exp.Subquery):
            return f'the rows of this nested query, called "{node.alias_or_name}":'
        if isinstance(source, Scope) and isinstance(node, exp.Table):
            return f'{sample}the rows of the step "{node.name}".'
        if isinstance(node, exp.Unnest):
            arrays = join_words(self._words(scope).value(e) for e in node.expressions)
            return f"{arrays}, spread out into one row for each entry."
        if isinstance(node, exp.Values):
            return f"{len(node.expressions)} rows that are written here."
        return f"{code(node)}."

    def _only(self, doc: TableDoc) -> str:
        filters = self._row_filters(doc.name)
        return f" You see only its rows where {' and '.join(filters)}." if filters else ""

    def _join(self, piece: Piece, scope: Scope) -> str:
        joins = scope.expression.args.get("joins") or ()
        if len(joins) != len(piece.query.args.get("joins") or ()):
            return ""
        join = joins[piece.index]
        source = self._source(join.this, scope)
        side, on = join.side.upper(), conjuncts(join.args.get("on"))
        if isinstance(join.this, exp.Unnest):
            return f"Adds {source}"
        if not on:
            linked = fan_out(self._lineage, scope, join)
            many = "where WHERE links them." if linked else "with every row so far."
            return " ".join(filter(None, (f"Combines the rows of {source} {_upper(many)}", linked)))
        named = desk_wording(self._lineage, scope, sources=True)
        said = join_words(named.conditions(on))
        stays = {
            "": "Rows without a match drop out.",
            "LEFT": "Rows without a match stay, with nothing in its columns.",
            "RIGHT": "All of its rows stay; rows so far without a match drop out.",
            "FULL": "Rows without a match stay on both sides.",
        }.get(side, "")
        parts = (f"Joins {source}", f"They match where {said}.", stays)
        return " ".join(filter(None, (*parts, fan_out(self._lineage, scope, join))))

    def _condition(self, piece: Piece, scope: Scope) -> str:
        written, bound = piece.query.args[piece.clause], scope.expression.args.get(piece.clause)
        if bound is None:
            return ""
        told = terms(bound)
        if len(told) != len(terms(written)):
            return ""
        kept = "Keeps groups" if piece.clause == "having" else "Keeps rows"
        also = "And only" if piece.index else kept
        return f"{also} where {self._words(scope).condition(told[piece.index])}."

    def _group(self, _: Piece, scope: Scope) -> str:
        group = scope.expression.args.get("group")
        if group is None:
            return ""
        words = self._words(scope)
        plain = not any(v for k, v in group.args.items() if k != "expressions")
        if not plain or any(isinstance(key, SETS) for key in group.expressions):
            return f"Makes groups at several levels at once: {code(group)}."
        keys = [words.value(key).removeprefix("the ") for key in group.expressions]
        if not keys:
            return "Makes one group of all rows."
        return f"Makes one row for each {'combination of ' * (len(keys) > 1)}{join_words(keys)}."

    def _order(self, _: Piece, scope: Scope) -> str:
        order = scope.expression.args.get("order")
        if order is None:
            return ""
        words = self._words(scope)
        keys = [self._key(words, key, scope) for key in order.expressions]
        return f"Sorts by {', then by '.join(keys)}."

    def _key(self, words: DeskWording, node: exp.Expr, scope: Scope) -> str:
        key = node.this if isinstance(node, exp.Ordered) else node
        named = isinstance(key, exp.Column) and not key.table
        position = isinstance(key, exp.Literal) and not key.is_string
        outputs = _outputs(scope)
        if position and int(key.name) <= len(outputs):
            key = outputs[int(key.name) - 1]
            said = f'"{key.alias_or_name}"'
        else:
            said = f'"{key.name}"' if named else words.value(key)
        if named:
            key = next((e for e in outputs if e.alias_or_name == key.name), key)
        first = _direction(key, node)
        return f"{said}, {first}" if " to " in first else f"{said}, {first} first"

    def _limit(self, piece: Piece, scope: Scope) -> str:
        count = piece.node.args.get("count") or piece.node.args.get("expression")
        if count is None:
            return ""
        rows = "row" if count.name == "1" else f"{count.name} rows"
        if piece.query.args.get("order") or scope.expression.args.get("order"):
            return f"Keeps the first {rows} in this order."
        at_most = f"one {rows}" if count.name == "1" else rows
        return f"Keeps {at_most} at most; nothing says which, as there is no order."

    def _offset(self, piece: Piece, _: Scope) -> str:
        return f"Skips the first {piece.node.expression.name} rows."

    def _combined(self, _: Piece, scope: Scope) -> str:
        tree = scope.expression
        distinct = tree.args.get("distinct")
        repeated = "each different row once" if distinct else "repeated rows included"
        return f"{_COMBINED[type(tree)]}, {repeated}."

    def _words(self, scope: Scope) -> DeskWording:
        return desk_wording(self._lineage, scope)


def _outputs(scope: Scope) -> list[exp.Expr]:
    query = scope.expression
    return query.selects if isinstance(query, exp.Query) else []


def _from(words: DeskWording, column: exp.Column) -> str:
    return f" of {words.source(column.table)}" if column.table else ""


_RISING: Final[dict[str, tuple[str, str]]] = {
    "time": ("earliest", "latest"),
    "date": ("earliest", "latest"),
    "text": ("A to Z", "Z to A"),
}


def _direction(key: exp.Expr, ordered: exp.Expr) -> str:
    """What comes first: ``largest first``, ``latest first``."""
    up, down = _RISING.get(kind_of(key.unalias()) or "", ("smallest", "largest"))
    return down if ordered.args.get("desc") else up


def _grain(doc: TableDoc) -> str:
    return f", {doc.grain.rstrip('.')}" if doc.grain else ""


def _upper(text: str) -> str:
    return sentence_case(text)

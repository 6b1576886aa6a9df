"""A query in lines, clause by clause: a tree goes in, pieces of its text with their nodes come out.

The pieces' texts joined by line breaks read back as the very same query; where they would not (a
line break inside of a text), the whole is one piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from nlq.desk.show import shown
from nlq.desk.types import Clause
from nlq.sql.dialect import BREAKS, LAKE, render

_STEP = "  "
_MARK = "nested_query_"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines of ``query``: ``node`` is the part of it that they are, at place ``index``."""

    text: str
    clause: Clause
    query: exp.Query
    node: exp.Expr
    depth: int
    index: int = 0


def layout(tree: exp.Query) -> list[Piece]:
    """The pieces in order."""
    pieces = list(_query(tree, depth=0))
    return pieces if _reads_back(pieces, tree) else [Piece(_pretty(tree), "select", tree, tree, 0)]


def _reads_back(pieces: list[Piece], tree: exp.Query) -> bool:
    try:
        again = LAKE.parse("\n".join(piece.text for piece in pieces))
        return len(again) == 1 and again[0] is not None and render(again[0]) == render(tree)
    except (*BREAKS, RecursionError):
        return False


def _pretty(node: exp.Expr) -> str:
    return shown(node)


def _query(query: exp.Expr, depth: int) -> Iterator[Piece]:
    if isinstance(query, exp.Subquery):
        yield from _brackets(query, depth)
        return
    assert isinstance(query, exp.Query)
    yield from _with(query, depth)
    if isinstance(query, exp.SetOperation):
        yield from _query(query.this, depth)
        every = " ALL" if query.args.get("distinct") is False else ""
        yield Piece(f"{type(query).__name__.upper()}{every}", "set", query, query, depth)
        yield from _query(query.expression, depth)
    elif isinstance(query, exp.Select):
        yield from _select(query, depth)
    else:
        yield Piece(_pretty(query), "select", query, query, depth)
    yield from _ending(query, query, depth)


def _brackets(node: exp.Subquery, depth: int) -> Iterator[Piece]:
    inner = node.unnest()
    assert isinstance(inner, exp.Query)
    yield Piece("(", "select", inner, node, depth)
    yield from _indented(_query(node.this, depth + 1))
    yield Piece(")", "end", inner, node, depth)
    yield from _ending(node, inner, depth)


def _with(query: exp.Query, depth: int) -> Iterator[Piece]:
    steps = query.args.get("with_")
    if not isinstance(steps, exp.With):
        return
    for index, cte in enumerate(steps.expressions):
        before = "), " if index else "WITH "
        yield Piece(f"{before}{_pretty(cte.args['alias'])} AS (", "with", query, cte, depth, index)
        yield from _indented(_query(cte.this, depth + 1))
    yield Piece(")", "end", query, steps, depth)


def _select(select: exp.Select, depth: int) -> Iterator[Piece]:
    word = "SELECT DISTINCT" if select.args.get("distinct") else "SELECT"
    yield Piece(word, "select", select, select, depth)
    last = len(select.expressions) - 1
    for index, output in enumerate(select.expressions):
        comma = "" if index == last else ","
        yield from _part(output, "column", select, depth, index, indent=1, after=comma)
    if source := select.args.get("from_"):
        yield from _part(source, "from", select, depth)
    for index, join in enumerate(select.args.get("joins") or ()):
        yield from _part(join, "join", select, depth, index)
    yield from _conditions(select, "where", depth)
    if group := select.args.get("group"):
        yield from _part(group, "group", select, depth)
    yield from _conditions(select, "having", depth)
    for index, window in enumerate(select.args.get("windows") or ()):
        before = "WINDOW " if not index else ", "
        yield Piece(f"{before}{_pretty(window)}", "window", select, window, depth, index)


def _conditions(select: exp.Select, clause: Clause, depth: int) -> Iterator[Piece]:
    """One piece for each condition that must hold."""
    condition = select.args.get(clause)
    if condition is None:
        return
    for index, term in enumerate(terms(condition)):
        before = f"{clause.upper()}\n{_STEP}" if not index else f"{_STEP}AND "
        yield from _part(term, clause, select, depth, index, before=before)


def terms(condition: exp.Expr) -> list[exp.Expr]:
    """The terms of WHERE or HAVING as they are written: those that AND links at the top."""
    inner: exp.Expr = condition.this
    return list(inner.flatten(unnest=False)) if isinstance(inner, exp.And) else [inner]


def _ending(node: exp.Expr, query: exp.Query, depth: int) -> Iterator[Piece]:
    ends: tuple[Clause, ...] = ("order", "offset", "limit")
    for clause in ends:
        if part := node.args.get(clause):
            yield from _part(part, clause, query, depth)


def _part(
    node: exp.Expr,
    clause: Clause,
    query: exp.Query,
    depth: int,
    index: int = 0,
    *,
    before: str = "",
    after: str = "",
    indent: int = 0,
) -> Iterator[Piece]:
    """A clause's own text, with the queries inside of it laid out between its lines."""
    nested = dict(enumerate(_nested(node)))
    copy = node.copy()
    for number, inner in enumerate(list(_nested(copy))):
        inner.replace(exp.Var(this=f"{_MARK}{number}"))
    text = f"{before}{_pretty(copy)}{after}"
    lines: list[str] = []
    said: Clause = clause
    for line in text.splitlines():
        if not line.strip().startswith(_MARK):
            lines.append(_STEP * indent + line)
            continue
        yield Piece("\n".join(lines), said, query, node, depth, index)
        lines, said = [], "end"
        margin = _STEP * indent + line[: len(line) - len(line.lstrip())]
        number = int(line.strip().removeprefix(_MARK))
        for piece in _query(nested[number], depth + 1):
            yield _moved(piece, margin)
    if lines:
        yield Piece("\n".join(lines), said, query, node, depth, index)


def _nested(node: exp.Expr) -> Iterator[exp.Query]:
    """The outermost queries in a clause, without the brackets around them."""
    for part in node.walk(prune=_is_query):
        if isinstance(part, exp.Query) and _is_query(part):
            yield part


def _is_query(node: exp.Expr) -> bool:
    return isinstance(node, exp.Query) and not isinstance(node, exp.Subquery)


def _indented(pieces: Iterator[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        yield _moved(piece, _STEP)


def _moved(piece: Piece, margin: str) -> Piece:
    text = "\n".join(margin + line for line in piece.text.splitlines())
    return Piece(text, piece.clause, piece.query, piece.node, piece.depth, piece.index)

"""Presto SQL text in, ``sqlglot`` tree out, with every function call left as it was written.

``sqlglot`` turns calls into its own nodes, whose arguments it reorders and now and then misreads
(weighted ``approx_percentile``, the last lambda of ``reduce``). Marking the names before parsing
keeps each call as an ``exp.Anonymous`` with Presto's name and arguments.
"""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.dialects.presto import Presto
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from nlq.errors import QueryFailed

_MARK = "fn$"
_NAME = re.compile(r"[A-Za-z_]\w*")
# Words that stand before a parenthesis without being a function's name, and the calls that have a
# grammar of their own and so get a node of their own.
_NOT_CALLS = frozenset(
    {
        *("all", "and", "any", "array", "as", "between", "bernoulli", "by", "case", "cast", "char"),
        *("cross", "cube", "decimal", "distinct", "else", "end", "except", "exists", "extract"),
        *("from", "grouping", "having", "in", "intersect", "interval", "is", "join", "lateral"),
        *("like", "limit", "map", "not", "on", "or", "over", "position", "recursive", "rollup"),
        *("row", "select", "sets", "some", "substring", "system", "table", "tablesample", "then"),
        *("time", "timestamp", "try_cast", "union", "unnest", "using", "values", "varbinary"),
        *("varchar", "when", "where", "with"),
    }
)


class _Dialect(Presto):
    INDEX_OFFSET = 0  # subscripts stay as they are written


_PRESTO = _Dialect()


def parse(sql: str) -> exp.Query | exp.Values:
    """Parse one query; raises ``QueryFailed`` where it is no query."""
    try:
        trees = _PRESTO.parser().parse(_marked(_PRESTO.tokenize(sql)), sql)
    except (SqlglotError, RecursionError) as exc:
        raise QueryFailed(f"The SQL cannot be parsed: {_plain(exc)}") from exc
    if len(trees) != 1 or not isinstance(trees[0], exp.Query | exp.Values):
        raise QueryFailed("The embedded engine runs one query at a time, and only queries.")
    return trees[0]


def call_name(node: exp.Anonymous) -> str:
    """The function's name, lower case."""
    return str(node.this).removeprefix(_MARK).lower()


def identifier(node: exp.Expr | None) -> str:
    """An identifier's name, lower case as Presto has it."""
    return node.name.removeprefix(_MARK).lower() if node is not None else ""


def shown(node: exp.Expr) -> str:
    """The start of a node's SQL, for messages."""
    return node.sql("presto").replace(_MARK.upper(), "").replace(_MARK, "")[:60]


def _marked(tokens: list[Token]) -> list[Token]:
    marked = list(tokens)
    for i, token in enumerate(tokens[:-2]):
        if (
            tokens[i + 1].token_type == TokenType.L_PAREN
            and token.token_type not in (TokenType.IDENTIFIER, TokenType.STRING)
            and _NAME.fullmatch(token.text)
            and _is_call(token.text.lower(), tokens[i + 2])
        ):
            name = f"{_MARK}{token.text.lower()}"
            marked[i] = Token(TokenType.VAR, name, token.line, token.col, token.start, token.end)
    return marked


def _is_call(word: str, inside: Token) -> bool:
    if word == "filter":  # the function on arrays, or the clause after an aggregate
        return inside.token_type != TokenType.WHERE
    return word not in _NOT_CALLS


def _plain(error: BaseException) -> str:
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    return re.sub(r"\x1b\[[0-9;]*m", "", first)

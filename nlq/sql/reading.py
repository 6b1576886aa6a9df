"""Text into a tree: the first gate, which refuses whatever is not one plain query.

SQL text enters; a sqlglot tree leaves, made only of the node kinds in ``nlq.sql.nodes`` and small
enough that no later step can run out of stack. Everything else raises ``GuardRefused``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from nlq.errors import GuardRefused
from nlq.sql.dialect import BREAKS, LAKE
from nlq.sql.functions import FUNCTIONS
from nlq.sql.limits import Limits
from nlq.sql.mend import mend_spelling
from nlq.sql.nodes import CALLS, NODES
from nlq.sql.repairs import backticks, plain_calls

_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END}
_PREFIX = {TokenType.NOT, TokenType.DASH, TokenType.PLUS, TokenType.TILDE, TokenType.ARROW}
_LINKS = {TokenType.DCOLON, TokenType.DOT}
_CONNECTORS = {TokenType.AND, TokenType.OR, TokenType.COMMA}
_MAX_CONNECTORS = 1_500
_MAX_OPEN_JOINS = 8
_STARTS = {"SELECT", "WITH", "("}
_CONTROL = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def read_query(sql: str, limits: Limits) -> tuple[exp.Query, list[str]]:
    """The one query that the text is, its dialect slips mended, and what was mended.

    Raises ``GuardRefused`` naming what is wrong with the text.
    """
    if len(sql) > limits.max_sql_chars:
        raise GuardRefused(
            "too-long",
            f"The SQL has {len(sql):,} characters; at most {limits.max_sql_chars:,} are allowed.",
            hint="Ask a simpler question, or aggregate in fewer steps.",
        )
    sql, quoted = backticks.repair(sql)
    tokens = _tokens(sql)
    _check_start(tokens)
    _check_depth(tokens, limits.max_depth)
    tree = _parse(tokens, sql)
    mended = mend_spelling(tree)
    check_nodes(tree, limits.max_nodes)
    return tree, [*quoted, *mended]


def parse(sql: str) -> exp.Query:
    """Text that the guard itself rendered, read back; raises ``GuardRefused``."""
    tree = _parse(_tokens(sql), sql)
    plain_calls.repair(tree)
    return tree


def read_predicate(sql: str) -> exp.Expr:
    """A row filter's predicate: one expression without queries in it; raises ``GuardRefused``."""
    tree, _ = read_query(f"SELECT 1 WHERE {sql}", Limits())
    where = tree.args.get("where")
    used = {key for key, value in tree.args.items() if value and key != "expressions"}
    if where is None or used != {"where"} or where.find(exp.Query):
        raise GuardRefused("unparsable", "It is not one predicate without subqueries.")
    predicate: exp.Expr = where.this
    return predicate


def check_nodes(tree: exp.Expr, max_nodes: int) -> None:
    """Refuse a tree with any node that is not known to be harmless, or with too many."""
    count = 0
    for node in tree.walk():
        count += 1
        if isinstance(node, exp.Select) and node.args.get("into"):
            _refuse_node(node.args["into"])
        if isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier | exp.Dot):
            raise GuardRefused(
                "table-function",
                "Table functions and TABLE(...) are not allowed in FROM.",
                hint="Read from a table by its name.",
            )
        if isinstance(node, exp.Anonymous):
            _check_function(node.name)
        elif type(node) not in NODES and type(node) not in CALLS:
            _refuse_node(node)
        if isinstance(node, exp.Distinct) and node.args.get("on"):
            _refuse_node(node)
        if isinstance(node, exp.With) and node.recursive:
            raise GuardRefused(
                "recursion",
                "WITH RECURSIVE is not allowed: nothing bounds how long it runs.",
                hint="Use sequence(start, stop) with literal bounds, or join step by step.",
            )
    if count > max_nodes:
        raise GuardRefused(
            "too-long", f"The SQL has {count:,} parts; at most {max_nodes:,} are allowed."
        )


def _tokens(sql: str) -> Sequence[Token]:
    _check_characters(sql, inside_strings=True)
    try:
        tokens = LAKE.tokenize(sql)
    except (TokenError, RecursionError) as exc:
        raise GuardRefused(
            "unparsable",
            "The SQL cannot be read: a quote or comment is not closed.",
            hint="Close every ' and \" and /* comment.",
        ) from exc
    for token in tokens:
        if token.token_type != TokenType.STRING:
            _check_characters(token.text, inside_strings=False)
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens = tokens[:-1]
    if not tokens:
        raise GuardRefused("unparsable", "There is no SQL.", hint="Write one SELECT query.")
    if any(token.token_type == TokenType.SEMICOLON for token in tokens):
        raise GuardRefused(
            "one-statement",
            "There is more than one statement.",
            hint="Write one SELECT query; put helper queries in WITH.",
        )
    return tokens


def _check_characters(text: str, *, inside_strings: bool) -> None:
    """Invisible and direction-changing characters make SQL read other than it runs."""
    allowed = "\t\n\r\x1b" if not inside_strings else "\t\n\r"
    for char in text:
        if char < "\x7f" and char >= " ":
            continue
        if char not in allowed and unicodedata.category(char) in _CONTROL:
            raise GuardRefused(
                "odd-character",
                f"The SQL holds the invisible character U+{ord(char):04X}.",
                hint="Remove it; use chr() where a value needs it.",
            )


def _check_start(tokens: Sequence[Token]) -> None:
    words = [token.text.upper() for token in tokens[:4]]
    first = next((t.text.upper() for t in tokens if t.token_type != TokenType.L_PAREN), "(")
    if first not in _STARTS:
        raise GuardRefused(
            "reads-only",
            f"{first[:40]} is not allowed: only a SELECT query may run.",
            hint="Write a query that begins with SELECT or WITH.",
            repairable=first in {"VALUES", "TABLE", "FROM"},
        )
    if words[:2] == ["WITH", "FUNCTION"] and words[3:] == ["("]:
        raise GuardRefused(
            "inline-function",
            "WITH FUNCTION is not allowed: a query may not define functions.",
            hint="Write the calculation where it is used.",
        )


def _check_depth(tokens: Iterable[Token], max_depth: int) -> None:
    """Bound what makes parsers and tree walks recurse or backtrack, before any of them runs."""
    depth = prefixes = links = connectors = open_joins = 0
    last: TokenType | None = None
    before: TokenType | None = None
    for token in tokens:
        kind = token.token_type
        depth += (kind in _OPENING) - (kind in _CLOSING)
        prefixes = prefixes + 1 if kind in _PREFIX else 0
        # a.b.c, a::x::y and a[1][2] nest without a bracket around them.
        if kind == TokenType.L_BRACKET:
            links = links + 1 if last == TokenType.R_BRACKET else 0
        elif kind in _LINKS:
            links = links + 1 if before == kind else 1
        connectors += kind in _CONNECTORS
        # sqlglot tries every way to pair joins with ONs that are still to come.
        if kind == TokenType.JOIN and last != TokenType.CROSS:
            open_joins += 1
        elif kind in {TokenType.ON, TokenType.USING}:
            open_joins = max(0, open_joins - 1)
        before, last = last, kind
        if max(depth, prefixes, links) > max_depth or open_joins > _MAX_OPEN_JOINS:
            raise GuardRefused(
                "too-deep",
                f"The SQL is nested more than {max_depth} levels deep.",
                hint="Split it into steps with WITH.",
            )
        if connectors > _MAX_CONNECTORS:
            raise GuardRefused(
                "too-long",
                f"The SQL has more than {_MAX_CONNECTORS:,} conditions and list items.",
                hint="Use a range or a join in place of a long list.",
            )


def _parse(tokens: Sequence[Token], sql: str) -> exp.Query:
    try:
        trees = LAKE.parser().parse(_plainly(_exactly(tokens)), sql)
    except ParseError as exc:
        raise GuardRefused("unparsable", _where(exc), hint="Write plain Presto SQL.") from exc
    except RecursionError as exc:
        raise GuardRefused("too-deep", "The SQL is nested too deeply to be read.") from exc
    except BREAKS as exc:
        raise GuardRefused("unparsable", "The SQL cannot be read.") from exc
    if len(trees) != 1:
        raise GuardRefused("one-statement", "There is more than one statement.")
    tree = trees[0]
    if not isinstance(tree, exp.Query) or isinstance(tree, exp.Values):
        raise GuardRefused("reads-only", "Only a SELECT query may run.", repairable=False)
    return tree


def _exactly(tokens: Sequence[Token]) -> list[Token]:
    """Write ``DECIMAL '1.50'`` as 1.50, the same; sqlglot would make it a decimal(38,0)."""
    exact: list[Token] = []
    for token in tokens:
        before = exact[-1] if exact else None
        if (
            before is not None
            and before.token_type == TokenType.DECIMAL
            and token.token_type == TokenType.STRING
            and _DECIMAL.fullmatch(token.text)
        ):
            text = token.text if "." in token.text else f"{token.text}."
            exact[-1] = Token(
                TokenType.NUMBER, text, token.line, token.col, before.start, token.end
            )
        else:
            exact.append(token)
    return exact


def _plainly(tokens: Sequence[Token]) -> list[Token]:
    """Rename calls whose arguments sqlglot would misread (``nlq.sql.repairs.plain_calls``)."""
    renamed = list(tokens)
    for position, token in enumerate(tokens[:-1]):
        called = tokens[position + 1].token_type == TokenType.L_PAREN
        quoted = token.token_type in {TokenType.STRING, TokenType.IDENTIFIER}
        if called and not quoted and token.text.lower() in plain_calls.NAMES:
            renamed[position] = Token(
                TokenType.VAR,
                plain_calls.PREFIX + token.text,
                token.line,
                token.col,
                token.start,
                token.end,
            )
    return renamed


def _where(exc: ParseError) -> str:
    first = exc.errors[0] if exc.errors else {}
    near = f"{(first.get('start_context') or '')[-30:]}{first.get('highlight') or ''}".strip()
    what = (first.get("description") or "unexpected text").rstrip(".")
    return f"The SQL cannot be read (line {first.get('line', 1)}): {what}, near {near!r}."


_DECIMAL = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)")
_NOT_READS = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock)


def _check_function(name: str) -> None:
    if name.lower() in FUNCTIONS:
        return
    close = get_close_matches(name.lower(), FUNCTIONS, n=3, cutoff=0.6)
    raise GuardRefused(
        "unknown-function",
        f"There is no function {name.lower()[:60]} that may be used.",
        hint=f"Did you mean {' or '.join(close)}?" if close else "Use a Presto function.",
    )


def _refuse_node(node: exp.Expr) -> None:
    name = type(node).__name__
    if isinstance(node, _NOT_READS):
        raise GuardRefused(
            "reads-only",
            f"{name.upper()} is not allowed: a query may only read.",
            hint="Write a SELECT query.",
            repairable=False,
        )
    if isinstance(node, exp.Func):
        _check_function(node.sql_name())
    raise GuardRefused(
        "not-understood",
        f"This kind of SQL ({name}) is not understood, so it is not run.",
        hint="Use plain SELECT, JOIN, WHERE, GROUP BY, window functions and WITH.",
    )

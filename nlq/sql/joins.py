"""The rule against cross joins: every source of a SELECT must be linked to the others.

A link is an equality between what two sources hold, or a range with both ends; comma joins may have
it in WHERE. A source may stand unlinked where it provably has one row, or where all combinations
together are few.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from math import prod

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from nlq.errors import GuardRefused
from nlq.sql.bounds import rows_at_most
from nlq.sql.limits import Limits
from nlq.types import TableDoc

_Links = frozenset[frozenset[str]]
_NONE: _Links = frozenset()
_UNKNOWN = 10**18
_FEW = 100
"""Rows that anything may be multiplied by: a literal list, a few periods."""

_LOWER = (exp.GT, exp.GTE)
_UPPER = (exp.LT, exp.LTE)
# What keeps the values of a column apart, so that an equality of it still selects.
_KEEPS = (
    exp.Column,
    exp.Dot,
    exp.Literal,
    exp.Identifier,
    exp.Paren,
    exp.Cast,
    exp.TryCast,
    exp.DataType,
    exp.DataTypeParam,
    exp.Substring,
    exp.Lower,
    exp.Upper,
    exp.Trim,
    exp.Replace,
    exp.Concat,
    exp.DPipe,
    exp.Coalesce,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.Neg,
    exp.Interval,
    exp.Var,
    exp.Date,
    exp.DateAdd,
    exp.DateTrunc,
    exp.TimestampTrunc,
    exp.TimeToStr,
    exp.StrToTime,
    exp.Year,
    exp.AtTimeZone,
    exp.JSONExtractScalar,
    exp.Bracket,
)


def check_joins(scope: Scope, tables: Mapping[str, TableDoc], limits: Limits) -> None:
    """Refuse a SELECT whose sources are not all linked; raises ``GuardRefused``."""
    select = scope.expression
    if not isinstance(select, exp.Select) or len(scope.selected_sources) < 2:
        return
    names = list(scope.selected_sources)
    groups = _groups(names, _links_of(scope))
    if len(groups) < 2:
        return
    rows = sorted(_rows_of(group, scope, tables) or _UNKNOWN for group in groups)
    if prod(rows[:-1]) <= _FEW or prod(rows) <= limits.max_small_rows:
        return
    first, second = sorted(groups[0])[0], sorted(groups[1])[0]
    raise GuardRefused(
        "cross-join",
        f"Nothing links {first} with {second}: every row would meet every other.",
        hint=f"Join them ON {first}.key = {second}.key.",
    )


def conjuncts(node: exp.Expr | None) -> Iterator[exp.Expr]:
    """The conditions that all must hold."""
    if isinstance(node, exp.Paren):
        yield from conjuncts(node.this)
    elif isinstance(node, exp.And):
        for part in node.flatten():
            yield from conjuncts(part)
    elif node is not None:
        yield node


def _links_of(scope: Scope) -> _Links:
    select = scope.expression
    conditions = [join.args.get("on") for join in scope.find_all(exp.Join)]
    where = select.args.get("where")
    conditions.append(where.this if where else None)
    local = set(scope.selected_sources)
    links = _all_links([c for on in conditions for c in conjuncts(on)], local)
    unnests = (n for n, s in scope.sources.items() if _is_unnest(s))
    lateral = {
        frozenset({name, column.table})
        for name in unnests
        for column in _unnest(scope, name).find_all(exp.Column)
        if column.table in local and column.table != name
    }
    return links | lateral


def _is_unnest(source: object) -> bool:
    return isinstance(source, Scope) and isinstance(source.expression, exp.Unnest)


def _unnest(scope: Scope, name: str) -> exp.Expr:
    source = scope.sources[name]
    assert isinstance(source, Scope)
    return source.expression


def _all_links(conditions: list[exp.Expr], local: set[str]) -> _Links:
    """Links of conditions that hold together; two half ranges of one pair make a whole one."""
    links = set[frozenset[str]]()
    lower, upper = set[frozenset[str]](), set[frozenset[str]]()
    for condition in conditions:
        links |= _links(condition, local)
        if isinstance(condition, (*_LOWER, *_UPPER)):
            for pair in _pairs(condition.this, condition.expression, local):
                first = sorted(pair)[0]
                rising = isinstance(condition, _LOWER) == (first in _sources(condition.this))
                (lower if rising else upper).add(pair)
    return frozenset(links | (lower & upper))


def _links(node: exp.Expr, local: set[str]) -> _Links:
    if isinstance(node, exp.Paren | exp.And):
        return _all_links(list(conjuncts(node)), local)
    if isinstance(node, exp.Or):
        branches = [_closure(_links(branch, local), local) for branch in _branches(node)]
        return frozenset.intersection(*branches)
    if isinstance(node, exp.EQ | exp.NullSafeEQ):
        return _pairs(node.this, node.expression, local)
    if isinstance(node, exp.Between):
        low = _pairs(node.this, node.args["low"], local)
        return low & _pairs(node.this, node.args["high"], local)
    return _NONE


def _branches(node: exp.Expr) -> Iterator[exp.Expr]:
    for part in node.flatten():
        inner = part.unnest()
        if isinstance(inner, exp.Or):
            yield from _branches(inner)
        else:
            yield inner


def _pairs(left: exp.Expr, right: exp.Expr, local: set[str]) -> _Links:
    """Pairs of sources that an equality of two sides binds, each side being of other sources."""
    ours, theirs = _sources(left) & local, _sources(right) & local
    if not ours or not theirs or ours & theirs or not (_keeps(left) and _keeps(right)):
        return _NONE
    if len(ours) > 1 and len(theirs) > 1:
        return _NONE
    return frozenset(frozenset({a, b}) for a in ours for b in theirs)


def _sources(node: exp.Expr) -> set[str]:
    return {column.table for column in node.find_all(exp.Column)}


def _keeps(node: exp.Expr) -> bool:
    for part in node.walk():
        if not isinstance(part, _KEEPS):
            return False
        if isinstance(part, exp.Literal) and part.name in {"0", "0.0", ""}:
            return isinstance(part.parent, exp.Coalesce)
    return True


def _groups(names: list[str], links: _Links) -> list[set[str]]:
    """Sources that are linked, directly or through others, put together."""
    groups = [{name} for name in names]
    for link in links:
        touched = [g for g in groups if g & link]
        if len(touched) > 1:
            groups = [g for g in groups if not g & link] + [set().union(*touched)]
    return groups


def _closure(links: _Links, local: set[str]) -> _Links:
    """Also the pairs that are linked through others, so that OR branches can be compared."""
    groups = _groups(sorted(local), links)
    return frozenset(frozenset(p) for group in groups for p in combinations(sorted(group), 2))


def _rows_of(group: set[str], scope: Scope, tables: Mapping[str, TableDoc]) -> int | None:
    counts = [rows_at_most(scope.sources[name], tables) for name in group]
    return None if None in counts else prod(max(1, n) for n in counts if n is not None)

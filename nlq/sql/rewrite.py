"""What the guard changes in a checked tree: row limit, row filters, output names, quotes.

Each function changes the tree in place (or returns the new root) and says in words what it did.
"""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.catalog.catalog import Catalog
from nlq.errors import GuardRefused
from nlq.sql.bounds import is_one_row
from nlq.sql.dialect import render
from nlq.sql.limits import Limits
from nlq.sql.names import is_star, whole_name
from nlq.sql.policy import Grants
from nlq.sql.reading import read_predicate
from nlq.sql.words import RESERVED
from nlq.types import TableDoc

_PLAIN = re.compile(r"[a-z][a-z0-9_]*")


def name_outputs(tree: exp.Query) -> None:
    """Give every output column of the whole query a name of its own."""
    first = _first_select(tree)
    taken: set[str] = set()
    outputs = []
    for position, select in enumerate(first.expressions, 1):
        if is_star(select):
            outputs.append(select)
            continue
        named = isinstance(select, exp.Alias | exp.Column)
        name = select.alias_or_name.lower() if named else _name_for(select, position)
        unique, count = name, 1
        while unique in taken:
            count += 1
            unique = f"{name}_{count}"
        taken.add(unique)
        outputs.append(
            select if named and select.output_name == unique else _aliased(select, unique)
        )
    first.set("expressions", outputs)


def _first_select(tree: exp.Expr) -> exp.Select:
    while not isinstance(tree, exp.Select):
        tree = tree.this
    return tree


def _aliased(select: exp.Expr, name: str) -> exp.Expr:
    inner = select.this if isinstance(select, exp.Alias) else select
    return exp.alias_(inner, name)


def _name_for(select: exp.Expr, position: int) -> str:
    """``sum(price)`` is called sum_price, ``count(*)`` count, anything longer column_N."""
    if isinstance(select, exp.Func):
        name = render(select).partition("(")[0]
        columns = [c.name for c in select.find_all(exp.Column)]
        plain = "_".join([name, *columns]).lower()
        if len(columns) < 2 and _safe(plain):
            return plain
    return f"column_{position}"


def bound_rows(tree: exp.Query, limits: Limits) -> tuple[exp.Query, int, list[str]]:
    """Make sure that no more than the policy's rows can come out; the bound, and what was done."""
    limit = tree.args.get("limit")
    if limit is None and isinstance(tree, exp.Select) and is_one_row(tree):
        return tree, 1, []
    if limit is None:
        tree = tree.limit(limits.default_row_limit, copy=False)
        return tree, limits.default_row_limit, [f"limited to {limits.default_row_limit:,} rows"]
    asked = _literal_limit(limit)
    if asked <= limits.max_row_limit:
        return tree, asked, []
    tree = tree.limit(limits.max_row_limit, copy=False)
    return tree, limits.max_row_limit, [f"limited to {limits.max_row_limit:,} rows"]


def _literal_limit(limit: exp.Expr) -> int:
    count = limit.args.get("count") if isinstance(limit, exp.Fetch) else limit.expression
    options = limit.args.get("limit_options")
    ties = options is not None and (options.args.get("percent") or options.args.get("with_ties"))
    if not isinstance(count, exp.Literal) or not count.this.isdigit() or ties:
        raise GuardRefused(
            "limit-not-literal",
            "LIMIT must be a whole number.",
            hint="Write LIMIT 100; WITH TIES, ALL and expressions are not allowed.",
        )
    return int(count.this)


def filter_rows(tree: exp.Query, catalog: Catalog, grants: Grants) -> list[str]:
    """Put a filtered subquery in the place of every table that the policy has filters for."""
    filtered: dict[str, None] = {}
    for table in list(tree.find_all(exp.Table)):
        if not table.args.get("catalog"):
            continue
        name = whole_name(table)
        predicates = grants.row_filters(name)
        if not predicates:
            continue
        filtered[name] = None
        doc = catalog.tables[name]
        names = [c.name.lower() for c in doc.columns if grants.may_see_column(name, c)]
        moved = {key: table.args.get(key) for key in ("alias", "sample", "joins")}
        bare = exp.Table(**{key: table.args[key] for key in ("this", "db", "catalog")})
        inner = exp.select(*(exp.column(n, table=bare.name) for n in names))
        inner = inner.from_(exp.alias_(bare, bare.name, table=True))
        for predicate in predicates:
            inner = inner.where(_of_table(predicate, doc, bare.name))
        table.replace(exp.Subquery(this=inner, **moved))
    return [f"only the rows of {name} that you may see" for name in filtered]


def _of_table(predicate: str, doc: TableDoc, source: str) -> exp.Expr:
    """A row filter with its columns bound to the table; one that names no column of it refuses."""
    tree = read_predicate(predicate)
    for column in tree.find_all(exp.Column):
        if column.table or doc.column(column.name) is None:
            raise GuardRefused(
                "row-filter",
                f"The policy's row filter on {doc.name} does not fit the table, so it is not read.",
                hint="Tell those who keep the policy file.",
                repairable=False,
            )
        column.set("table", exp.to_identifier(source))
        column.set("this", exp.to_identifier(column.name.lower()))
    return tree


def quote(tree: exp.Expr) -> None:
    """Quote the names that Presto would not read bare, and no others."""
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("quoted", not _safe(identifier.name))


def _safe(name: str) -> bool:
    return bool(_PLAIN.fullmatch(name)) and name.upper() not in RESERVED

"""One query twice: as it is written and with every name bound, each nested query under one number.

SQL and the tables that may be seen enter; what is shown is the one tree, what is said rests on the
other. Nothing is decided here: whoever calls has had the guard decide first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from nlq.answer.lineage import Lineage
from nlq.catalog.catalog import Catalog
from nlq.errors import GuardRefused
from nlq.sql.dialect import BREAKS
from nlq.sql.limits import Limits
from nlq.sql.mend import mend_names, mend_types
from nlq.sql.reading import read_query
from nlq.sql.resolve import resolve_columns, resolve_tables
from nlq.sql.rewrite import name_outputs
from nlq.types import TableDoc

_NUMBER = "desk_query"


@dataclass(frozen=True, slots=True)
class BoundSql:
    """``written`` is the person's own tree, ``bound`` the same with names bound and types known."""

    written: exp.Query
    bound: exp.Query

    def counterpart(self, written: exp.Query) -> exp.Query | None:
        """The bound query that a written one became, where it is still there."""
        number = written.meta.get(_NUMBER)
        return next((q for q in queries(self.bound) if q.meta.get(_NUMBER) == number), None)


def bind(sql: str, tables: Mapping[str, TableDoc], limits: Limits) -> BoundSql:
    """Read and bind as the guard does; raises ``GuardRefused``."""
    try:
        return _bind(sql, tables, limits)
    except RecursionError as exc:
        raise GuardRefused("too-deep", "The SQL is nested too deeply.") from exc
    except BREAKS as exc:
        raise GuardRefused("not-understood", "This SQL could not be worked out.") from exc


def _bind(sql: str, tables: Mapping[str, TableDoc], limits: Limits) -> BoundSql:
    written, _ = read_query(sql, limits)
    for number, query in enumerate(queries(written)):
        query.meta[_NUMBER] = number
    bound = written.copy()
    resolve_tables(bound, tables)
    mend_names(bound, tables)
    name_outputs(bound)
    bound = resolve_columns(bound, tables)
    bound, _ = mend_types(bound, tables)
    return BoundSql(written, bound)


def queries(tree: exp.Expr) -> Iterator[exp.Query]:
    """Every query of a tree that is not just brackets around one."""
    for node in tree.walk():
        if isinstance(node, exp.Query) and not isinstance(node, exp.Subquery):
            yield node


def lineage_of(bound: BoundSql, visible: Catalog) -> Lineage:
    """The scopes of the bound tree."""
    return Lineage(bound.bound, visible)

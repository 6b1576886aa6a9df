"""What an expression can see while it is compiled: columns, lambda arguments, the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from sqlglot import exp

from nlq.engine.presto_on_duckdb.types import Type
from nlq.errors import QueryFailed

Columns = Mapping[str, Type]
"""A relation's columns, in order."""


@dataclass(frozen=True, slots=True)
class Typed:
    """DuckDB text of an expression, and its Presto type."""

    text: str
    type: Type


@dataclass(frozen=True, slots=True)
class Rows:
    """DuckDB text of a query, and its columns."""

    text: str
    names: tuple[str, ...]
    types: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """What a query's result depends on beside the data.

    ``schema`` has the columns of every table by whole name; ``now`` is a zoned time and ``zone``
    the session's zone.
    """

    schema: Mapping[str, Columns]
    now: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Names in reach: relations by alias, lambda arguments, CTEs, and the scope outside."""

    session: Session
    relations: Mapping[str, Columns] = field(default_factory=dict)
    lambdas: Mapping[str, Typed] = field(default_factory=dict)
    ctes: Mapping[str, Columns] = field(default_factory=dict)
    outer: Scope | None = None
    aliases: Mapping[str, Typed] = field(default_factory=dict)

    def with_lambdas(self, added: Mapping[str, Typed]) -> Scope:
        """The scope inside a lambda."""
        return replace(self, lambdas={**self.lambdas, **added})

    def inside(self) -> Scope:
        """The scope in which a subquery starts."""
        return Scope(self.session, ctes=self.ctes, outer=self)

    def find(self, parts: tuple[str, ...]) -> tuple[Typed, tuple[str, ...]]:
        """The column or lambda argument that a dotted name starts with, and the fields after it.

        Raises ``QueryFailed`` where nothing or more than one thing has that name.
        """
        if len(parts) == 1 and parts[0] in self.aliases:
            return self.aliases[parts[0]], ()
        if parts[0] in self.lambdas:
            return self.lambdas[parts[0]], parts[1:]
        for scope in self._outwards():
            if found := scope._column(parts):
                return found
        raise QueryFailed(f"Column '{'.'.join(parts)}' cannot be resolved.")

    def _outwards(self) -> list[Scope]:
        return [self, *(self.outer._outwards() if self.outer else ())]

    def _column(self, parts: tuple[str, ...]) -> tuple[Typed, tuple[str, ...]] | None:
        for taken in range(len(parts) - 1, 0, -1):  # catalog.schema.table.column, alias.column
            alias = parts[taken - 1]
            kind = self.relations.get(alias, {}).get(parts[taken])
            if kind is not None:
                return Typed(f"{quote(alias)}.{quote(parts[taken])}", kind), parts[taken + 1 :]
        owners = [alias for alias, columns in self.relations.items() if parts[0] in columns]
        if len(owners) > 1:
            raise QueryFailed(f"Column '{parts[0]}' is ambiguous.")
        if not owners:
            return None
        kind = self.relations[owners[0]][parts[0]]
        return Typed(f"{quote(owners[0])}.{quote(parts[0])}", kind), parts[1:]


class Compiler(Protocol):
    """Compiles the parts of a query; what handlers of nodes and functions are given."""

    def expression(self, node: exp.Expr, scope: Scope) -> Typed:
        """One scalar, aggregate or window expression."""

    def query(self, node: exp.Expr, scope: Scope) -> Rows:
        """One whole query, such as a subquery."""


def named(names: Sequence[str], kinds: Sequence[Type]) -> Columns:
    """A relation's columns; raises ``QueryFailed`` where two have one name.

    Presto lets them stand until one is used; nobody wants such a result.
    """
    columns = dict(zip(names, kinds, strict=True))
    if len(columns) < len(names):
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise QueryFailed(f"Two columns of a subquery are called '{twice}'; name them apart.")
    return columns


def quote(name: str) -> str:
    """A DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A DuckDB string literal."""
    return "'" + value.replace("'", "''") + "'"


def unsupported(what: str, why: str = "") -> QueryFailed:
    """The error for what this engine cannot give right."""
    reason = f"; {why}" if why else "; use another way to write it, or a Presto server"
    return QueryFailed(f"{what} is not supported by the embedded engine{reason}.")

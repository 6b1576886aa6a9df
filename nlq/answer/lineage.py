"""Where a column of a checked tree comes from: through aliases, subqueries and CTEs to its table.

Only certain steps are followed; what is not certain has no origin (None), never a guessed one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, build_scope

from nlq.catalog.catalog import Catalog
from nlq.types import ColumnDoc, TableDoc


@dataclass(frozen=True, slots=True)
class Origin:
    """A column of a table of the lake, with the docs of both."""

    table: TableDoc
    column: ColumnDoc


class Lineage:
    """The scopes of one tree, and what its columns rest on."""

    def __init__(self, tree: exp.Query, catalog: Catalog) -> None:
        self.tree = tree
        self.catalog = catalog
        self.root: Scope | None = build_scope(tree)
        self.dimension_labels = {
            (d.table, d.column): d.label for d in catalog.dimensions.values() if not d.expression
        }

    def scopes(self) -> Iterator[Scope]:
        """Every scope, inner ones before those that read them."""
        return iter(self.root.traverse()) if self.root else iter(())

    def table(self, node: exp.Expr) -> TableDoc | None:
        """The docs of a table that is read directly, else None."""
        return self.catalog.tables.get(table_name(node)) if isinstance(node, exp.Table) else None

    def step(self, node: exp.Expr, scope: Scope) -> tuple[exp.Expr, Scope] | None:
        """One step inward from a column that a subquery or CTE gives: its expression there."""
        if not isinstance(node, exp.Column):
            return None
        source = scope.sources.get(node.table)
        if not isinstance(source, Scope) or not isinstance(source.expression, exp.Select):
            return None
        found = [e for e in source.expression.selects if e.alias_or_name == node.name]
        return (found[0].unalias(), source) if len(found) == 1 else None

    def origin(self, node: exp.Expr, scope: Scope) -> Origin | None:
        """The table's column that ``node`` hands on unchanged, or None if it is anything else."""
        for _ in range(50):
            inner = self.step(node, scope)
            if inner is None:
                break
            node, scope = inner
        if not isinstance(node, exp.Column):
            return None
        source = scope.sources.get(node.table)
        table = self.table(source) if isinstance(source, exp.Table) else None
        column = table.column(node.name) if table else None
        return Origin(table, column) if table and column else None

    def origins(self, node: exp.Expr, scope: Scope) -> set[tuple[str, str]]:
        """Every (table, column) that an expression rests on, as far as can be told."""
        found: set[tuple[str, str]] = set()
        for column in node.find_all(exp.Column):
            inner = self.step(column, scope)
            if inner:
                found |= self.origins(*inner)
            elif origin := self.origin(column, scope):
                found.add((origin.table.name, origin.column.name))
        return found

    def outputs(self) -> tuple[exp.Expr, ...]:
        """The result's columns as expressions, where the query is one SELECT; else nothing."""
        return tuple(self.tree.selects) if isinstance(self.tree, exp.Select) else ()


def read_here(scope: Scope) -> dict[str, exp.Expr | Scope]:
    """What one SELECT reads, by alias; CTEs that it only could read are left out."""
    return {alias: source for alias, (_, source) in scope.selected_sources.items()}


def totals(node: exp.Expr) -> bool:
    """Whether an expression makes one value of many rows (a window function does not)."""
    inner = node.walk(prune=lambda n: isinstance(n, exp.Query | exp.Window))
    return any(isinstance(n, exp.AggFunc) for n in inner)


def table_name(node: exp.Table) -> str:
    """``catalog.schema.table``, lower case."""
    return ".".join(part for part in (node.catalog, node.db, node.name) if part).lower()


def conjuncts(where: exp.Expr | None) -> list[exp.Expr]:
    """The terms of a condition that must all hold."""
    if where is None:
        return []
    condition = where.this if isinstance(where, exp.Where | exp.Having) else where
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        return [*conjuncts(condition.left), *conjuncts(condition.right)]
    return [condition]

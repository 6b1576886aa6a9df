"""What every rewrite works with: the query, where its names come from, and what it says it did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from nlq.catalog.catalog import Catalog
from nlq.desk.bound import BoundSql
from nlq.sql.names import whole_name
from nlq.types import ColumnDoc, TableDoc


@dataclass(slots=True)
class Rewriting:
    """One rewrite of one query: ``tree`` is the copy to change, ``done`` says in words what was."""

    tree: exp.Query
    bound: BoundSql
    catalog: Catalog
    done: list[str] = field(default_factory=list)

    def selects(self) -> Iterator[Sources]:
        """Every SELECT of the tree whose bound counterpart is known."""
        scopes = {id(scope.expression): scope for scope in traverse_scope(self.bound.bound)}
        for select in list(self.tree.find_all(exp.Select)):
            counterpart = self.bound.counterpart(select)
            scope = scopes.get(id(counterpart))
            if scope is not None:
                yield Sources(select, scope, self.catalog)

    def say(self, words: str) -> None:
        """Keep what was done, once."""
        if words not in self.done:
            self.done.append(words)


@dataclass(frozen=True, slots=True)
class Sources:
    """A SELECT as written, and the scope of what it became when its names were bound."""

    select: exp.Select
    scope: Scope
    catalog: Catalog

    def table(self, alias: str) -> TableDoc | None:
        """The docs of the table that an alias reads; None for anything else."""
        source = self.scope.selected_sources.get(alias.lower(), (None, None))[1]
        if not isinstance(source, exp.Table) or not source.args.get("catalog"):
            return None
        return self.catalog.tables.get(whole_name(source))

    def column(self, node: exp.Expr) -> tuple[str, TableDoc, ColumnDoc] | None:
        """Of which source, table and column a written name is; None where that is not sure."""
        if not isinstance(node, exp.Column):
            return None
        names = self.scope.selected_sources
        aliases = [node.table.lower()] if node.table else list(names)
        found = []
        for alias in aliases:
            doc = self.table(alias)
            if doc is None and not node.table:
                return None
            if doc and (column := doc.column(node.name)):
                found.append((alias, doc, column))
        return found[0] if len(found) == 1 else None

    def own(self, *kinds: type[exp.Expr]) -> list[exp.Expr]:
        """The nodes of these kinds that belong to this SELECT and not to one inside of it."""
        inside = self.select.walk(prune=lambda n: isinstance(n, exp.Query) and n is not self.select)
        return [node for node in inside if isinstance(node, kinds)]

"""What every mend works with: the catalog, what was asked, and the tables of one SELECT."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from nlq.catalog.catalog import Catalog
from nlq.retrieval.words import abbreviates, stem
from nlq.types import ColumnDoc, DateRange, JoinEdge, TableDoc

TIMES: Final = ("date", "timestamp")
NUMBERS: Final = ("bigint", "integer", "smallint", "tinyint", "double", "real", "decimal")
"""What the types of columns begin with that hold times, and numbers."""


@dataclass(slots=True)
class Mending:
    """One draft being mended.

    ``asked`` is the question with its notes and rules, ``periods`` are those that it names and that
    are over; ``notes`` say in words what was changed.
    """

    catalog: Catalog
    asked: str = ""
    periods: tuple[DateRange, ...] = ()
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Keep ``text`` for the person, once."""
        if text not in self.notes:
            self.notes.append(text)


def sources_of(select: exp.Select, catalog: Catalog) -> dict[str, TableDoc] | None:
    """The tables by alias; None where one is no table of the catalog (a CTE, a subquery)."""
    start = select.args.get("from_")
    if start is None:
        return None
    found: dict[str, TableDoc] = {}
    for node in (start.this, *(join.this for join in select.args.get("joins") or ())):
        doc = doc_of(node, catalog)
        if doc is None:
            return None
        found[node.alias_or_name.lower()] = doc
    return found


def doc_of(node: exp.Expr, catalog: Catalog) -> TableDoc | None:
    """The table that a node of FROM reads; None for anything else."""
    if not isinstance(node, exp.Table):
        return None
    written = ".".join(part.name.lower() for part in node.parts)
    ending = [n for n in catalog.tables if n == written or n.endswith(f".{written}")]
    shadowed = any(cte.alias.lower() == written for cte in node.root().find_all(exp.CTE))
    return catalog.tables[ending[0]] if len(ending) == 1 and not shadowed else None


def columns_of(select: exp.Select) -> Iterator[exp.Column]:
    """The columns of this query itself, not of those inside of it."""
    for column in list(select.find_all(exp.Column)):
        if column.find_ancestor(exp.Select) is select:
            yield column


def column_doc(column: exp.Column, sources: dict[str, TableDoc]) -> ColumnDoc | None:
    """What the catalog says of a column; None where it is of no source, or of several."""
    if column.table:
        doc = sources.get(column.table.lower())
        return doc.column(column.name) if doc else None
    known = [found for doc in sources.values() if (found := doc.column(column.name)) is not None]
    return known[0] if len(known) == 1 else None


def edges_of(doc: TableDoc, catalog: Catalog) -> Iterator[JoinEdge]:
    """The joins by which a table's columns lead to others."""
    return (edge for edge in (*doc.joins, *catalog.joins) if edge.left == doc.name)


def outermost(tree: exp.Expr) -> exp.Select | None:
    """The SELECT whose columns a person sees, where there is one alone."""
    return tree if isinstance(tree, exp.Select) else None


def conjuncts(condition: exp.Expr | None) -> list[exp.Expr]:
    """The conditions that must all hold; none for None."""
    if condition is None:
        return []
    return list(condition.flatten()) if isinstance(condition, exp.And) else [condition]


def joined_on(edge: JoinEdge, left: str, right: str) -> exp.Expr:
    """The condition of a known join between two aliases."""
    return exp.and_(
        *(
            exp.EQ(this=exp.column(a, table=left), expression=exp.column(b, table=right))
            for a, b in zip(edge.left_columns, edge.right_columns, strict=True)
        )
    )


def become(select: exp.Select, other: exp.Select) -> None:
    """Give a tree's root the parts of another one."""
    select.args.clear()
    for part, value in other.args.items():
        select.set(part, value)


def is_called(name: Sequence[str], said: Sequence[str]) -> bool:
    """Whether the words of a name are those said, or short forms of them."""
    return len(name) == len(said) and all(
        stem(a) == stem(b) or abbreviates(a, b) for a, b in zip(name, said, strict=True)
    )


def free_alias(table: str, taken: Sequence[str]) -> str:
    """A short name for a table that no other source has."""
    short = table.rpartition(".")[2]
    names = (short, *(f"{short}_{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)

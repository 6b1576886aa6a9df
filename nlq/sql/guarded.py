"""``GuardedQuery``: the only thing that an engine takes, and only the guard makes one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from nlq.types import Principal

_SEAL: Final = object()


@dataclass(frozen=True, slots=True)
class GuardedQuery:
    """SQL that was checked, rendered from the tree that was checked.

    ``sql`` is Presto SQL. ``tables`` and ``columns`` (``table.column``) are what it reads.
    ``rewrites`` says in words what the guard changed ("limited to 1,000 rows"). ``fingerprint``
    is the same for queries whose canonical trees are the same. ``row_limit`` is the most rows it
    can give.
    """

    sql: str
    principal: Principal
    tables: tuple[str, ...]
    columns: tuple[str, ...]
    rewrites: tuple[str, ...]
    fingerprint: str
    row_limit: int
    _tree: exp.Query = field(repr=False, compare=False)
    _seal: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("Only the guard makes a GuardedQuery.")

    def tree(self) -> exp.Query:
        """A copy of the checked tree: qualified and typed, in the Presto dialect."""
        return self._tree.copy()

    def nodes(self) -> Iterator[exp.Expr]:
        """The parts of the checked tree, to be looked at only: a copy takes far longer."""
        return self._tree.walk()


def seal(
    *,
    tree: exp.Query,
    sql: str,
    principal: Principal,
    tables: tuple[str, ...],
    columns: tuple[str, ...],
    rewrites: tuple[str, ...],
    fingerprint: str,
    row_limit: int,
) -> GuardedQuery:
    """Make a ``GuardedQuery``; called by ``nlq.sql.guard`` alone (a test says so)."""
    return GuardedQuery(
        sql=sql,
        principal=principal,
        tables=tables,
        columns=columns,
        rewrites=rewrites,
        fingerprint=fingerprint,
        row_limit=row_limit,
        _tree=tree,
        _seal=_SEAL,
    )

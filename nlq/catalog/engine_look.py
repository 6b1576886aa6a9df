"""Looking at a server's catalog: questions to PrestoDB or Trino leave, what it told comes back.

``Look.tables`` is cheap (a statement or two for a whole schema), ``Look.details`` costs a few
statements for each table.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, Protocol

from nlq.catalog.engine_answers import (
    Rows,
    columns_sql,
    comments_sql,
    last_whole_day,
    partitions_sql,
    schemas_sql,
    sizes,
    table_comment,
    whole_name,
)
from nlq.catalog.engine_store import KeptColumn, KeptTable
from nlq.errors import QueryFailed

Kind = Literal["presto", "trino"]


class Server(Protocol):
    """What answers short statements: ``nlq.engine.trino_client.Client``."""

    def rows(self, sql: str, *, user: str, seconds: float = 60.0) -> list[list[Any]]:
        """All rows; raises ``EngineError``."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A table as the cheap look tells it; ``comment`` is None where it takes a dear one."""

    name: str
    columns: tuple[KeptColumn, ...]
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Asks ``server`` as ``user``, each statement for at most ``seconds``."""

    server: Server
    kind: Kind
    user: str
    seconds: float = 60.0

    def schemas(self, catalog: str) -> tuple[str, ...]:
        """The schemas of a catalog; raises ``EngineError``."""
        return tuple(str(row[0]) for row in self._ask(schemas_sql(catalog)))

    def tables(self, catalog: str, schema: str) -> tuple[Listed, ...]:
        """The tables of a schema, but for names with a dot in them; raises ``EngineError``."""
        columns: dict[str, list[KeptColumn]] = {}
        for table, column, kind, comment, role in self._ask(columns_sql(catalog, schema)):
            columns.setdefault(table, []).append(
                KeptColumn(column, kind, comment or "", partition=role == "partition key")
            )
        comments: dict[str, str] | None = None
        if self.kind == "trino" and columns:
            told = self._ask(comments_sql(catalog, schema))
            comments = {table: comment or "" for table, comment in told}
        return tuple(
            Listed(
                f"{catalog}.{schema}.{table}",
                tuple(found),
                None if comments is None else comments.get(table, ""),
            )
            for table, found in columns.items()
            if "." not in table
        )

    def details(self, table: KeptTable, now: datetime) -> KeptTable:
        """``table`` with its comment, sizes and partitions as they are ``now`` (UTC).

        What the server will not tell of this table is unknown, and named in ``unanswered``. Raises
        ``EngineUnavailable`` or ``QueryTimeout``.
        """
        unanswered: list[str] = []

        @contextmanager
        def noting(what: str) -> Iterator[None]:
            try:
                yield
            except QueryFailed as exc:
                unanswered.append(f"{what}: {exc.message}")

        rows = size_bytes = partitions = day = None
        comment = table.comment
        if self.kind == "presto":
            with noting("comment"):
                created = self._ask(f"SHOW CREATE TABLE {whole_name(table.name)}")
                comment = table_comment(str(created[0][0]))
        with noting("statistics"):
            types = {column.name: column.type for column in table.columns}
            stats = self._ask(f"SHOW STATS FOR {whole_name(table.name)}")
            rows, size_bytes = sizes(stats, types, trust_zero=self.kind == "trino")
        if by := [column.name for column in table.columns if column.partition]:
            with noting("partitions"):
                [[partitions, *greatest]] = self._ask(partitions_sql(table.name, by))
                day = last_whole_day(greatest, now.date())
        return replace(
            table,
            comment=comment,
            row_count=rows,
            size_bytes=size_bytes,
            partitions=partitions,
            complete_through=day,
            looked_at=now,
            unanswered=tuple(unanswered),
        )

    def _ask(self, sql: str) -> Rows:
        return self.server.rows(sql, user=self.user, seconds=self.seconds)

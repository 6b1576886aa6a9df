"""Makes the query log's files known to a PrestoDB or Trino cluster that reads the same lake.

A client and where the cluster finds the files enter; statements of its Hive catalog leave.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nlq.audit.lake_table import PARTITION, SCHEMA, TABLES
from nlq.engine.servers.lake_tables import FileTable, statements
from nlq.engine.trino_client import Client

_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class HivePlace:
    """Where a cluster has the tables.

    ``location`` is what it calls the folder that holds them, like ``s3://lake/ops``.
    """

    location: str
    catalog: str = "lake"
    schema: str = SCHEMA


def announce(client: Client, place: HivePlace, *, user: str) -> None:
    """Make the tables where they are missing, and the partitions of new days known.

    Safe to repeat. Raises ``EngineError`` where the cluster is down, or ``user`` may not do this.
    """
    for _, statement in statements(
        place.catalog,
        list(_tables(place.schema)),
        lambda _, table: f"{place.location.rstrip('/')}/{table}",
    ):
        client.rows(statement, user=user, seconds=_SECONDS)


def _tables(schema: str) -> Iterator[FileTable]:
    for name, columns in TABLES.items():
        # PrestoDB's timestamps have three digits and no way to say so.
        kinds = (
            (column, kind.replace("timestamp(3)", "timestamp")) for column, kind in columns.items()
        )
        yield FileTable(schema, name, (*kinds, (PARTITION, "varchar")), (PARTITION,))

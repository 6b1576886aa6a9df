"""The engine's own metadata as a catalog source: a kept file enters, a ``Catalog`` leaves.

``nlq.catalog.engine_pull`` asks the engine and writes the file; reading it needs no engine.
"""

from __future__ import annotations

from pathlib import Path

from nlq.catalog.catalog import Catalog
from nlq.catalog.engine_store import KeptTable, read_tables
from nlq.errors import CatalogError
from nlq.types import ColumnDoc, Freshness, TableDoc

FILE_NAME = "engine_tables.json"
"""What the file is called in the home folder."""


class EngineDocs:
    """A catalog source over what was last pulled from PrestoDB or Trino into ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """The file, for messages."""
        return f"engine metadata in {self.path}"

    def load(self) -> Catalog:
        """Every kept table; raises ``CatalogError`` where nothing was pulled yet."""
        tables = read_tables(self.path)
        if not tables:
            raise CatalogError(
                "Nothing was pulled from the engine's catalog yet.",
                hint="Run `nlq catalog pull`.",
            )
        return Catalog({name: _doc(table) for name, table in tables.items()})


def _doc(table: KeptTable) -> TableDoc:
    return TableDoc(
        table.name,
        tuple(ColumnDoc(c.name, c.type, c.comment) for c in table.columns),
        description=table.comment,
        partitioned_by=tuple(c.name for c in table.columns if c.partition),
        freshness=Freshness(complete_through=table.complete_through),
        row_count=table.row_count,
        size_bytes=table.size_bytes,
    )

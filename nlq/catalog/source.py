"""The catalog-source seam: anything that can tell about tables."""

from __future__ import annotations

from typing import Protocol

from nlq.catalog.catalog import Catalog


class CatalogSource(Protocol):
    """One place where table docs come from (YAML files, the engine, DataHub, Glue, dbt, ...)."""

    @property
    def name(self) -> str:
        """What to call it in messages."""

    def load(self) -> Catalog:
        """Read everything it knows; raises ``CatalogError`` naming the file, key and mistake."""

"""The catalog as the rest of the program sees it: one immutable, merged picture of the lake.

Sources (``nlq.catalog.source``) give parts of it; ``nlq.catalog.merge`` joins them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from nlq.types import (
    AmbiguousTerm,
    DimensionDoc,
    JoinEdge,
    MetricDoc,
    TableDoc,
    VerifiedQuery,
)


@dataclass(frozen=True)
class Catalog:
    """All docs, keyed by name. Table names are whole and lower case.

    ``glossary`` are the company's terms and rules, a sentence each.
    """

    tables: Mapping[str, TableDoc] = field(default_factory=dict)
    metrics: Mapping[str, MetricDoc] = field(default_factory=dict)
    dimensions: Mapping[str, DimensionDoc] = field(default_factory=dict)
    verified: tuple[VerifiedQuery, ...] = ()
    ambiguous: tuple[AmbiguousTerm, ...] = ()
    glossary: tuple[str, ...] = ()

    @cached_property
    def joins(self) -> tuple[JoinEdge, ...]:
        """Every join known, each once, as the tables' docs declare them."""
        seen: dict[tuple[object, ...], JoinEdge] = {}
        for table in self.tables.values():
            for edge in table.joins:
                sides = sorted([(edge.left, edge.left_columns), (edge.right, edge.right_columns)])
                seen.setdefault(tuple(sides), edge)
        return tuple(seen.values())

    @cached_property
    def ways(self) -> Mapping[str, tuple[JoinEdge, ...]]:
        """The joins that lead on from each table, turned outward; of tables that are here."""
        found: dict[str, list[JoinEdge]] = {}
        for edge in self.joins:
            if edge.left in self.tables and edge.right in self.tables:
                found.setdefault(edge.left, []).append(edge)
                found.setdefault(edge.right, []).append(edge.reversed())
        return {table: tuple(edges) for table, edges in found.items()}

    @cached_property
    def fingerprint(self) -> str:
        """Changes when any doc does (sixteen hex digits)."""
        parts = (
            sorted(self.tables.items()),
            sorted(self.metrics.items()),
            sorted(self.dimensions.items()),
            self.verified,
            self.ambiguous,
            *([self.glossary] if self.glossary else []),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

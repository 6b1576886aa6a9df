"""What a look at the lake tells beyond its docs: values of columns and joins, kept in one file.

The index build looks (``nlq.assemble.profile_lake``); the catalog is filled in from the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from nlq.catalog.catalog import Catalog
from nlq.errors import CatalogError
from nlq.types import JoinEdge

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Profile:
    """``values`` by ``table.column``; ``joins`` that the data bears out."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    joins: tuple[JoinEdge, ...] = ()


def load_profile(path: Path) -> Profile:
    """What was kept; empty where nothing was. Raises ``CatalogError`` for a damaged file."""
    try:
        raw = json.loads(path.read_text("utf-8"))
        if raw["version"] != _VERSION:
            raise ValueError(f"version {raw['version']}")
        joins = (
            JoinEdge(
                edge["left"], tuple(edge["left_columns"]),
                edge["right"], tuple(edge["right_columns"]), edge["cardinality"],
            )
            for edge in raw["joins"]
        )  # fmt: skip
        return Profile({key: tuple(told) for key, told in raw["values"].items()}, tuple(joins))
    except FileNotFoundError:
        return Profile()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise CatalogError(
            f"What is known of the lake's values, in {path}, cannot be read: {exc}",
            hint="Delete that file and run `nlq index build`.",
        ) from exc


def save_profile(profile: Profile, path: Path) -> None:
    """Keep it; readers find the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(".part")
    kept = {"version": _VERSION, **asdict(profile)}
    written.write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
    written.replace(path)


def with_joins(catalog: Catalog, joins: tuple[JoinEdge, ...]) -> Catalog:
    """The catalog with those joins in the docs of the tables that they start from."""
    tables = dict(catalog.tables)
    for edge in joins:
        if edge.left in tables and edge.right in tables:
            table = tables[edge.left]
            tables[edge.left] = replace(table, joins=(*table.joins, edge))
    return replace(catalog, tables=tables)

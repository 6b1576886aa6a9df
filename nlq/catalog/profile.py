"""What a look at the lake tells beyond its docs: values, keys and joins, kept in one file.

The index build looks (``nlq.assemble.profile_lake``); the catalog is filled in from the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from nlq.catalog.catalog import Catalog
from nlq.errors import CatalogError, IndexNotReady
from nlq.types import JoinEdge

_VERSION = 3


@dataclass(frozen=True, slots=True)
class Profile:
    """``values`` by ``table.column``, ``joins``, primary ``keys`` by table, and ``places``: what
    values stand for, by ``table.column`` (see ``nlq.catalog.places``)."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    joins: tuple[JoinEdge, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


def load_profile(path: Path) -> Profile:
    """What was kept; empty where nothing was.

    Raises ``CatalogError`` for a damaged file and ``IndexNotReady`` for one of another version,
    which the next index build replaces.
    """
    try:
        raw = json.loads(path.read_text("utf-8"))
        if raw["version"] != _VERSION:
            raise IndexNotReady(
                "What is known of the lake's values was found by another version of nlq.",
                hint="Run `nlq index build`.",
            )
        joins = (
            JoinEdge(
                edge["left"], tuple(edge["left_columns"]),
                edge["right"], tuple(edge["right_columns"]), edge["cardinality"],
            )
            for edge in raw["joins"]
        )  # fmt: skip
        places = {column: _tuples(names) for column, names in raw["places"].items()}
        return Profile(_tuples(raw["values"]), tuple(joins), _tuples(raw["keys"]), places)
    except FileNotFoundError:
        return Profile()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise CatalogError(
            f"What is known of the lake's values, in {path}, cannot be read: {exc}",
            hint="Delete that file and run `nlq index build`.",
        ) from exc


def _tuples(raw: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(told) for name, told in raw.items()}


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

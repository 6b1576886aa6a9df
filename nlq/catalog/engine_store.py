"""What engines told about their tables, kept in one JSON file: tables enter and leave.

The file is replaced as a whole, so that who reads it never sees half of one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from nlq.errors import CatalogError

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class KeptColumn:
    """A column as the engine told it; ``type`` is as Presto writes types."""

    name: str
    type: str
    comment: str = ""
    partition: bool = False


@dataclass(frozen=True, slots=True)
class KeptTable:
    """A table as the engine told it; ``name`` is whole.

    ``looked_at`` is when its details (all but the columns) were last asked for, None for never;
    ``unanswered`` says which of them the engine would not tell, and why.
    """

    name: str
    columns: tuple[KeptColumn, ...]
    comment: str = ""
    row_count: int | None = None
    size_bytes: int | None = None
    partitions: int | None = None
    complete_through: date | None = None
    looked_at: datetime | None = None
    unanswered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    version: Literal[1]
    tables: tuple[KeptTable, ...]


def read_tables(path: Path) -> dict[str, KeptTable]:
    """The tables kept in ``path``, by name; none where there is no such file.

    Raises ``CatalogError`` where the file is damaged or of another version.
    """
    from pydantic import ValidationError

    try:
        kept = _adapter().validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as exc:
        raise CatalogError(
            f"What the engine told about its tables cannot be read from {path}.",
            hint="Delete that file and run `nlq catalog pull`.",
        ) from exc
    return {table.name: table for table in kept.tables}


def write_tables(path: Path, tables: dict[str, KeptTable]) -> None:
    """Keep ``tables`` in ``path`` instead of what is there; raises ``CatalogError``."""
    kept = _File(1, tuple(table for _, table in sorted(tables.items())))
    written = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        written.write_bytes(_adapter().dump_json(kept, indent=1))
        written.replace(path)
    except OSError as exc:
        written.unlink(missing_ok=True)
        raise CatalogError(
            f"What the engine told about its tables cannot be written to {path}: {exc.strerror}.",
            hint="Make room or correct the folder's rights.",
        ) from exc


@cache
def _adapter() -> TypeAdapter[_File]:
    from pydantic import TypeAdapter

    return TypeAdapter(_File)

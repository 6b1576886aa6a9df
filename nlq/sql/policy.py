"""Who may see what: a YAML file goes in, the rights of one principal (``Grants``) come out.

Fails closed: a principal without a known role sees nothing, and a file with any mistake is refused
whole (``PolicyError``). Several roles of one principal add up in tables, but what any of them
denies is denied, all their row filters apply, and the smallest of their limits bind.
``docs/guardrails.md`` has the format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlq.catalog.catalog import Catalog
from nlq.errors import GuardRefused, PolicyError
from nlq.sql.limits import Limits
from nlq.sql.reading import read_predicate
from nlq.sql.visible import cut
from nlq.types import ColumnDoc, Principal

_TableGlob = Annotated[str, Field(pattern=r"^[a-z0-9_*?]+\.[a-z0-9_*?]+\.[a-z0-9_*?]+$")]
_ColumnGlob = Annotated[
    str, Field(pattern=r"^[a-z0-9_*?]+\.[a-z0-9_*?]+\.[a-z0-9_*?]+\.[a-z0-9_*?]+$")
]
_Cap = Annotated[int, Field(gt=0)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Limits(_Model):
    default_row_limit: _Cap | None = None
    max_row_limit: _Cap | None = None
    max_bytes: _Cap | None = None
    confirm_above_bytes: _Cap | None = None
    max_seconds: Annotated[float, Field(gt=0)] | None = None
    max_sql_chars: Annotated[int, Field(gt=0, le=100_000)] | None = None
    max_depth: Annotated[int, Field(gt=0, le=100)] | None = None
    max_joins: _Cap | None = None
    max_nodes: Annotated[int, Field(gt=0, le=50_000)] | None = None
    max_small_rows: _Cap | None = None
    max_partition_days: _Cap | None = None


class _RowFilter(_Model):
    table: _TableGlob
    where: Annotated[str, Field(min_length=1)]


class _Denied(_Model):
    tables: list[_TableGlob] = []
    columns: list[_ColumnGlob] = []
    tags: list[str] = []


class _Role(_Model):
    description: str = ""
    tables: Annotated[list[_TableGlob], Field(min_length=1)]
    denied: _Denied = _Denied()
    row_filters: list[_RowFilter] = []
    limits: _Limits = _Limits()


class _File(_Model):
    version: Literal[1]
    contact: Annotated[str, Field(min_length=1)]
    denied: _Denied = _Denied()
    limits: _Limits = _Limits()
    roles: Annotated[dict[str, _Role], Field(min_length=1)]
    users: dict[str, list[str]] = {}


@dataclass(frozen=True, slots=True)
class Grants:
    """The rights of one principal. Names are whole and lower case; globs as in ``fnmatch``."""

    roles: tuple[str, ...]
    tables: tuple[str, ...]
    denied_tables: tuple[str, ...]
    denied_columns: tuple[str, ...]
    denied_tags: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]
    limits: Limits
    contact: str

    def may_see_table(self, name: str) -> bool:
        """Whether the table ``catalog.schema.table`` may be seen, or even be known to exist."""
        return _any(self.tables, name) and not _any(self.denied_tables, name)

    def may_see_column(self, table: str, column: ColumnDoc) -> bool:
        """Whether that column of that table may be seen."""
        return (
            self.may_see_table(table)
            and not _any(self.denied_columns, f"{table}.{column.name.lower()}")
            and not set(self.denied_tags).intersection(column.tags)
        )

    def row_filters(self, table: str) -> tuple[str, ...]:
        """Presto predicates over the table's own columns that all hold for every row seen."""
        return tuple(where for glob, where in self.filters if fnmatchcase(table, glob))

    def visible(self, catalog: Catalog) -> Catalog:
        """The catalog cut down to what may be seen (the last few cuts are kept)."""
        return _visible(self, _Same(catalog))

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits, the same for principals of the same rights: for cache keys."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Policy:
    """The policy file, checked."""

    path: Path
    _file: _File

    @staticmethod
    def load(path: Path) -> Policy:
        """Read it; raises ``PolicyError`` naming the file, the key and the mistake."""
        try:
            file = _File.model_validate(yaml.safe_load(path.read_text("utf-8")))
        except OSError as exc:
            raise PolicyError(
                f"The policy file {path} cannot be read: {exc.strerror}.",
                hint="Set the setting `policy` to your policy file; without one nothing may run.",
            ) from exc
        except (yaml.YAMLError, UnicodeDecodeError) as exc:
            raise PolicyError(f"{path} is not readable YAML: {exc}") from exc
        except ValidationError as exc:
            first = exc.errors(include_input=False)[0]
            key = ".".join(str(part) for part in first["loc"]) or "the file"
            raise PolicyError(
                f"{path}: {key}: {first['msg']}.",
                hint=f"{exc.error_count()} mistake(s); docs/guardrails.md has the format.",
            ) from exc
        _check_users(path, file)
        _check_filters(path, file)
        return Policy(path, file)

    def grants(self, principal: Principal) -> Grants:
        """The principal's rights; nothing at all where no role of theirs is known."""
        named = (*principal.roles, *self._file.users.get(principal.name, ()))
        names = tuple(dict.fromkeys(n for n in named if n in self._file.roles))
        roles = [self._file.roles[n] for n in names]
        denied = [self._file.denied, *(r.denied for r in roles)]
        return Grants(
            roles=names,
            tables=_merged(r.tables for r in roles),
            denied_tables=_merged(d.tables for d in denied),
            denied_columns=_merged(d.columns for d in denied),
            denied_tags=_merged(d.tags for d in denied),
            filters=tuple(dict.fromkeys((f.table, f.where) for r in roles for f in r.row_filters)),
            limits=_limits(self._file.limits, [r.limits for r in roles]),
            contact=self._file.contact,
        )


def _any(globs: Iterable[str], name: str) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


def _merged(lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for items in lists for item in items))


def _limits(common: _Limits, roles: list[_Limits]) -> Limits:
    """A role's number replaces the common one; among several roles the smallest binds."""
    chosen: dict[str, Any] = {}
    for name in (f.name for f in fields(Limits)):
        own = [value for role in roles if (value := getattr(role, name)) is not None]
        value = min(own) if own else getattr(common, name)
        if value is not None:
            chosen[name] = value
    limits = Limits(**chosen)
    return Limits(
        **{
            **asdict(limits),
            "default_row_limit": min(limits.default_row_limit, limits.max_row_limit),
        }
    )


def _check_users(path: Path, file: _File) -> None:
    for user, roles in file.users.items():
        for role in roles:
            if role not in file.roles:
                raise PolicyError(f"{path}: users.{user}: there is no role {role!r}.")


def _check_filters(path: Path, file: _File) -> None:
    for name, role in file.roles.items():
        for row_filter in role.row_filters:
            try:
                read_predicate(row_filter.where)
            except GuardRefused as exc:
                raise PolicyError(
                    f"{path}: roles.{name}.row_filters: {row_filter.where!r}: {exc.message}",
                    hint="A row filter is one Presto predicate over the table's own columns.",
                ) from exc


class _Same:
    """A catalog compared by identity, so that it can be a cache key without being hashed whole."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def __hash__(self) -> int:
        return id(self.catalog)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.catalog is self.catalog


@lru_cache(maxsize=32)
def _visible(grants: Grants, same: _Same) -> Catalog:
    return cut(same.catalog, grants.may_see_table, grants.may_see_column)

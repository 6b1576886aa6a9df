"""Catalog docs from YAML files: a folder goes in, a ``Catalog`` comes out.

A folder holds any number of ``*.yaml`` files, in subfolders too; each may hold any of the keys
``tables``, ``metrics``, ``dimensions``, ``verified_queries``, ``ambiguous_terms`` and ``glossary``,
whose entries have the shape of the models below. Unknown keys are mistakes and are refused, with
the file named.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlq.catalog.catalog import Catalog
from nlq.errors import CatalogError
from nlq.types import (
    AmbiguousTerm,
    Cardinality,
    Certification,
    CheckStatus,
    ColumnDoc,
    DimensionDoc,
    Freshness,
    JoinEdge,
    MetricDoc,
    MetricKind,
    MetricUnit,
    QualityCheck,
    TableDoc,
    ValueDoc,
    VerifiedQuery,
)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Value(_Model):
    value: str
    meaning: str = ""
    synonyms: tuple[str, ...] = ()


class _Column(_Model):
    name: str
    type: str
    description: str = ""
    tags: tuple[str, ...] = ()
    unit: str = ""
    values: tuple[_Value, ...] = ()
    synonyms: tuple[str, ...] = ()


class _Freshness(_Model):
    updated_at: datetime | None = None
    sla_hours: float | None = None
    complete_through: date | None = None


class _Check(_Model):
    name: str
    status: CheckStatus
    checked_at: datetime | None = None
    message: str = ""


class _Join(_Model):
    to: str
    columns: tuple[str, ...]
    to_columns: tuple[str, ...]
    cardinality: Cardinality = "many_to_one"


class _Table(_Model):
    name: str = Field(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+$")
    columns: tuple[_Column, ...]
    description: str = ""
    grain: str = ""
    primary_key: tuple[str, ...] = ()
    partitioned_by: tuple[str, ...] = ()
    partition_filter_required: bool = False
    time_column: str = ""
    owner_business: str = ""
    owner_technical: str = ""
    certification: Certification = "none"
    replaced_by: str = ""
    freshness: _Freshness = Field(default_factory=_Freshness)
    checks: tuple[_Check, ...] = ()
    joins: tuple[_Join, ...] = ()
    synonyms: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    row_count: int | None = None
    size_bytes: int | None = None


class _Metric(_Model):
    name: str
    label: str
    description: str
    kind: MetricKind = "simple"
    table: str = ""
    time_column: str = ""
    expression: str = ""
    filters: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    entity: str = ""
    lag_months: int = 12
    dimensions: tuple[str, ...] = ()
    unit: MetricUnit = "number"
    synonyms: tuple[str, ...] = ()
    owner: str = ""
    certification: Certification = "certified"
    higher_is_better: bool | None = None


class _Dimension(_Model):
    name: str
    label: str
    table: str
    column: str
    description: str = ""
    synonyms: tuple[str, ...] = ()
    expression: str = ""


class _Verified(_Model):
    question: str
    sql: str
    verified_by: str = ""
    verified_at: date | None = None
    tables: tuple[str, ...] = ()


class _Ambiguous(_Model):
    terms: tuple[str, ...]
    question: str
    options: tuple[str, ...]
    unless: tuple[str, ...] = ()


class _File(_Model):
    version: Literal[1] = 1
    tables: tuple[_Table, ...] = ()
    metrics: tuple[_Metric, ...] = ()
    dimensions: tuple[_Dimension, ...] = ()
    verified_queries: tuple[_Verified, ...] = ()
    ambiguous_terms: tuple[_Ambiguous, ...] = ()
    glossary: tuple[str, ...] = ()


class YamlDocs:
    """A catalog source over a folder of YAML files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        """The folder, for messages."""
        return f"YAML docs in {self.folder}"

    def load(self) -> Catalog:
        """Read every file; raises ``CatalogError`` with the file and the mistake."""
        if not self.folder.is_dir():
            raise CatalogError(
                f"There is no folder of table docs at {self.folder}.",
                hint="Set catalog.docs to the folder that holds your *.yaml table docs.",
            )
        tables: dict[str, TableDoc] = {}
        metrics: dict[str, MetricDoc] = {}
        dimensions: dict[str, DimensionDoc] = {}
        verified: list[VerifiedQuery] = []
        ambiguous: list[AmbiguousTerm] = []
        glossary: list[str] = []
        for path, parsed in self._files():
            for table in parsed.tables:
                _add(tables, table.name, _table(table), path, "table")
            for metric in parsed.metrics:
                _add(metrics, metric.name, MetricDoc(**metric.model_dump()), path, "metric")
            for dim in parsed.dimensions:
                _add(dimensions, dim.name, DimensionDoc(**dim.model_dump()), path, "dimension")
            verified += [VerifiedQuery(**v.model_dump()) for v in parsed.verified_queries]
            ambiguous += [AmbiguousTerm(**a.model_dump()) for a in parsed.ambiguous_terms]
            glossary += parsed.glossary
        return Catalog(
            tables, metrics, dimensions, tuple(verified), tuple(ambiguous), tuple(glossary)
        )

    def _files(self) -> Iterator[tuple[Path, _File]]:
        for path in sorted(self.folder.rglob("*.yaml")):
            try:
                raw: Any = yaml.load(path.read_text("utf-8"), Loader=_FastLoader)
                yield path, _File.model_validate(raw or {})
            except (yaml.YAMLError, UnicodeDecodeError) as exc:
                raise CatalogError(f"{path} is not readable YAML: {exc}") from exc
            except ValidationError as exc:
                first = exc.errors()[0]
                where = ".".join(str(part) for part in first["loc"])
                raise CatalogError(
                    f"{path}: {where}: {first['msg']}.",
                    hint=f"{exc.error_count()} mistake(s) in this file; docs/catalog.md has the "
                    "format.",
                ) from exc


_FastLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _add(into: dict[str, Any], name: str, doc: object, path: Path, kind: str) -> None:
    if name in into:
        raise CatalogError(f"{path}: the {kind} {name} is described twice.")
    into[name] = doc


def _table(table: _Table) -> TableDoc:
    return TableDoc(
        **{
            key: value
            for key, value in table
            if key not in {"columns", "freshness", "checks", "joins"}
        },
        columns=tuple(
            ColumnDoc(
                **{key: value for key, value in column if key != "values"},
                values=tuple(ValueDoc(**v.model_dump()) for v in column.values),
            )
            for column in table.columns
        ),
        freshness=Freshness(**table.freshness.model_dump()),
        checks=tuple(QualityCheck(**c.model_dump()) for c in table.checks),
        joins=tuple(
            JoinEdge(table.name, j.columns, j.to, j.to_columns, j.cardinality) for j in table.joins
        ),
    )

"""A lake's folder enters; its files are on S3 and its tables in Glue, with comments and partitions.

For AWS, or for any server that speaks its protocols. boto3 finds keys where it always does (the
environment, a profile, the machine's role); PrestoDB finds them in the same places, so that none
is written into its catalogs. boto3 is the extra ``s3``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from sqlglot import exp

from nlq.engine.servers.lake_tables import FileTable, file_tables
from nlq.errors import EngineUnavailable, SettingsError
from nlq.types import TableDoc

OnStep = Callable[[str, float | None], None]

_FORMAT: Final = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {
        "Name": "parquet",
        "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "Parameters": {},
    },
}
_EMPTY: Final = {  # PrestoDB reads these without asking whether they are there
    "NumberOfBuckets": 0,
    "BucketColumns": [],
    "SortColumns": [],
    "SkewedInfo": {
        "SkewedColumnNames": [],
        "SkewedColumnValues": [],
        "SkewedColumnValueLocationMaps": {},
    },
    "Compressed": False,
    "StoredAsSubDirectories": False,
    "Parameters": {},
}
_AT_ONCE: Final = 8
_PARTITIONS_AT_ONCE: Final = 100  # Glue's limit


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lake is: ``bucket`` and ``prefix`` (without slashes around it).

    ``endpoint`` is the address of a server that speaks both S3 and Glue; empty is AWS.
    """

    bucket: str
    prefix: str = "lake"
    region: str = "us-east-1"
    endpoint: str = ""

    @classmethod
    def at(cls, url: str, environment: Mapping[str, str]) -> Place:
        """That of ``s3://bucket/prefix``; region and endpoint as AWS's own tools read them.

        Raises ``SettingsError`` for another kind of address.
        """
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc:
            raise SettingsError(
                f"{url} is no place on S3.", hint="Write it like s3://bucket/folder."
            )
        region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
        return cls(
            parts.netloc,
            parts.path.strip("/") or "lake",
            region or "us-east-1",
            environment.get("AWS_ENDPOINT_URL", "").rstrip("/"),
        )

    def key(self, *parts: str) -> str:
        """An object's key below the prefix."""
        return "/".join((self.prefix, *parts))

    def uri(self, *parts: str) -> str:
        """An object's address."""
        return f"s3://{self.bucket}/{self.key(*parts)}"


def publish(
    lake: Path,
    place: Place,
    docs: Mapping[str, TableDoc],
    *,
    catalog: str = "lake",
    on_step: OnStep = lambda _text, _share: None,
) -> None:
    """Copy the lake's files there and register its tables, replacing what is there of them.

    ``docs`` are table docs by full name (``lake.crm.accounts``); what they say becomes comments.
    Raises ``SettingsError`` without boto3, ``LakeNotReady``, and ``EngineUnavailable`` where S3 or
    Glue turn something down.
    """
    tables = list(file_tables(lake))
    with _translated(place):
        s3, glue = _client("s3", place), _client("glue", place)
        _make_bucket(s3, place)
        for schema in sorted({table.schema for table in tables}):
            _make_database(glue, place, schema)
        for number, table in enumerate(tables):
            on_step(f"Copying {table.schema}.{table.name} to S3", number / len(tables))
            files = sorted((lake / table.schema / table.name).rglob("*.parquet"))
            _copy(s3, place, table, lake, files)
            folders = sorted({file.parent.relative_to(lake).parts[2:] for file in files})
            doc = docs.get(f"{catalog}.{table.schema}.{table.name}")
            _register(glue, place, table, doc, folders)


def glue_catalog(place: Place) -> str:
    """PrestoDB's configuration of a catalog that reads what is registered in Glue there."""
    return _lines(
        {
            "connector.name": "hive-hadoop2",
            "hive.parquet.use-column-names": "true",
            "hive.metastore": "glue",
            "hive.metastore.glue.region": place.region,
            "hive.metastore.glue.default-warehouse-dir": place.uri(),
            **({"hive.metastore.glue.endpoint-url": place.endpoint} if place.endpoint else {}),
            # Other servers than AWS's give every segment all partitions.
            **({"hive.metastore.glue.partitions-segments": "1"} if place.endpoint else {}),
            **_s3(place),
        }
    )


def iceberg_catalog(place: Place) -> str:
    """PrestoDB's configuration of a catalog that keeps Iceberg tables below that place.

    A schema is there with its first table; it can be neither created nor listed.
    """
    return _lines(
        {
            "connector.name": "iceberg",
            "iceberg.catalog.type": "HADOOP",
            "iceberg.catalog.warehouse": f"s3a://{place.bucket}/{place.key('iceberg')}",
            **_s3(place),
        }
    )


def hive_type(presto: str) -> str:
    """A Presto type as Hive writes it.

    >>> hive_type('map(varchar, row("x" real))')
    'map<string,struct<x:float>>'
    """
    written = exp.DataType.build(presto, dialect="presto").sql(dialect="hive")
    return written.replace("`", "").replace(" ", "").lower()


def _s3(place: Place) -> dict[str, str]:
    if not place.endpoint:
        return {}
    secure = urlsplit(place.endpoint).scheme == "https"
    return {
        "hive.s3.endpoint": place.endpoint,
        "hive.s3.path-style-access": "true",
        "hive.s3.ssl.enabled": str(secure).lower(),
    }


def _lines(settings: Mapping[str, str]) -> str:
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def _client(service: str, place: Place) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        region_name=place.region,
        endpoint_url=place.endpoint or None,
        config=Config(connect_timeout=10, retries={"total_max_attempts": 3, "mode": "standard"}),
    )


def _make_bucket(s3: Any, place: Place) -> None:
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": place.region}}
    try:
        s3.create_bucket(Bucket=place.bucket, **(elsewhere if place.region != "us-east-1" else {}))
    except (s3.exceptions.BucketAlreadyOwnedByYou, s3.exceptions.BucketAlreadyExists):
        s3.head_bucket(Bucket=place.bucket)  # raises where it is another's


def _copy(s3: Any, place: Place, table: FileTable, lake: Path, files: list[Path]) -> None:
    """The table's files, and no others below its folder."""
    keys = {place.key(*file.relative_to(lake).parts): file for file in files}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        jobs = [pool.submit(s3.upload_file, str(f), place.bucket, key) for key, f in keys.items()]
        for job in jobs:
            job.result()
    folder = place.key(table.schema, table.name, "")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=folder):
        for found in page.get("Contents", ()):
            if found["Key"] not in keys:
                s3.delete_object(Bucket=place.bucket, Key=found["Key"])


def _make_database(glue: Any, place: Place, schema: str) -> None:
    with suppress(glue.exceptions.AlreadyExistsException):
        glue.create_database(DatabaseInput={"Name": schema, "LocationUri": place.uri(schema)})


def _register(
    glue: Any, place: Place, table: FileTable, doc: TableDoc | None,
    folders: list[tuple[str, ...]],
) -> None:  # fmt: skip
    """The table anew, then its partitions: ``folders`` are steps like ``("ds=2026-07-01",)``."""
    columns = [_column(name, kind, doc) for name, kind in table.columns]
    keys = len(table.partitioned_by)
    plain, by = (columns[:-keys], columns[-keys:]) if keys else (columns, [])

    def stored(*steps: str) -> dict[str, Any]:
        location = place.uri(table.schema, table.name, *steps)
        return {"Columns": plain, "Location": location, **_FORMAT, **_EMPTY}

    with suppress(glue.exceptions.EntityNotFoundException):
        glue.delete_table(DatabaseName=table.schema, Name=table.name)
    glue.create_table(
        DatabaseName=table.schema,
        TableInput={
            "Name": table.name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", **({"comment": doc.description} if doc else {})},
            "PartitionKeys": by,
            "StorageDescriptor": stored(),
        },
    )
    if not keys:
        return
    inputs = [
        {"Values": [step.split("=", 1)[1] for step in steps], "StorageDescriptor": stored(*steps)}
        for steps in folders
    ]
    for start in range(0, len(inputs), _PARTITIONS_AT_ONCE):
        answer = glue.batch_create_partition(
            DatabaseName=table.schema,
            TableName=table.name,
            PartitionInputList=inputs[start : start + _PARTITIONS_AT_ONCE],
        )
        if errors := answer.get("Errors"):
            raise EngineUnavailable(
                f"Glue did not take partitions of {table.schema}.{table.name}: "
                f"{errors[0]['ErrorDetail'].get('ErrorMessage', errors[0])}"
            )


def _column(name: str, kind: str, doc: TableDoc | None) -> dict[str, str]:
    described = doc.column(name) if doc else None
    comment = {"Comment": described.description[:255]} if described else {}
    return {"Name": name, "Type": hive_type(kind), **comment}


@contextmanager
def _translated(place: Place) -> Iterator[None]:
    try:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as exc:
        raise SettingsError(
            "boto3 is not installed, and S3 is reached with it.", hint="pip install 'nlq[s3]'"
        ) from exc
    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as exc:
        where = place.endpoint or f"AWS ({place.region})"
        raise EngineUnavailable(
            f"{place.uri()} could not be filled at {where}: {exc}",
            hint="Check the address, the keys (AWS_ACCESS_KEY_ID ...) and their rights.",
        ) from exc

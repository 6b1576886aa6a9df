"""The query log in the lake: closed audit records go in, Parquet files of two tables leave.

``LAKE/ops/query_log/ds=YYYY-MM-DD/part-BATCH.parquet`` has a row for each question, and
``LAKE/ops/table_reads/...`` one for each table that an answer was read from. A batch's files are
named for it and replaced whole, so a batch that is published twice is there once: a publisher may
die between writing and marking, and a rating may come late.
"""

from __future__ import annotations

import fcntl
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nlq.audit.record import AuditRecord, Batch
from nlq.errors import AuditError, LakeNotReady

if TYPE_CHECKING:
    from nlq.log import AuditLog

Row = Mapping[str, object]
OnBatch = Callable[[int], None]
"""Called after each batch with the number of questions published so far."""

SCHEMA: Final = "ops"
PARTITION: Final = "ds"

QUERY_LOG: Final[Mapping[str, str]] = {
    "question_id": "varchar",
    "asked_at": "timestamp(3)",
    "principal": "varchar",
    "roles": "varchar",
    "interface": "varchar",
    "question_text": "varchar",
    "outcome": "varchar",
    "refusal_rule": "varchar",
    "tables_read": "varchar",
    "engine": "varchar",
    "query_id": "varchar",
    "sql_text": "varchar",
    "fingerprint": "varchar",
    "cached": "boolean",
    "estimated_bytes": "bigint",
    "read_bytes": "bigint",
    "result_rows": "bigint",
    "result_bytes": "bigint",
    "total_seconds": "double",
    "retrieve_seconds": "double",
    "draft_seconds": "double",
    "run_seconds": "double",
    "tokens_read": "bigint",
    "tokens_written": "bigint",
    "repairs": "bigint",
    "rating": "varchar",
}
"""Columns of ops.query_log and their Presto types, without the partition column."""

TABLE_READS: Final[Mapping[str, str]] = {
    "question_id": "varchar",
    "asked_at": "timestamp(3)",
    "principal": "varchar",
    "engine": "varchar",
    "table_name": "varchar",
}
"""Columns of ops.table_reads, likewise."""

TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "query_log": QUERY_LOG,
    "table_reads": TABLE_READS,
}


@dataclass(frozen=True, slots=True)
class Published:
    """What one call published: questions, and the days (UTC) whose partitions were written."""

    questions: int
    days: tuple[date, ...]


def publish(
    log: AuditLog, lake: Path, *, batch_size: int = 10_000, on_batch: OnBatch | None = None
) -> Published:
    """Write every closed record that is not in the lake yet, ``batch_size`` at a time.

    Records of questions still being worked on wait for a later call. Raises ``LakeNotReady`` where
    there is no such folder, and ``AuditError`` where files cannot be written or another process
    publishes the same log; nothing is lost by either, and the next call goes on.
    """
    if not lake.is_dir():
        raise LakeNotReady(
            f"There is no lake at {lake} to write the query log to.",
            hint="Make the sample lake (nlq lake make), or name the lake's folder.",
        )
    questions, days = 0, set[date]()
    with _alone(log.path):
        while batch := log.next_batch(batch_size):
            try:
                days |= _write(batch, lake)
            except OSError as exc:
                raise AuditError(
                    f"The query log could not be written to the lake at {lake}: {exc}.",
                    hint="Check the disk's room and the folder's rights; then publish again. "
                    "Nothing is lost.",
                ) from exc
            log.published(batch)
            questions += len(batch.records)
            if on_batch:
                on_batch(questions)
    return Published(questions, tuple(sorted(days)))


def query_log_row(record: AuditRecord) -> Row:
    """A record as a row of ops.query_log; what is not known, or does not apply, is None."""
    took = dict(record.timings)
    return {
        "question_id": record.id,
        "asked_at": _utc(record.asked_at),
        "principal": record.principal,
        "roles": ", ".join(record.roles) or None,
        "interface": record.interface,
        "question_text": record.question,
        "outcome": record.outcome,
        "refusal_rule": record.rule or None,
        "tables_read": ", ".join(record.tables_read) or None,
        "engine": record.engine or None,
        "query_id": record.query_id or None,
        "sql_text": record.sql or None,
        "fingerprint": record.fingerprint or None,
        "cached": record.cached,
        "estimated_bytes": record.estimated_bytes,
        "read_bytes": record.read_bytes,
        "result_rows": record.rows,
        "result_bytes": record.result_bytes,
        "total_seconds": sum(took.values()) if took else None,
        "retrieve_seconds": took.get("retrieve"),
        "draft_seconds": took.get("draft"),
        "run_seconds": took.get("run"),
        "tokens_read": record.tokens.read,
        "tokens_written": record.tokens.written,
        "repairs": record.repairs,
        "rating": record.feedback.rating if record.feedback else None,
    }


def table_reads_rows(record: AuditRecord) -> Iterator[Row]:
    """A row of ops.table_reads for each table, if the question's query gave a result."""
    if record.rows is None:
        return
    for table in record.tables_read:
        yield {
            "question_id": record.id,
            "asked_at": _utc(record.asked_at),
            "principal": record.principal,
            "engine": record.engine or None,
            "table_name": table,
        }


def _write(batch: Batch, lake: Path) -> set[date]:
    rows: dict[tuple[str, date], list[Row]] = defaultdict(list)
    for record in batch.records:
        day = _utc(record.asked_at).date()
        rows["query_log", day].append(query_log_row(record))
        rows["table_reads", day] += table_reads_rows(record)
    for (table, day), found in rows.items():
        if found:
            folder = lake / SCHEMA / table / f"{PARTITION}={day}"
            _write_file(folder / f"part-{batch.name}.parquet", TABLES[table], found)
    return {day for _, day in rows}


def _write_file(path: Path, columns: Mapping[str, str], rows: list[Row]) -> None:
    """Replace the file by one of these rows, so that no reader ever sees half of it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {
        "varchar": pa.string(),
        "bigint": pa.int64(),
        "double": pa.float64(),
        "boolean": pa.bool_(),
        "timestamp(3)": pa.timestamp("ms"),
    }
    schema = pa.schema([(name, kinds[kind]) for name, kind in columns.items()])
    path.parent.mkdir(parents=True, exist_ok=True)
    # Engines pass over names that begin with a dot.
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file:
        data = pa.Table.from_pylist(rows, schema=schema)
        pq.write_table(data, file, compression="zstd", store_schema=False)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    for folder in (path.parent, path.parent.parent):
        _sync(folder)


def _sync(folder: Path) -> None:
    """Make new names in a folder outlast a loss of power, before the batch is marked."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


@contextmanager
def _alone(log: Path) -> Iterator[None]:
    """Let one process at a time publish a log: an older version must not replace a newer one."""
    with log.with_name(f"{log.name}.publishing").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise AuditError(
                f"Another process is publishing {log}.", hint="Wait until it is done."
            ) from exc
        yield

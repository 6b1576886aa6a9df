"""The SQLite file of the audit log: opened, migrated, and used one transaction at a time.

``AuditError`` is raised for whatever goes wrong with it: a full disk, a lock, a damaged file.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from nlq.errors import AuditError

MIGRATIONS = (
    """
    CREATE TABLE record (
        id TEXT PRIMARY KEY,
        conversation_id TEXT NOT NULL,
        principal TEXT NOT NULL,
        roles TEXT NOT NULL,
        interface TEXT NOT NULL,
        question TEXT NOT NULL,
        asked_at TEXT NOT NULL,
        recorded_at TEXT NOT NULL,
        touched_at TEXT NOT NULL,
        writer TEXT NOT NULL,
        outcome TEXT NOT NULL,
        stage TEXT NOT NULL DEFAULT '',
        standalone TEXT NOT NULL DEFAULT '',
        tables_shown TEXT NOT NULL DEFAULT '[]',
        prompts TEXT NOT NULL DEFAULT '[]',
        drafts TEXT NOT NULL DEFAULT '[]',
        decisions TEXT NOT NULL DEFAULT '[]',
        tables_read TEXT NOT NULL DEFAULT '[]',
        sql TEXT NOT NULL DEFAULT '',
        rewrites TEXT NOT NULL DEFAULT '[]',
        fingerprint TEXT NOT NULL DEFAULT '',
        estimated_rows INTEGER,
        estimated_bytes INTEGER,
        engine TEXT NOT NULL DEFAULT '',
        query_id TEXT NOT NULL DEFAULT '',
        rows INTEGER,
        result_bytes INTEGER,
        fault TEXT NOT NULL DEFAULT '',
        rule TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT '',
        repairs INTEGER NOT NULL DEFAULT 0,
        tokens TEXT NOT NULL DEFAULT '[]',
        timings TEXT NOT NULL DEFAULT '[]',
        finished_at TEXT,
        feedback TEXT
    ) STRICT;
    CREATE INDEX record_recent ON record (recorded_at);
    CREATE INDEX record_principal ON record (principal, recorded_at)
    """,
    """
    ALTER TABLE record ADD COLUMN read_bytes INTEGER;
    ALTER TABLE record ADD COLUMN cached INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE record ADD COLUMN batch INTEGER;
    CREATE INDEX record_batch ON record (batch);
    CREATE TABLE batch (
        id INTEGER PRIMARY KEY,
        version INTEGER NOT NULL DEFAULT 1,
        published INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE log (name TEXT NOT NULL) STRICT;
    INSERT INTO log VALUES (lower(hex(randomblob(4))))
    """,
)
"""Each brings a file from the version of its position to the next; never changed, only added to."""

BUSY_SECONDS = 10.0


class AuditFile:
    """One connection to the file, for all threads of this process; forked ones get their own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._pid = 0

    @contextlib.contextmanager
    def transaction(
        self, mode: Literal["IMMEDIATE", "DEFERRED"] = "IMMEDIATE"
    ) -> Iterator[sqlite3.Connection]:
        """Everything inside happens, or nothing of it; DEFERRED is for reading."""
        with self._lock:
            try:
                db = self._open()
                with _transaction(db, mode):
                    yield db
            except (sqlite3.Error, OSError) as exc:
                raise AuditError(
                    f"The audit log {self.path} cannot be used: {exc}.",
                    hint="No question is answered without a record. Check that the disk has room, "
                    "that the file may be written, and that no other program holds it locked.",
                ) from exc

    def close(self) -> None:
        """Close the connection; safe to call twice. The next transaction opens it again."""
        with self._lock:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        # A connection must be neither used nor closed by a process forked from its maker.
        if self._connection is not None and self._pid == os.getpid():
            return self._connection
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        db = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            self._migrate(db)
        except BaseException:
            db.close()
            raise
        self._connection, self._pid = db, os.getpid()
        return db

    def _migrate(self, db: sqlite3.Connection) -> None:
        if _version(db) == len(MIGRATIONS):
            return
        with _transaction(db, "IMMEDIATE"):
            found = _version(db)
            if found > len(MIGRATIONS):
                raise AuditError(
                    f"The audit log {self.path} was written by a newer version of nlq.",
                    hint="Update nlq, or name another home folder (NLQ_HOME).",
                )
            for script in MIGRATIONS[found:]:
                for statement in script.split(";"):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection, mode: str) -> Iterator[None]:
    db.execute(f"BEGIN {mode}")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])

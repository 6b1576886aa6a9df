"""A SQLite file: opened, migrated, and used one transaction at a time.

Whatever goes wrong with it (a full disk, a lock, a damaged file) raises the error of its owner,
whose name and advice a ``FileKind`` gives.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nlq.errors import NlqError

BUSY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class FileKind:
    """What is in a file.

    ``migrations`` each bring a file from the version of their position to the next: never changed,
    only added to. ``error`` is raised with a message about "The ``name`` PATH" and ``hint``.
    """

    name: str
    migrations: tuple[str, ...]
    error: type[NlqError]
    hint: str


class SqliteFile:
    """One connection to the file, for all threads of this process; forked ones get their own."""

    def __init__(self, path: Path, kind: FileKind) -> None:
        self.path = path
        self._kind = kind
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._pid = 0

    @contextlib.contextmanager
    def transaction(
        self, mode: Literal["IMMEDIATE", "DEFERRED"] = "IMMEDIATE", *, sync: bool = True
    ) -> Iterator[sqlite3.Connection]:
        """Everything inside happens, or nothing of it; DEFERRED is for reading.

        What was written outlives the process. Without ``sync`` it may be lost where the machine
        itself goes down before the next transaction with it: that waits for no disk, which takes
        ten milliseconds and more, and others wait meanwhile.
        """
        with self._lock:
            try:
                db = self._open()
                db.execute(f"PRAGMA synchronous = {'FULL' if sync else 'NORMAL'}")
                with _transaction(db, mode):
                    yield db
            except (sqlite3.Error, OSError) as exc:
                kind = self._kind
                raise kind.error(
                    f"The {kind.name} {self.path} cannot be used: {exc}.", hint=kind.hint
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
        kind = self._kind
        if _version(db) == len(kind.migrations):
            return
        with _transaction(db, "IMMEDIATE"):
            found = _version(db)
            if found > len(kind.migrations):
                raise kind.error(
                    f"The {kind.name} {self.path} was written by a newer version of nlq.",
                    hint="Update nlq, or name another home folder (NLQ_HOME).",
                )
            for script in kind.migrations[found:]:
                for statement in script.split(";"):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {len(kind.migrations)}")


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

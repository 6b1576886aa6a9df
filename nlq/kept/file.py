"""The one SQLite file of what is kept for people, and what is said where it cannot be used."""

from __future__ import annotations

from pathlib import Path

from nlq.errors import KeptError
from nlq.sqlite_file import FileKind, SqliteFile

MIGRATIONS = (
    """
    CREATE TABLE conversation (
        id TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        title TEXT NOT NULL,
        asked_at TEXT NOT NULL,
        token TEXT UNIQUE,
        shared INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX conversation_owner ON conversation (owner, asked_at);
    CREATE TABLE exchange (
        conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        asked_at TEXT NOT NULL,
        question TEXT NOT NULL,
        headline TEXT NOT NULL,
        scope TEXT NOT NULL,
        filtered INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        answer TEXT NOT NULL,
        PRIMARY KEY (conversation, number)
    ) STRICT;
    CREATE TABLE pin (
        id TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        pinned_at TEXT NOT NULL,
        computed_at TEXT NOT NULL,
        tried_at TEXT NOT NULL,
        failure TEXT NOT NULL DEFAULT '',
        question TEXT NOT NULL,
        scope TEXT NOT NULL,
        filtered INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        answer TEXT NOT NULL
    ) STRICT;
    CREATE INDEX pin_owner ON pin (owner, pinned_at)
    """,
    """
    CREATE TABLE review (
        id TEXT PRIMARY KEY,
        state TEXT NOT NULL,
        at TEXT NOT NULL,
        version INTEGER NOT NULL,
        body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX review_at ON review (at)
    """,
)
"""Each brings a file from the version of its position to the next; never changed, only added to."""

KEPT_FILE = FileKind(
    "file of what is kept",
    MIGRATIONS,
    KeptError,
    "Check that the disk has room, that the file may be written, and that no other program holds "
    "it locked.",
)


def open_kept(path: Path) -> SqliteFile:
    """The file at ``path``, made where it is missing; using it raises ``KeptError``."""
    return SqliteFile(path, KEPT_FILE)

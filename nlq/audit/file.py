"""What the audit log's SQLite file holds, and what is said where it cannot be used."""

from __future__ import annotations

from nlq.errors import AuditError
from nlq.sqlite_file import FileKind

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

AUDIT_FILE = FileKind(
    "audit log",
    MIGRATIONS,
    AuditError,
    "No question is answered without a record. Check that the disk has room, that the file may be "
    "written, and that no other program holds it locked.",
)

"""The audit log in one SQLite file: every question goes in, exactly one record of it stays.

A record is inserted before any work (outcome ``"started"``), filled in stage by stage and closed
with the kind of its answer. Each step is one transaction in WAL mode, so a process killed at any
moment leaves its record as far as it came; once that process is gone, the record reads
``"interrupted"``. Whatever goes wrong raises ``AuditError``: no record, no query.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nlq.audit.process import ProcessMark
from nlq.audit.record import AuditRecord, DraftNote, Feedback, Rating
from nlq.errors import AuditError
from nlq.types import Answer, Estimate, Principal, Question, TokenUse

_BUSY_SECONDS = 10.0
_STALE = timedelta(days=1)

_MIGRATIONS = (
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
        rule TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT '',
        tables TEXT NOT NULL DEFAULT '[]',
        prompts TEXT NOT NULL DEFAULT '[]',
        drafts TEXT NOT NULL DEFAULT '[]',
        sql_run TEXT NOT NULL DEFAULT '',
        rows INTEGER,
        size_bytes INTEGER,
        estimate TEXT,
        timings TEXT NOT NULL DEFAULT '[]',
        tokens TEXT NOT NULL DEFAULT '[0, 0, 0]',
        repairs INTEGER NOT NULL DEFAULT 0,
        finished_at TEXT,
        feedback TEXT
    ) STRICT;
    CREATE INDEX record_recent ON record (recorded_at DESC);
    CREATE INDEX record_principal ON record (principal, recorded_at DESC);
    """,
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class AuditLog:
    """Audit records in one SQLite file, shared by any number of threads and processes.

    ``now`` gives real time. Raises ``AuditError`` where the file cannot be opened or was written by
    a newer version.
    """

    def __init__(self, path: Path, *, now: Callable[[], datetime] = _utc_now) -> None:
        self.path = path
        self._now = now
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._pid = 0
        with self._transaction("DEFERRED"):
            pass

    def close(self) -> None:
        """Close the file; safe to call twice. The next call opens it again."""
        with self._lock:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None

    # --- writing

    def begin(self, question: Question, *, interface: str) -> None:
        """Insert the question's record; raises ``AuditError`` if there is one already."""
        now = self._now().isoformat()
        with self._transaction() as db:
            known = db.execute("SELECT 1 FROM record WHERE id = ?", (question.id,)).fetchone()
            if known:
                raise AuditError(
                    f"The question {question.id} has an audit record already.",
                    hint="Give every question an id of its own.",
                )
            db.execute(
                "INSERT INTO record (id, conversation_id, principal, roles, interface, question,"
                " asked_at, recorded_at, touched_at, writer, outcome)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'started')",
                (
                    question.id,
                    question.conversation_id,
                    question.principal.name,
                    json.dumps(question.principal.roles),
                    interface,
                    question.text,
                    question.clock.now.isoformat(),
                    now,
                    now,
                    ProcessMark.mine().text,
                ),
            )

    def note(
        self,
        id: str,
        *,
        stage: str | None = None,
        tables: Sequence[str] | None = None,
        prompts: Sequence[str] = (),
        draft: DraftNote | None = None,
        sql_run: str | None = None,
        rows: int | None = None,
        size_bytes: int | None = None,
        estimate: Estimate | None = None,
        timing: tuple[str, float] | None = None,
        tokens: TokenUse | None = None,
    ) -> None:
        """Add to the record: prompts, draft and timing are appended, the rest is set."""
        changes: list[tuple[str, object]] = [("touched_at = ?", self._now().isoformat())]
        for column, value in (
            ("stage", stage),
            ("tables", None if tables is None else json.dumps(tuple(tables))),
            ("sql_run", sql_run),
            ("rows", rows),
            ("size_bytes", size_bytes),
            ("estimate", _estimate_text(estimate)),
            ("tokens", _tokens_text(tokens)),
        ):
            if value is not None:
                changes.append((f"{column} = ?", value))
        if prompts:
            changes.append(("prompts = json_insert(prompts, '$[#]', json(?))", json.dumps(prompts)))
        if draft:
            row = (draft.sql, draft.source, draft.decision, draft.reason)
            changes.append(("drafts = json_insert(drafts, '$[#]', json(?))", json.dumps(row)))
        if timing:
            changes.append(
                ("timings = json_insert(timings, '$[#]', json(?))", json.dumps(timing)),
            )
        self._update(id, changes)

    def finish(self, id: str, answer: Answer) -> None:
        """Close the record with the kind of its answer; raises ``AuditError`` if it is closed."""
        now = self._now().isoformat()
        told = answer.headline if answer.kind in {"refusal", "error", "clarification"} else ""
        self._update(
            id,
            [
                ("touched_at = ?", now),
                ("finished_at = ?", now),
                ("outcome = ?", answer.kind),
                ("rule = ?", answer.rule),
                ("reason = ?", told),
                ("repairs = ?", answer.repairs),
                ("tokens = ?", _tokens_text(answer.tokens)),
            ],
        )

    def feedback(self, id: str, rating: Rating, note: str, principal: Principal) -> None:
        """Keep what a person thought of the answer; a later word replaces an earlier one."""
        text = json.dumps((rating, note, principal.name, self._now().isoformat()))
        self._update(id, [("feedback = ?", text)], closed=True)

    def _update(self, id: str, changes: list[tuple[str, object]], *, closed: bool = False) -> None:
        wanted = "" if closed else " AND finished_at IS NULL"
        assignments = ", ".join(text for text, _ in changes)
        with self._transaction() as db:
            done = db.execute(
                f"UPDATE record SET {assignments} WHERE id = ?{wanted}",
                (*(value for _, value in changes), id),
            )
            if done.rowcount != 1:
                raise AuditError(
                    f"The question {id} has no {'' if closed else 'open '}audit record.",
                    hint="A question's record is begun once, before its work, and closed once.",
                )

    # --- reading

    def get(self, id: str) -> AuditRecord | None:
        """The record of that question, or None."""
        return next(self._read("WHERE id = ?", (id,)), None)

    def recent(self, limit: int, principal: str | None = None) -> tuple[AuditRecord, ...]:
        """The newest records first, of everyone or of one principal."""
        where = "WHERE principal = ? " if principal is not None else ""
        named = (principal,) if principal is not None else ()
        order = f"{where}ORDER BY recorded_at DESC, rowid DESC LIMIT ?"
        return tuple(self._read(order, (*named, limit)))

    def every(self) -> Iterator[AuditRecord]:
        """All records, oldest first."""
        return self._read("ORDER BY recorded_at, rowid", ())

    def _read(self, clause: str, values: tuple[object, ...]) -> Iterator[AuditRecord]:
        with self._transaction("DEFERRED") as db:
            rows = db.execute(f"SELECT * FROM record {clause}", values).fetchall()
        now = self._now()
        return (_record(row, now) for row in rows)

    # --- the file

    @contextlib.contextmanager
    def _transaction(self, mode: str = "IMMEDIATE") -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                db = self._open()
                db.execute(f"BEGIN {mode}")
                try:
                    yield db
                    db.execute("COMMIT")
                except BaseException:
                    if db.in_transaction:
                        db.execute("ROLLBACK")
                    raise
            except (sqlite3.Error, OSError) as exc:
                raise AuditError(
                    f"The audit log {self.path} cannot be used: {exc}.",
                    hint="No question is answered without a record. Check that the disk has room, "
                    "that the file may be written, and that no other program holds it locked.",
                ) from exc

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and self._pid == os.getpid():
            return self._connection
        # A connection must not be used, nor closed, by a process forked from the one that made it.
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        db = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
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
        def version() -> int:
            return int(db.execute("PRAGMA user_version").fetchone()[0])

        if version() == len(_MIGRATIONS):
            return
        db.execute("BEGIN IMMEDIATE")
        try:
            found = version()
            if found > len(_MIGRATIONS):
                raise AuditError(
                    f"The audit log {self.path} was written by a newer version of nlq.",
                    hint="Update nlq, or name another home folder (NLQ_HOME).",
                )
            for script in _MIGRATIONS[found:]:
                for statement in script.split(";"):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def _estimate_text(estimate: Estimate | None) -> str | None:
    if estimate is None:
        return None
    return json.dumps((estimate.rows, estimate.size_bytes, estimate.partitions))


def _tokens_text(tokens: TokenUse | None) -> str | None:
    return None if tokens is None else json.dumps((tokens.read, tokens.written, tokens.calls))


def _record(row: sqlite3.Row, now: datetime) -> AuditRecord:
    outcome = row["outcome"]
    if outcome == "started":
        alive = ProcessMark(row["writer"]).alive()
        idle = now - datetime.fromisoformat(row["touched_at"])
        if alive is False or (alive is None and idle > _STALE):
            outcome = "interrupted"
    prompts = (name for group in json.loads(row["prompts"]) for name in group)
    return AuditRecord(
        id=row["id"],
        conversation_id=row["conversation_id"],
        principal=row["principal"],
        roles=tuple(json.loads(row["roles"])),
        interface=row["interface"],
        question=row["question"],
        asked_at=datetime.fromisoformat(row["asked_at"]),
        recorded_at=datetime.fromisoformat(row["recorded_at"]),
        outcome=outcome,
        stage=row["stage"],
        rule=row["rule"],
        reason=row["reason"],
        tables=tuple(json.loads(row["tables"])),
        prompts=tuple(dict.fromkeys(prompts)),
        drafts=tuple(DraftNote(*draft) for draft in json.loads(row["drafts"])),
        sql_run=row["sql_run"],
        rows=row["rows"],
        size_bytes=row["size_bytes"],
        estimate=Estimate(*json.loads(row["estimate"])) if row["estimate"] else None,
        timings=tuple((stage, seconds) for stage, seconds in json.loads(row["timings"])),
        tokens=TokenUse(*json.loads(row["tokens"])),
        repairs=row["repairs"],
        finished_at=datetime.fromisoformat(row["finished_at"]) if row["finished_at"] else None,
        feedback=_feedback(row["feedback"]),
    )


def _feedback(text: str | None) -> Feedback | None:
    if text is None:
        return None
    rating, note, by, at = json.loads(text)
    return Feedback(rating, note, by, datetime.fromisoformat(at))

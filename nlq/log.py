"""The audit log: every question goes in, exactly one record of it stays, whatever happens.

A record is inserted before any work (outcome ``"started"``), filled in stage by stage and closed
with the kind of its answer. Each step is one transaction, so a process killed at any moment leaves
its record as far as it came; once that process is gone, the record reads ``"interrupted"``.
Whatever goes wrong raises ``AuditError``: no record, no query.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, Unpack

from nlq.audit.file import AUDIT_FILE
from nlq.audit.process import ProcessMark
from nlq.audit.record import AuditRecord, Batch, Feedback, Notes, Rating
from nlq.errors import AuditError
from nlq.sqlite_file import SqliteFile
from nlq.types import Answer, Principal, Question, TokenUse


class AuditSink(Protocol):
    """Anywhere that audit records can be kept; every method raises ``AuditError`` on failure."""

    def begin(self, question: Question, *, interface: str) -> None:
        """Keep a new record, before any work is done for the question."""

    def note(self, id: str, **notes: Unpack[Notes]) -> None:
        """Add to an open record."""

    def finish(self, id: str, answer: Answer) -> None:
        """Close the record with what came of the question; only once."""

    def feedback(self, id: str, rating: Rating, note: str, principal: Principal) -> None:
        """Keep what a person thought of the answer; a later word replaces an earlier one."""

    def close(self) -> None:
        """Free what it holds; safe to call twice."""


_STALE = timedelta(days=1)
"""A record that another machine began and has not touched for so long is given up."""

_APPENDED = {"prompts": "prompts", "draft": "drafts", "decision": "decisions"}
_LISTS = {"tables_shown", "tables_read", "rewrites"}


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
        self._file = SqliteFile(path, AUDIT_FILE)
        with self._file.transaction("DEFERRED"):
            pass

    def close(self) -> None:
        """Close the file; safe to call twice. The next call opens it again."""
        self._file.close()

    def begin(self, question: Question, *, interface: str) -> None:
        """Insert the question's record; raises ``AuditError`` if there is one already."""
        now = self._now().isoformat()
        first = {
            "id": question.id,
            "conversation_id": question.conversation_id,
            "principal": question.principal.name,
            "roles": json.dumps(question.principal.roles),
            "interface": interface,
            "question": question.text,
            "asked_at": question.clock.now.isoformat(),
            "recorded_at": now,
            "touched_at": now,
            "writer": ProcessMark.mine().text,
            "outcome": "started",
        }
        marks = ", ".join("?" * len(first))
        with self._file.transaction() as db:
            known = db.execute("SELECT 1 FROM record WHERE id = ?", (question.id,)).fetchone()
            if known:
                raise AuditError(
                    f"The question {question.id} has an audit record already.",
                    hint="Give every question an id of its own.",
                )
            db.execute(
                f"INSERT INTO record ({', '.join(first)}) VALUES ({marks})", tuple(first.values())
            )

    def note(self, id: str, **notes: Unpack[Notes]) -> None:
        """Add to an open record; raises ``AuditError`` if it is closed or was never begun."""
        if unknown := set(notes) - set(Notes.__annotations__):
            raise AuditError(f"An audit record has no place for {', '.join(sorted(unknown))}.")
        changes: dict[str, object] = {}
        for name, value in notes.items():
            if column := _APPENDED.get(name):
                changes[f"{column} = json_insert({column}, '$[#]', json(?))"] = json.dumps(value)
            elif name in _LISTS:
                changes[f"{name} = ?"] = json.dumps(value)
            else:
                changes[f"{name} = ?"] = value
        # Its begin and its end are on the disk for certain; what lies between need not be.
        self._update(id, changes, sync=False)

    def finish(self, id: str, answer: Answer) -> None:
        """Close the record with what came of the question; raises ``AuditError`` if it is closed.

        A headline is kept only where it holds no number of a result.
        """
        tokens = answer.tokens
        told = answer.headline if answer.kind in {"refusal", "error", "clarification"} else ""
        self._update(
            id,
            {
                "finished_at = ?": self._now().isoformat(),
                "outcome = ?": answer.kind,
                "rule = ?": answer.rule,
                "reason = ?": told,
                "repairs = ?": answer.repairs,
                "tokens = ?": json.dumps((tokens.read, tokens.written, tokens.calls)),
                "timings = ?": json.dumps(answer.timings),
            },
        )

    def feedback(self, id: str, rating: Rating, note: str, principal: Principal) -> None:
        """Keep what a person thought of the answer; a later word replaces an earlier one."""
        text = json.dumps((rating, note, principal.name, self._now().isoformat()))
        self._update(id, {"feedback = ?": text}, open_only=False)

    def get(self, id: str) -> AuditRecord | None:
        """The record of that question, or None."""
        return next(self._read("WHERE id = ?", (id,)), None)

    def recent(self, limit: int, principal: str | None = None) -> tuple[AuditRecord, ...]:
        """The newest records first, of everyone or of one principal."""
        where, named = ("WHERE principal = ?", (principal,)) if principal is not None else ("", ())
        order = "ORDER BY recorded_at DESC, rowid DESC LIMIT ?"
        return tuple(self._read(f"{where} {order}", (*named, limit)))

    def readers(self, table: str, since: datetime) -> tuple[tuple[str, int], ...]:
        """Who got answers from a table since then, and how many, most first.

        ``table`` is a whole name.
        """
        reads = "EXISTS (SELECT 1 FROM json_each(tables_read) WHERE value = ?)"
        with self._file.transaction("DEFERRED") as db:
            rows = db.execute(
                "SELECT principal, count(*) FROM record WHERE recorded_at >= ? AND "
                f"outcome = 'answer' AND {reads} GROUP BY principal ORDER BY 2 DESC, 1",
                (since.astimezone(UTC).isoformat(), table),
            ).fetchall()
        return tuple((name, count) for name, count in rows)

    def read_together(self, table: str, since: datetime) -> tuple[tuple[str, int], ...]:
        """The tables that answers read along with a table since then, and in how many."""
        reads = "EXISTS (SELECT 1 FROM json_each(tables_read) WHERE value = ?)"
        with self._file.transaction("DEFERRED") as db:
            rows = db.execute(
                "SELECT other.value, count(*) FROM record, json_each(record.tables_read) AS other "
                "WHERE recorded_at >= ? AND outcome = 'answer' AND other.value <> ? AND "
                f"{reads} GROUP BY other.value ORDER BY 2 DESC, 1",
                (since.astimezone(UTC).isoformat(), table, table),
            ).fetchall()
        return tuple((name, count) for name, count in rows)

    def every(self) -> Iterator[AuditRecord]:
        """All records, oldest first."""
        return self._read("ORDER BY recorded_at, rowid", ())

    def failed(self, since: datetime) -> Iterator[AuditRecord]:
        """Refusals, errors and answers called wrong since then, oldest first."""
        wrong = "(outcome IN ('refusal', 'error') OR json_extract(feedback, '$[0]') = 'down')"
        clause = f"WHERE recorded_at >= ? AND {wrong} ORDER BY recorded_at, rowid"
        return self._read(clause, (since.isoformat(),))

    def next_batch(self, limit: int) -> Batch | None:
        """The next closed records to publish, ``limit`` at most; None where all are published.

        The same batch is given until ``published`` is told of it, so that one whose publisher died
        half-way is written again, under the same name.
        """
        with self._file.transaction() as db:
            found = db.execute(
                "SELECT id, version FROM batch WHERE published < version ORDER BY id LIMIT 1"
            ).fetchone()
            id, version = found or (self._new_batch(db, limit), 1)
            if id is None:
                return None
            ((log,),) = db.execute("SELECT name FROM log").fetchall()
            order = "ORDER BY recorded_at, rowid"
            rows = db.execute(f"SELECT * FROM record WHERE batch = ? {order}", (id,)).fetchall()
        now = self._now()
        return Batch(id, f"{log}-{id:06d}", version, tuple(_record(row, now) for row in rows))

    def published(self, batch: Batch) -> None:
        """Mark a batch as published, as far as it has not changed since it was given."""
        with self._file.transaction() as db:
            done = "UPDATE batch SET published = max(published, ?) WHERE id = ?"
            db.execute(done, (batch.version, batch.id))

    def publish_again(self) -> None:
        """Make every batch one to publish, as for a lake that was made anew."""
        with self._file.transaction() as db:
            db.execute("UPDATE batch SET version = version + 1")

    def _new_batch(self, db: sqlite3.Connection, limit: int) -> int | None:
        now = self._now()
        waiting = db.execute("SELECT * FROM record WHERE batch IS NULL ORDER BY recorded_at, rowid")
        closed = (row["id"] for row in waiting if _record(row, now).outcome != "started")
        chosen = tuple(islice(closed, limit))
        if not chosen:
            return None
        id = db.execute("INSERT INTO batch DEFAULT VALUES").lastrowid
        db.executemany("UPDATE record SET batch = ? WHERE id = ?", ((id, one) for one in chosen))
        return id

    def _update(
        self, id: str, changes: dict[str, object], *, open_only: bool = True, sync: bool = True
    ) -> None:
        changes = {"touched_at = ?": self._now().isoformat(), **changes}
        wanted = " AND finished_at IS NULL" if open_only else ""
        with self._file.transaction(sync=sync) as db:
            done = db.execute(
                f"UPDATE record SET {', '.join(changes)} WHERE id = ?{wanted}",
                (*changes.values(), id),
            )
            if done.rowcount != 1:
                raise AuditError(
                    f"The question {id} has no {'open ' if open_only else ''}audit record.",
                    hint="A question's record is begun once, before its work, and closed once.",
                )
            db.execute(
                "UPDATE batch SET version = version + 1 "
                "WHERE id = (SELECT batch FROM record WHERE id = ?)",
                (id,),
            )

    def _read(self, clause: str, values: tuple[object, ...]) -> Iterator[AuditRecord]:
        with self._file.transaction("DEFERRED") as db:
            rows = db.execute(f"SELECT * FROM record {clause}", values).fetchall()
        now = self._now()
        return (_record(row, now) for row in rows)


_STORED_AS_JSON = {"roles", "drafts", "decisions", *_LISTS}
_TIMES = {"asked_at", "recorded_at", "finished_at"}


def _record(row: sqlite3.Row, now: datetime) -> AuditRecord:
    fields: dict[str, Any] = {name: row[name] for name in row.keys()}  # noqa: SIM118 (rows iterate over values)
    touched, writer = datetime.fromisoformat(fields.pop("touched_at")), fields.pop("writer")
    del fields["batch"]
    fields["cached"] = bool(fields["cached"])
    for name in _STORED_AS_JSON:
        fields[name] = tuple(json.loads(fields[name]))
    for name in _TIMES:
        fields[name] = datetime.fromisoformat(fields[name]) if fields[name] else None
    used = (name for group in json.loads(fields["prompts"]) for name in group)
    fields["prompts"] = tuple(dict.fromkeys(used))
    fields["tokens"] = TokenUse(*json.loads(fields["tokens"]))
    fields["timings"] = tuple((stage, took) for stage, took in json.loads(fields["timings"]))
    if fields["feedback"]:
        rating, note, by, at = json.loads(fields["feedback"])
        fields["feedback"] = Feedback(rating, note, by, datetime.fromisoformat(at))
    if fields["outcome"] == "started" and _given_up(ProcessMark(writer), now - touched):
        fields["outcome"] = "interrupted"
    return AuditRecord(**fields)


def _given_up(writer: ProcessMark, idle: timedelta) -> bool:
    alive = writer.alive()
    return idle > _STALE if alive is None else not alive

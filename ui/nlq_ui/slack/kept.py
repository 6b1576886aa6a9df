"""What the bot keeps in a SQLite file: what it took, its threads, what its buttons are about.

Slack sends an event again where it heard nothing of the first, also after a restart; what was taken
stands here, so that it is answered once. No row of any result is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from nlq.audit.process import ProcessMark
from nlq.errors import NlqError
from nlq.sqlite_file import FileKind, SqliteFile
from nlq.types import Principal, Turn

MOST_TURNS: Final = 20
"""Turns of a thread that a question may go on from, the latest ones."""

_DAY_S: Final = 86_400.0
_TAKEN_S: Final = 2 * _DAY_S
_KEPT_S: Final = 30 * _DAY_S
_PURGE_S: Final = 3600.0

_MIGRATIONS = (
    """
    CREATE TABLE taken (key TEXT PRIMARY KEY, at REAL NOT NULL) STRICT;
    CREATE TABLE thread (id TEXT PRIMARY KEY, at REAL NOT NULL) STRICT;
    CREATE TABLE turn (
        number INTEGER PRIMARY KEY,
        thread TEXT NOT NULL,
        body TEXT NOT NULL,
        at REAL NOT NULL
    ) STRICT;
    CREATE INDEX turn_thread ON turn (thread, number);
    CREATE TABLE given (id TEXT PRIMARY KEY, body TEXT NOT NULL, at REAL NOT NULL) STRICT;
    CREATE TABLE running (
        id TEXT PRIMARY KEY,
        channel TEXT NOT NULL,
        message TEXT NOT NULL,
        writer TEXT NOT NULL,
        at REAL NOT NULL
    ) STRICT
    """,
)

_FILE = FileKind(
    "Slack bot's file",
    _MIGRATIONS,
    NlqError,
    "Check that the disk has room, that the file may be written, and that no other program holds "
    "it locked.",
)


@dataclass(frozen=True)
class KeptTurn:
    """A turn, who took it, and whether everyone in the thread saw its answer."""

    principal: Principal
    turn: Turn
    public: bool


@dataclass(frozen=True)
class Given:
    """An answer that was given: what its buttons need. ``user`` is the Slack user who asked.

    ``sections`` are titles and lines that say how it was computed; ``dated`` says of when it is,
    the shortest way first. ``limited``: the guard's own limit may have cut rows off.
    """

    id: str
    user: str
    principal: Principal
    question: str
    sql: str
    dated: tuple[str, ...]
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    limited: bool = False


@dataclass(frozen=True)
class Running:
    """A question on its way, and the message that shows how far it is."""

    id: str
    channel: str
    message: str


_TURN = TypeAdapter(KeptTurn)
_GIVEN = TypeAdapter(Given)


class Kept:
    """The file; safe to use from several threads and processes. Raises ``NlqError``."""

    def __init__(self, path: Path, *, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._file = SqliteFile(path, _FILE)
        self._mine = ProcessMark.mine().text
        self._purged = float("-inf")
        with self._file.transaction("DEFERRED"):
            pass

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._file.close()

    def take(self, key: str) -> bool:
        """Whether ``key`` is new; from now on it is not, for any process."""
        self._purge()
        with self._file.transaction() as db:
            done = db.execute("INSERT OR IGNORE INTO taken VALUES (?, ?)", (key, self._now()))
            return done.rowcount == 1

    def open_thread(self, thread: str) -> None:
        """Remember that a question was asked there."""
        with self._file.transaction() as db:
            db.execute("INSERT OR REPLACE INTO thread VALUES (?, ?)", (thread, self._now()))

    def has_thread(self, thread: str) -> bool:
        """Whether a question was asked there."""
        with self._file.transaction("DEFERRED") as db:
            found = db.execute("SELECT 1 FROM thread WHERE id = ?", (thread,)).fetchone()
        return found is not None

    def add_turn(self, thread: str, turn: KeptTurn) -> None:
        """Keep one more turn of a thread."""
        row = (thread, _TURN.dump_json(turn).decode(), self._now())
        with self._file.transaction() as db:
            db.execute("INSERT INTO turn (thread, body, at) VALUES (?, ?, ?)", row)

    def turns(self, thread: str) -> tuple[KeptTurn, ...]:
        """The latest turns of a thread, oldest first."""
        with self._file.transaction("DEFERRED") as db:
            found = db.execute(
                "SELECT body FROM turn WHERE thread = ? ORDER BY number DESC LIMIT ?",
                (thread, MOST_TURNS),
            ).fetchall()
        return tuple(_TURN.validate_json(row["body"]) for row in reversed(found))

    def give(self, given: Given) -> None:
        """Remember an answer."""
        row = (given.id, _GIVEN.dump_json(given).decode(), self._now())
        with self._file.transaction() as db:
            db.execute("INSERT OR REPLACE INTO given VALUES (?, ?, ?)", row)

    def given(self, id: str) -> Given | None:
        """The answer of that id, None where it is not kept any more."""
        with self._file.transaction("DEFERRED") as db:
            found = db.execute("SELECT body FROM given WHERE id = ?", (id,)).fetchone()
        return _GIVEN.validate_json(found["body"]) if found else None

    def begin(self, running: Running) -> None:
        """Remember that a question is being answered by this process."""
        row = (running.id, running.channel, running.message, self._mine, self._now())
        with self._file.transaction() as db:
            db.execute("INSERT OR REPLACE INTO running VALUES (?, ?, ?, ?, ?)", row)

    def end(self, id: str) -> None:
        """Forget a question that has ended."""
        with self._file.transaction() as db:
            db.execute("DELETE FROM running WHERE id = ?", (id,))

    def take_lost(self) -> tuple[Running, ...]:
        """Questions whose process died before they were answered; each is given out once."""
        with self._file.transaction() as db:
            rows = db.execute("SELECT * FROM running").fetchall()
            lost = [row for row in rows if self._is_dead(row["writer"])]
            db.executemany("DELETE FROM running WHERE id = ?", [(row["id"],) for row in lost])
        return tuple(Running(row["id"], row["channel"], row["message"]) for row in lost)

    def _is_dead(self, writer: str) -> bool:
        return writer != self._mine and ProcessMark(writer).alive() is False

    def _purge(self) -> None:
        now = self._now()
        if now - self._purged < _PURGE_S:
            return
        self._purged = now
        with self._file.transaction() as db:
            db.execute("DELETE FROM taken WHERE at < ?", (now - _TAKEN_S,))
            for table in ("thread", "turn", "given", "running"):
                db.execute(f"DELETE FROM {table} WHERE at < ?", (now - _KEPT_S,))

"""Sessions of people who signed in: a principal goes in, a secret for their cookie comes out.

They are kept in a SQLite file, so that they outlive the process, are shared by those of one
machine, and end when a person signs out, whoever still has the cookie. The file holds no secret,
only its SHA-256. Beside them it holds sign-ins that were begun and not ended.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from nlq.errors import KeptError
from nlq.sqlite_file import FileKind, SqliteFile
from nlq.types import Principal

BEGUN_S: Final = 600.0
"""How long a sign-in may take, seconds."""

MOST_BEGUN: Final = 10_000
"""Sign-ins that were begun; the oldest ones go first."""

_TOUCHES: Final = 20
"""A session is noted as used once in this part of its idle time."""

_FILE = FileKind(
    "file of sessions",
    (
        """
        CREATE TABLE session (
            digest TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            roles TEXT NOT NULL,
            begun_at REAL NOT NULL,
            used_at REAL NOT NULL
        ) STRICT;
        CREATE INDEX session_begun ON session (begun_at);
        CREATE TABLE sign_in (
            digest TEXT PRIMARY KEY,
            data TEXT NOT NULL,
            begun_at REAL NOT NULL
        ) STRICT;
        CREATE INDEX sign_in_begun ON sign_in (begun_at)
        """,
    ),
    KeptError,
    "Check that the disk has room and that the file may be written.",
)


class Sessions:
    """The sessions in a file; safe to use from several threads.

    One ends after ``idle_s`` without a request, and after ``longest_s`` in any case. Every method
    raises ``KeptError`` where the file cannot be used.
    """

    def __init__(
        self, path: Path, idle_s: float, longest_s: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._file = SqliteFile(path, _FILE)
        self._idle_s = idle_s
        self._longest_s = longest_s
        self._clock = clock

    def begin(self, principal: Principal) -> str:
        """Begin a session; the secret names it."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        with self._file.transaction() as db:
            db.execute(
                "DELETE FROM session WHERE begun_at <= ? OR used_at <= ?",
                (now - self._longest_s, now - self._idle_s),
            )
            db.execute(
                "INSERT INTO session VALUES (?, ?, ?, ?, ?)",
                (_digest(secret), principal.name, json.dumps(principal.roles), now, now),
            )
        return secret

    def principal(self, secret: str) -> Principal | None:
        """Whose session it is, unless it ended."""
        now, digest = self._clock(), _digest(secret)
        with self._file.transaction("DEFERRED") as db:
            found = db.execute("SELECT * FROM session WHERE digest = ?", (digest,)).fetchone()
        if found is None or not self._lives(found, now):
            return None
        if now - found["used_at"] > self._idle_s / _TOUCHES:
            with self._file.transaction() as db:
                db.execute("UPDATE session SET used_at = ? WHERE digest = ?", (now, digest))
        return Principal(found["name"], tuple(json.loads(found["roles"])))

    def end(self, secret: str) -> None:
        """End a session, if there is one."""
        with self._file.transaction() as db:
            db.execute("DELETE FROM session WHERE digest = ?", (_digest(secret),))

    def note(self, secret: str, data: dict[str, Any]) -> None:
        """Keep what a sign-in that was begun needs at its end."""
        now = self._clock()
        with self._file.transaction() as db:
            db.execute(
                "DELETE FROM sign_in WHERE begun_at <= ? OR digest IN (SELECT digest FROM sign_in "
                "ORDER BY begun_at DESC LIMIT -1 OFFSET ?)",
                (now - BEGUN_S, MOST_BEGUN - 1),
            )
            db.execute(
                "INSERT INTO sign_in VALUES (?, ?, ?)", (_digest(secret), json.dumps(data), now)
            )

    def take(self, secret: str) -> dict[str, Any] | None:
        """What was noted, once, unless it took too long."""
        digest = _digest(secret)
        with self._file.transaction() as db:
            found = db.execute("SELECT * FROM sign_in WHERE digest = ?", (digest,)).fetchone()
            db.execute("DELETE FROM sign_in WHERE digest = ?", (digest,))
        if found is None or found["begun_at"] <= self._clock() - BEGUN_S:
            return None
        data: dict[str, Any] = json.loads(found["data"])
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _lives(self, session: sqlite3.Row, now: float) -> bool:
        return (
            now < session["used_at"] + self._idle_s and now < session["begun_at"] + self._longest_s
        )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()

"""The review queue in the file of what is kept: items go in and come out, a change at a time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from nlq.errors import ReviewError
from nlq.kept.file import open_kept
from nlq.kept.review_types import ReviewItem

_TIMES = ("at", "decided_at")
_TUPLES = ("author_roles", "tables")


class ReviewStore:
    """Items by id, shared by any number of threads and processes; raises ``KeptError``."""

    def __init__(self, path: Path) -> None:
        self._file = open_kept(path)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._file.close()

    def all(self) -> tuple[ReviewItem, ...]:
        """Every item, the newest first."""
        with self._file.transaction("DEFERRED") as db:
            rows = db.execute("SELECT body FROM review ORDER BY at DESC, rowid DESC").fetchall()
        return tuple(_item(row["body"]) for row in rows)

    def get(self, id: str) -> ReviewItem | None:
        """The item of that id, or None."""
        with self._file.transaction("DEFERRED") as db:
            row = db.execute("SELECT body FROM review WHERE id = ?", (id,)).fetchone()
        return _item(row["body"]) if row else None

    def put(
        self, item: ReviewItem, seen: int, and_then: Callable[[], None] | None = None
    ) -> ReviewItem:
        """Keep the item, which was of version ``seen`` (0: new), with the next version.

        ``and_then`` happens inside the transaction: where it raises, nothing is kept. Raises
        ``ReviewError`` where somebody else has changed the item since.
        """
        kept = replace(item, version=seen + 1)
        with self._file.transaction() as db:
            _check_unchanged(db, item.id, seen)
            db.execute(
                "INSERT INTO review (id, state, at, version, body) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET state = excluded.state, "
                "version = excluded.version, body = excluded.body",
                (kept.id, kept.state, kept.at.isoformat(), kept.version, _body(kept)),
            )
            if and_then is not None:
                and_then()
        return kept


def _check_unchanged(db: sqlite3.Connection, id: str, seen: int) -> None:
    row = db.execute("SELECT version FROM review WHERE id = ?", (id,)).fetchone()
    if (row["version"] if row else 0) != seen:
        raise ReviewError(
            "Somebody has changed this since you opened it.", hint="Open it again and look anew."
        )


def _body(item: ReviewItem) -> str:
    return json.dumps(asdict(item), default=lambda value: value.isoformat())


def _item(body: str) -> ReviewItem:
    fields = json.loads(body)
    for name in _TIMES:
        fields[name] = datetime.fromisoformat(fields[name]) if fields[name] else None
    for name in _TUPLES:
        fields[name] = tuple(fields[name])
    return ReviewItem(**fields)

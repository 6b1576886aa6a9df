"""Pinned answers: an answer goes in; its last figures come out, and why there are no newer ones.

A pin keeps its last figures until newer ones came; who sees them is settled by the rights of now,
as for conversations.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from nlq.errors import KeptError
from nlq.kept.answer_text import answer_text, read_answer
from nlq.kept.rights import Rights, Seen
from nlq.sqlite_file import SqliteFile
from nlq.types import Answer, Principal

MOST_PINS: Final = 12
_HIDDEN: Final = "This pin rests on data that is not open to you, so it is not shown."
_OTHER: Final = (
    "Asked again, the question came out as another query, so these are still the last figures. "
    "Ask it in a conversation and pin the new answer."
)


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned question and its last figures.

    ``question`` stands on its own; ``answer`` was computed at ``computed_at`` (UTC) and is None
    where ``failure`` says that it is not open. Otherwise ``failure`` says why the last try, at
    ``tried_at``, brought no newer figures; empty where it did.
    """

    id: str
    question: str
    answer: Answer | None
    computed_at: datetime
    tried_at: datetime
    failure: str = ""
    rows: int = 0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Pins:
    """Those of everyone; safe to use from several threads. Every method raises ``KeptError``."""

    def __init__(
        self,
        file: SqliteFile,
        rights: Callable[[], Rights],
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._file = file
        self._rights = rights
        self._now = now

    def add(self, answer: Answer, principal: Principal) -> str:
        """Pin an answer that ``principal`` was given; returns the pin's id.

        A question that is pinned already gets the newer figures.
        """
        if answer.kind != "answer" or answer.result is None:
            raise KeptError("Only an answer with figures can be pinned.")
        question = standalone(answer)
        now, id = self._now().isoformat(), secrets.token_hex(8)
        with self._file.transaction() as db:
            rows = db.execute(
                "SELECT id, question FROM pin WHERE owner = ?", (principal.name,)
            ).fetchall()
            known = next((row["id"] for row in rows if row["question"] == question), None)
            if known is None and len(rows) >= MOST_PINS:
                raise KeptError(
                    f"There are {MOST_PINS} pins already.", hint="Remove one on the pins page."
                )
            if known is None:
                fields = self._fields(answer, principal, now)
                fields |= {"id": id, "owner": principal.name, "pinned_at": now}
                marks = ", ".join("?" * len(fields))
                db.execute(
                    f"INSERT INTO pin ({', '.join(fields)}) VALUES ({marks})",
                    tuple(fields.values()),
                )
            else:
                self._update(db, known, self._fields(answer, principal, now))
        return known or id

    def listed(self, principal: Principal) -> tuple[Pin, ...]:
        """Those of ``principal``, the first pinned first."""
        with self._file.transaction("DEFERRED") as db:
            rows = db.execute(
                "SELECT * FROM pin WHERE owner = ? ORDER BY pinned_at, rowid", (principal.name,)
            ).fetchall()
        return tuple(self._read(row, principal) for row in rows)

    def get(self, id: str, principal: Principal) -> Pin | None:
        """The pin of ``principal``; None where they have none of that id."""
        return next((pin for pin in self.listed(principal) if pin.id == id), None)

    def remove(self, id: str, principal: Principal) -> None:
        """Remove a pin of ``principal``, if they have it."""
        with self._file.transaction() as db:
            db.execute("DELETE FROM pin WHERE id = ? AND owner = ?", (id, principal.name))

    def refreshed(self, id: str, answer: Answer, principal: Principal) -> None:
        """Keep what came of asking the pin's question again: newer figures, or why there are none.

        Figures of another query than the pinned one are not taken: a pin keeps meaning the same.
        """
        pin = self.get(id, principal)
        if pin is None:
            return
        now = self._now().isoformat()
        if answer.kind != "answer" or answer.result is None:
            told = f"{answer.headline} {answer.hint}".strip()
            fields: dict[str, object] = {"tried_at": now, "failure": told}
        elif pin.answer is not None and _shape(pin.answer) != _shape(answer):
            fields = {"tried_at": now, "failure": _OTHER}
        else:
            fields = {**self._fields(answer, principal, now), "question": pin.question}
        with self._file.transaction() as db:
            self._update(db, id, fields)

    def _fields(self, answer: Answer, principal: Principal, now: str) -> dict[str, object]:
        seen, result = self._rights().seen(answer, principal), answer.result
        older = result.computed_at if result and not result.unchanged else None
        return {
            "question": standalone(answer),
            "computed_at": older.isoformat() if older else now,
            "tried_at": now,
            "failure": "",
            "scope": seen.scope,
            "filtered": int(seen.filtered),
            "rows": len(result.rows) if result else 0,
            "answer": answer_text(answer),
        }

    def _update(self, db: sqlite3.Connection, id: str, fields: dict[str, object]) -> None:
        sets = ", ".join(f"{name} = ?" for name in fields)
        db.execute(f"UPDATE pin SET {sets} WHERE id = ?", (*fields.values(), id))

    def _read(self, row: sqlite3.Row, principal: Principal) -> Pin:
        pin = Pin(
            row["id"],
            row["question"],
            None,
            datetime.fromisoformat(row["computed_at"]),
            datetime.fromisoformat(row["tried_at"]),
            row["failure"],
            row["rows"],
        )
        try:
            kept = read_answer(row["answer"])
        except KeptError as exc:
            return replace(pin, failure=exc.message)
        seen = Seen(row["scope"], bool(row["filtered"]))
        answer = self._rights().open_to(kept, seen, principal)
        # What failed may have been told in words of rights that are gone, as the figures were.
        return replace(pin, answer=answer) if answer else replace(pin, failure=_HIDDEN, rows=0)


def standalone(answer: Answer) -> str:
    """The answer's question with all that it took over from its conversation."""
    return (answer.turn.standalone if answer.turn else "") or answer.question


def _shape(answer: Answer) -> tuple[object, ...]:
    """What must stay the same for a pin to mean the same."""
    columns = tuple(c.name for c in answer.result.columns) if answer.result else ()
    return (frozenset(answer.columns), frozenset(t.name for t in answer.tables), columns)

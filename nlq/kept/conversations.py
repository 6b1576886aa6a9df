"""Conversations that last: questions with their answers go in, and come out for who may see them.

Each belongs to a principal by name. An answer is shown again as it was, under the rights that its
reader has now (``nlq.kept.rights``). A shared one is read by whoever has its link, as far as it
went when it was shared and as far as their own rights go.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from nlq.errors import KeptError
from nlq.kept.answer_text import answer_text, read_answer
from nlq.kept.rights import Rights, Seen
from nlq.sqlite_file import SqliteFile
from nlq.types import Answer, Principal, Turn

LISTED: Final = 50
_TITLE: Final = 120
_LOOK_EVERY: Final = timedelta(hours=1)
_HIDDEN: Final = "This answer rests on data that is not open to you, so it is not shown."


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer; ``answer`` is None where ``told`` says why it is not shown.

    ``rows`` is how many the whole result had; ``asked_at`` is real time (UTC).
    """

    question: str
    asked_at: datetime
    answer: Answer | None
    rows: int = 0
    told: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation, oldest exchange first; ``mine`` says that it is its reader's own.

    ``shared`` says that it has a link.
    """

    id: str
    title: str
    asked_at: datetime
    exchanges: tuple[Exchange, ...]
    mine: bool = True
    shared: bool = False

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What the next question needs of those that are shown."""
        answers = (exchange.answer for exchange in self.exchanges)
        return tuple(answer.turn for answer in answers if answer and answer.turn)


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation in a list. ``found`` is the text in which the search found its words.

    ``shared`` says that it has a link.
    """

    id: str
    title: str
    asked_at: datetime
    count: int
    found: str = ""
    shared: bool = False


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Conversations:
    """Those of everyone, in the file of what is kept; safe to use from several threads.

    ``rights`` gives the rights of now. Whatever was last asked ``keep_days`` ago is deleted; 0
    keeps it. Every method raises ``KeptError`` where the file cannot be used, and what ``rights``
    raises.
    """

    def __init__(
        self,
        file: SqliteFile,
        rights: Callable[[], Rights],
        now: Callable[[], datetime] = _utc_now,
        *,
        keep_days: int = 0,
    ) -> None:
        self._file = file
        self._rights = rights
        self._now = now
        self._keep = timedelta(days=keep_days)
        self._looked: datetime | None = None

    def add(self, id: str, answer: Answer, principal: Principal) -> None:
        """Keep an answer that ``principal`` was just given, as the next one of conversation ``id``.

        Raises ``KeptError`` where that is another one's.
        """
        self._delete_old()
        seen = self._rights().seen(answer, principal)
        now = self._now().isoformat()
        row = _row(answer, seen, now)
        with self._file.transaction() as db:
            owner = _owner(db, id)
            if owner not in (None, principal.name):
                raise KeptError("This conversation is another person's.", hint="Begin a new one.")
            if owner is None:
                db.execute(
                    "INSERT INTO conversation (id, owner, title, asked_at) VALUES (?, ?, ?, ?)",
                    (id, principal.name, answer.question[:_TITLE], now),
                )
            _append(db, id, row)
            db.execute("UPDATE conversation SET asked_at = ? WHERE id = ?", (now, id))

    def get(self, id: str, principal: Principal) -> Conversation | None:
        """The conversation of ``principal``; None where they have none of that id."""
        self._delete_old()
        with self._file.transaction("DEFERRED") as db:
            found = db.execute(
                "SELECT * FROM conversation WHERE id = ? AND owner = ?", (id, principal.name)
            ).fetchone()
            rows = _exchanges(db, id) if found else []
        return self._read(found, rows, principal) if found else None

    def shared(self, token: str, principal: Principal) -> Conversation | None:
        """What the link of that token shows ``principal``; None where there is none."""
        self._delete_old()
        with self._file.transaction("DEFERRED") as db:
            found = db.execute("SELECT * FROM conversation WHERE token = ?", (token,)).fetchone()
            rows = _exchanges(db, found["id"])[: found["shared"]] if found else []
        return self._read(found, rows, principal) if found else None

    def listed(
        self, principal: Principal, words: str = "", limit: int = LISTED
    ) -> tuple[Listed, ...]:
        """Those of ``principal``, the last asked first.

        ``words`` are all to be found in a question, or in a headline that they may see.
        """
        self._delete_old()
        wanted = words.casefold().split()
        with self._file.transaction("DEFERRED") as db:
            found = db.execute(
                "SELECT c.*, (SELECT count(*) FROM exchange WHERE conversation = c.id) AS count "
                "FROM conversation c WHERE owner = ? ORDER BY asked_at DESC, rowid DESC",
                (principal.name,),
            )
            matching = self._matching(db, found, wanted, principal)
            return tuple(listed for listed, _ in zip(matching, range(limit), strict=False))

    def delete(self, id: str, principal: Principal) -> bool:
        """Delete one of ``principal``'s, and its link; False where they have none of that id."""
        with self._file.transaction() as db:
            if _owner(db, id) != principal.name:
                return False
            db.execute("DELETE FROM exchange WHERE conversation = ?", (id,))
            db.execute("DELETE FROM conversation WHERE id = ?", (id,))
            return True

    def share(self, id: str, principal: Principal) -> str:
        """The token of the conversation's link, which shows it as far as it went by now.

        Raises ``KeptError`` where ``principal`` has no such conversation.
        """
        with self._file.transaction() as db:
            self._require(db, id, principal)
            db.execute(
                "UPDATE conversation SET token = coalesce(token, ?), "
                "shared = (SELECT count(*) FROM exchange WHERE conversation = ?) WHERE id = ?",
                (secrets.token_urlsafe(24), id, id),
            )
            (token,) = db.execute("SELECT token FROM conversation WHERE id = ?", (id,)).fetchone()
        return str(token)

    def unshare(self, id: str, principal: Principal) -> None:
        """Make the link useless; raises ``KeptError`` where they have no such conversation."""
        with self._file.transaction() as db:
            self._require(db, id, principal)
            db.execute("UPDATE conversation SET token = NULL, shared = 0 WHERE id = ?", (id,))

    def copy(self, token: str, principal: Principal) -> Conversation | None:
        """A copy for ``principal`` of what a link shows them; None where there is no such link."""
        shown = self.shared(token, principal)
        if shown is None:
            return None
        now, id = self._now().isoformat(), secrets.token_hex(16)
        rights = self._rights()
        with self._file.transaction() as db:
            db.execute(
                "INSERT INTO conversation (id, owner, title, asked_at) VALUES (?, ?, ?, ?)",
                (id, principal.name, shown.title, now),
            )
            for exchange in shown.exchanges:
                if exchange.answer is not None:
                    seen = rights.seen(exchange.answer, principal)
                    row = _row(exchange.answer, seen, exchange.asked_at.isoformat())
                    _append(db, id, {**row, "rows": exchange.rows})
        return replace(shown, id=id, mine=True, shared=False)

    def _delete_old(self) -> None:
        now = self._now()
        if not self._keep or (self._looked and now - self._looked < _LOOK_EVERY):
            return
        self._looked = now
        old = "SELECT id FROM conversation WHERE asked_at < ?"
        before = ((now - self._keep).isoformat(),)
        with self._file.transaction() as db:
            db.execute(f"DELETE FROM exchange WHERE conversation IN ({old})", before)
            db.execute("DELETE FROM conversation WHERE asked_at < ?", before)

    def _require(self, db: sqlite3.Connection, id: str, principal: Principal) -> None:
        if _owner(db, id) != principal.name:
            raise KeptError("You have no such conversation; it may have been deleted.")

    def _matching(
        self,
        db: sqlite3.Connection,
        found: Iterator[sqlite3.Row],
        wanted: Sequence[str],
        principal: Principal,
    ) -> Iterator[Listed]:
        for row in found:
            text = self._found(db, row["id"], wanted, principal) if wanted else ""
            if text is not None:
                at = datetime.fromisoformat(row["asked_at"])
                shared = row["token"] is not None
                yield Listed(row["id"], row["title"], at, row["count"], text, shared)

    def _found(
        self, db: sqlite3.Connection, id: str, wanted: Sequence[str], principal: Principal
    ) -> str | None:
        for row in _exchanges(db, id):
            question, headline = row["question"], row["headline"]
            if _has(question, wanted):
                return str(question)
            if _has(f"{question} {headline}", wanted) and self._exchange(row, principal).answer:
                return str(headline)
        return None

    def _read(
        self, found: sqlite3.Row, rows: list[sqlite3.Row], principal: Principal
    ) -> Conversation:
        return Conversation(
            found["id"],
            found["title"],
            datetime.fromisoformat(found["asked_at"]),
            tuple(self._exchange(row, principal) for row in rows),
            found["owner"] == principal.name,
            found["token"] is not None,
        )

    def _exchange(self, row: sqlite3.Row, principal: Principal) -> Exchange:
        question, at = row["question"], datetime.fromisoformat(row["asked_at"])
        try:
            kept = read_answer(row["answer"])
        except KeptError as exc:
            return Exchange(question, at, None, told=exc.message)
        seen = Seen(row["scope"], bool(row["filtered"]))
        answer = self._rights().open_to(kept, seen, principal)
        told = "" if answer else _HIDDEN
        return Exchange(question, at, answer, row["rows"] if answer else 0, told)


def _owner(db: sqlite3.Connection, id: str) -> str | None:
    found = db.execute("SELECT owner FROM conversation WHERE id = ?", (id,)).fetchone()
    return str(found[0]) if found else None


def _exchanges(db: sqlite3.Connection, id: str) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT * FROM exchange WHERE conversation = ? ORDER BY number", (id,)
    ).fetchall()


def _row(answer: Answer, seen: Seen, asked_at: str) -> dict[str, object]:
    return {
        "asked_at": asked_at,
        "question": answer.question,
        "headline": answer.headline,
        "scope": seen.scope,
        "filtered": int(seen.filtered),
        "rows": len(answer.result.rows) if answer.result else 0,
        "answer": answer_text(answer),
    }


def _append(db: sqlite3.Connection, id: str, row: dict[str, object]) -> None:
    (last,) = db.execute(
        "SELECT coalesce(max(number), 0) FROM exchange WHERE conversation = ?", (id,)
    ).fetchone()
    named = {"conversation": id, "number": last + 1, **row}
    marks = ", ".join("?" * len(named))
    db.execute(f"INSERT INTO exchange ({', '.join(named)}) VALUES ({marks})", tuple(named.values()))


def _has(text: str, wanted: Sequence[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in wanted)

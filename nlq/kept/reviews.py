"""The review queue: proposals of verified queries and answers called wrong go in; approved ones
come out as verified queries in the docs, and as eval cases.

Whoever approves is another person than whoever wrote the SQL, holds one of the roles that the
settings name, and sees every table that it reads. An answer called wrong stays in the audit log and
is shown from there until somebody corrects or rejects it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.errors import ReviewError
from nlq.kept.failing import failing
from nlq.kept.reported import reported
from nlq.kept.review_files import QueryFile, case_id, put_case, remove_case, same_question
from nlq.kept.review_rights import OPEN, ReviewRights
from nlq.kept.review_rules import check_dates, may_see, one_line, whole_names
from nlq.kept.review_store import ReviewStore
from nlq.kept.review_types import (
    Approved,
    FailingQuestion,
    ReviewItem,
    ReviewState,
    Steps,
    by_hand,
)
from nlq.log import AuditLog
from nlq.settings import ReviewSettings
from nlq.types import Principal, VerifiedQuery

if TYPE_CHECKING:
    from nlq.pipeline import Assistant


_MOST_NOTES = 4000
_OWN_SQL = "desk"
"""The interface of SQL that people wrote themselves, which is no question."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Checked:
    """A query that passed and ran."""

    sql: str
    tables: tuple[str, ...]
    rows: int


class Reviews:
    """The queue over one assistant; safe to use from several threads, processes and replicas."""

    def __init__(
        self,
        assistant: Assistant,
        audit: AuditLog,
        path: Path,
        settings: ReviewSettings,
        docs: Path | None,
        *,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """``docs`` is the folder that approved queries go to, None where there is none of ours."""
        self._assistant = assistant
        self._audit = audit
        self._store = ReviewStore(path)
        self._settings = settings
        self.rights = ReviewRights(assistant.policy, settings)
        self._file = QueryFile(docs, settings.verified)
        self._now = now

    def close(self) -> None:
        """Close the queue's file; safe to call twice."""
        self._store.close()

    def items(
        self, principal: Principal, states: tuple[ReviewState, ...] = OPEN
    ) -> tuple[ReviewItem, ...]:
        """What waits, or has the ``states``, the newest first.

        A reviewer sees everyone's, others their own; each only as far as they may see its tables.
        """
        stored = self._store.all()
        known = {item.id for item in stored}
        others = (item for item in (*self._reported(), *self._by_hand()) if item.id not in known)
        found = [
            item
            for item in (*stored, *others)
            if item.state in states and self._sees(item, principal)
        ]
        return tuple(sorted(found, key=lambda item: item.at, reverse=True))

    def item(self, id: str, principal: Principal) -> ReviewItem:
        """One of them; raises ``ReviewError`` in the same words for none and for a hidden one."""
        others = (*self._reported(), *self._by_hand())
        found = self._store.get(id) or next((item for item in others if item.id == id), None)
        if found is not None and self._sees(found, principal):
            return found
        raise ReviewError("There is nothing of that id that you may see.", hint="See the list.")

    def steps(self, item: ReviewItem, principal: Principal) -> Steps:
        """What the person may do with it."""
        return self.rights.steps(item, principal)

    def failing(self, principal: Principal, days: int | None = None) -> tuple[FailingQuestion, ...]:
        """Which questions fail most, for reviewers; only those about tables that they may see."""
        if not self.rights.reviews(principal):
            return ()
        visible = self._visible(principal)
        since = self._now() - timedelta(days=days or self._settings.days)
        return failing(
            record
            for record in self._audit.failed(since)
            if record.interface != _OWN_SQL and may_see(record.sql, record.tables_shown, visible)
        )

    def propose(
        self,
        question: str,
        sql: str,
        notes: str,
        principal: Principal,
        *,
        cancel: CancelToken | None = None,
    ) -> ReviewItem:
        """Put a query into the queue, once it has passed the guard and run as that person.

        Raises ``ReviewError``, ``Cancelled``, and what the guard and the engine raise.
        """
        text = one_line(question)
        checked = self._checked(text, sql, principal, cancel)
        waiting = (item for item in self._store.all() if item.state == "proposed")
        if any(same_question(item.question, text) for item in waiting):
            raise ReviewError(
                "A query for this question waits for review already.",
                hint="See the queue; whoever wrote it can change it there.",
            )
        self._check_not_elsewhere(text, self._visible(principal))
        item = ReviewItem(
            id=uuid.uuid4().hex[:12],
            kind="proposal",
            state="proposed",
            question=text,
            sql=checked.sql,
            by=principal.name,
            at=self._now(),
            notes=notes.strip()[:_MOST_NOTES],
            author=principal.name,
            author_roles=principal.roles,
            rows=checked.rows,
        )
        return self._store.put(item, 0)

    def correct(
        self,
        item: ReviewItem,
        question: str,
        sql: str,
        notes: str,
        principal: Principal,
        *,
        cancel: CancelToken | None = None,
    ) -> ReviewItem:
        """Change the question or the SQL of what waits: that person is its author from now on.

        ``item`` is as they saw it. Raises as ``propose`` does.
        """
        current = self._same(item, principal)
        if not self.steps(current, principal).correct:
            raise self.rights.not_yours("change")
        text = one_line(question)
        checked = self._checked(text, sql, principal, cancel)
        changed = replace(
            current,
            state="proposed",
            question=text,
            sql=checked.sql,
            notes=notes.strip()[:_MOST_NOTES],
            author=principal.name,
            author_roles=principal.roles,
            rows=checked.rows,
        )
        return self._store.put(changed, current.version)

    def approve(
        self, item: ReviewItem, principal: Principal, *, cancel: CancelToken | None = None
    ) -> Approved:
        """Write the query into the docs, and a correction into the suite too, where one is set.

        ``item`` is as the person saw it. Its SQL is guarded again under its author's rights, and
        run under the reviewer's. Raises as ``propose`` does.
        """
        current = self._same(item, principal)
        if why_not := self.rights.why_not(current, principal):
            raise ReviewError(why_not)
        if current.state != "proposed":
            raise ReviewError(
                f"It is {current.state}, so it cannot be approved.",
                hint="Only what was proposed and not decided can be.",
            )
        _ = self._file.path  # raises where it could not be written anyway
        author = Principal(current.author, current.author_roles)
        self._assistant.check(current.sql, author)
        checked = self._checked(current.question, current.sql, principal, cancel)
        self._check_not_elsewhere(current.question, self._assistant.catalog)
        query = VerifiedQuery(
            current.question,
            current.sql,
            verified_by=principal.name,
            verified_at=self._assistant.clock().today,
            tables=checked.tables,
        )
        suite = self._settings.suite if current.kind == "correction" else None
        case = case_id(current.question, current.answer_id) if suite else ""

        def write() -> None:
            if suite is not None:
                roles = current.author_roles
                put_case(suite, case, query.question, query.sql, roles, len(query.tables))
            self._file.put(query)

        decided = self._decided(current, "approved", "", principal)
        kept = self._store.put(replace(decided, case=case), current.version, write)
        return Approved(kept, self._told(suite))

    def reject(self, item: ReviewItem, reason: str, principal: Principal) -> ReviewItem:
        """Turn it down, or take back one's own; raises ``ReviewError``."""
        current = self._same(item, principal)
        if not self.steps(current, principal).reject:
            raise self.rights.not_yours("reject")
        decided = self._decided(current, "rejected", _reason(reason), principal)
        return self._store.put(decided, current.version)

    def retire(self, item: ReviewItem, reason: str, principal: Principal) -> Approved:
        """Take a verified query out of the docs, and its case out of the suite."""
        current = self._same(item, principal)
        if not self.steps(current, principal).retire:
            raise self.rights.not_yours("retire")
        decided = self._decided(current, "retired", _reason(reason), principal)
        removed: Path | None = None

        def write() -> None:
            nonlocal removed
            removed = self._file.remove(current.question)
            if current.case and self._settings.suite is not None:
                remove_case(self._settings.suite, current.case)

        kept = self._store.put(decided, current.version, write)
        told = (
            f"It was taken out of {removed.name}; commit that."
            if removed
            else "It was not in your docs any more."
        )
        return Approved(kept, (told, _NEXT_INDEX))

    def _checked(
        self, question: str, sql: str, principal: Principal, cancel: CancelToken | None
    ) -> _Checked:
        """The query, once it has passed under their rights and run."""
        check_dates(question, sql, self._assistant.clock())
        self._assistant.check(sql, principal)
        whole = whole_names(sql, self._visible(principal).tables)
        query = self._assistant.check(whole, principal)
        result = self._assistant.run_sql(whole, principal, cancel)
        return _Checked(whole, query.tables, len(result.rows))

    def _check_not_elsewhere(self, question: str, catalog: Catalog) -> None:
        """A question in another file of the docs would be there twice."""
        known = any(same_question(query.question, question) for query in catalog.verified)
        if not known:
            return
        with suppress(ReviewError):
            if self._file.has(question):
                return
        raise ReviewError(
            "There is a verified query for this question already.",
            hint="Word the question otherwise, or change it in the docs where it is written.",
        )

    def _same(self, item: ReviewItem, principal: Principal) -> ReviewItem:
        """The item as it is now, which must be as the person saw it."""
        current = self.item(item.id, principal)
        if current.version != item.version or current.sql != item.sql:
            raise ReviewError(
                "Somebody has changed this since you opened it.",
                hint="Open it again and look anew.",
            )
        return current

    def _decided(
        self, item: ReviewItem, state: ReviewState, reason: str, principal: Principal
    ) -> ReviewItem:
        return replace(
            item,
            state=state,
            reason=reason,
            decided_by=principal.name,
            decided_at=self._now(),
        )

    def _told(self, suite: Path | None) -> tuple[str, ...]:
        told = [f"The query stands in {self._file.path.name} of your docs; commit the file."]
        if suite is not None:
            told.append(f"The eval case stands in {suite.name}; commit that too.")
        return (*told, _NEXT_INDEX)

    def _reported(self) -> tuple[ReviewItem, ...]:
        since = self._now() - timedelta(days=self._settings.days)
        return reported(self._audit, since, self._assistant.check)

    def _by_hand(self) -> tuple[ReviewItem, ...]:
        """The verified queries of our docs that did not come by review, as approved ones."""
        decided = [i.question for i in self._store.all() if i.state in ("approved", "retired")]
        return tuple(
            by_hand(query)
            for query in self._in_the_docs
            if not any(same_question(query.question, question) for question in decided)
        )

    @cached_property
    def _in_the_docs(self) -> tuple[VerifiedQuery, ...]:
        """The verified queries that nlq was started with, as far as our folder of docs has them."""
        ours = [question for question, _ in self._file.all_of_the_docs()]
        return tuple(
            query
            for query in self._assistant.catalog.verified
            if any(same_question(query.question, question) for question in ours)
        )

    def _sees(self, item: ReviewItem, principal: Principal) -> bool:
        mine = principal.name in (item.by, item.author)
        may = mine or self.rights.reviews(principal)
        return may and may_see(item.sql, item.tables, self._visible(principal))

    def _visible(self, principal: Principal) -> Catalog:
        return self._assistant.policy.grants(principal).visible(self._assistant.catalog)


_NEXT_INDEX = "It counts from the next index on: run nlq index build, and start nlq anew."


def _reason(text: str) -> str:
    reason = text.strip()[:_MOST_NOTES]
    if not reason:
        raise ReviewError("Say why.", hint="One sentence is enough.")
    return reason

"""Pulling the engine's catalog: a server enters, what it tells is kept in a file.

First what is cheap (the columns of each schema), then the details of the tables that are new,
changed, or were looked at too long ago, within a number and a time. Of a table or schema that the
server fails on, what was known is kept. Only what the asking user may see is there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf
from pathlib import Path
from typing import TypeVar

from nlq.catalog.engine_look import Kind, Listed, Look, Server
from nlq.catalog.engine_store import KeptTable, read_tables, write_tables
from nlq.errors import EngineError, EngineUnavailable

OnProgress = Callable[[str, float | None], None]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class PullLimits:
    """What one pull may take.

    Details are asked again after ``older_than``; of at most ``tables`` tables and until ``seconds``
    are over (the rest is left for the next pull), ``at_once`` statements at a time, each for at
    most ``statement_seconds``.
    """

    older_than: timedelta = timedelta(hours=12)
    tables: int = 1_000
    seconds: float = 300.0
    statement_seconds: float = 60.0
    at_once: int = 4


@dataclass(frozen=True, slots=True)
class PullReport:
    """What a pull found: names of tables, and what the server failed on (a name and why).

    ``tables`` is how many are kept now, ``looked_at`` of how many the details were asked, and
    ``postponed`` of how many that is left for the next pull.
    """

    tables: int
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    looked_at: int = 0
    postponed: int = 0
    failed: tuple[tuple[str, str], ...] = ()


def pull(
    server: Server,
    path: Path,
    *,
    kind: Kind,
    user: str,
    catalogs: Sequence[str],
    now: datetime,
    limits: PullLimits | None = None,
    on_progress: OnProgress | None = None,
) -> PullReport:
    """Renew what ``path`` keeps of ``catalogs``, as ``user`` sees them at ``now`` (UTC).

    Tables of other catalogs stay as they are. Raises ``EngineError`` where the server told
    nothing at all, and ``CatalogError`` where the file cannot be read or written.
    """
    limits = limits or PullLimits()
    say = on_progress or (lambda _text, _share: None)
    look = Look(server, kind, user, limits.statement_seconds)
    known = read_tables(path)
    with ThreadPoolExecutor(limits.at_once, thread_name_prefix="nlq-pull") as pool:
        say("Reading the columns of every table", None)
        survey = _survey(look, pool, catalogs)
        tables = {name: table for name, table in known.items() if not survey.lacks(name)}
        tables |= {t.name: _renewed(known.get(t.name), t) for t in survey.tables.values()}
        seen_before = survey.tables.keys() & known.keys()
        changed = sorted(name for name in seen_before if tables[name] != known[name])
        failed = dict(survey.failed)
        due = _due([tables[name] for name in survey.tables], now - limits.older_than)
        chosen = {t.name: partial(look.details, t, now) for t in due[: limits.tables]}
        looked_at = 0
        try:
            for name, found in _answers(pool, chosen, time.monotonic() + limits.seconds):
                if isinstance(found, EngineError):
                    failed[name] = found
                    continue
                tables[name] = found
                looked_at += 1
                say(f"Looked at {name}", looked_at / len(chosen))
        finally:
            write_tables(path, tables)
    return PullReport(
        tables=len(tables),
        new=tuple(sorted(survey.tables.keys() - known.keys())),
        changed=tuple(changed),
        gone=tuple(sorted(known.keys() - tables.keys())),
        looked_at=looked_at,
        postponed=len(due) - looked_at - len(failed.keys() & survey.tables.keys()),
        failed=tuple((name, error.message) for name, error in sorted(failed.items())),
    )


@dataclass(slots=True)
class _Survey:
    """What the cheap look found: ``schemas`` maps each catalog that was read to its schemas."""

    tables: dict[str, Listed] = field(default_factory=dict)
    schemas: dict[str, tuple[str, ...]] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    failed: dict[str, EngineError] = field(default_factory=dict)

    def lacks(self, table: str) -> bool:
        """Whether the table is sure to be gone, or hidden from the user."""
        catalog, schema, _ = table.split(".", 2)
        if catalog not in self.schemas or table in self.tables:
            return False
        return schema not in self.schemas[catalog] or f"{catalog}.{schema}" in self.read


def _survey(look: Look, pool: ThreadPoolExecutor, catalogs: Sequence[str]) -> _Survey:
    survey = _Survey()
    for catalog, schemas in _answers(
        pool, {name: partial(look.schemas, name) for name in catalogs}
    ):
        if isinstance(schemas, EngineError):
            survey.failed[catalog] = schemas
        else:
            survey.schemas[catalog] = schemas
    questions = {
        f"{catalog}.{schema}": partial(look.tables, catalog, schema)
        for catalog, schemas in survey.schemas.items()
        for schema in schemas
    }
    for schema, tables in _answers(pool, questions):
        if isinstance(tables, EngineError):
            survey.failed[schema] = tables
        else:
            survey.read.add(schema)
            survey.tables |= {table.name: table for table in tables}
    if survey.failed and not survey.read:
        raise next(iter(survey.failed.values()))
    return survey


def _answers(
    pool: ThreadPoolExecutor, questions: Mapping[str, Callable[[], Answer]], until: float = inf
) -> Iterator[tuple[str, Answer | EngineError]]:
    """The answers as they come, or the errors.

    What was not asked by ``until`` (of ``time.monotonic``), or before the server was found to be
    unavailable, has none.
    """
    over = threading.Event()

    def ask(question: Callable[[], Answer]) -> Answer | EngineError | None:
        if over.is_set() or time.monotonic() >= until:
            return None
        try:
            return question()
        except EngineError as exc:
            if isinstance(exc, EngineUnavailable):
                over.set()
            return exc

    asked = {pool.submit(ask, question): name for name, question in questions.items()}
    try:
        for future in as_completed(asked):
            if (answer := future.result()) is not None:
                yield asked[future], answer
    finally:
        over.set()


def _renewed(known: KeptTable | None, listed: Listed) -> KeptTable:
    """What is known with what is listed now; its details are to be asked again if that differs."""
    if known is None:
        return KeptTable(listed.name, listed.columns, listed.comment or "")
    comment = known.comment if listed.comment is None else listed.comment
    renewed = replace(known, columns=listed.columns, comment=comment)
    return known if renewed == known else replace(renewed, looked_at=None)


def _due(tables: Sequence[KeptTable], oldest: datetime) -> list[KeptTable]:
    """The tables to look at, those first that were never looked at, then the oldest."""
    never = datetime.min.replace(tzinfo=UTC)
    last = {table.name: table.looked_at or never for table in tables}
    due = [table for table in tables if last[table.name] <= oldest]
    return sorted(due, key=lambda table: (last[table.name], table.name))

"""ops: what was asked of the assistant since it opened, and the tables that answers were read from.

The columns are those that ``nlq audit publish`` writes, so made-up and real questions lie together.
"""

from __future__ import annotations

import hashlib
from bisect import bisect
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Any, Final

import numpy as np

from nlq.audit.lake_table import QUERY_LOG, TABLE_READS
from nlq.sample.asked import HEAVY_TOPIC, TOPICS, Topic
from nlq.sample.calendar import stream
from nlq.sample.facts import HISTORY_END
from nlq.sample.happenings import ASSISTANT_OPENED, HEAVY_READER, HEAVY_WEEK
from nlq.sample.names import people as draw_people
from nlq.sample.writer import LakeWriter

_STAFF: Final = 44
_A_DAY: Final = (74, 82, 80, 77, 61, 9, 7)
"""Questions on a Monday to a Sunday, when the assistant is known to everyone."""

_HEAVY_A_DAY: Final = 4
"""Questions about the heavy topic on each day of the heavy reader's week."""

_ROLES: Final = {"executive": 0.25, "analyst": 0.52, "data_platform": 0.13, "sales_emea": 0.1}
_INTERFACES: Final = {"page": 0.78, "cli": 0.13, "api": 0.09}
_OUTCOMES: Final = {
    "answer": 0.79,
    "draft": 0.03,
    "clarification": 0.06,
    "refusal": 0.065,
    "error": 0.03,
    "cancelled": 0.02,
    "interrupted": 0.005,
}
_RULES: Final = {
    None: 0.34,  # nothing in the lake is about the question
    "policy": 0.26,
    "too-costly": 0.17,
    "partition-span": 0.1,
    "hidden-column": 0.08,
    "invented-value": 0.05,
}
_RATINGS: Final = {None: 0.86, "up": 0.115, "down": 0.025}
_SHARES: Final = {topic: topic.share for topic in TOPICS}

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    role: str


def write_queries(out: LakeWriter, seed: int) -> None:
    """Write ops.query_log and ops.table_reads, a file a day."""
    rng = stream(seed, "queries")
    staff = _staff(rng)
    day = ASSISTANT_OPENED
    while day < HISTORY_END:
        log = _asked_on(rng, day, staff)
        reads = [row for question in log for row in _reads(question)]
        for table, columns, rows in (
            ("ops.query_log", QUERY_LOG, log),
            ("ops.table_reads", TABLE_READS, reads),
        ):
            out.write(table, {name: [row[name] for row in rows] for name in columns}, 0, str(day))
        day += timedelta(1)


def _staff(rng: np.random.Generator) -> list[_Person]:
    """The heavy reader first; nobody is there twice."""
    drawn = (f"{given}.{family}".lower() for given, family in draw_people(rng, 2 * _STAFF))
    names = dict.fromkeys([HEAVY_READER, *drawn])
    people = [_Person(name, _pick(rng, _ROLES)) for name in list(names)[:_STAFF]]
    return [_Person(HEAVY_READER, "analyst"), *people[1:]]


def _asked_on(rng: np.random.Generator, day: date, staff: list[_Person]) -> list[Row]:
    known = 0.7 + 0.5 * (day - ASSISTANT_OPENED) / (HISTORY_END - ASSISTANT_OPENED)
    rows = []
    for _ in range(1 + rng.poisson(_A_DAY[day.weekday()] * known)):
        person = staff[int(len(staff) * rng.random() ** 2)]
        rows.append(_question(rng, day, person, _pick(rng, _SHARES), _pick(rng, _OUTCOMES)))
    if HEAVY_WEEK[0] <= day <= HEAVY_WEEK[1]:
        rows += [_question(rng, day, staff[0], HEAVY_TOPIC, "answer") for _ in range(_HEAVY_A_DAY)]
    return sorted(rows, key=lambda row: str(row["asked_at"]))


def _question(
    rng: np.random.Generator, day: date, person: _Person, topic: Topic, outcome: str
) -> Row:
    second = int(min(max(rng.normal(48_600, 10_800), 0), 80_000))
    asked_at = datetime.combine(day, time(), UTC) + timedelta(seconds=second)
    guarded = outcome in ("answer", "draft", "error")
    ran = outcome == "answer"
    sql = " ".join(topic.sql.format(day=day, month=day.replace(day=1)).split())
    size = int(topic.read_bytes * rng.uniform(0.85, 1.15))
    cached = ran and topic.governed and rng.random() < 0.12
    wrote = guarded and not topic.governed
    retrieve = rng.uniform(0.04, 0.2)
    draft = float(rng.lognormal(1.7, 0.4)) if wrote else rng.uniform(0.01, 0.05)
    run = 0.001 if cached else float(rng.lognormal(-0.5, 0.5)) + topic.read_bytes / 2e6
    number = int(rng.integers(1, 99_999))
    return {
        "question_id": f"{int(rng.integers(0, 16**12)):012x}",
        "asked_at": asked_at.replace(tzinfo=None),
        "principal": person.name,
        "roles": person.role,
        "interface": _pick(rng, _INTERFACES),
        "question_text": topic.question,
        "outcome": outcome,
        "refusal_rule": _pick(rng, _RULES) if outcome == "refusal" else None,
        "tables_read": ", ".join(topic.tables) if guarded else None,
        "engine": _cluster(person) if ran else None,
        "query_id": f"{asked_at:%Y%m%d_%H%M%S}_{number:05d}_nlq01" if ran and not cached else None,
        "sql_text": sql if guarded else None,
        "fingerprint": hashlib.sha256(sql.encode()).hexdigest()[:16] if guarded else None,
        "cached": cached,
        "estimated_bytes": int(size * rng.uniform(1.0, 1.4)) if guarded else None,
        "read_bytes": (0 if cached else size) if ran else None,
        "result_rows": topic.rows if ran else None,
        "result_bytes": topic.rows * 40 if ran else None,
        "total_seconds": None if outcome == "interrupted" else retrieve + draft + run * ran,
        "retrieve_seconds": None if outcome == "interrupted" else retrieve,
        "draft_seconds": None if outcome == "interrupted" else draft,
        "run_seconds": run if ran else None,
        "tokens_read": int(rng.integers(700, 1_100)) if wrote else 0,
        "tokens_written": len(sql) // 4 if wrote else 0,
        "repairs": int(rng.random() < 0.15) if wrote else 0,
        "rating": _pick(rng, _RATINGS) if ran else None,
    }


def _reads(question: Row) -> list[Row]:
    """A row for each table that an answer was read from."""
    if question["result_rows"] is None:
        return []
    tables = str(question["tables_read"]).split(", ")
    shared = {name: question[name] for name in TABLE_READS if name != "table_name"}
    return [{**shared, "table_name": table} for table in tables]


def _cluster(person: _Person) -> str:
    return "presto:executive" if person.role == "executive" else "presto:analyst"


def _pick(rng: np.random.Generator, shares: dict[Any, float]) -> Any:
    upto = list(accumulate(shares.values()))
    return list(shares)[bisect(upto, rng.random() * upto[-1])]

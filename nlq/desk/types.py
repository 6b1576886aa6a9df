"""The values that the drafting desk gives: frozen, typed, with words for people in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nlq.types import Estimate, JoinEdge, TableDoc, TableState

Clause = Literal[
    "with", "select", "column", "from", "join", "where", "group", "having", "window", "order",
    "limit", "offset", "set", "end",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """Some lines of the laid out query and what they do.

    The ``sql`` of all of them, joined by line breaks, is the whole query. ``words`` is a sentence;
    it is empty only for ``"end"``, the bracket that closes a nested query. ``depth`` counts the
    queries around it.
    """

    sql: str
    words: str
    clause: Clause
    depth: int = 0


Verdict = Literal["passed", "refused", "not reached"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What one rule of the guard decided, by the rule's stable name; ``hint`` is what to do."""

    rule: str
    verdict: Verdict
    words: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class GuardChange:
    """One thing that the guard changed (``"limited to 1,000 rows"``), and why it does so."""

    words: str
    why: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Every decision of the guard on a query; ``sql`` is what would be sent, empty if refused.

    ``headline`` says in one sentence what came of it, ``hint`` what to do about a refusal. ``rule``
    is the one that refused, else empty. ``row_limit`` is the most rows that can come.
    """

    allowed: bool
    headline: str
    hint: str
    rule: str
    decisions: tuple[Decision, ...]
    sql: str = ""
    changes: tuple[GuardChange, ...] = ()
    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    row_limit: int | None = None


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One number of an estimate beside the policy's limit on it, each in words.

    ``limit`` is empty where the policy sets none. ``within`` is None where either is unknown.
    """

    name: str
    value: str
    limit: str
    within: bool | None


CostVerdict = Literal["runs", "asks first", "too costly", "unknown"]


@dataclass(frozen=True, slots=True)
class EstimateReport:
    """What a query would read, and what that means under the policy.

    ``headline`` is a sentence; ``narrow`` says how to read less, where something can be said.
    """

    estimate: Estimate
    verdict: CostVerdict
    headline: str
    lines: tuple[LimitLine, ...]
    narrow: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One rewrite of a whole query. With ``exact`` it gives the same result.

    ``reason`` says why it helps, ``changes`` what is another result then (empty when exact).
    """

    name: str
    reason: str
    sql: str
    exact: bool
    changes: str = ""


FixSource = Literal["catalog", "model", "none"]


@dataclass(frozen=True, slots=True)
class FixedSql:
    """A query that passes the guard again, what was changed, and by which means.

    With ``source`` ``"none"`` nothing helped: ``sql`` is as it was, ``problem`` and ``hint`` say
    what is still wrong. An empty ``changes`` beside another source cannot be.
    """

    sql: str
    source: FixSource
    changes: tuple[str, ...] = ()
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Translated:
    """Presto SQL made of another dialect's.

    ``lost`` says what could not be carried over, ``notes`` what reads differently on Presto: a
    person must look at both. Without them the translation is whole.
    """

    sql: str
    source_dialect: str
    lost: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of two versions; line numbers count from 1 and are None where it is not there."""

    kind: Literal["added", "removed", "same"]
    text: str
    before: int | None
    after: int | None


CompletionKind = Literal["table", "alias", "column", "function", "keyword", "value"]


@dataclass(frozen=True, slots=True)
class Completion:
    """A text that may stand from ``start`` to the cursor, at ``end``.

    ``detail`` is short (a type, a table's name), ``words`` a sentence of the docs.
    """

    text: str
    kind: CompletionKind
    start: int
    end: int
    detail: str = ""
    words: str = ""


LineageBasis = Literal["docs", "joins", "verified queries", "asked questions"]


@dataclass(frozen=True, slots=True)
class LineageEdge:
    """Two tables that belong together, and what says so.

    ``upstream`` feeds ``downstream``. With ``directed`` False it is only known that they are used
    together, not which is made of which.
    """

    upstream: str
    downstream: str
    basis: LineageBasis
    words: str
    directed: bool = False


@dataclass(frozen=True, slots=True)
class TableUse:
    """Who asked of a table over the last ``days`` days, as far as the audit log knows.

    ``names`` (person, questions) are given only to those who may see them: ``names_shown`` says so.
    ``people`` and ``questions`` are for everyone; None where this log cannot be read.
    """

    days: int
    people: int | None
    questions: int | None
    names_shown: bool
    names: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TablePage:
    """All that is known of one table, as far as the person may see it.

    ``doc`` has its columns, keys, partitions, checks and joins, ``state`` owners and freshness.
    ``lineage_note`` says what the lineage is and is not. ``hidden_columns`` counts those that the
    policy keeps back.
    """

    doc: TableDoc
    state: TableState
    joins: tuple[JoinEdge, ...]
    lineage: tuple[LineageEdge, ...]
    lineage_note: str
    use: TableUse
    hidden_columns: int = 0
    row_filters: tuple[str, ...] = ()

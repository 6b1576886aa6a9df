"""The values that pass between stages: frozen, typed, and all in one place.

``Question -> Context -> Draft -> GuardedQuery -> Estimate -> QueryResult -> Answer``

Table names are always whole and lower case, ``catalog.schema.table``; column types are Presto type
names (``bigint``, ``varchar``, ``timestamp(3) with time zone``). Sizes are bytes, times seconds,
dates ``datetime.date``; a range of dates includes its start and excludes its end.
``GuardedQuery`` alone lives elsewhere, beside the guard that makes it: ``nlq.sql.guarded``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

# --- who asks, and when -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks; ``roles`` are looked up in the policy, ``name`` is what the engine is told."""

    name: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """The fixed moment that relative time words refer to (an input, never read inside a stage).

    ``fiscal_start_month`` is 1 for a fiscal year that is the calendar year. ``week_starts`` is the
    ISO weekday (1 is Monday).

    >>> Clock(datetime(2026, 6, 30, 9), ZoneInfo("UTC")).today
    datetime.date(2026, 6, 30)
    """

    now: datetime
    zone: ZoneInfo
    fiscal_start_month: int = 1
    week_starts: int = 1

    @property
    def today(self) -> date:
        """The local date of ``now``."""
        return self.now.date()


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question of a conversation and what became of it.

    ``standalone`` is the question with everything that it took over from earlier turns written
    out; ``plan`` is the governed choice behind ``sql``, where there was one; ``options`` are those
    to choose from; ``readings`` is the SQL of each, where they are drafts that disagree.
    """

    question: str
    standalone: str
    sql: str = ""
    headline: str = ""
    plan: MetricPlan | None = None
    options: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A question as asked. ``conversation`` has the earlier turns, oldest first.

    ``notes`` is what whoever asks adds about how it is to be computed.
    """

    id: str
    text: str
    principal: Principal
    clock: Clock
    conversation: tuple[Turn, ...] = ()
    conversation_id: str = ""
    notes: str = ""


# --- what the catalog knows ---------------------------------------------------------------------

Certification = Literal["certified", "none", "staging", "deprecated"]
CheckStatus = Literal["pass", "fail", "unknown"]
Cardinality = Literal["many_to_one", "one_to_many", "one_to_one", "many_to_many"]


@dataclass(frozen=True, slots=True)
class ValueDoc:
    """One value that a column holds, what it means, and other words for it."""

    value: str
    meaning: str = ""
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnDoc:
    """One column. ``tags`` may hold ``"pii"``; ``unit`` reads like ``"USD cents"`` or ``"UTC"``."""

    name: str
    type: str
    description: str = ""
    tags: tuple[str, ...] = ()
    unit: str = ""
    values: tuple[ValueDoc, ...] = ()
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Freshness:
    """How new a table's data is and was promised to be.

    ``updated_at`` is when data last landed (UTC, None when unknown), ``sla_hours`` how old it may
    be, ``complete_through`` the last whole day of data.
    """

    updated_at: datetime | None = None
    sla_hours: float | None = None
    complete_through: date | None = None

    def late_by_hours(self, now: datetime) -> float | None:
        """Hours past the promise at ``now`` (UTC); 0.0 when in time, None when unknown."""
        if self.updated_at is None or self.sla_hours is None:
            return None
        age = (now - self.updated_at).total_seconds() / 3600
        return max(0.0, age - self.sla_hours)


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """One automated check on a table and how it last went."""

    name: str
    status: CheckStatus
    checked_at: datetime | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class JoinEdge:
    """How two tables join: equal columns, in order, and how many rows meet how many."""

    left: str
    left_columns: tuple[str, ...]
    right: str
    right_columns: tuple[str, ...]
    cardinality: Cardinality = "many_to_one"

    def reversed(self) -> JoinEdge:
        """The same join seen from the other side."""
        turned: dict[Cardinality, Cardinality] = {
            "many_to_one": "one_to_many",
            "one_to_many": "many_to_one",
            "one_to_one": "one_to_one",
            "many_to_many": "many_to_many",
        }
        return JoinEdge(
            self.right,
            self.right_columns,
            self.left,
            self.left_columns,
            turned[self.cardinality],
        )


@dataclass(frozen=True, slots=True)
class TableDoc:
    """Everything known about one table.

    ``name`` is whole: ``catalog.schema.table``. ``grain`` says what one row is. ``partitioned_by``
    names columns; with ``partition_filter_required`` a query must restrict one of them.
    ``time_column`` is the one that "last month" means for this table.
    """

    name: str
    columns: tuple[ColumnDoc, ...]
    description: str = ""
    grain: str = ""
    primary_key: tuple[str, ...] = ()
    partitioned_by: tuple[str, ...] = ()
    partition_filter_required: bool = False
    time_column: str = ""
    owner_business: str = ""
    owner_technical: str = ""
    certification: Certification = "none"
    replaced_by: str = ""
    freshness: Freshness = field(default_factory=Freshness)
    checks: tuple[QualityCheck, ...] = ()
    joins: tuple[JoinEdge, ...] = ()
    synonyms: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    row_count: int | None = None
    size_bytes: int | None = None

    def column(self, name: str) -> ColumnDoc | None:
        """The column of that name, whatever its case, or None."""
        lowered = name.lower()
        return next((c for c in self.columns if c.name.lower() == lowered), None)

    @property
    def short_name(self) -> str:
        """``schema.table``."""
        return self.name.split(".", 1)[1]


@dataclass(frozen=True, slots=True)
class DimensionDoc:
    """Something metrics can be split or filtered by: one column of one table.

    ``expression``, where given, is used instead of the bare column (Presto SQL, unqualified
    columns of ``table``).
    """

    name: str
    label: str
    table: str
    column: str
    description: str = ""
    synonyms: tuple[str, ...] = ()
    expression: str = ""


MetricKind = Literal["simple", "derived", "retention"]
MetricUnit = Literal["usd", "percent", "count", "number", "seconds", "days"]


@dataclass(frozen=True, slots=True)
class MetricDoc:
    """One governed calculation: in words, and in SQL that is the same for everyone.

    * ``simple``: ``expression`` aggregates columns of ``table`` (``sum(amount_cents) / 100.0``,
      also a ratio of two aggregates), restricted by ``filters``.
    * ``derived``: ``expression`` combines other metrics by name (``revenue - cost_of_goods``);
      ``inputs`` names them. Each is computed on its own and joined on the dimensions.
    * ``retention``: ``inputs`` is one metric; the value in a period of those ``entity`` (a
      dimension's name) that had it one ``lag_months`` earlier, over the value back then.

    ``time_column`` is a date or timestamp column of ``table``. ``dimensions`` names those that the
    metric may be split by. A percent is given as a ratio (0.97), shown as 97 %.
    """

    name: str
    label: str
    description: str
    kind: MetricKind = "simple"
    table: str = ""
    time_column: str = ""
    expression: str = ""
    filters: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    entity: str = ""
    lag_months: int = 12
    dimensions: tuple[str, ...] = ()
    unit: MetricUnit = "number"
    synonyms: tuple[str, ...] = ()
    owner: str = ""
    certification: Certification = "certified"
    higher_is_better: bool | None = None


@dataclass(frozen=True, slots=True)
class VerifiedQuery:
    """A question with SQL that a person has checked. Dates in it are literal."""

    question: str
    sql: str
    verified_by: str = ""
    verified_at: date | None = None
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AmbiguousTerm:
    """A word that means several things in this company, and what to offer instead of guessing.

    ``terms`` are the words as people say them; ``options`` are whole replacements for the word
    (``"recognised revenue"``); ``unless`` are words that settle it when they are in the question.
    """

    terms: tuple[str, ...]
    question: str
    options: tuple[str, ...]
    unless: tuple[str, ...] = ()


# --- retrieve -----------------------------------------------------------------------------------

Grain = Literal["hour", "day", "week", "month", "quarter", "year"]
Comparison = Literal["previous_period", "previous_year"]


@dataclass(frozen=True, slots=True)
class DateRange:
    """A stretch of time that the question's ``phrase`` stands for: ``start <= t < end``."""

    phrase: str
    start: date
    end: date
    label: str = ""


@dataclass(frozen=True, slots=True)
class TimeReading:
    """What the question says about time, resolved against the clock.

    ``ranges`` in the order mentioned (two for "from Q1 last year to Q2 this year" become one whole
    range). ``grain`` is the step of "by month", ``comparison`` that of "year over year".
    ``notes`` are assumptions to tell the person ("'last quarter' is read as ...").
    """

    ranges: tuple[DateRange, ...] = ()
    grain: Grain | None = None
    comparison: Comparison | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueLink:
    """A phrase of the question found among a column's values."""

    phrase: str
    table: str
    column: str
    value: str
    meaning: str = ""
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class TableHit:
    """A table that may help, and how well it matched (higher is better, 0 to 1)."""

    table: TableDoc
    score: float
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MetricHit:
    """A metric that may be meant. ``phrase`` is the wording in the question that named it."""

    metric: MetricDoc
    score: float
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class DimensionHit:
    """A dimension that may be meant. ``phrase`` is the wording in the question that named it."""

    dimension: DimensionDoc
    score: float
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class VerifiedHit:
    """A verified query like the question; ``score`` is the similarity of the masked texts."""

    query: VerifiedQuery
    score: float


@dataclass(frozen=True, slots=True)
class Context:
    """All that a draft may use: only what the principal may see, best first.

    ``standalone`` is the question with what it takes over from the conversation written out;
    ``continues`` is the turn that it continues. ``joins`` repeat no row of the best table;
    ``detours`` lead to the other tables where those do not, over ``bridges``. ``rules`` are the
    glossary's entries about it. ``restricted`` says that something better matching exists that
    the principal may not see. ``unmatched`` are content words of the question that nothing in the
    catalog explains. ``text`` is the packed form of it for a prompt, of ``tokens`` tokens.
    ``lake`` has the docs of all visible tables, where they are few: the same text for every
    question of the same rights, which a model need not read again. It is empty for a large lake.
    ``chosen`` is the SQL of the reading that the person chose, where drafts had disagreed.
    """

    question: Question
    standalone: str
    continues: Turn | None = None
    tables: tuple[TableHit, ...] = ()
    joins: tuple[JoinEdge, ...] = ()
    bridges: tuple[TableHit, ...] = ()
    detours: tuple[JoinEdge, ...] = ()
    metrics: tuple[MetricHit, ...] = ()
    dimensions: tuple[DimensionHit, ...] = ()
    verified: tuple[VerifiedHit, ...] = ()
    values: tuple[ValueLink, ...] = ()
    time: TimeReading = field(default_factory=TimeReading)
    ambiguous: tuple[AmbiguousTerm, ...] = ()
    rules: tuple[str, ...] = ()
    restricted: bool = False
    unmatched: tuple[str, ...] = ()
    text: str = ""
    tokens: int = 0
    lake: str = ""
    chosen: str = ""


# --- draft --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlanFilter:
    """A dimension restricted to some values, or kept from them."""

    dimension: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class MetricPlan:
    """A choice among governed metrics and dimensions, from which SQL is compiled.

    ``start``/``end`` bound the time (end excluded, None is unbounded); ``grain`` makes a series;
    ``comparison`` puts each value beside that of a year or a period before; ``top`` keeps the
    first rows by the first metric, ``ascending`` turns that around. With ``share`` the first
    metric's share is asked for: that of the ``part`` (filters on top of ``filters``) in the whole,
    or without a part that of each row in the total. ``known_only`` leaves out rows in which a
    dimension is null.
    """

    metrics: tuple[str, ...]
    dimensions: tuple[str, ...] = ()
    filters: tuple[PlanFilter, ...] = ()
    start: date | None = None
    end: date | None = None
    grain: Grain | None = None
    comparison: Comparison | None = None
    top: int | None = None
    ascending: bool = False
    share: bool = False
    part: tuple[PlanFilter, ...] = ()
    known_only: bool = False


@dataclass(frozen=True, slots=True)
class TokenUse:
    """Tokens read and written by the model, over all calls of one question."""

    read: int = 0
    written: int = 0
    calls: int = 0

    def __add__(self, other: TokenUse) -> TokenUse:
        return TokenUse(
            self.read + other.read, self.written + other.written, self.calls + other.calls
        )


DraftSource = Literal["metric", "verified", "model", "chosen"]
"""``chosen`` is a model's draft that the person chose among several."""


@dataclass(frozen=True, slots=True)
class SqlDraft:
    """SQL to be guarded, and where it came from; ``prompts`` are name@version of those used.

    ``doubt`` is how unsure the model was while it wrote (0 is not at all, None is not known).
    ``invented`` are the names that it read and no table has, before they were mended; only looked
    for where the question has words that no doc explains. ``lost`` are amounts, counts and quoted
    texts of the question that the SQL has in no form. ``to_confirm`` says that the data may well
    lack what is asked: nobody gets a number before saying that the draft is what they mean.
    """

    sql: str
    source: DraftSource
    plan: MetricPlan | None = None
    assumptions: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    tokens: TokenUse = field(default_factory=TokenUse)
    doubt: float | None = None
    invented: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    to_confirm: bool = False


@dataclass(frozen=True, slots=True)
class Clarification:
    """A question back, with readings to choose from.

    Each option is a whole question to ask instead, or tells in words what ``readings``, the SQL of
    drafts that disagree, compute.
    """

    question: str
    options: tuple[str, ...]
    readings: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    tokens: TokenUse = field(default_factory=TokenUse)


RefusalCause = Literal["unanswerable", "forbidden"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why this question gets no SQL, in words for a person."""

    cause: RefusalCause
    reason: str
    prompts: tuple[str, ...] = ()
    tokens: TokenUse = field(default_factory=TokenUse)


Draft = SqlDraft | Clarification | Refusal


@dataclass(frozen=True, slots=True)
class Rejection:
    """A draft that the guard or the engine turned down, and why; goes back for repair."""

    sql: str
    reason: str
    hint: str = ""


# --- estimate, run ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a query would read; None is unknown, never zero."""

    rows: int | None = None
    size_bytes: int | None = None
    partitions: int | None = None


@dataclass(frozen=True, slots=True)
class RunLimits:
    """What a run may take: seconds, rows, and bytes of result kept in memory.

    ``read_bytes`` is the most that the engine may read for it; None is unlimited.
    """

    seconds: float = 60.0
    rows: int = 10_000
    size_bytes: int = 50_000_000
    read_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A result's column and its Presto type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Rows as plain Python values.

    Values: ``int``, ``float``, ``decimal.Decimal``, ``str``, ``bool``, ``bytes``, ``date``,
    ``datetime`` (aware for zoned types), ``time``, ``timedelta``, ``list``, ``dict``, ``None``.
    ``truncated`` says that a limit cut the rows off. ``size_bytes`` is that of the values.
    ``read_bytes`` are what the engine read for it, None where it does not tell. ``computed_at`` is
    when a result that was kept from an earlier question was computed (UTC), None for a new one;
    ``unchanged`` says that no data it reads has changed since, False where that cannot be told.
    """

    columns: tuple[ResultColumn, ...]
    rows: tuple[tuple[object, ...], ...]
    truncated: bool = False
    size_bytes: int = 0
    seconds: float = 0.0
    engine: str = ""
    query_id: str = ""
    read_bytes: int | None = None
    computed_at: datetime | None = None
    unchanged: bool = False


# --- answer -------------------------------------------------------------------------------------

ChartKind = Literal["line", "bar", "grouped_bar", "number"]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart chosen by rule. ``x``, ``y`` and ``series`` name result columns.

    ``y`` may have several; ``series`` names the column whose values split one ``y`` into several
    lines or bars.
    """

    kind: ChartKind
    title: str
    x: str = ""
    y: tuple[str, ...] = ()
    series: str = ""
    unit: MetricUnit = "number"


@dataclass(frozen=True, slots=True)
class TableState:
    """What a person should know of a table that the answer rests on."""

    name: str
    description: str
    certification: Certification
    owner_business: str
    owner_technical: str
    updated_at: datetime | None
    sla_hours: float | None
    late_by_hours: float | None
    complete_through: date | None
    failing_checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """A governed metric that the answer shows, in words."""

    label: str
    description: str
    owner: str


InDoubt = Literal["by_role", "ask", "warn", "refuse"]
"""Where drafts disagree: ask back which is meant, answer with a warning, or refuse.

``by_role`` asks executives, who would not look at the query, and warns everyone else."""


AnswerKind = Literal["answer", "draft", "clarification", "refusal", "error", "cancelled"]


Confidence = Literal["sure", "agreed", "alone"]
"""The model was sure of its query; it was not, and another draft came to the same result; it was
not, and none did. docs/accuracy.md has how often each was right."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person gets. Every number in ``headline`` and ``how`` stands in the result or the SQL.

    ``kind`` is ``"draft"`` for SQL that was guarded and not run. ``headline`` is always a whole
    sentence, also for a refusal or an error (with ``hint`` saying what to do next). ``units``
    maps result columns to the unit they are shown in, ``labels`` to their headings. ``plan`` is
    the governed choice behind the SQL, where there is one. ``options`` belong to a
    clarification, or are other readings of a question whose drafts disagree; then ``readings`` has
    the SQL of each. ``suggestions`` are follow-up questions. ``turn`` is what the next
    question of the conversation needs. ``rule`` is that of a refusal by the guard. ``may_confirm``
    says that it was not run for its cost, and that the same question asked with ``confirmed`` is.
    ``confidence`` says how sure a model's query is; None where rules wrote it or nobody can tell.
    ``columns`` (``table.column``) are those that the SQL reads. ``limited`` says that the guard's
    limit, which the question did not ask for, may have cut rows off.
    """

    id: str
    question: str
    kind: AnswerKind
    headline: str
    hint: str = ""
    rule: str = ""
    sql: str = ""
    source: DraftSource | None = None
    plan: MetricPlan | None = None
    result: QueryResult | None = None
    units: tuple[tuple[str, MetricUnit], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    chart: Chart | None = None
    how: tuple[str, ...] = ()
    definitions: tuple[Definition, ...] = ()
    tables: tuple[TableState, ...] = ()
    assumptions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    tokens: TokenUse = field(default_factory=TokenUse)
    timings: tuple[tuple[str, float], ...] = ()
    repairs: int = 0
    turn: Turn | None = None
    as_of: datetime | None = None
    may_confirm: bool = False
    confidence: Confidence | None = None
    columns: tuple[str, ...] = ()
    limited: bool = False


# --- events -------------------------------------------------------------------------------------

Stage = Literal["retrieve", "draft", "guard", "estimate", "run", "explain"]


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage begins; ``text`` says in plain words what is being done."""

    stage: Stage
    text: str


@dataclass(frozen=True, slots=True)
class StageFinished:
    """A stage ended after ``seconds``; ``text`` says what came of it."""

    stage: Stage
    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Something to show while a stage works: a share from 0 to 1, or None where unknown."""

    stage: Stage
    text: str
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of every stream."""

    answer: Answer


Event = StageStarted | StageFinished | Progress | Finished

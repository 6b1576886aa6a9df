"""What responses hold: the library's values in their JSON form (``nlq.cli.as_json``), described.

The models here are for the description alone; a test holds them to what is sent.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from nlq.types import (
    AnswerKind,
    Certification,
    ChartKind,
    Confidence,
    DraftSource,
    MetricUnit,
    Stage,
)


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ColumnReply(_Reply):
    """A column of a result."""

    name: str
    type: str = Field(description="Its Presto type.")


class ResultReply(_Reply):
    """Rows of a result: one page of it."""

    columns: list[ColumnReply]
    rows: list[list[Any]] = Field(
        description="Arrays of values. Exact decimals are text, dates and times ISO 8601, bytes "
        "base64, time spans seconds."
    )
    offset: int = Field(description="Rows before this page.")
    row_count: int = Field(description="Rows of the whole result.")
    next_offset: int | None = Field(description="Where the next page begins; null: there is none.")
    truncated: bool = Field(description="A limit cut the whole result off.")
    size_bytes: int = Field(description="Size of the whole result.")
    seconds: float = Field(description="How long the query ran.")
    engine: str = Field(description="Where it ran.")
    query_id: str = Field(description="The engine's name for it.")
    read_bytes: int | None = Field(description="What the engine read; null: not known.")
    computed_at: str | None = Field(description="When a result that was kept was computed.")
    unchanged: bool = Field(description="A kept result: no data it reads has changed since.")


class ChartReply(_Reply):
    """A chart that suits the result."""

    kind: ChartKind
    title: str
    x: str
    y: list[str]
    series: str
    unit: MetricUnit


class DefinitionReply(_Reply):
    """A governed metric of the answer."""

    label: str
    description: str
    owner: str


class TableReply(_Reply):
    """The state of a table that the answer rests on."""

    name: str
    description: str
    certification: Certification
    owner_business: str
    owner_technical: str
    updated_at: str | None
    sla_hours: float | None
    late_by_hours: float | None
    complete_through: str | None
    failing_checks: list[str]


class TokensReply(_Reply):
    """Tokens that the model read and wrote, and its calls."""

    read: int
    written: int
    calls: int


class AnswerReply(_Reply):
    """An answer, with the first page of its result; `kind` says what came of the question."""

    id: str = Field(description="Its id, for its result, feedback and the audit log.")
    question: str
    kind: AnswerKind = Field(
        description="`clarification`: choose one of `options` and ask that. `refusal`: the lake "
        "cannot answer, or you may not see it. `error`: `hint` says what to do."
    )
    headline: str = Field(description="The answer as a sentence.")
    hint: str
    rule: str = Field(description="The guard's rule behind a refusal.")
    sql: str = Field(description="The checked Presto SQL.")
    source: DraftSource | None = Field(description="What wrote it.")
    plan: dict[str, Any] | None = Field(description="The governed metrics that it was made of.")
    result: ResultReply | None
    units: list[tuple[str, MetricUnit]] = Field(description="Units by column.")
    labels: list[tuple[str, str]] = Field(description="Headings by column.")
    chart: ChartReply | None
    how: list[str] = Field(description="How it was computed, step by step.")
    definitions: list[DefinitionReply]
    tables: list[TableReply]
    assumptions: list[str]
    warnings: list[str]
    options: list[str] = Field(
        description="Whole questions to choose from, or readings of this one in words."
    )
    readings: list[str] = Field(description="The SQL of each option that is a reading.")
    suggestions: list[str] = Field(description="Questions that may come next.")
    tokens: TokensReply
    timings: list[tuple[str, float]] = Field(description="Seconds by stage.")
    repairs: int
    as_of: str | None
    may_confirm: bool = Field(description="Not run for its cost; it is with `confirmed`.")
    confidence: Confidence | None
    columns: list[str] = Field(description="Columns that the SQL reads.")
    limited: bool = Field(description="The guard's own limit may have cut rows off.")


class AskedReply(_Reply):
    """An answer, and what to go on from it with."""

    question_id: str
    conversation_id: str = Field(description="Send it with the next question to go on.")
    earlier_turns: int = Field(description="Turns of the conversation that were taken up.")
    answer: AnswerReply
    not_kept: str = Field(
        "", description="Why the answer does not stand in a conversation that is kept."
    )


class ExchangeReply(_Reply):
    """A question of a conversation and its answer, by the rights of now."""

    question: str
    asked_at: str
    answer: AnswerReply | None = Field(description="With the rows that are kept of its result.")
    rows: int = Field(description="Rows of the whole result.")
    told: str = Field(description="Why there is no answer to see.")


class ConversationReply(_Reply):
    """A conversation that is kept, oldest question first."""

    id: str
    title: str
    asked_at: str = Field(description="When the last question was asked.")
    mine: bool = Field(description="Yours; else it is one that was shared with you.")
    shared: bool = Field(description="It has a link.")
    exchanges: list[ExchangeReply]


class ListedReply(_Reply):
    """A conversation in a list."""

    id: str
    title: str
    asked_at: str = Field(description="When the last question was asked.")
    count: int = Field(description="How many questions it has.")
    found: str = Field(description="The text that has the words searched for.")
    shared: bool = Field(description="It has a link.")


class ListReply(_Reply):
    """Conversations of yours, the last asked first."""

    conversations: list[ListedReply]


class LinkReply(_Reply):
    """A conversation's link."""

    token: str = Field(description="For `GET /api/v1/shared/{token}`.")
    link: str = Field(description="On the page; to be put after this server's address.")


class StageStartedEvent(_Reply):
    """Event `stage_started`: a stage begins."""

    stage: Stage
    text: str = Field(examples=["Writing the query"])


class StageFinishedEvent(_Reply):
    """Event `stage_finished`: a stage ended, after so many seconds, with this."""

    stage: Stage
    seconds: float
    text: str = Field(examples=["Drafted by the model"])


class ProgressEvent(_Reply):
    """Event `progress`: something to show meanwhile; a share from 0 to 1, or null."""

    stage: Stage
    text: str
    share: float | None


class CancelReply(_Reply):
    """The question hears of it at once, and ends with an answer of the kind `cancelled`."""

    question_id: str
    state: Literal["cancelling"]


class FeedbackReply(_Reply):
    """The feedback is in the audit log."""

    answer_id: str
    rating: Literal["up", "down"]


class GuardedReply(_Reply):
    """SQL that passed the guard, as it would be run."""

    sql: str
    principal: dict[str, Any]
    tables: list[str]
    columns: list[str]
    rewrites: list[str] = Field(description="What the guard changed, in words.")
    fingerprint: str
    row_limit: int


class DecisionReply(_Reply):
    """The guard's decision; of a refusal also the rule (docs/guardrails.md lists them)."""

    passed: bool
    rule: str
    message: str
    hint: str
    guarded: GuardedReply | None


class HitReply(_Reply):
    """Something found; the score is from 0 to 1."""

    name: str
    score: float
    description: str


class FoundReply(_Reply):
    """What a search found among what you may see, by kind, best first."""

    tables: list[HitReply]
    metrics: list[HitReply]
    dimensions: list[HitReply]
    verified_queries: list[HitReply]
    values: list[HitReply]


class HealthReply(_Reply):
    """The process lives."""

    status: Literal["alive"]


CheckName = Literal["lake", "index", "model", "engine", "settings"]
CheckState = Literal["ok", "waiting", "missing"]


class ReadyCheck(_Reply):
    """One thing that questions need."""

    name: CheckName
    state: CheckState
    detail: str = Field(description="Empty for whoever has no token.")
    hint: str


class ReadyReply(_Reply):
    """Whether questions can be answered, and what is missing."""

    ready: bool
    checks: list[ReadyCheck]

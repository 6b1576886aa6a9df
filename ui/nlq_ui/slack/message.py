"""Answers as Slack messages: an ``Answer`` goes in, its text and blocks come out.

An answer always says of when it is: in its small print and in the text of its notification.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nlq.answer.periods import day_text
from nlq.cli.show import table_state_text
from nlq.sql.pretty import pretty
from nlq.types import Answer, Principal, TableState
from nlq_ui.slack.blocks import (
    Block,
    asked_line,
    bullets,
    button,
    buttons,
    code,
    escaped,
    headline,
    paragraph,
    small,
    table,
)
from nlq_ui.slack.kept import Given

ASK = "nlq_ask"
"""Buttons that ask what stands in their value; a number follows, as no id may come twice."""

CONFIRM, CANCEL, HOW, SQL, FULL, UP, DOWN = (
    "nlq_confirm", "nlq_cancel", "nlq_how", "nlq_sql", "nlq_full", "nlq_up", "nlq_down",
)  # fmt: skip
FULL_CONFIRMED, LEAVE = "nlq_full_confirmed", "nlq_leave"

_SUGGESTIONS = 3
_OPTIONS = 10
_TABLES = 4
_LONG = 75

Sections = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: blocks, and the text of the notification."""

    text: str
    blocks: list[Block]


def plain_message(text: str, hint: str = "") -> Message:
    """A sentence, and what to do next."""
    return Message(escaped(f"{text} {hint}".strip()), [paragraph(f"{text}\n{hint}".strip())])


def progress_message(words: str, question_id: str, head: list[Block]) -> Message:
    """How far a question is, with a button that cancels it."""
    shown = [*head, *small([f"{words} …"]), *buttons([button("Cancel", CANCEL, question_id)])]
    return Message(escaped(f"{words} …"), shown)


def asked_head(user: str, question: str, channel: str = "") -> list[Block]:
    """Who asked what, and where if it was elsewhere; for answers that do not stand below it."""
    return [asked_line(user, question, channel)]


def given_of(
    answer: Answer, principal: Principal, user: str, question: str, now: datetime
) -> Given:
    """What is remembered of an answer to ``principal``, the Slack user ``user``."""
    return Given(
        id=answer.id,
        user=user,
        principal=principal,
        question=question,
        sql=answer.sql,
        dated=dated(answer, now),
        sections=_sections(answer),
        limited=answer.limited,
    )


def answer_message(answer: Answer, rows: int, dates: Sequence[str]) -> Message:
    """The whole answer; ``rows`` of its result at most, ``dates`` as of ``dated``."""
    blocks = [headline(answer.headline)]
    if answer.hint:
        blocks.append(paragraph(answer.hint))
    if answer.warnings:
        blocks.append(bullets(answer.warnings, "warning"))
    blocks += _clipped_options(answer.options)
    if answer.result is not None:
        blocks += table(answer.result, dict(answer.units), dict(answer.labels), rows)
    blocks += small([" ".join(answer.assumptions)])
    if answer.kind == "answer":
        blocks += small(dates)
    blocks += _buttons(answer)
    text = f"{answer.headline} {dates[0] if answer.kind == 'answer' else answer.hint}".strip()
    return Message(escaped(text), blocks)


def dated(answer: Answer, now: datetime) -> tuple[str, ...]:
    """Of when an answer is: its data, shortest first, and when it was computed."""
    result = answer.result
    at = result.computed_at if result is not None and result.computed_at else None
    when = f"Computed {_moment(at)}" if at else f"Asked {_moment(now)}"
    days = [state.complete_through for state in answer.tables if state.complete_through]
    first = f"Data through {day_text(min(days))}; {_lower(when)}." if days else f"{when}."
    return (first, *(_freshness(state) for state in answer.tables[:_TABLES]))


def _sections(answer: Answer) -> Sections:
    """How an answer was computed, as titles and lines."""
    definitions = tuple(
        f"{d.label}: {d.description}{f' (owner: {d.owner})' if d.owner else ''}"
        for d in answer.definitions
    )
    all_of_them = (
        ("How this was computed", answer.how),
        ("Definitions", definitions),
        ("Assumptions", answer.assumptions),
        ("Tables", tuple(map(table_state_text, answer.tables))),
    )
    return tuple((title, lines) for title, lines in all_of_them if lines)


def how_message(titled: Sections, dates: Sequence[str]) -> Message:
    """How an answer was computed."""
    blocks: list[Block] = []
    for title, lines in titled:
        blocks += [headline(title), bullets(lines)]
    return Message("How this was computed", [*blocks, *small(dates)])


def cost_message(words: str, answer_id: str) -> Message:
    """Asks whether to run what costs as much as ``words`` say."""
    text = f"{words} Get every row all the same?"
    choice = [
        button("Yes, get it", FULL_CONFIRMED, answer_id, "primary"),
        button("No", LEAVE, answer_id),
    ]
    return Message(escaped(text), [paragraph(text), *buttons(choice)])


def sql_message(sql: str) -> Message:
    """The SQL that was run."""
    return Message(
        "The SQL of this answer", [headline("The SQL of this answer"), code(pretty(sql))]
    )


def _buttons(answer: Answer) -> list[Block]:
    offered = answer.options[:_OPTIONS] or answer.suggestions[:_SUGGESTIONS]
    more = [button(text, f"{ASK}_{i}", text) for i, text in enumerate(offered)]
    if answer.may_confirm:
        more.append(button("Run it all the same", CONFIRM, answer.id, "primary"))
    about = []
    if answer.how or answer.tables:
        about.append(button("How computed", HOW, answer.id))
    if answer.sql:
        about.append(button("Show SQL", SQL, answer.id))
    if answer.result is not None and answer.result.rows:
        about.append(button("Full result", FULL, answer.id))
    if answer.id and answer.kind != "cancelled":
        about += [button("👍", UP, answer.id), button("👎", DOWN, answer.id)]
    return buttons(more) + buttons(about)


def _clipped_options(options: Sequence[str]) -> list[Block]:
    """Options in full, where a button cannot hold one of them."""
    return [bullets(options)] if any(len(option) > _LONG for option in options) else []


def _freshness(state: TableState) -> str:
    parts = []
    if state.complete_through:
        parts.append(f"complete through {day_text(state.complete_through)}")
    if state.updated_at:
        parts.append(f"loaded {_moment(state.updated_at)}")
    if state.late_by_hours:
        parts.append(f"{state.late_by_hours:.0f} hours late")
    owner = f" Owner: {state.owner_business}." if state.owner_business else ""
    return f"{state.name}: {', '.join(parts) or 'its freshness is not known'}.{owner}"


def _moment(moment: datetime) -> str:
    return f"{day_text(moment.date())} {moment:%H:%M} {moment.tzname() or 'UTC'}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]

"""Answers as HTML: an ``Answer`` or the events on the way to it go in, escaped HTML comes out.

Everything that comes from a person, a model or the lake is escaped here; nothing else writes HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape

from nlq.answer.cells import cell_writers
from nlq.kept.conversations import Exchange
from nlq.sql.pretty import pretty
from nlq.types import Answer, MetricUnit, QueryResult, TableState
from nlq_ui.chart import chart_html
from nlq_ui.stages import StageLine

SHOWN_ROWS = 50
"""Rows of a result on the page; a download has all of them."""

_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "real", "double", "decimal")

_STATUS = {
    "draft": ("draft", "Draft, not run"),
    "clarification": ("ask", "One question back"),
    "refusal": ("refused", "Not answered"),
    "error": ("failed", "Something went wrong"),
    "cancelled": ("refused", "Cancelled"),
}


def question_html(text: str, number: int, conversation: str = "") -> str:
    """The question as the person wrote it; ``number`` counts from 1 in a conversation.

    ``conversation`` is the id under which it is kept, for the page's address.
    """
    later = " later" if number > 1 else ""
    kept = f' data-conversation="{escape(conversation)}"' if conversation else ""
    mark = f'class="nlq-question{later}" data-turn="{number}"{kept}'
    return f"<div {mark}><p>{escape(text)}</p></div>"


def exchange_html(exchange: Exchange, number: int, conversation: str = "") -> str:
    """A question of a kept conversation, with its answer as it was and when it was asked."""
    asked = notice_html(f"Asked on {moment_text(exchange.asked_at)}.")
    if exchange.answer is None:
        shown = f'<article class="nlq-answer refused"><h2>{escape(exchange.told)}</h2></article>'
    else:
        shown = answer_html(exchange.answer, exchange.rows)
    return question_html(exchange.question, number, conversation) + shown + asked


def stages_html(lines: Sequence[StageLine]) -> str:
    """The stages so far; the running one moves."""
    items = "".join(
        f"<li{_stage_mark(line)}<span>{escape(line.text)}</span>{_stage_end(line)}</li>"
        for line in lines
    )
    return f'<ol class="nlq-stages">{items}</ol>'


def _stage_mark(line: StageLine) -> str:
    return "><i>✓</i>" if line.seconds is not None else ' class="now"><i></i>'


def _stage_end(line: StageLine) -> str:
    if line.seconds is not None:
        return f"<small>{line.seconds:.1f} s</small>"
    return "" if line.share is None else f"<small>{line.share:.0%}</small>"


def answer_html(answer: Answer, rows: int = 0) -> str:
    """The whole answer: headline, chart, table, warnings, and what lies behind it, folded.

    ``rows`` is how many the whole result had, where not all of them are kept.
    """
    kind, label = _STATUS.get(answer.kind, ("", ""))
    badge = f'<span class="nlq-badge">{label}</span>' if label else ""
    parts = [badge, f"<h2>{escape(answer.headline)}</h2>"]
    if answer.hint:
        parts.append(f'<p class="nlq-hint">{escape(answer.hint)}</p>')
    parts.append(notes_html("nlq-warning", answer.warnings))
    if answer.result is not None:
        if answer.chart is not None:
            parts.append(chart_html(answer.chart, answer.result, dict(answer.labels)))
        parts.append(table_html(answer.result, dict(answer.units), dict(answer.labels), rows))
    parts.append(notes_html("nlq-assumption", answer.assumptions))
    parts.append(_folded(answer))
    mark = f'class="nlq-answer {kind}" data-answer="{escape(answer.id)}"'
    return f"<article {mark}>{''.join(parts)}</article>"


def offers_html(answer: Answer, *, pins: bool) -> str:
    """What can be done with the newest answer: its options and a costly run as buttons, and a mark.

    The page's script asks what is on a button, and its style shows those of the page's own buttons
    that the mark names: Gradio takes as long for each of its own that is to change as for all this.
    """
    rows = answer.result is not None and bool(answer.result.rows)
    offered = {
        "rate": bool(answer.id) and answer.kind != "cancelled",
        "rows": rows,
        "pin": rows and pins,
    }
    names = " ".join(name for name, there in offered.items() if there)
    confirm = (
        '<button type="button" id="nlq-confirm" class="nlq-confirm">Run it all the same</button>'
    )
    others = '<p class="nlq-hint">Other readings of this question</p>'
    return (
        (others if answer.options and answer.result is not None else "")
        + chips_html("nlq-options", answer.options)
        + (confirm if answer.may_confirm else "")
        + f'<span hidden data-offers="{names}"></span>'
    )


def chips_html(id: str, texts: Iterable[str]) -> str:
    """Texts as buttons that ask them; empty without any."""
    buttons = "".join(
        f'<button type="button" class="nlq-chip" data-ask>{escape(text)}</button>' for text in texts
    )
    return f'<div id="{id}">{buttons}</div>' if buttons else ""


def notice_html(text: str) -> str:
    """A short word back to the person."""
    return f'<p class="nlq-foot" role="status">{escape(text)}</p>'


def costly_file_html(words: str, kind: str) -> str:
    """Asks whether to run the query again for a file, which costs as much as ``words`` say."""
    return (
        notice_html(f"There is no file yet: its query has to run again. {words}")
        + f'<button type="button" class="nlq-confirm" data-write="{kind}">'
        "Write it all the same</button>"
    )


def notes_html(kind: str, texts: Iterable[str]) -> str:
    """Texts as a list of that kind; empty without any."""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f'<ul class="nlq-notes {kind}">{items}</ul>' if items else ""


def table_html(
    result: QueryResult, units: dict[str, MetricUnit], labels: Mapping[str, str], rows: int = 0
) -> str:
    """The first rows under their headings, numbers to the right and written in their unit."""
    if not result.rows:
        return '<p class="nlq-hint">The result has no rows.</p>'
    right = [column.type.lower().startswith(_NUMBERS) for column in result.columns]
    head = "".join(
        f'<th scope="col"{_right(r)}>{escape(labels.get(c.name, c.name))}</th>'
        for c, r in zip(result.columns, right, strict=True)
    )
    writers = cell_writers(result, units)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{_right(r)}>{escape(write(value))}</td>"
            for write, value, r in zip(writers, row, right, strict=True)
        )
        + "</tr>"
        for row in result.rows[:SHOWN_ROWS]
    )
    count = max(rows, len(result.rows))
    note = ""
    if count > SHOWN_ROWS:
        note = f"The first {SHOWN_ROWS} of {count:,} rows; a download has them all."
    if result.truncated:
        note += f" The result was cut off at {count:,} rows by a limit."
    foot = f'<p class="nlq-foot">{escape(note.strip())}</p>' if note else ""
    return (
        f'<div class="nlq-table" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{foot}"
    )


def _right(right: bool) -> str:
    return ' class="r"' if right else ""


def _folded(answer: Answer) -> str:
    how = "".join(f"<li>{escape(line)}</li>" for line in answer.how)
    definitions = "".join(
        f"<dt>{escape(d.label)}</dt><dd>{escape(d.description)}"
        f"{f' <small>Owner: {escape(d.owner)}</small>' if d.owner else ''}</dd>"
        for d in answer.definitions
    )
    sql = f'<pre tabindex="0"><code>{escape(pretty(answer.sql))}</code></pre>'
    folds = (
        ("How this was computed", f"<ol>{how}</ol>" if how else ""),
        ("Definitions", f"<dl>{definitions}</dl>" if definitions else ""),
        ("Tables and their state", "".join(map(_table_state, answer.tables))),
        ("SQL", sql if answer.sql else ""),
    )
    return "".join(
        f'<details class="nlq-fold"><summary>{title}</summary><div>{body}</div></details>'
        for title, body in folds
        if body
    )


def _table_state(state: TableState) -> str:
    late = state.late_by_hours
    facts = [
        ("Owner", state.owner_business),
        ("Technical owner", state.owner_technical),
        ("Last loaded", moment_text(state.updated_at)),
        ("Complete through", state.complete_through.isoformat() if state.complete_through else ""),
        ("Promise", f"at most {state.sla_hours:g} hours old" if state.sla_hours else ""),
        ("Checks failing", "; ".join(state.failing_checks)),
    ]
    rows = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts if text)
    marks = [f'<span class="nlq-mark {state.certification}">{state.certification}</span>']
    if state.certification == "none":
        marks = []
    if late:
        marks.append(f'<span class="nlq-mark late">{late:.0f} h late</span>')
    elif late is not None:
        marks.append('<span class="nlq-mark fresh">in time</span>')
    if state.failing_checks:
        marks.append('<span class="nlq-mark late">check failing</span>')
    return (
        f'<section class="nlq-state"><h4>{escape(state.name)} {"".join(marks)}</h4>'
        f"<p>{escape(state.description)}</p><dl>{rows}</dl></section>"
    )


def moment_text(moment: datetime | None) -> str:
    """A moment to the minute, in UTC; empty for None."""
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""

"""What the desk's functions gave, as HTML: reports go in, escaped HTML comes out."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from nlq.desk.types import (
    CheckReport,
    DiffLine,
    EstimateReport,
    ExplainedLine,
    FixedSql,
    Suggestion,
    Translated,
)
from nlq.types import QueryResult
from nlq_ui import html
from nlq_ui.desk.work import told

_MARKS = {"passed": "✓", "refused": "✗", "not reached": "·"}
_SIGNS = {"added": "+", "removed": "-", "same": " "}


def message(text: str, hint: str = "", *, bad: bool = False) -> str:
    """A sentence, and what to do."""
    more = f'<p class="nlq-hint">{escape(hint)}</p>' if hint else ""
    kind = "desk-message bad" if bad else "desk-message"
    return f'<div class="{kind}" role="status"><p><b>{escape(text)}</b></p>{more}</div>'


def failure(error: Exception) -> str:
    """An error in words."""
    return message(*told(error), bad=True)


def working(what: str, seconds: float) -> str:
    """That something is on its way; only the first moment is read out."""
    return (
        f'<ul class="nlq-stages"><li class="now"><i></i><span>{escape(what)}</span>'
        f'<small aria-hidden="true">{seconds:.0f} s</small></li></ul>'
    )


def result(found: QueryResult, title: str = "") -> str:
    """Rows, with how many and how long."""
    count = f"{len(found.rows):,} row" + ("" if len(found.rows) == 1 else "s")
    words = f"{title or 'Result'}: {count} in {found.seconds:.1f} s"
    if found.computed_at is not None:
        words += ", kept from before"
    return f"{message(words + '.')}{html.table_html(found, {}, {})}"


def explained(lines: Iterable[ExplainedLine]) -> str:
    """The query's lines with a sentence beside each."""
    rows = "".join(
        f"<tr><td><pre>{escape(line.sql)}</pre></td><td>{escape(line.words)}</td></tr>"
        for line in lines
    )
    return _table("What the query does, line by line", ("SQL", "What it does"), rows)


def checked(report: CheckReport) -> str:
    """Every decision by its rule's name, and what the guard changed."""
    rows = "".join(
        f'<tr class="{d.verdict.replace(" ", "-")}"><td><code>{escape(d.rule)}</code></td>'
        f"<td>{_MARKS[d.verdict]} {d.verdict}</td>"
        f"<td>{escape(d.words)}{f' <i>{escape(d.hint)}</i>' if d.hint else ''}</td></tr>"
        for d in report.decisions
    )
    changes = "".join(
        f"<li>{escape(c.words)}{f': {escape(c.why)}' if c.why else ''}</li>" for c in report.changes
    )
    parts = [message(report.headline, report.hint, bad=not report.allowed)]
    if changes:
        parts.append(f"<h4>Changed by the guard</h4><ul>{changes}</ul>")
    if rows:
        parts.append(_table("Decisions", ("Rule", "Verdict", "Why"), rows))
    if report.sql:
        parts.append(_fold("What would be sent", report.sql))
    return "".join(parts)


def estimated(report: EstimateReport) -> str:
    """Numbers beside their limits."""
    words = {True: "within", False: "above", None: ""}
    rows = "".join(
        f"<tr><td>{escape(line.name)}</td><td>{escape(line.value)}</td>"
        f"<td>{escape(line.limit)}</td><td>{words[line.within]}</td></tr>"
        for line in report.lines
    )
    bad = report.verdict == "too costly"
    return message(report.headline, report.narrow, bad=bad) + _table(
        "Estimate", ("What", "Estimate", "Limit", ""), rows
    )


def asks_first(report: EstimateReport) -> str:
    """That a query is costly, and how to run it all the same."""
    return estimated(report) + message("It was not run. Press Run again to run it all the same.")


def suggested(found: tuple[Suggestion, ...]) -> str:
    """Each rewrite with its reason and a button that puts it into the editor."""
    if not found:
        return message("Nothing was found that would make this query read or compute less.")
    parts = []
    for number, one in enumerate(found):
        exact = "The same result." if one.exact else f"Another result: {one.changes}"
        parts.append(
            f'<section class="desk-suggestion"><h4>{escape(one.name)}</h4>'
            f"<p>{escape(one.reason)} <i>{escape(exact)}</i></p>{_fold('SQL', one.sql)}"
            f'<button type="button" class="desk-use" data-use="{number}">Use it: '
            f"{escape(one.name)}</button></section>"
        )
    return "".join(parts)


def fixed(done: FixedSql) -> str:
    """What was changed, or what is still wrong."""
    if done.source == "none":
        return message(done.problem or "Nothing helped.", done.hint, bad=True)
    by = "the catalog" if done.source == "catalog" else "the model; look at it before you run it"
    return message(f"Mended by {by}.") + _list(done.changes)


def translated(done: Translated) -> str:
    """What was lost on the way."""
    if not done.lost and not done.notes:
        return message("Translated whole.")
    lost = f"<h4>Could not be carried over</h4>{_list(done.lost)}" if done.lost else ""
    notes = f"<h4>Reads differently on Presto</h4>{_list(done.notes)}" if done.notes else ""
    return message("Translated; look at this before you run it.") + lost + notes


def compared(lines: Iterable[DiffLine], before: str, after: str) -> str:
    """Two versions line by line; added and removed are told by signs too, not by colour alone."""
    rows = "".join(
        f'<div class="{line.kind}"><span>{line.before or ""}</span><span>{line.after or ""}</span>'
        f"<code>{_SIGNS[line.kind]} {escape(line.text)}</code></div>"
        for line in lines
    )
    return message(f"From {before} to {after}") + (
        f'<div class="desk-diff" role="region" aria-label="Differences" tabindex="0">{rows}</div>'
    )


def _list(texts: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"


def _fold(title: str, sql: str) -> str:
    return (
        f'<details class="nlq-fold"><summary>{title}</summary>'
        f"<div><pre><code>{escape(sql)}</code></pre></div></details>"
    )


def _table(title: str, heads: tuple[str, ...], rows: str) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        f'<div class="nlq-table desk-report" role="region" aria-label="{title}" tabindex="0">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )

"""The catalog at the desk's side: tables go in, HTML with buttons that insert names leaves."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from nlq.desk.types import TablePage
from nlq.types import ColumnDoc, TableHit
from nlq_ui.desk.lineage_svg import lineage_html

MOST = 60


def found_html(hits: Iterable[TableHit]) -> str:
    """Tables as buttons that open them."""
    shown = list(hits)
    items = "".join(
        f'<li><button type="button" data-open="{escape(h.table.name)}">'
        f"<b>{escape(h.table.short_name)}</b>"
        f"<small>{escape(_short(h.table.description))}</small></button></li>"
        for h in shown[:MOST]
    )
    if not items:
        return '<p class="nlq-hint">No table that you may see is about this.</p>'
    more = f'<p class="nlq-foot">{len(shown) - MOST} more; search.</p>' if len(shown) > MOST else ""
    return f'<ul class="desk-tables">{items}</ul>{more}'


def table_html(page: TablePage) -> str:
    """One table: what it is, its columns, lineage and use."""
    doc, state = page.doc, page.state
    facts = [
        ("One row is", doc.grain),
        ("Owner", state.owner_business or state.owner_technical),
        ("Standing", "" if doc.certification == "none" else doc.certification),
        ("Partitioned by", ", ".join(doc.partitioned_by)),
        ("Complete through", state.complete_through.isoformat() if state.complete_through else ""),
        ("Late by", f"{state.late_by_hours:.0f} hours" if state.late_by_hours else ""),
        ("Checks failing", "; ".join(state.failing_checks)),
        ("Only rows where", " and ".join(page.row_filters)),
        ("Hidden columns", str(page.hidden_columns) if page.hidden_columns else ""),
        ("Asked by", _use(page)),
    ]
    rows = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts if text)
    columns = "".join(_column(column) for column in doc.columns)
    return (
        f'<article class="desk-table" data-table="{escape(doc.name)}"><h3>'
        f"{_insert(doc.name, doc.name)}</h3><p>{escape(doc.description)}</p><dl>{rows}</dl>"
        f'<h4>Columns</h4><ul class="desk-columns">{columns}</ul>'
        f"{lineage_html(page)}</article>"
    )


def _column(column: ColumnDoc) -> str:
    marks = "".join(f" · {escape(tag)}" for tag in column.tags)
    unit = f" · {escape(column.unit)}" if column.unit else ""
    text = f"<p>{escape(column.description)}</p>" if column.description else ""
    return (
        f"<li>{_insert(column.name, column.name)} "
        f"<small>{escape(column.type)}{unit}{marks}</small>{text}</li>"
    )


def _insert(name: str, text: str) -> str:
    return (
        f'<button type="button" class="desk-insert" data-insert="{escape(text)}" '
        f'title="Put it into the query">{escape(name)}</button>'
    )


def _use(page: TablePage) -> str:
    use = page.use
    if use.people is None or use.questions is None:
        return ""
    people = "1 person" if use.people == 1 else f"{use.people:,} people"
    questions = "1 question" if use.questions == 1 else f"{use.questions:,} questions"
    words = f"{people}, {questions} in {use.days} days"
    if use.names:
        words += ": " + ", ".join(f"{name} ({count})" for name, count in use.names)
    return words


def _short(text: str) -> str:
    return text if len(text) <= 90 else text[:88].rsplit(" ", 1)[0] + " …"

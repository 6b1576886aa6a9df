"""The review queue as HTML: items and groups of failures go in, escaped HTML comes out."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from nlq.kept.review_types import FailingQuestion, ReviewItem, Steps

_WORDS = {
    "reported": "called wrong",
    "proposed": "proposed",
    "approved": "approved",
    "rejected": "rejected",
    "retired": "retired",
}


def list_html(items: Iterable[ReviewItem]) -> str:
    """Items as buttons that open them."""
    rows = "".join(
        f'<li><button type="button" data-open="{escape(item.id)}">'
        f'<span class="nlq-badge">{_WORDS[item.state]}</span> <b>{escape(item.question)}</b>'
        f"<small>{_who(item)}</small></button></li>"
        for item in items
    )
    return (
        f'<ul class="desk-tables">{rows}</ul>' if rows else '<p class="nlq-hint">Nothing here.</p>'
    )


def item_html(item: ReviewItem, steps: Steps) -> str:
    """What is known of one item, and what keeps its viewer from approving it."""
    count = "1 row" if item.rows == 1 else f"{item.rows or 0:,} rows"
    ran = "" if item.rows is None else f"{count} when it was last run"
    decided = f"{item.decided_by}, {item.decided_at:%Y-%m-%d %H:%M} UTC" if item.decided_at else ""
    facts = [
        ("State", _WORDS[item.state]),
        ("Called wrong by" if item.kind == "correction" else "Proposed by", _moment(item)),
        ("Because", item.complaint),
        ("SQL by", item.author),
        ("Notes", item.notes),
        ("Gave", ran),
        ("Decided by", decided),
        ("Reason", item.reason),
    ]
    rows = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts if text)
    why = f'<p class="nlq-hint">{escape(steps.why_not)}</p>' if steps.why_not else ""
    return (
        f'<article class="desk-table" data-item="{escape(item.id)}"><dl>{rows}</dl>{why}</article>'
    )


def failing_html(found: tuple[FailingQuestion, ...], days: int) -> str:
    """Groups of failures as a table."""
    if not found:
        return f'<p class="nlq-hint">Nothing failed in the last {days} days.</p>'
    rows = "".join(
        f'<tr><td>{escape(one.example)}</td><td class="r">{one.refused}</td>'
        f'<td class="r">{one.errors}</td><td class="r">{one.down}</td>'
        f'<td class="r">{one.people}</td><td>{one.last_at:%Y-%m-%d}</td>'
        f"<td>{escape('; '.join(one.reasons))}</td></tr>"
        for one in found
    )
    counts = ("Refused", "Errors", "Called wrong", "People")
    right = dict.fromkeys(counts, ' class="r"')
    heads = "".join(
        f'<th scope="col"{right.get(name, "")}>{name}</th>'
        for name in ("Question", *counts, "Last", "Told")
    )
    return (
        '<div class="nlq-table desk-report" role="region" aria-label="Questions that fail most" '
        f'tabindex="0"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _who(item: ReviewItem) -> str:
    words = f"{escape(_moment(item))}"
    return f"{words}: {escape(item.complaint)}" if item.complaint else words


def _moment(item: ReviewItem) -> str:
    return f"{item.by}, {item.at:%Y-%m-%d %H:%M} UTC"

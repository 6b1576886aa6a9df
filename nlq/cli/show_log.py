"""Audit records on a terminal: records go in, text comes out."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nlq.audit.record import AuditRecord

_STYLES = {"answer": "green", "draft": "green", "error": "red", "interrupted": "red"}


def print_records(console: Console, records: Sequence[AuditRecord]) -> None:
    """One line a record, as they are given."""
    if not records:
        console.print("No question has been asked yet.")
        return
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("ID", "When (UTC)", "Who", "Outcome", "Rows", "Seconds", "Question"):
        grid.add_column(name, overflow="fold")
    for record in records:
        style = _STYLES.get(record.outcome, "yellow")
        grid.add_row(
            record.id,
            f"{record.recorded_at:%Y-%m-%d %H:%M}",
            escape(record.principal),
            f"[{style}]{record.outcome}[/]",
            "" if record.rows is None else f"{record.rows:,}",
            f"{sum(seconds for _, seconds in record.timings):.1f}",
            escape(record.question),
        )
    console.print(grid)


def print_record(console: Console, record: AuditRecord) -> None:
    """Everything that was kept of one question."""
    console.print(record.question, style="bold", markup=False)
    used = record.tokens
    facts = (
        ("ID", record.id),
        ("Asked by", f"{record.principal} ({', '.join(record.roles) or 'no role'})"),
        ("Recorded", f"{record.recorded_at:%Y-%m-%d %H:%M:%S} UTC, through {record.interface}"),
        ("Outcome", record.outcome + (f" at the stage {record.stage}" if record.stage else "")),
        ("Rule", record.rule),
        ("Reason", record.reason),
        ("Fault", record.fault),
        ("Read as", record.standalone if record.standalone != record.question else ""),
        ("Tables shown", ", ".join(record.tables_shown)),
        ("Tables read", ", ".join(record.tables_read)),
        ("Prompts", ", ".join(record.prompts)),
        ("Tokens", f"{used.read:,} read, {used.written:,} written" if used.calls else ""),
        ("Rows", "" if record.rows is None else f"{record.rows:,}"),
        ("Seconds", ", ".join(f"{stage} {took:.2f}" for stage, took in record.timings)),
        (
            "Feedback",
            f"{record.feedback.rating}, {record.feedback.note or 'no note'}"
            if record.feedback
            else "",
        ),
    )
    for name, text in facts:
        if text:
            console.print(f"  {name}: {text}", markup=False)
    for refused in record.decisions:
        console.print(f"  Turned down by {refused['rule']}: {refused['refused']}", markup=False)
    if record.sql:
        console.print(record.sql, markup=False)

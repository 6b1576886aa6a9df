"""An answer on a terminal or in a pipe: an ``Answer`` goes in, text comes out.

A pipe gets the same words without colour, and the table as wide as it is.
"""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from nlq.answer.cells import cell_writers
from nlq.answer.formats import is_number
from nlq.sql.pretty import pretty
from nlq.types import Answer, Chart, QueryResult, TableState

SHOWN_ROWS = 40
"""Rows of a result that a terminal gets; ``--json`` has them all."""

_BAR = 24
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_COLOURS = {"answer": "bold", "draft": "bold", "error": "bold red"}


def print_answer(console: Console, answer: Answer, *, explain: bool) -> None:
    """Print the headline, the table, what to know, and with ``explain`` what lies behind it."""
    console.print(answer.headline, style=_COLOURS.get(answer.kind, "bold yellow"), markup=False)
    if answer.hint:
        console.print(answer.hint, style="dim", markup=False)
    if answer.may_confirm:
        console.print("To run it all the same, ask it with --confirm.", style="dim")
    if answer.result is None:
        _print_options(console, answer)
    if answer.result is not None and answer.result.rows:
        console.print()
        _print_result(console, answer, answer.result)
    for warning in answer.warnings:
        console.print(Text.assemble(("! ", "bold yellow"), warning))
    for assumption in answer.assumptions:
        console.print(Text.assemble(("· ", "dim"), (assumption, "dim")))
    if answer.result is not None and answer.options:
        console.print("Other readings of this question:")
        _print_options(console, answer)
    if explain:
        _print_explanation(console, answer)


def _print_options(console: Console, answer: Answer) -> None:
    for number, option in enumerate(answer.options, 1):
        console.print(f"  {number}. {option}", markup=False)
    if answer.options:
        console.print("Choose one by its number, with nlq ask --continue.", style="dim")


def _print_result(console: Console, answer: Answer, result: QueryResult) -> None:
    writers, labels = cell_writers(result, dict(answer.units)), dict(answer.labels)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    numeric = [any(is_number(row[i]) for row in result.rows) for i in range(len(result.columns))]
    for column, right in zip(result.columns, numeric, strict=True):
        name = labels.get(column.name, column.name.replace("_", " "))
        table.add_column(escape(name), justify="right" if right else "left", overflow="fold")
    bars = _bars(answer.chart, result) if console.is_terminal else ()
    if bars:
        table.add_column("", no_wrap=True, style="cyan")
    for number, row in enumerate(result.rows[:SHOWN_ROWS]):
        cells = [escape(write(value)) for write, value in zip(writers, row, strict=True)]
        table.add_row(*cells, *((bars[number],) if bars else ()))
    console.print(table)
    count = len(result.rows)
    if count > SHOWN_ROWS:
        console.print(
            f"The first {SHOWN_ROWS} of {count:,} rows; --json has them all.", style="dim"
        )
    if result.truncated:
        console.print(f"The result was cut off at {count:,} rows by a limit.", style="yellow")
    console.print()


def _bars(chart: Chart | None, result: QueryResult) -> tuple[str, ...]:
    """A bar for each row, where the chart has one value a row and none is negative."""
    if chart is None or chart.kind not in ("line", "bar") or len(chart.y) != 1 or chart.series:
        return ()
    at = next((i for i, c in enumerate(result.columns) if c.name == chart.y[0]), None)
    if at is None:
        return ()
    values = [row[at] for row in result.rows[:SHOWN_ROWS]]
    sizes = [float(value) if is_number(value) else 0.0 for value in values]
    if min(sizes) < 0 or max(sizes) <= 0:
        return ()
    return tuple(_bar(size / max(sizes)) for size in sizes)


def _bar(share: float) -> str:
    whole, eighth = divmod(round(share * _BAR * 8), 8)
    return _EIGHTHS[-1] * whole + (_EIGHTHS[eighth] if eighth else "")


def _print_explanation(console: Console, answer: Answer) -> None:
    if answer.how:
        console.print("\nHow this was computed", style="bold")
        for line in answer.how:
            console.print(f"  {line}", markup=False)
    if answer.definitions:
        console.print("\nDefinitions", style="bold")
        for each in answer.definitions:
            owner = f" (owner: {each.owner})" if each.owner else ""
            console.print(f"  {each.label}: {each.description}{owner}", markup=False)
    if answer.tables:
        console.print("\nTables", style="bold")
        for state in answer.tables:
            console.print(f"  {table_state_text(state)}", markup=False)
    if answer.sql:
        console.print("\nSQL", style="bold")
        sql = pretty(answer.sql)
        if console.is_terminal:
            console.print(Syntax(sql, "sql", theme="ansi_dark", background_color="default"))
        else:
            console.print(sql, markup=False)


def table_state_text(state: TableState) -> str:
    """A table's state in one line."""
    parts = [state.name]
    if state.certification != "none":
        parts.append(state.certification)
    if state.owner_business:
        parts.append(f"owner {state.owner_business}")
    if state.complete_through:
        parts.append(f"complete through {state.complete_through}")
    if state.late_by_hours:
        parts.append(f"{state.late_by_hours:.0f} hours late")
    parts += [f"check failing: {check}" for check in state.failing_checks]
    return ", ".join(parts)

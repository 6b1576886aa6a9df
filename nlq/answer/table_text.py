"""An answer's table and chart for a terminal, as things that rich can print."""

from __future__ import annotations

from rich.bar import Bar
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from nlq.answer.formats import format_short, format_value, is_number
from nlq.types import Answer, Chart, QueryResult

MOST_ROWS = 20
MOST_BARS = 30
_BAR_WIDTH = 40


def table_text(answer: Answer, *, most_rows: int = MOST_ROWS) -> RenderableType | None:
    """The result as a table: numbers to the right, in their units; None without a result."""
    result = answer.result
    if result is None or not result.columns or not result.rows:
        return None
    units = dict(answer.units)
    table = Table(header_style="bold", show_edge=False, pad_edge=False)
    for index, column in enumerate(result.columns):
        numeric = any(is_number(row[index]) for row in result.rows[:most_rows])
        table.add_column(escape(column.name), justify="right" if numeric else "left")
    for row in result.rows[:most_rows]:
        cells = zip(result.columns, row, strict=True)
        # Text from the lake must not be taken for markup, nor move the cursor.
        table.add_row(*(Text(_printable(format_value(v, units.get(c.name)))) for c, v in cells))
    left_out = len(result.rows) - most_rows
    if left_out <= 0 and not result.truncated:
        return table
    more = f"… {left_out:,} more rows" if left_out > 0 else "…"
    cut = " (the result itself was cut off)" if result.truncated else ""
    return Group(table, Text(more + cut, style="dim"))


def chart_text(answer: Answer) -> RenderableType | None:
    """Bars for a bar chart or a line with few points; None where bars would not help."""
    chart, result = answer.chart, answer.result
    if chart is None or result is None or chart.kind == "number" or chart.series:
        return None
    if len(chart.y) != 1 or not 2 <= len(result.rows) <= MOST_BARS:
        return None
    labels, values = _points(chart, result)
    largest = max((abs(v) for v in values if v is not None), default=0.0)
    if not largest or any(v is not None and v < 0 for v in values):
        return None
    grid = Table.grid(padding=(0, 1))
    for label, value in zip(labels, values, strict=True):
        bar = Bar(largest, 0, value or 0.0, width=_BAR_WIDTH, color="cyan")
        grid.add_row(Text(label), bar, Text(format_short(value, chart.unit), justify="right"))
    return Group(Text(chart.title, style="bold"), grid)


def _points(chart: Chart, result: QueryResult) -> tuple[list[str], list[float | None]]:
    names = [column.name for column in result.columns]
    x, y = names.index(chart.x), names.index(chart.y[0])
    labels = [_printable(format_value(row[x])) for row in result.rows]
    return labels, [float(v) if is_number(v := row[y]) else None for row in result.rows]


def _printable(text: str) -> str:
    """One line without control characters."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)

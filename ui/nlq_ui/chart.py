"""Charts as SVG text: a ``Chart`` and its result go in, a drawing that needs no script comes out.

Gradio's own plots stack grouped bars and cannot write money, and a drawing can stay in the
conversation: it follows light and dark through the page's CSS, prints, and needs no network. Each
chart is drawn twice, wide and narrow, and the page's CSS shows the one that fits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from types import MappingProxyType

from nlq.answer.cells import cell_writers
from nlq.answer.formats import format_short, format_value, is_number
from nlq.types import Chart, MetricUnit, QueryResult

_WIDE, _NARROW = 760, 380
_MOST_SERIES = 8
_AS_NAMED: Mapping[str, str] = MappingProxyType({})
_GREY = 4
_TICKS = 4
_CHARACTER = 6.6  # mean width of one at 12 px, in px; SVG text is not measured here


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one colour of bars; a value may be missing."""

    name: str
    values: tuple[float | None, ...]
    colour: int


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn: labels along one axis and a value for each in every series."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: MetricUnit


def chart_html(chart: Chart, result: QueryResult, labels: Mapping[str, str] = _AS_NAMED) -> str:
    """The chart as HTML; empty where it has too little or nothing that can be drawn."""
    plot = plot_of(chart, result, labels)
    if plot is None:
        return ""
    drawings = "".join(
        f'<div class="nlq-{name}">{drawing(chart, plot, width)}</div>'
        for name, width in (("wide", _WIDE), ("narrow", _NARROW))
    )
    legend = ""
    if len(plot.series) > 1:
        items = "".join(
            f'<span><i class="nlq-c{s.colour}"></i>{escape(s.name)}</span>' for s in plot.series
        )
        legend = f'<div class="nlq-legend">{items}</div>'
    title = escape(chart.title)
    return (
        f'<figure class="nlq-chart" role="img" aria-label="{title}">'
        f"<figcaption>{title}</figcaption>{legend}{drawings}</figure>"
    )


def drawing(chart: Chart, plot: Plot, width: int = _WIDE) -> str:
    """The chart's lines or bars as one ``svg`` element without title, legend or colours."""
    return _lines(plot, width) if chart.kind == "line" else _bars(plot, width)


def plot_of(chart: Chart, result: QueryResult, labels: Mapping[str, str]) -> Plot | None:
    """The values of the chart, in its rows' order; None where it cannot be drawn."""
    at = {column.name: i for i, column in enumerate(result.columns)}
    wanted = (chart.x, *chart.y, *((chart.series,) if chart.series else ()))
    if chart.kind == "number" or not chart.y or any(name not in at for name in wanted):
        return None
    keys = list(dict.fromkeys(row[at[chart.x]] for row in result.rows))
    if len(keys) < 2:
        return None
    writers = cell_writers(result, {})
    table: dict[str, dict[object, float | None]] = {}
    for row in result.rows:
        for name in chart.y:
            series = (
                writers[at[chart.series]](row[at[chart.series]])
                if chart.series
                else labels.get(name, name)
            )
            table.setdefault(series, {})[row[at[chart.x]]] = _number(row[at[name]])
    kept = list(table.items())[:_MOST_SERIES]
    earlier = {labels.get(name, name) for name in chart.y if name.endswith("_previous")}
    return Plot(
        tuple(writers[at[chart.x]](key) for key in keys),
        tuple(
            Series(name, tuple(values.get(key) for key in keys), _GREY if name in earlier else i)
            for i, (name, values) in enumerate(kept)
        ),
        chart.unit,
    )


def _number(value: object) -> float | None:
    number = float(value) if is_number(value) else math.nan
    return number if math.isfinite(number) else None


def axis_text(value: float, unit: MetricUnit) -> str:
    """A tick's label, as short as it can be.

    >>> axis_text(1_250_000, "usd"), axis_text(0.25, "percent"), axis_text(-4000, "count")
    ('$1.25M', '25%', '-4K')
    """
    if unit == "percent":
        return f"{value * 100:.4g}%"
    if unit in ("seconds", "days"):
        return format_value(value, unit)
    size = abs(value)
    scale, letter = next(
        ((s, name) for s, name in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")) if size >= s),
        (1.0, ""),
    )
    return f"{'-' if value < 0 else ''}{'$' if unit == 'usd' else ''}{size / scale:.4g}{letter}"


def nice_ticks(low: float, high: float, count: int = _TICKS) -> tuple[float, ...]:
    """Round values that span ``low`` to ``high``, about ``count`` steps apart.

    >>> nice_ticks(0, 87)
    (0.0, 25.0, 50.0, 75.0, 100.0)
    >>> nice_ticks(5, 5)
    (4.0, 5.0, 6.0)
    """
    if high <= low:
        low, high = low - 1, high + 1
        count = 2
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(i * step, 12) for i in range(first, last + 1))


def _span(plot: Plot, *, from_zero: bool) -> tuple[float, float]:
    seen = [v for s in plot.series for v in s.values if v is not None] or [0.0]
    low, high = min(seen), max(seen)
    # A line may leave zero out where all of it lies in a narrow band, or nothing would be seen.
    if from_zero or low < 0.6 * high:
        return min(0.0, low), max(0.0, high)
    return low, high


def _lines(plot: Plot, width: int) -> str:
    height = 280 if width == _WIDE else 230
    ticks = nice_ticks(*_span(plot, from_zero=False))
    texts = [axis_text(tick, plot.unit) for tick in ticks]
    left = max(len(text) for text in texts) * _CHARACTER + 12
    right, top, bottom = 16.0, 10.0, 30.0
    steps = max(1, len(plot.labels) - 1)

    def x(i: int) -> float:
        return left + (width - left - right) * i / steps

    def y(value: float) -> float:
        share = (value - ticks[0]) / (ticks[-1] - ticks[0])
        return height - bottom - (height - top - bottom) * share

    parts = [
        f'<line class="nlq-grid" x1="{left:.1f}" x2="{width - right}" y1="{y(t):.1f}" '
        f'y2="{y(t):.1f}"/><text x="{left - 8:.1f}" y="{y(t) + 4:.1f}" '
        f'text-anchor="end">{escape(text)}</text>'
        for t, text in zip(ticks, texts, strict=True)
    ]
    longest = max(len(label) for label in plot.labels) * _CHARACTER + 14
    room = max(2, int((width - left - right) / longest))
    every = math.ceil(len(plot.labels) / room)
    for i in range(0, len(plot.labels), every):
        anchor = "middle" if i else "start"
        at = x(i) if i else x(i) - 4
        if i and at + longest / 2 > width:
            anchor, at = "end", width - 2
        parts.append(
            f'<text x="{at:.1f}" y="{height - 8}" text-anchor="{anchor}">'
            f"{escape(plot.labels[i])}</text>"
        )
    for series in plot.series:
        points = [(x(i), y(v), i, v) for i, v in enumerate(series.values) if v is not None]
        gap_free = " ".join(
            f"{'M' if n == 0 or points[n - 1][2] != i - 1 else 'L'}{px:.1f},{py:.1f}"
            for n, (px, py, i, _) in enumerate(points)
        )
        parts.append(f'<path class="nlq-line nlq-c{series.colour}" d="{gap_free}"/>')
        parts += [
            f'<circle class="nlq-dot nlq-c{series.colour}" cx="{px:.1f}" cy="{py:.1f}" r="3.5">'
            f"<title>{_tip(plot, series, i, v)}</title></circle>"
            for px, py, i, v in points
        ]
    return _svg(width, height, parts)


def _bars(plot: Plot, width: int) -> str:
    """Bars that lie: labels stay readable however long they are, also on a phone."""
    thick = 22 if len(plot.series) == 1 else 14
    group = thick * len(plot.series) + 10
    height = group * len(plot.labels) + 8
    low, high = _span(plot, from_zero=True)
    span = (high - low) or 1.0
    most = int((width * 0.34) / _CHARACTER)
    labels = [text if len(text) <= most else text[: most - 1] + "…" for text in plot.labels]
    left = max(len(text) for text in labels) * _CHARACTER + 14
    texts = [[_bar_text(v, plot.unit) for v in s.values] for s in plot.series]
    right = max(len(text) for row in texts for text in row) * _CHARACTER + 14
    negative = right if low < 0 else 0.0
    scale = (width - left - right - negative) / span
    zero = left + negative - low * scale
    parts = [f'<line class="nlq-axis" x1="{zero:.1f}" x2="{zero:.1f}" y1="0" y2="{height}"/>']
    for i, label in enumerate(labels):
        top = 4 + group * i + 5
        middle = top + thick * len(plot.series) / 2 + 4
        parts.append(
            f'<text x="{left - 10:.1f}" y="{middle:.1f}" text-anchor="end">{escape(label)}'
            f"<title>{escape(plot.labels[i])}</title></text>"
        )
        for number, series in enumerate(plot.series):
            value = series.values[i]
            if value is None:
                continue
            length = abs(value) * scale
            start = zero if value >= 0 else zero - length
            row = top + thick * number
            tip, anchor = (start + length + 6, "start") if value >= 0 else (start - 6, "end")
            parts.append(
                f'<rect class="nlq-bar nlq-c{series.colour}" x="{start:.1f}" y="{row}" rx="2" '
                f'width="{max(length, 1):.1f}" height="{thick - 2}">'
                f"<title>{_tip(plot, series, i, value)}</title></rect>"
                f'<text class="nlq-value" x="{tip:.1f}" y="{row + thick / 2 + 3:.1f}" '
                f'text-anchor="{anchor}">{escape(texts[number][i])}</text>'
            )
    return _svg(width, height, parts)


def _bar_text(value: float | None, unit: MetricUnit) -> str:
    return "" if value is None else format_short(value, unit)


def _tip(plot: Plot, series: Series, i: int, value: float) -> str:
    name = f"{series.name}, " if len(plot.series) > 1 else ""
    return escape(f"{name}{plot.labels[i]}: {format_value(value, plot.unit)}")


def _svg(width: int, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height:.0f}" aria-hidden="true" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )

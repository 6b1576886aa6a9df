"""Charts as pictures: a ``Chart`` and its result go in, a PNG comes out, drawn as on the page.

Where the system has no fonts, the one that comes with Pillow is used.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Final, cast

import resvg_py
from PIL import ImageFont

from nlq.types import Chart, QueryResult
from nlq_ui.chart import Plot, drawing, plot_of

_WIDTH: Final = 800
_SPARE: Final = "Aileron"
_MARGIN: Final = 20
_ZOOM: Final = 2.0
_MOST_PX: Final = 4000
_CHARACTER: Final = 7.2

_COLOURS: Final = (
    "#0f766e", "#d97706", "#4f6bd8", "#be3a6c", "#64748b", "#7c9a2e", "#7e57c2", "#a16207",
)  # fmt: skip
_STYLE: Final = (
    "text{font-size:12px;fill:#475569}.title{font-size:15px;fill:#0f172a}"
    ".nlq-value{font-size:11.5px;fill:#0f172a}.nlq-grid,.nlq-axis{stroke:#cbd5e1;stroke-width:1}"
    ".nlq-line{fill:none;stroke-width:2.25;stroke-linejoin:round}"
    + "".join(
        f"circle.nlq-c{i},rect.nlq-c{i}{{fill:{c}}}path.nlq-c{i}{{stroke:{c}}}"
        for i, c in enumerate(_COLOURS)
    )
)


def chart_png(
    chart: Chart, result: QueryResult, labels: Mapping[str, str], note: str = ""
) -> bytes | None:
    """The chart as a picture with ``note`` below; None where there is too little to be drawn."""
    plot = plot_of(chart, result, labels)
    if plot is None:
        return None
    svg, height = _composed(chart, plot, note)
    bare = not _has_fonts()
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            background="white",
            zoom=min(_ZOOM, max(0.2, _MOST_PX / height)),
            font_files=[_spare_font()] if bare else None,
            sans_serif_family=_SPARE if bare else None,
        )
    )


def _composed(chart: Chart, plot: Plot, note: str) -> tuple[str, float]:
    """One SVG with title, legend and drawing, and its height."""
    legend, legend_height = _legend(plot)
    top = _MARGIN + 24 + legend_height
    inner = drawing(chart, plot)
    _, _, width, height = (
        float(n) for n in inner.split('viewBox="', 1)[1].split('"', 1)[0].split()
    )
    placed = inner.replace(
        "<svg ", f'<svg x="{_MARGIN}" y="{top}" width="{width:g}" height="{height:g}" ', 1
    )
    whole = top + height + _MARGIN + (20 if note else 0)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{whole:g}" '
        f'font-family="sans-serif"><style>{_STYLE}</style>'
        f'<text class="title" x="{_MARGIN}" y="{_MARGIN + 10}">{escape(chart.title)}</text>'
        f'{legend}{placed}<text x="{_MARGIN}" y="{whole - 12:g}">{escape(note)}</text></svg>',
        whole,
    )


def _legend(plot: Plot) -> tuple[str, int]:
    """The series' names beside their colours, and the height of that; nothing for one series."""
    if len(plot.series) < 2:
        return "", 0
    parts, x, y = [], float(_MARGIN), _MARGIN + 32
    for series in plot.series:
        width = 24 + len(series.name) * _CHARACTER
        if x > _MARGIN and x + width > _WIDTH - _MARGIN:
            x, y = float(_MARGIN), y + 18
        parts.append(
            f'<rect class="nlq-c{series.colour}" x="{x:.1f}" y="{y - 9}" width="10" height="10" '
            f'rx="2"/><text x="{x + 15:.1f}" y="{y}">{escape(series.name)}</text>'
        )
        x += width
    return "".join(parts), y - _MARGIN - 14


@cache
def _has_fonts() -> bool:
    """Whether the system's own fonts draw any letter."""
    probe = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>'
    letter = '<text y="9" font-family="sans-serif">M</text>'
    return bytes(resvg_py.svg_to_bytes(svg_string=probe.format(letter))) != bytes(
        resvg_py.svg_to_bytes(svg_string=probe.format(""))
    )


@cache
def _spare_font() -> str:
    """A file of the font that Pillow carries."""
    font = cast(ImageFont.FreeTypeFont, ImageFont.load_default(12))
    path = Path(tempfile.mkdtemp(prefix="nlq-font-")) / "font.ttf"
    path.write_bytes(font.font_bytes)
    return str(path)

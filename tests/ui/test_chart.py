from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from nlq_ui.chart import chart_html, nice_ticks

from nlq.types import Chart, QueryResult, ResultColumn


def result(names: str, rows: list[tuple[object, ...]]) -> QueryResult:
    return QueryResult(tuple(ResultColumn(n, "varchar") for n in names.split()), tuple(rows))


def drawings(html: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", html)]


def bars(svg: ElementTree.Element) -> list[ElementTree.Element]:
    return [e for e in svg.iter() if e.tag.endswith("rect")]


def test_bar_lengths_are_in_proportion_and_start_at_zero() -> None:
    html = chart_html(
        Chart("bar", "T", "region", ("revenue",), unit="usd"),
        result("region revenue", [("EU", Decimal(50)), ("US", Decimal(100))]),
    )
    wide, narrow = drawings(html)
    for svg in (wide, narrow):
        eu, us = bars(svg)
        assert float(us.get("width", 0)) == pytest.approx(2 * float(eu.get("width", 0)), rel=0.01)
        assert eu.get("x") == us.get("x")


def test_a_negative_bar_lies_left_of_zero() -> None:
    html = chart_html(
        Chart("bar", "T", "k", ("v",)), result("k v", [("loss", -5.0), ("gain", 10.0)])
    )
    loss, gain = bars(drawings(html)[0])
    zero = float(gain.get("x", 0))
    assert float(loss.get("x", 0)) + float(loss.get("width", 0)) == pytest.approx(zero, abs=0.2)


def test_grouped_bars_stand_beside_each_other_and_have_a_legend() -> None:
    html = chart_html(
        Chart("grouped_bar", "T", "k", ("revenue", "revenue_previous"), unit="usd"),
        result("k revenue revenue_previous", [("a", 2, 1), ("b", 4, 3)]),
        {"revenue": "Revenue", "revenue_previous": "Earlier revenue"},
    )
    rects = bars(drawings(html)[0])
    assert len({rect.get("y") for rect in rects}) == 4
    assert "Earlier revenue</span>" in html


def test_a_series_column_splits_one_measure_into_lines_with_gaps_where_values_lack() -> None:
    rows: list[tuple[object, ...]] = [
        (date(2026, month, 1), plan, month * 1.0)
        for month in (1, 2, 3, 4)
        for plan in ("basic", "pro")
        if (month, plan) != (2, "pro")
    ]
    html = chart_html(Chart("line", "T", "m", ("v",), series="plan"), result("m plan v", rows))
    paths = [e.get("d", "") for e in drawings(html)[0].iter() if e.tag.endswith("path")]
    assert [path.count("M") for path in paths] == [1, 2]


def test_texts_from_the_lake_are_escaped() -> None:
    html = chart_html(
        Chart("bar", "<b>T", "k", ("v",)), result("k v", [("<script>", 1.0), ("ok", 2.0)])
    )
    assert "<script" not in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    ("chart", "rows"),
    [
        (Chart("number", "T", "", ("v",)), [("a", 1.0), ("b", 2.0)]),
        (Chart("bar", "T", "k", ("v",)), [("a", 1.0)]),
        (Chart("bar", "T", "gone", ("v",)), [("a", 1.0), ("b", 2.0)]),
        (Chart("bar", "T", "k", ()), [("a", 1.0), ("b", 2.0)]),
    ],
)
def test_what_makes_no_picture_is_not_drawn(chart: Chart, rows: list[tuple[object, ...]]) -> None:
    assert chart_html(chart, result("k v", rows)) == ""


@pytest.mark.parametrize("rows", [[("a", None), ("b", None)], [("a", 0.0), ("b", 0.0)]])
@pytest.mark.parametrize("kind", ["line", "bar"])
def test_empty_and_zero_values_do_not_break_it(kind: str, rows: list[tuple[object, ...]]) -> None:
    assert drawings(chart_html(Chart(kind, "T", "k", ("v",)), result("k v", rows)))  # type: ignore[arg-type]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3, 8), (0.91, 0.99), (0, 9.7e9), (-2, -1)])
def test_ticks_span_the_values(low: float, high: float) -> None:
    ticks = nice_ticks(low, high)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert 3 <= len(ticks) <= 8

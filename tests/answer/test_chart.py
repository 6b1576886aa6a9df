"""Which chart a result's shape calls for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from nlq.answer.chart import choose_chart
from nlq.answer.shape import shape_of
from nlq.types import Chart, MetricUnit, QueryResult

Make = Callable[..., QueryResult]
USD: tuple[tuple[str, MetricUnit], ...] = (("revenue", "usd"),)


def chart_of(result: QueryResult, units: tuple[tuple[str, MetricUnit], ...] = USD) -> Chart | None:
    return choose_chart(result, shape_of(result, None, aggregated=True), units, "Revenue")


def test_one_number(make_result: Make) -> None:
    assert chart_of(make_result("revenue double", (5.0,))) == Chart(
        "number", "Revenue", "", ("revenue",), "", "usd"
    )


def test_a_series_is_a_line_of_all_measures_in_one_unit(make_result: Make) -> None:
    rows = [(date(2026, m, 1), 1.0, 2.0, 3) for m in (1, 2, 3)]
    result = make_result("month date; revenue double; cost double; accounts bigint", *rows)
    chart = chart_of(result, (*USD, ("cost", "usd"), ("accounts", "count")))
    assert chart == Chart("line", "Revenue", "month", ("revenue", "cost"), "", "usd")


def test_days_as_text_are_times(make_result: Make) -> None:
    result = make_result("ds varchar; revenue double", ("2026-01-01", 1.0), ("2026-01-02", 2.0))
    chart = chart_of(result)
    assert chart is not None
    assert (chart.kind, chart.x) == ("line", "ds")


def test_a_single_point_or_a_repeated_one_is_no_line(make_result: Make) -> None:
    assert chart_of(make_result("month date; revenue double", (date(2026, 1, 1), 1.0))) is None
    twice = [(date(2026, 1, 1), 1.0), (date(2026, 1, 1), 2.0)]
    assert chart_of(make_result("month date; revenue double", *twice)) is None


def test_categories_are_bars_up_to_thirty(make_result: Make) -> None:
    def bars(count: int) -> Chart | None:
        rows = [(f"c{n}", float(n)) for n in range(count)]
        return chart_of(make_result("country varchar; revenue double", *rows))

    assert bars(30) == Chart("bar", "Revenue", "country", ("revenue",), "", "usd")
    assert bars(31) is None
    assert bars(1) is None


def test_an_identifier_is_a_category_not_a_measure(make_result: Make) -> None:
    result = make_result("account_id bigint; revenue double", (17, 1.0), (4, 2.0))
    chart = chart_of(result)
    assert chart is not None
    assert (chart.kind, chart.x, chart.y) == ("bar", "account_id", ("revenue",))


def test_comparisons_are_grouped_bars(make_result: Make) -> None:
    result = make_result(
        "country varchar; revenue double; revenue_previous double; revenue_change double",
        ("DE", 2.0, 1.0, 1.0),
        ("FR", 3.0, 2.0, 0.5),
    )
    chart = chart_of(result)
    assert chart is not None
    assert (chart.kind, chart.y) == ("grouped_bar", ("revenue", "revenue_previous"))


def test_two_categories_are_grouped_bars(make_result: Make) -> None:
    rows = [(c, p, 1.0) for c in ("DE", "FR") for p in ("sms", "voice")]
    chart = chart_of(make_result("country varchar; product varchar; revenue double", *rows))
    assert chart is not None
    assert (chart.kind, chart.x, chart.series) == ("grouped_bar", "country", "product")


def test_lines_by_category_up_to_eight(make_result: Make) -> None:
    def lines(count: int, months: int = 2) -> Chart | None:
        rows = [(date(2026, m + 1, 1), f"c{n}", 1.0) for m in range(months) for n in range(count)]
        return chart_of(make_result("month date; country varchar; revenue double", *rows))

    chart = lines(8)
    assert chart is not None
    assert (chart.kind, chart.x, chart.series) == ("line", "month", "country")
    assert lines(9) is None
    one_month = lines(8, months=1)
    assert one_month is not None
    assert (one_month.kind, one_month.x) == ("bar", "country")


def test_no_picture_of_a_part(make_result: Make) -> None:
    cut = make_result("country varchar; revenue double", ("a", 1.0), ("b", 2.0), truncated=True)
    assert chart_of(cut) is None
    assert chart_of(make_result("name varchar", ("a",), ("b",))) is None

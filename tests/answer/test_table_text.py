"""What a terminal shows of a result."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

from rich.console import Console

from nlq.answer.table_text import chart_text, table_text
from nlq.types import Answer, Chart, QueryResult

Make = Callable[..., QueryResult]


def shown(thing: object) -> str:
    out = io.StringIO()
    Console(file=out, width=80, force_terminal=False).print(thing)
    return out.getvalue()


def answer(result: QueryResult, chart: Chart | None = None) -> Answer:
    return Answer(
        "q1", "?", "answer", "Five.", result=result, units=(("revenue", "usd"),), chart=chart
    )


def test_numbers_stand_to_the_right_in_their_units(make_result: Make) -> None:
    result = make_result("name varchar; revenue double", ("Acme", 1234567.0), ("B", None))
    lines = shown(table_text(answer(result))).splitlines()
    assert lines[0].split()[::2] == ["name", "revenue"]
    assert lines[2].endswith("$1,234,567")
    assert lines[3].endswith("\N{EN DASH}")
    assert len(lines) == 4


def test_long_results_say_how_much_is_left_out(make_result: Make) -> None:
    result = make_result("n bigint", *((n,) for n in range(1010)))
    text = shown(table_text(answer(result)))
    assert "… 990 more rows" in text
    assert len(text.splitlines()) == 23
    cut = make_result("n bigint", (1,), truncated=True)
    assert "cut off" in shown(table_text(answer(cut)))


def test_text_of_the_lake_is_only_text(make_result: Make) -> None:
    result = make_result("[red]x varchar", ("[bold]loud[/bold]\x1b[2J\nnext",))
    text = shown(table_text(answer(result)))
    assert "[red]x" in text
    assert "[bold]loud[/bold]" in text
    assert "\x1b" not in text


def test_nothing_to_show(make_result: Make) -> None:
    assert table_text(Answer("q1", "?", "refusal", "No.")) is None
    assert table_text(answer(make_result("n bigint"))) is None


def test_bars_are_as_long_as_their_values(make_result: Make) -> None:
    result = make_result(
        "month date; revenue double",
        (date(2026, 1, 1), 10e6),
        (date(2026, 2, 1), 5e6),
        (date(2026, 3, 1), None),
    )
    chart = Chart("line", "Revenue by month", "month", ("revenue",), unit="usd")
    lines = shown(chart_text(answer(result, chart))).splitlines()
    assert lines[0].strip() == "Revenue by month"
    assert lines[1].startswith("1 Jan 2026")
    assert lines[1].rstrip().endswith("$10.0M")
    assert lines[1].count("█") == 2 * lines[2].count("█") == 40
    assert lines[3].count("█") == 0


def test_no_bars_for_what_bars_cannot_show(make_result: Make) -> None:
    below_zero = make_result("name varchar; revenue double", ("a", 1.0), ("b", -1.0))
    assert chart_text(answer(below_zero, Chart("bar", "t", "name", ("revenue",)))) is None
    two = make_result("name varchar; revenue double", ("a", 1.0), ("b", 2.0))
    assert chart_text(answer(two, Chart("number", "t", y=("revenue",)))) is None
    assert chart_text(answer(two, Chart("line", "t", "name", ("revenue",), "name"))) is None
    assert chart_text(answer(two)) is None

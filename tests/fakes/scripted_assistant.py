"""A scripted assistant: questions go in, the events that a script holds for them come out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.errors import TooCostly
from nlq.types import (
    Answer,
    Chart,
    Definition,
    Event,
    Finished,
    Principal,
    Progress,
    QueryResult,
    ResultColumn,
    StageFinished,
    StageStarted,
    TableState,
    Turn,
)

REGIONS = ("North America", "Europe", "Asia Pacific", "Latin America", "Middle East and Africa")


def quarters() -> QueryResult:
    rows = tuple(
        (
            date(2024 + q // 4, q % 4 * 3 + 1, 1),
            Decimal(f"{3_400_000 + 310_000 * q + 90_000 * (q % 3)}.25"),
        )
        for q in range(10)
    )
    return QueryResult(
        (ResultColumn("quarter", "date"), ResultColumn("revenue", "decimal(18,2)")), rows
    )


def regions() -> QueryResult:
    rows = tuple(
        (name, Decimal(2_900_000 // (i + 1)), Decimal(2_500_000 // (i + 1) + 120_000 * i))
        for i, name in enumerate(REGIONS)
    )
    columns = (
        ResultColumn("region", "varchar"),
        ResultColumn("revenue", "decimal(18,2)"),
        ResultColumn("revenue_previous", "decimal(18,2)"),
    )
    return QueryResult(columns, rows)


def many() -> QueryResult:
    rows = tuple(
        (f"account {i:04d}", i * 17 % 1000, "=1+1" if i == 3 else "ok") for i in range(1200)
    )
    return QueryResult(
        (
            ResultColumn("account", "varchar"),
            ResultColumn("messages", "bigint"),
            ResultColumn("note", "varchar"),
        ),
        rows,
        truncated=True,
    )


SQL = """SELECT date_trunc('quarter', invoice_date) AS quarter,
       sum(amount_cents) / 100.0 AS revenue
FROM lake.finance.revenue
WHERE invoice_date >= DATE '2024-01-01'
GROUP BY 1
ORDER BY 1
LIMIT 1000"""

BASE = Answer(
    id="",
    question="",
    kind="answer",
    headline="",
    sql=SQL,
    how=(
        "Adds up amount_cents of lake.finance.revenue, in dollars.",
        "Counts rows with invoice_date from 2024-01-01 to 2026-06-30.",
        "One row for each quarter.",
    ),
    definitions=(
        Definition("Revenue", "Recognised revenue in US dollars, after credits.", "Finance"),
    ),
    tables=(
        TableState(
            "lake.finance.revenue", "Recognised revenue, one row per invoice line.", "certified",
            "Finance", "Data Platform", datetime(2026, 6, 30, 4, 12, tzinfo=UTC), 24.0, 0.0,
            date(2026, 6, 29),
        ),
        TableState(
            "lake.finance.exchange_rates", "Daily exchange rates to the US dollar.", "none",
            "Treasury", "Data Platform", datetime(2026, 6, 28, 2, 0, tzinfo=UTC), 24.0, 31.0,
            date(2026, 6, 27), ("rates_complete: 3 currencies lack a rate for 2026-06-28",),
        ),
    ),
    assumptions=("Revenue is recognised revenue.", "Quarters are calendar quarters."),
    suggestions=("And by region?", "Only enterprise customers", "Last year instead"),
)  # fmt: skip


COSTLY = Answer(
    "", "", "refusal",
    "This would read about 2.3 TB, 23 times the 100 GB above which you are asked first.",
    hint="Ask for a shorter time or fewer columns.", rule="too-costly", may_confirm=True,
)  # fmt: skip


class _Grants:
    fingerprint = "all"
    tables = denied_tables = denied_columns = denied_tags = filters = ()

    def row_filters(self, table: str) -> tuple[str, ...]:
        return ()


class _Policy:
    def grants(self, principal: Principal) -> _Grants:
        return _Grants()


SCRIPTED_POLICY = _Policy()


class ScriptedAssistant:
    """Answers by the words in the question; keeps what it is told."""

    def __init__(self, pause_s: float = 0.0) -> None:
        self.pause_s = pause_s
        self.asked: list[tuple[str, Principal, int]] = []
        self.ratings: list[tuple[str, str, str]] = []
        self.closed = False
        self.policy = SCRIPTED_POLICY
        self.catalog = Catalog({})

    def stream(
        self,
        text: str,
        *,
        principal: Principal,
        conversation: tuple[Turn, ...] = (),
        conversation_id: str = "",
        cancel: CancelToken | None = None,
        run: bool = True,
        interface: str = "api",
        confirmed: bool = False,
    ) -> Iterator[Event]:
        self.asked.append((text, principal, len(conversation)))
        id_ = f"q{len(self.asked)}"
        done = []
        for stage, begun, ended in (
            ("retrieve", "Looking for tables and metrics", "Found 3 tables and the metric revenue"),
            ("draft", "Writing the SQL", "Wrote the SQL from the metric revenue"),
            ("guard", "Checking the SQL", "The SQL is safe and reads 2 tables"),
            ("run", "Running it on the lake", "Read 10 rows"),
        ):
            yield StageStarted(stage, begun)
            if stage == "run" and "forever" in text:
                assert cancel is not None
                for i in range(600):
                    if cancel.cancelled:
                        yield Finished(
                            Answer(id_, text, "cancelled", "Cancelled; nothing was run.")
                        )
                        return
                    yield Progress("run", "Running it on the lake", min(0.99, i / 100))
                    time.sleep(0.05)
            time.sleep(self.pause_s)
            done.append((stage, self.pause_s))
            yield StageFinished(stage, self.pause_s, ended)
        answer = self._answer(text) if confirmed or "every message" not in text else COSTLY
        turn = Turn(text, text, answer.sql, answer.headline, options=answer.options)
        yield Finished(replace(answer, id=id_, question=text, turn=turn, timings=tuple(done)))

    def _answer(self, text: str) -> Answer:
        lowered = text.lower()
        if "broken" in lowered:
            raise ZeroDivisionError("secret detail")
        if "salary" in lowered:
            return Answer(
                "", text, "refusal", "The salaries of people are not open to your role.",
                hint="Ask the owner, People Operations, for access.", rule="columns-allowed",
            )  # fmt: skip
        if "sales" in lowered and "recognised" not in lowered:
            return Answer(
                "", text, "clarification", "Which sales do you mean?",
                options=("Recognised revenue from sales by quarter", "Closed deals of sales"),
            )  # fmt: skip
        if "region" in lowered:
            return replace(
                BASE,
                headline="North America had the highest revenue, $2.9M, up 16.0% on last year.",
                result=regions(),
                units=(("revenue", "usd"), ("revenue_previous", "usd")),
                chart=Chart(
                    "grouped_bar", "Revenue by region", "region",
                    ("revenue", "revenue_previous"), unit="usd",
                ),
                warnings=("lake.finance.exchange_rates is 31 hours late.",),
            )  # fmt: skip
        if "account" in lowered:
            return replace(BASE, headline="1,200 accounts sent messages.", result=many())
        return replace(
            BASE,
            headline="Revenue was $6,370,000 in Q2 2026, up 24.1% on the same quarter last year.",
            result=quarters(),
            units=(("revenue", "usd"),),
            chart=Chart("line", "Revenue by quarter", "quarter", ("revenue",), unit="usd"),
        )

    def full_result(
        self,
        answer: Answer,
        principal: Principal,
        *,
        cancel: CancelToken | None = None,
        interface: str = "api",
        confirmed: bool = True,
    ) -> QueryResult:
        """What was cut off has a hundred rows more."""
        assert answer.result is not None
        if "unwritten" in answer.question:
            raise OSError("secret detail")
        if "every account" in answer.question and not confirmed:
            raise TooCostly(COSTLY.headline, hint="Ask for less.", may_confirm=True)
        return replace(
            many(), rows=(*many().rows, *(("late", i, "ok") for i in range(100))), truncated=False
        )

    def feedback(self, answer_id: str, rating: str, note: str, principal: Principal) -> None:
        self.ratings.append((answer_id, rating, note))

    def close(self) -> None:
        self.closed = True

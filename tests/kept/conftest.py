"""A small lake's docs, a policy that a test may change, and the file of what is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from kept_lake import SALES, Lake

from nlq.kept.conversations import Conversations
from nlq.kept.file import open_kept
from nlq.types import (
    Answer,
    Chart,
    MetricPlan,
    PlanFilter,
    QueryResult,
    ResultColumn,
    TableState,
    Turn,
)

ROWS = (
    (date(2026, 1, 31), Decimal("12.50"), "a", True, 7, 0.1, None),
    (
        datetime(2026, 1, 31, 9, tzinfo=ZoneInfo("Europe/Berlin")), Decimal("-0.10"), "ü", False,
        2**62, float("inf"), [1, {"k": b"\x00\xff"}],
    ),
    (datetime(2026, 1, 31, 9, 0, 0, 5), Decimal("1E+3"), "", None, 0, -0.0, {3: time(9, 30)}),
    (timedelta(days=-1, microseconds=3), Decimal(0), "=1", None, 0, 1e300, []),
)  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "policy.yaml")


@pytest.fixture
def conversations(tmp_path: Path, lake: Lake) -> Conversations:
    started = datetime(2026, 7, 1, 12, tzinfo=UTC)
    ticks = count()
    return Conversations(
        open_kept(tmp_path / "home" / "kept.sqlite"),
        lake.rights,
        lambda: started + timedelta(minutes=next(ticks)),
    )


@pytest.fixture
def make_answer() -> Callable[..., Answer]:
    def make(question: str = "revenue by region", **fields: object) -> Answer:
        answer = Answer(
            id="q1",
            question=question,
            kind="answer",
            headline="Revenue was $5 in Q2 2026.",
            sql="SELECT sum(amount) AS total FROM lake.shop.sales",
            source="metric",
            plan=MetricPlan(
                (), ("region",), (PlanFilter("region", ("EMEA",)),), start=date(2026, 1, 1)
            ),
            result=QueryResult(
                tuple(ResultColumn(f"c{i}", "varchar") for i in range(7)),
                ROWS,
                computed_at=datetime(2026, 6, 30, 9, tzinfo=UTC),
            ),
            units=(("c1", "usd"),),
            labels=(("c1", "Revenue"),),
            chart=Chart("bar", "Revenue", "c2", ("c1",), unit="usd"),
            tables=(
                TableState(
                    SALES.name, "Sales.", "certified", "Ann", "Bob",
                    datetime(2026, 6, 30, tzinfo=UTC), 24.0, 0.0, date(2026, 6, 29),
                ),
            ),
            suggestions=("By month?",),
            timings=(("draft", 1.5),),
            turn=Turn(question, f"{question}, all of it", "SELECT 1", "Revenue was $5."),
            as_of=datetime(2026, 6, 30, 9, tzinfo=UTC),
            columns=("lake.shop.sales.amount",),
        )  # fmt: skip
        return replace(answer, **fields)

    return make

"""The real pipeline over a shop of two tables, with a scripted drafter and engine.

What a question says decides what happens: ``number N`` gives N, ``rows N`` gives N rows, ``which``
asks back, ``pay`` reads what only HR may, ``forever`` runs until it is cancelled, ``costly`` reads
much.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.engine.base import OnProgress
from nlq.errors import EngineUnavailable
from nlq.log import AuditLog
from nlq.pipeline import Assistant
from nlq.sql.guard import Guard
from nlq.sql.guarded import GuardedQuery
from nlq.sql.policy import Policy
from nlq.types import (
    Clarification,
    Clock,
    ColumnDoc,
    Context,
    Draft,
    Estimate,
    QueryResult,
    Question,
    Rejection,
    ResultColumn,
    RunLimits,
    SqlDraft,
    TableDoc,
    TableHit,
)

SALES = TableDoc(
    "lake.shop.sales", (ColumnDoc("day", "date"), ColumnDoc("amount", "bigint")), "Sales."
)
PAY = TableDoc("lake.hr.pay", (ColumnDoc("amount", "bigint"),), "Pay.")
CATALOG = Catalog({SALES.name: SALES, PAY.name: PAY})
POLICY = """
version: 1
contact: Ask data-access@example.com.
limits: {max_bytes: 1000000, confirm_above_bytes: 200000}
roles:
  analyst: {tables: [lake.shop.*]}
  hr: {tables: [lake.hr.*]}
"""
CLOCK = Clock(datetime(2026, 7, 15, 9, tzinfo=UTC), ZoneInfo("UTC"))


class ShopRetriever:
    """Finds every table that may be seen."""

    def retrieve(self, question: Question, visible: Catalog) -> Context:
        hits = tuple(TableHit(table, 1.0) for table in visible.tables.values())
        return Context(question, question.text, tables=hits)

    def lake_docs(self, visible: Catalog) -> str:
        return ", ".join(visible.tables)


class ShopDrafter:
    """Drafts by the question's words, and keeps the questions."""

    def __init__(self) -> None:
        self.questions: list[Question] = []

    def draft(
        self,
        context: Context,
        visible: Catalog,
        rejections: tuple[Rejection, ...],
        cancel: CancelToken,
        on_text: Callable[[str], None] | None = None,
    ) -> Draft:
        self.questions.append(context.question)
        if on_text:
            on_text("SELECT")
        text = context.question.text
        if "which" in text:
            return Clarification("Which sales?", ("Sales by day", "Sales in all"))
        table = "lake.hr.pay" if "pay" in text else "lake.shop.sales"
        number = re.search(r"\d+", text)
        what = "_".join(re.findall("number|rows|forever|costly", text))
        return SqlDraft(
            f"SELECT amount AS {what or 'total'} FROM {table} "
            f"WHERE amount < {number[0] if number else 0}",
            "metric",
        )

    def another(
        self, context: Context, visible: Catalog, number: int, cancel: CancelToken
    ) -> Draft:
        return self.draft(context, visible, (), cancel)

    def warm_up(self, lake: str = "") -> None:
        pass


class ShopEngine:
    """Runs by the name of the query's column; ``running`` is set while one runs forever.

    ``most`` cuts results off at so many rows; ``forever`` makes any query run until cancelled.
    """

    name = "shop"

    def __init__(self) -> None:
        self.down = False
        self.most: int | None = None
        self.forever = False
        self.running = threading.Event()
        self.cancelled = threading.Event()

    def ping(self) -> str:
        if self.down:
            raise EngineUnavailable("The shop is closed.", hint="Open it.")
        return "shop 1"

    def estimate(self, query: GuardedQuery) -> Estimate:
        return Estimate(size_bytes=300_000 if "costly" in query.sql else 100)

    def run(
        self,
        query: GuardedQuery,
        limits: RunLimits,
        cancel: CancelToken,
        on_progress: OnProgress | None = None,
    ) -> QueryResult:
        if self.forever or "forever" in query.sql:
            self.running.set()
            give_up = time.monotonic() + 20
            while time.monotonic() < give_up:
                if cancel.cancelled:
                    self.cancelled.set()
                cancel.check()
                time.sleep(0.01)
            raise AssertionError("never cancelled")
        number = int(re.findall(r"\d+", query.sql.split("<")[1])[0])
        values = range(number) if "rows" in query.sql else (number,)
        whole, values = len(values), values[: self.most]
        return QueryResult(
            (ResultColumn("amount", "bigint"),),
            tuple((value,) for value in values),
            size_bytes=8 * len(values),
            truncated=len(values) < whole,
            engine="shop",
        )

    def data_version(self, query: GuardedQuery) -> str | None:
        return None

    def close(self) -> None:
        pass


class Shop:
    """The assistant and its parts."""

    def __init__(self, folder: Path) -> None:
        policy_file = folder / "policy.yaml"
        policy_file.write_text(POLICY)
        policy = Policy.load(policy_file)
        self.drafter, self.engine = ShopDrafter(), ShopEngine()
        self.audit = AuditLog(folder / "audit.sqlite")
        self.assistant = Assistant(
            catalog=CATALOG,
            policy=policy,
            guard=Guard(CATALOG, policy),
            retriever=ShopRetriever(),
            drafter=self.drafter,
            engine=self.engine,
            audit=self.audit,
            clock=lambda: CLOCK,
        )

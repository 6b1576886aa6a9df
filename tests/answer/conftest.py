"""A small catalog, and queries sealed as the guard seals them: qualified and typed trees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from nlq.answer.lineage import Lineage, table_name
from nlq.catalog.catalog import Catalog
from nlq.sql.guarded import GuardedQuery, seal
from nlq.types import (
    Clock,
    ColumnDoc,
    Context,
    DimensionDoc,
    Freshness,
    JoinEdge,
    MetricDoc,
    Principal,
    QualityCheck,
    QueryResult,
    Question,
    ResultColumn,
    TableDoc,
    ValueDoc,
)

CLOCK = Clock(datetime(2026, 6, 30, 9, tzinfo=ZoneInfo("UTC")), ZoneInfo("UTC"))
COUNTRIES = (ValueDoc("DE", "Germany"), ValueDoc("FR", "France"), ValueDoc("US", "United States"))

REVENUE = TableDoc(
    "lake.finance.revenue_daily",
    (
        ColumnDoc("ds", "varchar"),
        ColumnDoc("account_id", "bigint"),
        ColumnDoc(
            "product", "varchar", values=(ValueDoc("sms", "SMS"), ValueDoc("voice", "Voice"))
        ),
        ColumnDoc("amount_cents", "bigint", unit="USD cents"),
        ColumnDoc("messages", "bigint", unit="count"),
    ),
    description="Revenue by day, account and product.",
    partitioned_by=("ds",),
    time_column="ds",
    owner_business="Finance",
    owner_technical="Data platform",
    certification="certified",
    freshness=Freshness(datetime(2026, 6, 30, 4, tzinfo=UTC), 24, date(2026, 6, 29)),
    joins=(JoinEdge("lake.finance.revenue_daily", ("account_id",), "lake.crm.accounts", ("id",)),),
)
ACCOUNTS = TableDoc(
    "lake.crm.accounts",
    (
        ColumnDoc("id", "bigint"),
        ColumnDoc("name", "varchar"),
        ColumnDoc("country_code", "varchar", values=COUNTRIES),
        ColumnDoc("segment", "varchar", values=(ValueDoc("ent", "Enterprise"), ValueDoc("smb"))),
        ColumnDoc("is_active", "boolean"),
        ColumnDoc("created_at", "timestamp(3)"),
        ColumnDoc("seats", "integer"),
    ),
    freshness=Freshness(datetime(2026, 6, 28, 9, tzinfo=UTC), 24),
    checks=(QualityCheck("no duplicate ids", "fail"), QualityCheck("not empty", "pass")),
    owner_business="Sales",
    owner_technical="CRM team",
)
INVOICES = TableDoc(
    "lake.finance.invoices",
    (
        ColumnDoc("invoice_id", "bigint"),
        ColumnDoc("account_id", "bigint"),
        ColumnDoc("issued_at", "timestamp(3)"),
        ColumnDoc("total_amount", "decimal(18,2)", unit="in the invoice's currency"),
        ColumnDoc("currency", "varchar"),
        ColumnDoc("status", "integer", values=(ValueDoc("3", "paid"),)),
    ),
    time_column="issued_at",
)
LINES = TableDoc(
    "lake.finance.invoice_lines",
    (
        ColumnDoc("invoice_id", "bigint"),
        ColumnDoc("line_no", "integer"),
        ColumnDoc("line_usd", "decimal(18,2)", unit="USD"),
    ),
    joins=(
        JoinEdge(
            "lake.finance.invoice_lines", ("invoice_id",), "lake.finance.invoices", ("invoice_id",)
        ),
    ),
)
OLD = TableDoc(
    "lake.finance.revenue_old",
    (ColumnDoc("ds", "date"), ColumnDoc("usd", "double", unit="USD")),
    certification="deprecated",
    replaced_by="lake.finance.revenue_daily",
    time_column="ds",
)
CALLS = TableDoc(
    "lake.events.calls",
    (
        ColumnDoc("started_at", "timestamp(3)"),
        ColumnDoc("duration_ms", "bigint", unit="milliseconds"),
        ColumnDoc("price_usd", "double", unit="USD"),
        ColumnDoc("outcome", "varchar"),
    ),
    time_column="started_at",
    certification="staging",
)
TABLES = (REVENUE, ACCOUNTS, INVOICES, LINES, OLD, CALLS)

METRICS = (
    MetricDoc(
        "revenue",
        "Revenue",
        "Recognised revenue in US dollars.",
        table=REVENUE.name,
        time_column="ds",
        expression="sum(amount_cents) / 100.0",
        dimensions=("country", "product", "segment"),
        unit="usd",
        owner="Finance",
    ),
    MetricDoc(
        "delivery_rate", "Delivery rate", "Delivered over sent.", unit="percent", owner="Messaging"
    ),
    MetricDoc("messages_sent", "Messages sent", "Messages.", unit="count", owner="Messaging"),
    MetricDoc(
        "revenue_per_message",
        "Revenue per message",
        "Revenue over messages.",
        kind="derived",
        inputs=("revenue", "messages_sent"),
        unit="usd",
        owner="Finance",
    ),
)
DIMENSIONS = (
    DimensionDoc("country", "Country", ACCOUNTS.name, "country_code"),
    DimensionDoc("segment", "Segment", ACCOUNTS.name, "segment"),
    DimensionDoc("product", "Product", REVENUE.name, "product"),
    DimensionDoc("active", "Active", ACCOUNTS.name, "is_active"),
)


def parse(sql: str) -> exp.Query:
    """The tree that the guard would hand on for this SQL."""
    schema: dict[str, dict[str, dict[str, dict[str, str]]]] = {}
    for table in TABLES:
        catalog, db, name = table.name.split(".")
        columns = {column.name: column.type for column in table.columns}
        schema.setdefault(catalog, {}).setdefault(db, {})[name] = columns
    tree = sqlglot.parse_one(sql, read="presto")
    tree = qualify(tree, schema=schema, dialect="presto")
    tree = annotate_types(tree, schema=schema, dialect="presto")
    assert isinstance(tree, exp.Query)
    return tree


def guarded(sql: str, rewrites: tuple[str, ...] = ()) -> GuardedQuery:
    """A guarded query made without the guard."""
    tree = parse(sql)
    known = {table.name for table in TABLES}
    names = dict.fromkeys(table_name(t) for t in tree.find_all(exp.Table))
    return seal(
        tree=tree,
        sql=tree.sql("presto", pretty=True),
        principal=Principal("ada"),
        tables=tuple(n for n in names if n in known),
        columns=(),
        rewrites=rewrites,
        fingerprint="f",
        row_limit=1000,
    )


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog(
        {t.name: t for t in TABLES},
        {m.name: m for m in METRICS},
        {d.name: d for d in DIMENSIONS},
    )


@pytest.fixture(scope="session")
def clock() -> Clock:
    return CLOCK


@pytest.fixture(scope="session")
def guard() -> Callable[..., GuardedQuery]:
    return guarded


@pytest.fixture(scope="session")
def lineage_of(catalog: Catalog) -> Callable[[str], Lineage]:
    return lambda sql: Lineage(parse(sql), catalog)


@pytest.fixture(scope="session")
def make_context() -> Callable[..., Context]:
    def make(
        text: str = "How was revenue?", roles: tuple[str, ...] = (), **fields: object
    ) -> Context:
        question = Question("q1", text, Principal("ada", roles), CLOCK)
        return Context(question, text, **fields)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def make_result() -> Callable[..., QueryResult]:
    def make(columns: str, *rows: tuple[object, ...], truncated: bool = False) -> QueryResult:
        """``columns`` is ``name type; name type``."""
        named = (pair.strip().split(" ", 1) for pair in columns.split(";"))
        return QueryResult(tuple(ResultColumn(n, t) for n, t in named), rows, truncated=truncated)

    return make

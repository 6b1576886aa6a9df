"""A small lake, its policy and its guard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nlq.catalog.catalog import Catalog
from nlq.sql.guard import Guard
from nlq.sql.guarded import GuardedQuery
from nlq.sql.policy import Policy
from nlq.types import (
    ColumnDoc,
    DimensionDoc,
    Freshness,
    JoinEdge,
    MetricDoc,
    Principal,
    TableDoc,
    VerifiedQuery,
)

FIXTURES = Path(__file__).parent / "fixtures"
ANALYST = Principal("ann", ("analyst",))


def _columns(text: str) -> tuple[ColumnDoc, ...]:
    """``name type`` per comma; a ``!`` after the type marks personal data."""
    docs = []
    for part in text.split(";"):
        name, kind = part.strip().split(" ", 1)
        tags = ("pii",) if kind.endswith("!") else ()
        docs.append(ColumnDoc(name, kind.rstrip("!"), tags=tags))
    return tuple(docs)


@pytest.fixture(scope="session")
def lake() -> Catalog:
    messages = TableDoc(
        "lake.events.messages",
        _columns(
            "message_id bigint; account_id bigint; ds varchar; status varchar; segments integer; "
            "price decimal(12,4); sent_at timestamp(3); is_test boolean; tags array(varchar); "
            "route row(carrier varchar, hops integer); to_number varchar!"
        ),
        partitioned_by=("ds",),
        partition_filter_required=True,
        time_column="ds",
        certification="certified",
        freshness=Freshness(complete_through=None),
        joins=(
            JoinEdge(
                "lake.events.messages", ("account_id",), "lake.product.accounts", ("account_id",)
            ),
        ),
    )
    accounts = TableDoc(
        "lake.product.accounts",
        _columns(
            "account_id bigint; name varchar; country_code varchar; plan varchar; mrr double; "
            "created date; active boolean; region varchar; email varchar!; order integer"
        ),
        primary_key=("account_id",),
        row_count=5_000,
        certification="certified",
    )
    tables = (
        messages,
        accounts,
        TableDoc("lake.crm.accounts", _columns("crm_id varchar; name varchar; owner varchar")),
        TableDoc(
            "lake.product.regions",
            _columns("region varchar; label varchar; manager varchar"),
            row_count=4,
        ),
        TableDoc(
            "lake.staging.invoices", _columns("id bigint; cents bigint"), certification="staging"
        ),
        TableDoc(
            "lake.finance.invoices",
            _columns("id bigint; account_id bigint; cents bigint; issued date; paid_at timestamp"),
            certification="certified",
        ),
        TableDoc("lake.support.notes", _columns("id bigint; note varchar")),
        TableDoc("lake.crm.notes", _columns("id bigint; note varchar")),
        TableDoc("lake.hr.payroll", _columns("person varchar!; salary bigint; month date")),
    )
    return Catalog(
        tables={t.name: t for t in tables},
        metrics={
            "messages": MetricDoc(
                "messages",
                "Messages",
                "Messages sent.",
                table="lake.events.messages",
                time_column="ds",
                expression="count(*)",
                dimensions=("country", "recipient"),
            ),
            "pay": MetricDoc(
                "pay", "Pay", "Salaries.", table="lake.hr.payroll", expression="sum(salary)"
            ),
            "pay_per_message": MetricDoc(
                "pay_per_message",
                "Pay",
                "Ratio.",
                kind="derived",
                expression="pay / messages",
                inputs=("pay", "messages"),
            ),
        },
        dimensions={
            "country": DimensionDoc("country", "Country", "lake.product.accounts", "country_code"),
            "recipient": DimensionDoc(
                "recipient",
                "Recipient",
                "lake.events.messages",
                "",
                expression="substr(to_number, 1, 3)",
            ),
        },
        verified=(
            VerifiedQuery("How many accounts?", "SELECT count(*) FROM lake.product.accounts"),
            VerifiedQuery("Who earns most?", "SELECT max(salary) FROM lake.hr.payroll"),
            VerifiedQuery("All addresses?", "SELECT email FROM lake.product.accounts"),
        ),
    )


@pytest.fixture(scope="session")
def policy() -> Policy:
    return Policy.load(FIXTURES / "policy.yaml")


@pytest.fixture(scope="session")
def guard(lake: Catalog, policy: Policy) -> Guard:
    return Guard(lake, policy)


@pytest.fixture(scope="session")
def check(guard: Guard) -> Callable[[str], GuardedQuery]:
    """Check SQL as an analyst, who sees no personal data, no staging and no payroll."""
    return lambda sql: guard.check(sql, ANALYST)

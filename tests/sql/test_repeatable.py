"""Which queries may be answered by an earlier result."""

from __future__ import annotations

import pytest

from nlq.catalog.catalog import Catalog
from nlq.sql.functions import FUNCTIONS
from nlq.sql.guard import Guard
from nlq.sql.policy import Policy
from nlq.sql.repeatable import UNREPEATABLE, is_repeatable
from nlq.types import ColumnDoc, Principal, TableDoc

ASKING = Principal("anna", ("analyst",))
COLUMNS = (
    ColumnDoc("id", "bigint"),
    ColumnDoc("at", "timestamp(3)"),
    ColumnDoc("opens", "time(3)"),
    ColumnDoc("tags", "array(varchar)"),
)
TABLES = ("lake.crm.accounts", "system.runtime.queries", "lake.information_schema.columns")


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Guard:
    policy = tmp_path_factory.mktemp("policy") / "policy.yaml"
    policy.write_text('version: 1\ncontact: Ask.\nroles: {analyst: {tables: ["*.*.*"]}}\n', "utf-8")
    docs = {name: TableDoc(name, COLUMNS) for name in TABLES}
    return Guard(Catalog(tables=docs), Policy.load(policy))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM lake.crm.accounts",
        "SELECT id FROM lake.crm.accounts WHERE at >= DATE '2026-01-01' ORDER BY id LIMIT 3",
        "WITH a AS (SELECT approx_distinct(id) AS n FROM lake.crm.accounts) SELECT n FROM a",
        "SELECT date_diff('day', at, TIMESTAMP '2026-01-01 00:00:00') FROM lake.crm.accounts",
        "SELECT 'now() and rand()' AS said FROM lake.crm.accounts",
        "SELECT CAST(opens AS varchar) FROM lake.crm.accounts",
    ],
)
def test_what_rests_on_the_data_alone_is_repeatable(guard: Guard, sql: str) -> None:
    assert is_repeatable(guard.check(sql, ASKING))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT now() FROM lake.crm.accounts",
        "SELECT id FROM lake.crm.accounts WHERE at > current_date - INTERVAL '7' DAY",
        "SELECT id FROM lake.crm.accounts WHERE at > current_timestamp",
        "SELECT localtime, id FROM lake.crm.accounts",
        "SELECT id FROM lake.crm.accounts WHERE at > localtimestamp",
        "SELECT random(), id FROM lake.crm.accounts",
        "SELECT rand(5), id FROM lake.crm.accounts",
        "SELECT uuid(), id FROM lake.crm.accounts",
        "SELECT shuffle(tags) FROM lake.crm.accounts",
        "WITH a AS (SELECT id FROM lake.crm.accounts WHERE id IN "
        "(SELECT id FROM lake.crm.accounts WHERE rand() < 0.5)) SELECT count(*) FROM a",
        "SELECT count(*) FROM lake.crm.accounts TABLESAMPLE BERNOULLI (10)",
        "SELECT CAST(opens AS timestamp) FROM lake.crm.accounts",
        "SELECT count(*) FROM system.runtime.queries",
        "SELECT count(*) FROM lake.information_schema.columns",
    ],
)
def test_chance_the_clock_and_the_server_s_own_tables_are_not(guard: Guard, sql: str) -> None:
    assert not is_repeatable(guard.check(sql, ASKING))


def test_every_function_named_here_that_the_guard_lets_pass_is_noticed(guard: Guard) -> None:
    bare = {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"}
    for name in sorted(UNREPEATABLE & FUNCTIONS):
        arguments = "(tags)" if name == "shuffle" else "" if name in bare else "()"
        sql = f"SELECT {name}{arguments} AS x FROM lake.crm.accounts"
        assert not is_repeatable(guard.check(sql, ASKING)), name

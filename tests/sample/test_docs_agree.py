"""The table docs say what is in the Parquet files: columns, types, codes, keys, joins, state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pyarrow.parquet as pq
import pytest

from nlq.catalog.yaml_docs import YamlDocs
from nlq.sample.facts import SAMPLE_DOCS, SAMPLE_NOW
from nlq.sample.lake import LakeSummary
from nlq.sample.writer import arrow_type
from nlq.types import TableDoc

Sql = Callable[[str], list[tuple[Any, ...]]]

KEYS = {"acct_sid", "crm_account_id"}

DOCS = YamlDocs(SAMPLE_DOCS / "tables").load().tables
NAMES = sorted(doc.short_name for doc in DOCS.values())
BY_NAME = {doc.short_name: doc for doc in DOCS.values()}

FREE_TEXT = {
    # Few of them, yet not codes: names, titles and remarks that people wrote.
    "ops.incidents.title",
    "ops.pipeline_runs.target_table",
    "ops.query_log.tables_read",
    "ops.table_reads.table_name",
    "staging.accounts_tmp.country",
    "staging.revenue_adj.note",
}


def test_the_lake_is_as_large_as_promised() -> None:
    assert len(NAMES) >= 32
    assert len({name.split(".")[0] for name in NAMES}) >= 7


@pytest.mark.parametrize("name", NAMES)
def test_columns_and_types_are_those_of_the_files(name: str, tiny_lake: LakeSummary) -> None:
    doc = BY_NAME[name]
    files = sorted(tiny_lake.folder.joinpath(*name.split(".")).rglob("*.parquet"))
    stored = [(c.name, arrow_type(c.type)) for c in doc.columns if c.name not in doc.partitioned_by]
    for file in {files[0], files[len(files) // 2], files[-1]}:
        schema = pq.ParquetFile(file).schema_arrow
        assert [(field.name, field.type) for field in schema] == stored
    for column in doc.partitioned_by:
        assert doc.column(column) is not None
        assert all(f"{column}=" in file.parent.name for file in files)


@pytest.mark.parametrize("name", NAMES)
def test_every_code_is_documented(name: str, sql: Sql) -> None:
    doc = BY_NAME[name]
    for column in doc.columns:
        if column.values:
            found = {
                str(v)
                for (v,) in sql(f'SELECT DISTINCT "{column.name}" FROM {name}')
                if v is not None
            }
            known = {value.value for value in column.values}
            assert found <= known, f"{name}.{column.name} holds {sorted(found - known)}"
            assert len(known) == len(column.values), f"{name}.{column.name} has a value twice"


@pytest.mark.parametrize("name", NAMES)
def test_few_valued_text_has_its_values_documented(name: str, sql: Sql) -> None:
    doc = BY_NAME[name]
    for column in doc.columns:
        if column.type != "varchar" or column.values or column.name in doc.partitioned_by:
            continue
        if f"{name}.{column.name}" in FREE_TEXT or column.name in KEYS or "pii" in column.tags:
            continue
        ((rows, distinct),) = sql(f'SELECT count(*), count(DISTINCT "{column.name}") FROM {name}')
        assert distinct > 30 or rows < 10 * distinct, f"{name}.{column.name}: {distinct} values"


@pytest.mark.parametrize("name", [n for n in NAMES if BY_NAME[n].primary_key])
def test_primary_keys_are_unique_and_not_null(name: str, sql: Sql) -> None:
    key = ", ".join(BY_NAME[name].primary_key)
    assert sql(f"SELECT {key} FROM {name} GROUP BY {key} HAVING count(*) > 1 LIMIT 1") == []
    empty = " OR ".join(f"{column} IS NULL" for column in BY_NAME[name].primary_key)
    assert sql(f"SELECT count(*) FROM {name} WHERE {empty}") == [(0,)]


JOINS = [(doc.short_name, join) for doc in DOCS.values() for join in doc.joins]


@pytest.mark.parametrize(
    ("name", "join"), JOINS, ids=[f"{n}-{j.right}-{j.left_columns[0]}" for n, j in JOINS]
)
def test_joins_find_their_row(name: str, join: Any, sql: Sql) -> None:
    right = join.right.split(".", 1)[1]
    on = " AND ".join(
        f"l.{a} = r.{b}" for a, b in zip(join.left_columns, join.right_columns, strict=True)
    )
    given = " AND ".join(f"l.{column} IS NOT NULL" for column in join.left_columns)
    lost = sql(f"SELECT count(*) FROM {name} l ANTI JOIN {right} r ON {on} WHERE {given}")
    assert lost == [(0,)]
    met = sql(f"SELECT count(*) FROM {name} l JOIN {right} r ON {on}")
    rows = sql(f"SELECT count(*) FROM {name} l WHERE {given}")
    assert met == rows, "a row on the left meets more than one on the right"
    assert met[0][0] > 0
    if join.cardinality == "one_to_one":
        keys = ", ".join(join.left_columns)
        assert sql(f"SELECT count(DISTINCT ({keys})) FROM {name} l WHERE {given}") == rows


def newest(doc: TableDoc, sql: Sql) -> date:
    ((last,),) = sql(f"SELECT max({doc.time_column}) FROM {doc.short_name}")
    if isinstance(last, str):
        return date.fromisoformat(last)
    return last.date() if isinstance(last, datetime) else last


DAILY = [
    "curated.carrier_quality_daily", "curated.daily_usage", "curated.signup_funnel_daily",
    "events.calls", "events.emails", "events.messages", "events.verifications",
    "finance.exchange_rates", "marketing.spend_daily", "staging.daily_usage_v2",
    "curated.account_health", "curated.daily_usage_v1",
]  # fmt: skip


@pytest.mark.parametrize("name", DAILY)
def test_daily_tables_end_where_they_say(name: str, sql: Sql) -> None:
    assert newest(BY_NAME[name], sql) == BY_NAME[name].freshness.complete_through


@pytest.mark.parametrize("name", NAMES)
def test_nothing_happened_after_now(name: str, sql: Sql) -> None:
    for column in BY_NAME[name].columns:
        if column.type == "timestamp(3)" and "local" not in column.unit:
            ((last,),) = sql(f"SELECT max({column.name}) FROM {name}")
            assert last < SAMPLE_NOW.replace(tzinfo=None), column.name


def test_exactly_one_table_is_late_and_one_check_fails() -> None:
    late = {n for n, d in BY_NAME.items() if d.freshness.late_by_hours(SAMPLE_NOW)}
    assert late == {"marketing.spend_daily"}
    failing = {(n, c.name) for n, d in BY_NAME.items() for c in d.checks if c.status == "fail"}
    assert failing == {("crm.opportunities", "open opportunities have an amount")}


def test_the_failing_check_is_true(sql: Sql) -> None:
    ((share,),) = sql(
        "SELECT avg((amt_usd_c IS NULL)::int) FROM crm.opportunities"
        " WHERE stage_cd NOT IN ('WON', 'LST')"
    )
    assert share > 0.01


def test_personal_data_is_tagged() -> None:
    words = ("email", "full_name", "phone_e164", "ip_addr", "last_login_ip", "salary_usd")
    words += ("question_text", "sql_text")  # people write names and numbers into them
    for name, doc in BY_NAME.items():
        for column in doc.columns:
            personal = column.name.endswith(words) or column.name == "phone"
            assert personal == ("pii" in column.tags), f"{name}.{column.name}"


@pytest.mark.parametrize("name", NAMES)
def test_docs_are_whole(name: str) -> None:
    doc = BY_NAME[name]
    assert doc.description
    assert doc.grain
    assert doc.owner_technical
    assert doc.row_count
    assert doc.size_bytes
    assert all(column.description for column in doc.columns)
    assert (doc.certification in {"staging", "deprecated"}) == bool(doc.replaced_by)
    assert not doc.replaced_by or doc.replaced_by in DOCS
    assert not doc.time_column or doc.column(doc.time_column) is not None
    if doc.certification == "certified":
        assert doc.owner_business
        assert doc.freshness.sla_hours
    large = doc.partitioned_by == ("ds",) and doc.row_count > 100_000
    assert doc.partition_filter_required == large

"""SQL of other engines becomes Presto's, and what could not be carried over is said."""

from __future__ import annotations

import pytest

from nlq.desk.translate import DIALECTS, translate
from nlq.errors import GuardRefused

WHOLE = [
    ("postgres", "SELECT b::date FROM t WHERE x ILIKE 'y%' LIMIT 5", ["CAST(b AS DATE)", "lower("]),
    ("mysql", "SELECT IFNULL(a, 1), GROUP_CONCAT(b) FROM `t` LIMIT 5", ["coalesce(a, 1)", "',')"]),
    (
        "snowflake",
        "SELECT IFF(x > 1, 2, 3) AS y FROM t "
        "QUALIFY row_number() OVER (PARTITION BY a ORDER BY b) = 1",
        ["if(x > 1, 2, 3)", "_w = 1"],
    ),
    ("bigquery", "SELECT SAFE_CAST(a AS INT64) FROM `p.d.t`", ["TRY_CAST(a AS BIGINT)"]),
    ("redshift", "SELECT NVL(a, b), GETDATE() FROM t", ["coalesce(a, b)", "CURRENT_TIMESTAMP"]),
    ("spark", "SELECT w FROM t LATERAL VIEW explode(y) z AS w", ["CROSS JOIN UNNEST(y)"]),
    ("hive", "SELECT date_add(d, 3) FROM t", ["date_add('DAY', 3"]),
    ("tsql", "SELECT TOP 5 ISNULL(a, 'x') + 'y' AS z FROM t", ["'x') || 'y'", "LIMIT 5"]),
    ("oracle", "SELECT NVL(a, 1) FROM t", ["coalesce(a, 1)"]),
    ("duckdb", "SELECT a FROM t WHERE d > DATE '2026-01-01'", ["DATE '2026-01-01'"]),
    ("clickhouse", "SELECT countIf(x > 1) FROM t", ["x > 1"]),
]  # fmt: skip

LOST = [
    ("snowflake", "SELECT * EXCLUDE (a) FROM t", "exceptions"),
    ("snowflake", "SELECT a, count(*) FROM t GROUP BY ALL", "GROUP BY ALL"),
    ("mysql", "SELECT find_in_set('a', b) FROM t", "no function find_in_set"),
    ("postgres", "SELECT a FROM t WHERE a = ANY(ARRAY[1, 2])", "contains(array, value)"),
    ("oracle", "SELECT a FROM t WHERE rownum < 5", "ROWNUM"),
    ("oracle", "SELECT a FROM t, u WHERE t.a = u.a(+)", "Outer join syntax"),
    ("duckdb", "SELECT * FROM t PIVOT (sum(x) FOR y IN ('a', 'b'))", "PIVOT"),
    ("postgres", "DELETE FROM t", "only a SELECT query"),
    ("clickhouse", "SELECT a FROM t FINAL", "FINAL"),
]


@pytest.mark.parametrize(("dialect", "sql", "parts"), WHOLE, ids=[d for d, *_ in WHOLE])
def test_what_presto_has_is_carried_over(dialect, sql, parts):
    done = translate(sql, dialect)
    assert done.lost == ()
    for part in parts:
        assert part in done.sql


@pytest.mark.parametrize(("dialect", "sql", "said"), LOST, ids=[s for *_, s in LOST])
def test_what_could_not_be_carried_over_is_said(dialect, sql, said):
    assert any(said in words for words in translate(sql, dialect).lost)


@pytest.mark.parametrize(
    ("dialect", "sql", "said"),
    [
        ("mysql", "SELECT a FROM t WHERE a = 'x'", "in any case of letters"),
        ("oracle", "SELECT a FROM t WHERE a = ''", "empty text"),
        ("tsql", "SELECT a + b AS c FROM t", "||"),
    ],
)
def test_what_means_something_else_is_noted(dialect, sql, said):
    (note,) = translate(sql, dialect).notes
    assert said in note


def test_presto_like_queries_pass_unchanged():
    done = translate("SELECT a FROM t WHERE b = 1", "trino")
    assert (done.lost, done.notes) == ((), ())


@pytest.mark.parametrize(
    ("sql", "dialect", "rule"),
    [
        ("SELECT 1", "cobol", "unknown-dialect"),
        ("SELECT FROM WHERE (", "mysql", "unparsable"),
        ("SELECT 1; SELECT 2", "mysql", "one-statement"),
        ("", "postgres", "one-statement"),
        ("SELECT 'open", "postgres", "unparsable"),
    ],
)
def test_what_is_not_read_is_refused_with_a_way_on(sql, dialect, rule):
    with pytest.raises(GuardRefused) as refused:
        translate(sql, dialect)
    assert refused.value.rule == rule
    assert refused.value.hint


def test_every_dialect_is_one_that_sqlglot_reads():
    for dialect in DIALECTS:
        assert translate("SELECT a FROM t", dialect).lost == ()

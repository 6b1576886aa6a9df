"""Every clause of a query is told in words that come from its tree and the catalog."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot
import yaml

from nlq.catalog.yaml_docs import YamlDocs
from nlq.desk.bound import bind
from nlq.desk.layout import layout
from nlq.desk.versions import same_query
from nlq.sample.facts import SAMPLE_DOCS
from nlq.sql.limits import Limits

SUITES = Path(__file__).parents[2] / "evals/suites"
DOCS = YamlDocs(SAMPLE_DOCS).load()


def asked() -> list[str]:
    """The verified queries and the suites' references."""
    queries = [query.sql for query in DOCS.verified]
    for file in sorted(SUITES.glob("sample*.yaml")):
        for case in yaml.safe_load(file.read_text("utf-8"))["cases"]:
            queries += [r["sql"] for r in case.get("references", ()) if "sql" in r]
    return queries


def told(desk, principal, sql):
    """The words by clause, in order."""
    return [(line.clause, line.words) for line in desk.explain(sql, principal)]


def words(desk, principal, sql, clause):
    return [said for kind, said in told(desk, principal, sql) if kind == clause]


def test_every_clause_of_every_reference_query_has_words_and_reads_back(desk, platform):
    queries = asked()
    assert len(queries) > 250
    for sql in queries:
        lines = desk.explain(sql, platform)
        assert len(lines) > 2, sql
        assert [line for line in lines if not line.words and line.clause != "end"] == [], sql
        assert all(line.words[-1] in ".:" for line in lines if line.words), sql
        assert [line.words for line in lines if "`" in line.words] == []
        laid_out = "\n".join(line.sql for line in lines)
        assert same_query(laid_out, sql), laid_out


def test_a_value_is_said_by_its_meaning(desk, ana):
    sql = "SELECT count(*) FROM lake.product.accounts WHERE status = 'S' AND seg = 'ENT'"
    first, second = words(desk, ana, sql, "where")
    assert first == ("Keeps rows where status is Suspended for non-payment or abuse (S).")
    assert second.startswith("And only where segment is ")
    assert "(ENT)" in second


@pytest.mark.parametrize(
    ("join", "expected"),
    [
        ("lake.product.accounts a ON a.account_id = t.account_id", "so none is repeated"),
        ("lake.finance.invoices i ON i.account_id = t.account_id", "do not say how many"),
        (
            "(SELECT account_id, count(*) AS n FROM lake.finance.invoices GROUP BY account_id) n"
            " ON n.account_id = t.account_id",
            "so none is repeated",
        ),
    ],
)
def test_a_join_says_whether_it_repeats_rows(desk, ana, join, expected):
    sql = f"SELECT count(*) AS n FROM lake.support.tickets t JOIN {join}"
    (said,) = words(desk, ana, sql, "join")
    assert expected in said
    assert "Rows without a match drop out." in said


def test_a_join_to_the_many_side_warns(desk, ana):
    sql = (
        "SELECT sum(a.account_id) AS s FROM lake.product.accounts a "
        "LEFT JOIN lake.support.tickets t ON t.account_id = a.account_id"
    )
    (said,) = words(desk, ana, sql, "join")
    assert "count it more than once" in said
    assert "Rows without a match stay" in said


def test_nested_queries_are_told_inside_their_brackets(desk, ana):
    sql = (
        "WITH big AS (SELECT account_id FROM lake.finance.invoices) "
        "SELECT account_name FROM lake.product.accounts WHERE account_id IN "
        "(SELECT account_id FROM big) AND EXISTS (SELECT 1 FROM lake.ops.incidents)"
    )
    lines = desk.explain(sql, ana)
    assert [line.clause for line in lines] == [
        "with", "select", "column", "from", "end",
        "select", "column", "from",
        "where", "select", "column", "from", "end",
        "where", "select", "column", "from", "end",
    ]  # fmt: skip
    assert {line.depth for line in lines} == {0, 1}
    assert 'the rows of the step "big"' in lines[11].words
    assert "only looks whether" in lines[14].words.lower()


@pytest.mark.parametrize(
    ("sql", "clause", "expected"),
    [
        ("SELECT * FROM lake.product.countries", "column", "All columns that you may see: code,"),
        ("SELECT code FROM lake.product.countries LIMIT 3", "limit", "nothing says which"),
        (
            "SELECT code FROM lake.product.countries ORDER BY code DESC LIMIT 3",
            "order",
            "Z to A",
        ),
        (
            "SELECT code FROM lake.product.countries UNION SELECT code FROM lake.product.products",
            "set",
            "each different row once",
        ),
        (
            "SELECT region, code, count(*) AS n FROM lake.product.countries "
            "GROUP BY GROUPING SETS ((region), (code))",
            "group",
            "several levels",
        ),
        (
            "SELECT x FROM UNNEST(ARRAY[1, 2]) AS t(x)",
            "from",
            "one row for each entry",
        ),
        (
            "SELECT row_number() OVER (PARTITION BY region ORDER BY code) AS n "
            "FROM lake.product.countries",
            "column",
            "within each",
        ),
    ],
)  # fmt: skip
def test_what_else_a_query_may_hold(desk, ana, sql, clause, expected):
    assert expected in words(desk, ana, sql, clause)[0]


def test_rows_that_the_policy_keeps_back_are_said(desk, emea):
    (said,) = words(desk, emea, "SELECT region FROM lake.crm.reps", "from")
    assert "You see only its rows where region = 'EMEA'." in said


def test_a_text_with_a_line_break_is_not_torn_apart():
    sql = "SELECT 'a\n  b' AS x FROM lake.product.countries WHERE code = 'DE'"
    pieces = layout(bind(sql, DOCS.tables, Limits()).written)
    again = sqlglot.parse_one("\n".join(piece.text for piece in pieces), read="presto")
    assert again.find(sqlglot.exp.Literal).name == "a\n  b"

"""What the guard lets pass, and what it makes of it; pairs of SQL are in fixtures/accepted."""

from __future__ import annotations

import ast
import dataclasses
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp

import nlq
from nlq.errors import GuardRefused
from nlq.sql.guard import Guard, render_checked
from nlq.sql.guarded import GuardedQuery
from nlq.sql.invented import refuse_invented
from nlq.sql.limits import Limits
from nlq.sql.policy import Policy
from nlq.sql.reading import read_query
from nlq.types import Principal

FIXTURES = Path(__file__).parent / "fixtures" / "accepted"
ROOT = Path(nlq.__file__).parent
Check = Callable[[str], GuardedQuery]


def pairs() -> Iterator[Any]:
    """``-- role`` chooses who asks; then input; and expected; as in sqlglot's own fixtures."""
    for path in sorted(FIXTURES.glob("*.sql")):
        parts = [p.strip() for p in path.read_text("utf-8").split(";\n") if p.strip()]
        assert len(parts) % 2 == 0, f"{path}: an input without an expected output"
        for number, (given, expected) in enumerate(zip(parts[::2], parts[1::2], strict=True), 1):
            lines = given.splitlines()
            role = lines.pop(0)[3:].strip() if lines[0].startswith("-- ") else "analyst"
            yield pytest.param("\n".join(lines), expected, role, id=f"{path.stem} {number}")


@pytest.mark.parametrize(("given", "expected", "role"), list(pairs()))
def test_accepted(guard: Guard, given: str, expected: str, role: str) -> None:
    assert guard.check(given, Principal("ann", (role,))).sql == expected


# Row filters are put in again, around what a filter has narrowed already.
UNFILTERED = [pair for pair in pairs() if pair.values[2] != "sales_emea"]


@pytest.mark.parametrize(("given", "expected", "role"), UNFILTERED)
def test_what_the_guard_made_it_accepts_unchanged(
    guard: Guard, given: str, expected: str, role: str
) -> None:
    assert guard.check(expected, Principal("ann", (role,))).sql == expected


def test_what_is_sent_is_rendered_from_the_tree(check: Check) -> None:
    query = check("select name from accounts where created >= '2026-01-01'")
    assert query.tree().sql(dialect="presto") == query.sql
    assert query.tables == ("lake.product.accounts",)
    assert query.columns == ("lake.product.accounts.name", "lake.product.accounts.created")


def test_the_tree_is_qualified_and_typed(check: Check) -> None:
    tree = check("select account_id / 2 as half from accounts").tree()
    column = tree.find(exp.Column)
    assert column is not None
    assert column.table == "accounts"
    assert column.type is not None
    assert column.type.is_type("bigint")


def test_the_tree_is_a_copy(check: Check) -> None:
    query = check("select name from accounts")
    query.tree().set("expressions", [])
    assert query.tree().sql(dialect="presto") == query.sql


def test_fingerprint_is_that_of_the_meaning(check: Check) -> None:
    one = check("select name from accounts where plan='pro'")
    same = check("SELECT  name\nFROM lake.product.ACCOUNTS -- all\nWHERE plan = 'pro'")
    other = check("select name from accounts where plan='free'")
    assert one.fingerprint == same.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("sql", "limit"),
    [
        ("select name from accounts", 1_000),
        ("select name from accounts limit 7", 7),
        ("select name from accounts limit 99999999", 10_000),
        ("select name from accounts fetch first 99999999 rows only", 10_000),
        ("select name from accounts fetch first 5 rows only", 5),
        ("select count(*) from accounts", 1),
        ("(select name from accounts limit 99999999)", 1_000),
        ("select name from accounts union all select label from regions", 1_000),
        ("select name from accounts offset 5 limit 10", 10),
    ],
)
def test_rows_are_bounded(check: Check, sql: str, limit: int) -> None:
    assert check(sql).row_limit == limit


def test_a_role_lowers_the_limit(guard: Guard) -> None:
    query = guard.check("select name from accounts limit 900", Principal("eve", ("executive",)))
    assert query.row_limit == 500


def test_rewrites_are_told(check: Check) -> None:
    words = " | ".join(check('select * from accounts where plan = "pro"').rewrites)
    assert "read accounts as lake.product.accounts" in words
    assert "read pro as text" in words
    assert "limited to 1,000 rows" in words


def test_a_row_filter_stands_in_every_reference(guard: Guard) -> None:
    sql = (
        "with a as (select name from accounts) select name from a union all "
        "select x.name from accounts x join accounts y on x.account_id = y.account_id "
        "where exists (select 1 from lake.product.accounts z where z.account_id = x.account_id)"
    )
    query = guard.check(sql, Principal("sam", ("sales_emea",)))
    scans = [t for t in query.tree().find_all(exp.Table) if t.args.get("catalog")]
    assert len(scans) == 4
    for scan in scans:
        select = scan.parent_select
        assert select is not None
        assert "region = 'EMEA'" in select.args["where"].sql()
        assert len(select.args["from_"].find_all(exp.Table).__next__().parts) == 3


def test_only_the_guard_seals() -> None:
    callers = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = {a.name for a in node.names} if isinstance(node, ast.ImportFrom) else set()
            if names & {"seal", "_SEAL"} or getattr(node, "attr", "") in {"seal", "_SEAL"}:
                callers.add(path.relative_to(ROOT).as_posix())
    assert callers == {"sql/guard.py"}


def test_a_guarded_query_cannot_be_made_otherwise(check: Check) -> None:
    query = check("select 1 as one")
    fields = {f.name: getattr(query, f.name) for f in dataclasses.fields(query)}
    with pytest.raises(TypeError, match="Only the guard"):
        GuardedQuery(**{**fields, "_seal": object()})
    with pytest.raises(dataclasses.FrozenInstanceError):
        query.sql = "DROP TABLE t"  # type: ignore[misc]


def test_a_broken_row_filter_fails_closed(lake: Any, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(
        "version: 1\ncontact: c\nroles:\n  r:\n    tables: ['*.*.*']\n    row_filters:\n"
        "      - {table: lake.product.accounts, where: nosuch = 1}\n"
    )
    with pytest.raises(GuardRefused) as refused:
        Guard(lake, Policy.load(path)).check("select name from accounts", Principal("a", ("r",)))
    assert refused.value.rule == "row-filter"
    assert not refused.value.repairable


def test_a_tree_that_reads_back_as_another_is_refused() -> None:
    tree, _ = read_query("SELECT a.name FROM lake.product.accounts AS a", Limits())
    table = tree.find(exp.Table)
    assert table is not None
    table.set("this", exp.Identifier(this="accounts AS b, lake.hr.payroll", quoted=False))
    with pytest.raises(GuardRefused) as refused:
        render_checked(tree, Limits())
    assert refused.value.rule == "not-rendered"


def test_a_typical_draft_takes_under_20_ms(check: Check) -> None:
    sql = (
        "SELECT a.country_code, date_trunc('month', CAST(m.ds AS date)) AS month, "
        "sum(m.price) AS revenue FROM lake.events.messages m JOIN lake.product.accounts a "
        "ON m.account_id = a.account_id WHERE m.ds >= '2026-01-01' AND m.ds < '2026-07-01' "
        "AND a.plan = 'pro' GROUP BY 1, 2 ORDER BY revenue DESC LIMIT 20"
    )
    taken = []
    for _ in range(15):
        started = time.process_time()
        check(sql)
        taken.append(time.process_time() - started)
    assert statistics.median(taken) < 0.020


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 42 AS revenue",
        "SELECT 'No such data.' AS answer",
        "SELECT name, 0.42 AS happy FROM accounts",
        "SELECT -1 * 3 AS n FROM accounts",
        "SELECT 'yes' AS answer FROM accounts",
        "SELECT count(*) AS n FROM accounts UNION ALL SELECT 7 FROM accounts",
        "(SELECT 42 AS revenue FROM accounts)",
    ],
)
def test_a_model_may_not_make_values_up(check: Check, sql: str) -> None:
    with pytest.raises(GuardRefused) as refused:
        refuse_invented(check(sql))
    assert refused.value.rule == "invented-value"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) AS n FROM accounts",
        "SELECT 100 * count(*) AS n FROM accounts",
        "SELECT 'all' AS who, count(*) AS n FROM accounts",
        "SELECT name FROM accounts a WHERE EXISTS (SELECT 1 FROM accounts b WHERE b.name = a.name)",
        "SELECT 'a' AS part, name FROM accounts UNION ALL SELECT 'b', name FROM accounts",
    ],
)
def test_values_from_the_data_are_no_inventions(check: Check, sql: str) -> None:
    refuse_invented(check(sql))

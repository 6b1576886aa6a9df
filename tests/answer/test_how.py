"""SQL in, steps in words out: the cases of fixtures/how.txt, and that nothing makes it fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nlq.answer.how import how_computed
from nlq.answer.lineage import Lineage

_BLOCKS = (Path(__file__).parent / "fixtures" / "how.txt").read_text("utf-8").strip().split("\n\n")
CASES = [block.split("\n") for block in _BLOCKS[1:]]


@pytest.mark.parametrize("case", CASES, ids=[case[0].removeprefix("# ") for case in CASES])
def test_steps(case: list[str], lineage_of: Callable[[str], Lineage]) -> None:
    sql = [line for line in case[1:] if not line.startswith("=> ")]
    steps = [line.removeprefix("=> ") for line in case if line.startswith("=> ")]
    assert list(how_computed(lineage_of("\n".join(sql)))) == steps


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 30


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) "
        "SELECT n FROM t",
        "SELECT transform(ARRAY[1, 2], x -> x + 1) AS a",
        "SELECT * FROM (VALUES (1, 2)) AS t (a, b)",
        "SELECT name FROM lake.crm.accounts TABLESAMPLE BERNOULLI (10)",
        "SELECT (SELECT max(seats) FROM lake.crm.accounts) AS most, 'x' || 'y' AS text",
        "SELECT name, count(*) AS n FROM lake.crm.accounts GROUP BY GROUPING SETS ((name), ())",
        "SELECT name FROM lake.crm.accounts WHERE id > ALL (SELECT seats FROM lake.crm.accounts)",
        "SELECT name FROM lake.crm.accounts INTERSECT SELECT name FROM lake.crm.accounts",
        "SELECT listagg(name, ',') WITHIN GROUP (ORDER BY name) AS names FROM lake.crm.accounts",
    ],
)
def test_unusual_sql_is_told_without_failing(
    sql: str, lineage_of: Callable[[str], Lineage]
) -> None:
    steps = how_computed(lineage_of(sql))
    assert steps
    assert all(step[0].isupper() and step.endswith(".") for step in steps)


def test_a_moment_is_not_rounded_to_its_day(lineage_of: Callable[[str], Lineage]) -> None:
    sql = (
        "SELECT count(*) AS n FROM lake.events.calls "
        "WHERE started_at {} TIMESTAMP '2026-06-02 00:00:00'"
    )
    told = {op: how_computed(lineage_of(sql.format(op)))[1] for op in ("<", "<=", ">", ">=", "=")}
    assert told["<"] == "Keep rows where started at is before 2 Jun 2026."
    assert told[">="] == "Keep rows where started at is on or after 2 Jun 2026."
    assert told["<="] == "Keep rows where started at is on or before 2 Jun 2026 00:00."
    assert told[">"] == "Keep rows where started at is after 2 Jun 2026 00:00."
    assert told["="] == "Keep rows where started at is 2 Jun 2026 00:00."

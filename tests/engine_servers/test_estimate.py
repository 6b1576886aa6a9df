"""What a query would read: partitions from the plan or the table's own list, sums over scans."""

from __future__ import annotations

import json

import pytest

from nlq.engine.partitions_read import PartitionCounts
from nlq.engine.trino_client_engine import PrestoEngine, TrinoEngine
from nlq.engine.trino_client_estimate import Estimator
from nlq.engine.trino_client_plans import Key, Scan, Span
from nlq.errors import EngineError, EngineUnavailable, QueryFailed, QueryTimeout
from nlq.types import Estimate

NOSUCH = QueryFailed("Table lake.a.b$partitions does not exist.")


class ListingServer:
    """Counts what is asked; ``answer`` is a number or an error."""

    def __init__(self, answer: int | EngineError) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str]] = []

    def rows(self, sql: str, *, user: str, seconds: float = 60.0) -> list[list[int]]:
        assert 0 < seconds < 10
        self.asked.append((user, sql))
        if isinstance(self.answer, EngineError):
            raise self.answer
        return [[self.answer]]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def scan(*keys: Key) -> Scan:
    return Scan("lake.a.b", keys=keys)


def days(*spans: Span, kind: str = "string", **fields: bool) -> Key:
    return Key("ds", kind, spans, **fields)


ONE = Span("x", "x")
RANGE = Span("2026-01-01", "2026-06-30")


def test_listed_values_need_no_look_at_the_table() -> None:
    server = ListingServer(NOSUCH)
    counts = PartitionCounts(server)
    assert counts.read_by(scan(days(ONE, Span("y", "y"))), "ana") == 2
    assert counts.read_by(scan(days(ONE, with_null=True)), "ana") == 2
    assert counts.read_by(Scan("lake.a.b", keys=None), "ana") is None
    assert server.asked == []


@pytest.mark.parametrize(
    ("key", "condition"),
    [
        (days(RANGE), "(\"ds\" >= '2026-01-01' AND \"ds\" <= '2026-06-30')"),
        (
            days(RANGE, kind="date"),
            "(\"ds\" >= CAST('2026-01-01' AS date) AND \"ds\" <= CAST('2026-06-30' AS date))",
        ),
        (
            days(ONE, Span(None, "o'k", True, False), with_null=True),
            "(\"ds\" IN ('x') OR \"ds\" < 'o''k' OR \"ds\" IS NULL)",
        ),
        (days(Span("5", None, False), kind="int"), "(\"ds\" > CAST('5' AS integer))"),
        (days(Span(None, None), kind="varchar(9)"), '("ds" IS NOT NULL)'),
    ],
)
def test_a_span_is_counted_in_the_tables_own_list(key, condition) -> None:
    server = ListingServer(181)
    assert PartitionCounts(server).read_by(scan(key), "ana") == 181
    assert server.asked == [
        ("ana", f'SELECT count(*) FROM "lake"."a"."b$partitions" WHERE {condition}')
    ]


def test_several_partition_columns_are_counted_together() -> None:
    server = ListingServer(48)
    other = Key("region", "string", (ONE, Span("y", "y")))
    assert PartitionCounts(server).read_by(scan(days(ONE), other), "ana") == 48
    [(_, sql)] = server.asked
    assert sql.endswith("WHERE (\"ds\" IN ('x')) AND (\"region\" IN ('x', 'y'))")


def test_a_value_that_cannot_be_written_is_unknown() -> None:
    server = ListingServer(3)
    assert PartitionCounts(server).read_by(scan(days(RANGE, kind="timestamp")), "ana") is None
    assert PartitionCounts(server).read_by(Scan("", keys=(days(RANGE),)), "ana") is None
    assert server.asked == []


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        (NOSUCH, 1),  # the table has no partitions: it is read as one
        (300_000, None),  # it has, and the plan did not tell which
        (QueryFailed("Access Denied", repairable=False), None),
        (QueryTimeout("slow"), None),
        (EngineUnavailable("down"), None),
    ],
)
def test_a_scan_whose_plan_tells_no_partition_column(answer, number) -> None:
    assert PartitionCounts(ListingServer(answer)).read_by(scan(), "ana") == number


def test_answers_are_kept_for_a_while_and_for_one_person() -> None:
    server, clock = ListingServer(181), Clock()
    counts = PartitionCounts(server, keep_s=60, clock=clock)
    for user in ("ana", "ben"):
        for _ in range(3):
            assert counts.read_by(scan(days(RANGE)), user) == 181
    assert [user for user, _ in server.asked] == ["ana", "ben"]
    clock.now = 61
    server.answer = 182
    assert counts.read_by(scan(days(RANGE)), "ana") == 182


def test_a_server_that_is_away_is_asked_again() -> None:
    server = ListingServer(EngineUnavailable("down"))
    counts = PartitionCounts(server)
    assert counts.read_by(scan(days(RANGE)), "ana") is None
    server.answer = 181
    assert counts.read_by(scan(days(RANGE)), "ana") == 181


def plan(rows: float | str) -> str:
    details = 'ds:string:-13:PARTITION_KEY\n    :: [["2026-05-01"], ["2026-05-02"]]'
    handle = "[connectorId='lake', connectorHandle='H{schemaName=a, tableName=b, x=1}']"
    estimate = {"outputRowCount": rows, "totalSize": "NaN" if rows == "NaN" else rows * 10}
    node = {
        "name": "TableScan", "children": [], "details": details, "identifier": handle,
        "estimates": [estimate],
    }  # fmt: skip
    return json.dumps({"0": {"plan": node}})


@pytest.mark.parametrize(
    ("rows", "table_bytes", "wanted"),
    [
        (50.0, None, Estimate(50, 500, 2)),
        (50.0, 9_000, Estimate(50, 500, 2)),
        ("NaN", None, Estimate(None, None, 2)),
        ("NaN", 9_000, Estimate(None, 9_000 * 2 // 30, 2)),
    ],
)
def test_bytes_are_the_share_of_the_table_where_statistics_lack(
    guarded, rows, table_bytes, wanted
) -> None:
    estimator = Estimator(
        lambda options, _: "true" if options == "TYPE VALIDATE" else plan(rows),
        PartitionCounts(ListingServer(30)),
        {"lake.a.b": table_bytes}.get,
    )
    assert estimator.estimate(guarded("SELECT n")) == wanted


def test_what_the_check_says_comes_before_what_the_plan_says(guarded) -> None:
    def explain(options: str, _: object) -> str:
        raise QueryFailed("line 1:8: no such column" if "VALIDATE" in options else "cannot plan")

    with pytest.raises(QueryFailed, match="no such column"):
        Estimator(explain, PartitionCounts(ListingServer(1))).estimate(guarded("SELECT n"))


@pytest.mark.parametrize("engine", [PrestoEngine, TrinoEngine])
def test_an_engine_lets_the_server_check_and_plan(engine, cluster, guarded, numbers, texts) -> None:
    cluster.scripts = {"TYPE VALIDATE": [numbers(1)], "TYPE DISTRIBUTED": [texts(plan(50.0))]}
    made = engine(cluster.url)
    assert made.estimate(guarded("SELECT n", "ana")) == Estimate(50, 500, 2)
    assert sorted(cluster.statements) == [
        "EXPLAIN (TYPE DISTRIBUTED, FORMAT JSON) SELECT n",
        "EXPLAIN (TYPE VALIDATE) SELECT n",
    ]
    header = "X-Trino-User" if engine is TrinoEngine else "X-Presto-User"
    assert {sent.headers[header] for sent in cluster.of("POST")} == {"ana"}
    made.close()

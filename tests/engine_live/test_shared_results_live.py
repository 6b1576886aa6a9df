"""Kept results and shared runs on real servers; what ran is read from the server's own list."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from nlq.cancel import CancelToken
from nlq.engine.base import OnProgress
from nlq.engine.servers.server import RunningServer
from nlq.engine.shared_results import SharedResults
from nlq.engine.trino_client import Client, Cluster
from nlq.engine.trino_client_engine import PrestoEngine, TrinoEngine
from nlq.errors import Cancelled
from nlq.sql.dialect import LAKE
from nlq.sql.functions import FUNCTIONS
from nlq.sql.guarded import GuardedQuery, seal
from nlq.sql.names import base_tables
from nlq.sql.repeatable import UNREPEATABLE
from nlq.types import Principal, QueryResult, RunLimits

LIMITS = RunLimits(seconds=120)
MESSAGES = "SELECT count(*) AS n FROM lake.events.messages WHERE ds >= '2026-06-01'"
SLOW = (
    "SELECT count(*) AS n FROM lake.events.messages AS a CROSS JOIN tpch.sf1.lineitem AS b "
    "WHERE a.status || b.comment = 'x'"
)


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 30, 10, 32, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Kept:
    """Shared results over one server, asked by somebody whom nobody else is."""

    def __init__(self, server: RunningServer) -> None:
        make = PrestoEngine if server.kind == "presto" else TrinoEngine
        self.kind = server.kind
        self.user = f"kept-{uuid.uuid4().hex[:8]}"
        self.watch = Watch()
        self.engine = make(server.url)
        self.shared = SharedResults(
            self.engine,
            rights=lambda principal: principal.name,
            keep_s=300,
            room_bytes=10_000_000,
            now=self.watch,
        )
        self._client = Client(Cluster(server.kind, server.url, source="test"))

    def query(self, sql: str) -> GuardedQuery:
        """The query as the guard would seal it."""
        tree = LAKE.parse(sql)[0]
        assert tree is not None
        return seal(
            tree=tree,  # type: ignore[arg-type]
            sql=sql,
            principal=Principal(self.user),
            tables=base_tables(tree),
            columns=(),
            rewrites=(),
            fingerprint="",
            row_limit=1000,
        )

    def ask(
        self, sql: str, cancel: CancelToken | None = None, on_progress: OnProgress | None = None
    ) -> QueryResult:
        return self.shared.run(self.query(sql), LIMITS, cancel or CancelToken(), on_progress)

    def statement(self, sql: str) -> list[list[object]]:
        """Run any statement past the guard and the engine."""
        return self._client.rows(sql, user="watcher", seconds=120)

    def states(self) -> list[str]:
        """The states of this person's queries on the server, those for versions left out."""
        found = self.statement(
            "SELECT state FROM system.runtime.queries "
            f"WHERE \"user\" = '{self.user}' AND query LIKE 'SELECT count(*) AS n %'"
        )
        return [str(state) for (state,) in found]

    def count_statements(self) -> int:
        """How many statements of any kind this person has sent."""
        sql = f"SELECT query_id FROM system.runtime.queries WHERE \"user\" = '{self.user}'"
        return len(self.statement(sql))

    def close(self) -> None:
        self.shared.close()
        self._client.close()


@pytest.fixture
def kept(either_server: RunningServer) -> Iterator[Kept]:
    made = Kept(either_server)
    yield made
    made.close()


@pytest.fixture
def table(kept: Kept) -> Iterator[str]:
    """A table of one row in the memory catalog."""
    name = f"memory.default.nlq_kept_{uuid.uuid4().hex[:8]}"
    kept.statement(f"CREATE TABLE {name} AS SELECT 1 AS id")
    yield name
    kept.statement(f"DROP TABLE {name}")


def eventually(holds: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Whether it comes to hold within the time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_many_at_once_share_one_run_and_those_after_them_its_result(kept: Kept) -> None:
    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(kept.ask, [MESSAGES] * 20))
    assert len({result.query_id for result in results}) == 1
    kept.ask(MESSAGES)
    sent = kept.count_statements()
    again = kept.ask(MESSAGES)
    assert kept.count_statements() == sent  # it was answered from memory alone
    assert again.computed_at == kept.watch.now
    assert not again.unchanged  # Hive does not tell
    assert again.rows == results[0].rows
    assert len(kept.states()) == 1


def test_a_change_that_the_server_cannot_tell_is_seen_when_the_time_is_over(
    kept: Kept, table: str
) -> None:
    sql = f"SELECT count(*) AS n FROM {table}"
    assert kept.ask(sql).rows == ((1,),)
    kept.statement(f"INSERT INTO {table} VALUES 2")
    kept.watch.now += timedelta(seconds=299)
    assert kept.ask(sql).rows == ((1,),)
    kept.watch.now += timedelta(seconds=1)
    fresh = kept.ask(sql)
    assert fresh.rows == ((2,),)
    assert fresh.computed_at is None


def test_a_run_goes_on_for_those_who_stay_and_ends_on_the_server_with_the_last(kept: Kept) -> None:
    first, second = CancelToken(), CancelToken()
    with ThreadPoolExecutor(2) as pool:
        leader = pool.submit(kept.ask, SLOW, first)
        assert eventually(lambda: kept.states() == ["RUNNING"])
        joined = threading.Event()
        follower = pool.submit(kept.ask, SLOW, second, lambda _text, _share: joined.set())
        assert joined.wait(30)
        first.cancel()
        with pytest.raises(Cancelled):
            leader.result(5)
        time.sleep(1.0)  # time enough for a kill to reach the server
        assert kept.states() == ["RUNNING"]
        second.cancel()
        with pytest.raises(Cancelled):
            follower.result(5)
    assert eventually(lambda: kept.states() == ["FAILED"], 5)


def test_generated_tables_never_change_where_the_server_tells_the_connector(kept: Kept) -> None:
    version = kept.engine.data_version(kept.query("SELECT count(*) AS n FROM tpch.tiny.nation"))
    assert (version is not None) == (kept.kind == "trino")
    mixed = f"SELECT count(*) AS n FROM tpch.tiny.nation, ({MESSAGES}) AS m"
    assert kept.engine.data_version(kept.query(mixed)) is None


def test_every_function_that_the_server_calls_undeterministic_is_known(kept: Kept) -> None:
    listed = kept.statement("SHOW FUNCTIONS")
    names = {
        str(name)
        for name, _, arguments, kind, deterministic, *_ in listed
        # One that takes a lambda is as deterministic as that; table functions the guard refuses.
        if not deterministic and "function(" not in str(arguments) and kind != "table"
    }
    assert names, "the column is another one in this version"
    assert names & FUNCTIONS <= UNREPEATABLE

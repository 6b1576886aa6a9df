"""Both engines on real servers: the same values, limits and errors."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nlq.cancel import CancelToken
from nlq.engine.servers.server import RunningServer, start_server
from nlq.engine.trino_client import Client, Cluster
from nlq.engine.trino_client_engine import PrestoEngine, ServerEngine, TrinoEngine
from nlq.errors import Cancelled, QueryFailed, QueryTimeout, SettingsError
from nlq.types import QueryResult, RunLimits

SLOW = (
    "SELECT count(*) FROM tpch.sf1.lineitem a, tpch.sf1.lineitem b "
    "WHERE a.comment || b.comment = 'x'"
)
INCIDENTS = "lake.ops.incidents"
NEVER_ANALYSED = "lake.staging.revenue_adj"


@pytest.fixture(scope="module")
def server(either_server: RunningServer) -> RunningServer:
    return either_server


@pytest.fixture(scope="module")
def engine(server: RunningServer) -> Iterator[ServerEngine]:
    make = PrestoEngine if server.kind == "presto" else TrinoEngine
    made = make(server.url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def run(engine, guarded) -> Callable[..., QueryResult]:
    def go(sql: str, user: str = "ana", **caps) -> QueryResult:
        return engine.run(guarded(sql, user), RunLimits(**{"seconds": 120, **caps}), CancelToken())

    return go


@pytest.fixture(scope="module")
def ask(server) -> Iterator[Callable[[str], list[list[Any]]]]:
    """Runs any statement past the guard and the engine."""
    client = Client(Cluster(server.kind, server.url, source="test"))
    yield lambda sql: client.rows(sql, user="watcher")
    client.close()


@pytest.fixture(scope="module")
def states(ask) -> Callable[[str], dict[str, str]]:
    """What the server's own list says of a person's queries: state by text."""

    def look(user: str) -> dict[str, str]:
        found = ask(
            "SELECT query, state FROM system.runtime.queries "
            f"WHERE \"user\" = '{user}' AND source = 'nlq'"
        )
        return dict(found)

    return look


def test_it_tells_its_version(engine, server) -> None:
    brand = {"presto": "PrestoDB 0.287", "trino": "Trino 483"}[server.kind]
    assert engine.ping().startswith(brand)


def test_partition_folders_are_partitions(run, server) -> None:
    folders = (server.layout.lake / "events" / "calls").glob("ds=*")
    days = run('SELECT ds FROM lake.events."calls$partitions" ORDER BY 1').rows
    assert [day for (day,) in days] == sorted(path.name.removeprefix("ds=") for path in folders)


def test_the_other_catalogs_are_there(run) -> None:
    assert run("SELECT count(*) FROM tpch.tiny.orders").rows == ((15_000,),)
    assert run("SELECT count(*) FROM tpcds.tiny.reason").rows[0][0] > 0
    assert run("SELECT count(*) FROM memory.information_schema.tables").rows[0][0] > 0


def test_many_rows_come_whole_or_cut_off(run) -> None:
    sql = "SELECT orderkey, comment FROM tpch.tiny.lineitem"
    whole = run(sql, rows=100_000)
    assert (len(whole.rows), whole.truncated) == (60_175, False)
    cut = run(sql, rows=10_000)
    assert (len(cut.rows), cut.truncated) == (10_000, True)
    small = run(sql, size_bytes=50_000)
    assert small.truncated
    assert 40_000 < small.size_bytes <= 50_000


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        (f"SELECT nosuch FROM {INCIDENTS}", "nosuch"),
        ("SELECT 1 / 0", "zero"),
        ("SELECT FROM", "mismatched input"),
        ("SELECT * FROM nosuch.a.b", "nosuch"),
    ],
)
def test_what_the_server_turns_down(run, sql, words) -> None:
    with pytest.raises(QueryFailed, match=words) as caught:
        run(sql)
    assert caught.value.repairable


def wait_until_ended(look: Callable[[], str | None], within: float) -> str | None:
    until = time.monotonic() + within
    while (state := look()) not in ("FAILED", "FINISHED") and time.monotonic() < until:
        time.sleep(0.1)
    return state


def test_a_cancel_reaches_the_server_within_two_seconds(engine, guarded, states) -> None:
    cancel, running = CancelToken(), threading.Event()
    at: list[float] = []

    def soon() -> None:
        running.wait(60)
        at.append(time.monotonic())
        cancel.cancel()

    def heard(words: str, share: float | None) -> None:
        if words.startswith("Running"):
            running.set()

    threading.Thread(target=soon, daemon=True).start()
    with pytest.raises(Cancelled):
        engine.run(guarded(SLOW, "cancels"), RunLimits(seconds=120), cancel, heard)
    assert time.monotonic() - at[0] < 2
    assert wait_until_ended(lambda: states("cancels").get(SLOW), 2) == "FAILED"


def test_past_its_seconds_the_query_ends_on_the_server_too(run, states) -> None:
    with pytest.raises(QueryTimeout):
        run(SLOW, "waits", seconds=3)
    assert wait_until_ended(lambda: states("waits").get(SLOW), 2) == "FAILED"


def test_queries_run_as_who_asks(run, states) -> None:
    run("SELECT 'by bob'", "bob")
    assert states("bob") == {"SELECT 'by bob'": "FINISHED"}
    assert "SELECT 'by bob'" not in states("ana")


def test_estimate_tells_what_statistics_know(engine, guarded) -> None:
    known = engine.estimate(guarded("SELECT orderkey FROM tpch.tiny.lineitem"))
    assert (known.rows, known.size_bytes is not None) == (60_175, True)
    nothing = engine.estimate(guarded("SELECT 1"))
    assert (nothing.rows, nothing.size_bytes) == (0, 0)


def test_an_estimate_is_unknown_without_statistics(engine, guarded, ask) -> None:
    told = ask(f"SHOW STATS FOR {NEVER_ANALYSED}")[-1][4]
    estimate = engine.estimate(guarded(f"SELECT * FROM {NEVER_ANALYSED}"))
    if told:  # servers that somebody else uses too: NLQ_TEST_SERVERS, or a lake kept from before
        assert estimate.rows == told
    else:
        assert (estimate.rows, estimate.size_bytes) == (None, None)


def test_an_estimate_is_known_of_an_analysed_table(engine, guarded, ask) -> None:
    ask(f"ANALYZE {INCIDENTS}")
    ((rows,),) = ask(f"SELECT count(*) FROM {INCIDENTS}")
    estimate = engine.estimate(guarded(f"SELECT severity FROM {INCIDENTS}"))
    assert estimate.rows == rows
    assert estimate.size_bytes is not None
    assert rows < estimate.size_bytes < rows * 100


def test_estimate_refuses_what_does_not_hold(engine, guarded) -> None:
    with pytest.raises(QueryFailed, match="nosuch"):
        engine.estimate(guarded("SELECT nosuch FROM lake.ops.incidents"))


def test_starting_it_again_gives_the_same_server(server) -> None:
    home, lake = server.layout.root.parents[1], server.layout.lake
    assert start_server(server.kind, home=home, name=server.name, lake=lake) == server
    with pytest.raises(SettingsError, match="runs already"):
        start_server(server.kind, home=home, name=server.name, lake=lake, port=server.port - 1)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's /proc")
def test_only_loopback_can_reach_it(server) -> None:
    fds = Path(f"/proc/{server.pid}/fd").iterdir()
    sockets = {os.readlink(fd) for fd in fds if os.path.lexists(fd)}
    open_to_all = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{server.pid}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            address, port = local.split(":")
            listens = state == "0A" and f"socket:[{inode}]" in sockets
            if listens and not address.endswith(("0100007F", "01000000")):
                open_to_all.append(int(port, 16))
    # PrestoDB has two more: Java's own JMX port, which turns away other machines, and a thrift
    # port between workers, which it can neither close nor bind.
    assert server.port not in open_to_all
    assert len(open_to_all) <= (2 if server.kind == "presto" else 0)

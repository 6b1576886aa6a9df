"""The router over a real PrestoDB and a real Trino server, as two clusters of one company."""

from __future__ import annotations

import socket
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
import sqlglot
from faulty_proxy import faulty_proxy

from nlq.cancel import CancelToken
from nlq.engine.router import Member, Router
from nlq.engine.servers.server import RunningServer
from nlq.engine.trino_client import Client, Cluster
from nlq.engine.trino_client_engine import PrestoEngine, TrinoEngine
from nlq.sql.guarded import GuardedQuery, seal
from nlq.types import Principal, RunLimits

SQL = "SELECT count(*) AS regions FROM tpch.tiny.region"


def query_of(person: str, *roles: str) -> GuardedQuery:
    """A query as the guard would seal it."""
    tree = sqlglot.parse_one(SQL, read="presto")
    assert isinstance(tree, sqlglot.exp.Query)
    return seal(
        tree=tree, sql=SQL, principal=Principal(person, roles), tables=("tpch.tiny.region",),
        columns=(), rewrites=(), fingerprint="", row_limit=1,
    )  # fmt: skip


def run(router: Router, query: GuardedQuery) -> str:
    """Run it; the name of the cluster that answered."""
    result = router.run(query, RunLimits(seconds=120), CancelToken())
    assert result.rows == ((5,),)
    return result.engine


def times_run(server: RunningServer, person: str) -> int:
    """How many queries of that person a server's own list has."""
    client = Client(Cluster(server.kind, server.url, source="test"))
    with closing(client):
        rows = client.rows(
            f"SELECT count(*) FROM system.runtime.queries WHERE \"user\" = '{person}'", user="test"
        )
    return int(rows[0][0])


@pytest.fixture
def person() -> str:
    """Somebody whom no other test knows."""
    return f"rita-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def engines(presto_server, trino_server) -> Iterator[tuple[PrestoEngine, TrinoEngine]]:
    made = (
        PrestoEngine(presto_server.url, name="presto:executive", queue_wait_s=0),
        TrinoEngine(trino_server.url, name="trino:everyone", queue_wait_s=0),
    )
    yield made
    for engine in made:
        engine.close()


def test_roles_choose_the_cluster(engines, presto_server, trino_server, person):
    presto, trino = engines
    router = Router([Member(presto, roles=("executive",)), Member(trino)])
    assert router.estimate(query_of(person, "executive")).rows == 5
    assert run(router, query_of(person, "executive")) == "presto:executive"
    asked_presto = times_run(presto_server, person)
    assert asked_presto > 0
    assert run(router, query_of(person, "analyst")) == "trino:everyone"
    assert (times_run(presto_server, person), times_run(trino_server, person)) == (asked_presto, 1)


def test_weights_share_the_queries(engines, person):
    presto, trino = engines
    router = Router([Member(presto, weight=3), Member(trino)])
    asked = Counter(run(router, query_of(person)) for _ in range(4))
    assert asked == {"presto:executive": 3, "trino:everyone": 1}


def test_a_cluster_that_comes_back_is_used_again(engines, presto_server, person):
    _, trino = engines
    with faulty_proxy(presto_server.url) as proxy:
        presto = PrestoEngine(proxy.url, name="presto", queue_wait_s=0)
        router = Router([Member(presto, roles=("analyst",)), Member(trino)])
        proxy.fault = lambda _: "swallow"
        assert run(router, query_of(person, "analyst")) == "trino:everyone"
        proxy.heal()
        until = time.monotonic() + 30
        while (asked := run(router, query_of(person, "analyst"))) != "presto":
            assert time.monotonic() < until
            time.sleep(0.2)
        assert asked == "presto"
        router.close()


def test_status_tells_which_clusters_answer(engines):
    presto, trino = engines
    with closing(socket.create_server(("127.0.0.1", 0))) as closed_soon:
        port = closed_soon.getsockname()[1]
    gone = PrestoEngine(f"http://127.0.0.1:{port}", name="presto:batch")
    router = Router([Member(presto), Member(trino, draining=True), Member(gone)])
    first, second, third = router.status()
    assert (first.healthy, first.text.split("-")[0]) == (True, "PrestoDB 0.287")
    assert (second.healthy, second.draining, second.text) == (True, True, "Trino 483")
    assert (third.name, third.healthy) == ("presto:batch", False)
    assert "cannot be reached" in third.text
    assert router.ping().startswith("presto:executive (PrestoDB 0.287")
    gone.close()

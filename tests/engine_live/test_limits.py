"""Limits while a query runs, on both real servers, as their own lists of queries tell."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator

import pytest
import requests

from nlq.cancel import CancelToken
from nlq.engine.servers.server import RunningServer
from nlq.engine.trino_client import Client, Cluster
from nlq.engine.trino_client_engine import PrestoEngine, ServerEngine, TrinoEngine
from nlq.errors import TooCostly
from nlq.types import RunLimits

READS = (
    "SELECT count(*) FROM lake.events.messages a JOIN lake.events.messages b "
    "ON a.ds = b.ds WHERE a.acct_sid || b.acct_sid = 'x'"
)
BUDGET = 20_000  # bytes; the query above reads megabytes, over many seconds


@pytest.fixture(scope="module")
def engine(either_server: RunningServer) -> Iterator[ServerEngine]:
    made = (PrestoEngine if either_server.kind == "presto" else TrinoEngine)(either_server.url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def states(either_server: RunningServer) -> Iterator[Callable[[str], list[str]]]:
    """The states of a person's queries, as the server lists them."""
    client = Client(Cluster(either_server.kind, either_server.url, source="test"))

    def look(user: str) -> list[str]:
        rows = client.rows(
            f"SELECT state FROM system.runtime.queries WHERE \"user\" = '{user}'", user="watcher"
        )
        return [str(state) for (state,) in rows]

    yield look
    client.close()


@pytest.fixture
def person() -> str:
    """A name that nobody else has."""
    return f"ana-{uuid.uuid4().hex[:8]}"


def test_past_its_budget_a_query_is_stopped_on_the_server(engine, guarded, states, person) -> None:
    heard: list[str] = []
    limits = RunLimits(seconds=120, read_bytes=BUDGET)
    with pytest.raises(TooCostly, match=r"may read|read more than it may") as caught:
        engine.run(guarded(READS, person), limits, CancelToken(), lambda w, _: heard.append(w))
    assert caught.value.hint
    until = time.monotonic() + 2
    while states(person) != ["FAILED"] and time.monotonic() < until:
        time.sleep(0.1)
    assert states(person) == ["FAILED"]


def test_within_its_budget_it_says_what_it_read(engine, guarded, person) -> None:
    sql = "SELECT count(DISTINCT invoice_id), sum(total_c) FROM lake.finance.invoices"
    limits = RunLimits(seconds=120, read_bytes=10**9)
    result = engine.run(guarded(sql, person), limits, CancelToken())
    assert len(result.rows) == 1
    assert result.read_bytes is not None
    assert 1_000 < result.read_bytes < 10**9


def test_a_submission_that_nobody_follows_never_runs(either_server, states, person) -> None:
    """So a query whose submission was not answered may safely be sent elsewhere."""
    prefix = "X-Presto-" if either_server.kind == "presto" else "X-Trino-"
    sent = requests.post(
        f"{either_server.url}/v1/statement", data="SELECT 1",
        headers={f"{prefix}User": person}, timeout=30,
    )  # fmt: skip
    assert sent.json()["nextUri"]
    time.sleep(1)
    assert [state for state in states(person) if state != "QUEUED"] == []

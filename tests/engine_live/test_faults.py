"""Whole questions while servers die, connections are cut, queues are full and answers stall.

Every question is asked of an assistant over two clusters: the ``first``, which things happen to,
and the ``second``, which is well. Nothing may hang past its time, nothing may run twice (the
servers' own lists say so), and every question leaves one closed record.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from faulty_proxy import Fault, FaultyProxy, Request, faulty_proxy

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.engine.router import Member, Router
from nlq.engine.servers.server import RunningServer, start_server
from nlq.engine.trino_client import Client, Cluster
from nlq.engine.trino_client_engine import PrestoEngine
from nlq.errors import Cancelled, EngineError
from nlq.log import AuditLog
from nlq.pipeline import Assistant
from nlq.sql.guard import Guard
from nlq.sql.policy import Policy
from nlq.types import (
    Answer,
    Clock,
    ColumnDoc,
    Context,
    Event,
    Finished,
    Principal,
    Progress,
    Question,
    RunLimits,
    SqlDraft,
    TableDoc,
)

pytestmark = pytest.mark.slow

HOME = Path(__file__).parents[2] / ".cache"
ORDERS = TableDoc("tpch.sf1.orders", (ColumnDoc("orderstatus", "varchar(1)"),), "Orders.")
REGION = TableDoc("tpch.tiny.region", (ColumnDoc("name", "varchar(25)"),), "Regions.")
CATALOG = Catalog({ORDERS.name: ORDERS, REGION.name: REGION})
POLICY = """
version: 1
contact: Ask data-access@example.com.
roles:
  analyst: {tables: [tpch.*.*]}
"""
QUICK = "SELECT name FROM tpch.tiny.region"
SLOW = "SELECT count(*) AS orders FROM tpch.sf1.orders WHERE orderstatus <> 'X'"
ENDLESS = (
    "SELECT count(*) FROM tpch.sf1.lineitem a, tpch.sf1.lineitem b "
    "WHERE a.comment || b.comment = 'x'"
)
GROUPS = {
    "rootGroups": [
        {"name": "wide", "softMemoryLimit": "90%", "hardConcurrencyLimit": 20, "maxQueued": 20},
        {"name": "narrow", "softMemoryLimit": "90%", "hardConcurrencyLimit": 1, "maxQueued": 0},
    ],
    "selectors": [
        {"queryType": "EXPLAIN", "group": "wide"},
        {"user": "queued-.*", "group": "narrow"},
        {"group": "wide"},
    ],
}
FIRST_FILES = {
    "resource-groups.properties": "resource-groups.configuration-manager=file\n"
    "resource-groups.config-file=etc/resource-groups.json\n",
    "resource-groups.json": json.dumps(GROUPS),
}


class Documented:
    """Retrieves nothing: the draft is written already."""

    def retrieve(self, question: Question, visible: Catalog) -> Context:
        return Context(question, question.text)


class Scripted:
    """Drafts the question's own text."""

    def draft(self, context, visible, rejections, cancel, on_text=None) -> SqlDraft:
        return SqlDraft(context.standalone, "verified")

    def warm_up(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a question, after how many seconds; ``audited`` are its records' outcomes."""

    answer: Answer
    seconds: float
    audited: tuple[str, ...]

    @property
    def by(self) -> str:
        """Which cluster answered; else what the person is told."""
        return self.answer.result.engine if self.answer.result else self.answer.headline


@dataclass
class Clusters:
    """Two clusters, the way to the first through a proxy, and a person nobody else is."""

    first: RunningServer
    second: RunningServer
    proxy: FaultyProxy
    folder: Path
    person: str

    def ask(
        self,
        sql: str,
        *,
        seconds: float = 120,
        alone: bool = False,
        direct: bool = False,
        on_event: Callable[[Event], None] = lambda _: None,
    ) -> Asked:
        """Ask; ``alone``: there is no second cluster; ``direct``: without the proxy."""
        url = self.first.url if direct else self.proxy.url
        first = PrestoEngine(url, name="first", queue_wait_s=0)
        members = [Member(first, roles=("analyst",))]
        if not alone:
            members.append(Member(PrestoEngine(self.second.url, name="second", queue_wait_s=0)))
        policy = self.folder / "policy.yaml"
        policy.write_text(POLICY)
        audit = AuditLog(self.folder / f"{uuid.uuid4().hex}.sqlite")
        assistant = Assistant(
            catalog=CATALOG,
            policy=Policy.load(policy),
            guard=Guard(CATALOG, Policy.load(policy)),
            retriever=Documented(),
            drafter=Scripted(),
            engine=Router(members),
            audit=audit,
            clock=lambda: Clock(datetime(2026, 6, 30, 9, tzinfo=UTC), ZoneInfo("UTC")),
            limits=RunLimits(seconds=seconds),
        )
        started = time.monotonic()
        for event in assistant.stream(sql, principal=Principal(self.person, ("analyst",))):
            on_event(event)
        took = time.monotonic() - started
        assert isinstance(event, Finished)
        audited = tuple(record.outcome for record in audit.every())
        assert all(record.finished_at for record in audit.every())
        assistant.close()
        return Asked(event.answer, took, audited)

    def ran(self, server: RunningServer) -> dict[str, str]:
        """The person's queries in a server's own list, states by id; checks of theirs left out."""
        client = Client(Cluster("presto", server.url, source="test"))
        rows = client.rows(
            "SELECT query_id, state FROM system.runtime.queries "
            f"WHERE \"user\" = '{self.person}' AND query NOT LIKE 'EXPLAIN%'",
            user="watcher",
        )
        client.close()
        return dict(rows)


@pytest.fixture(scope="module")
def first_server(presto_server: RunningServer) -> Iterator[RunningServer]:
    """A server of our own to harm."""
    server = start_server(
        "presto", home=HOME, name="presto-faults", memory_mb=1024, more_files=FIRST_FILES
    )  # fmt: skip
    yield server
    server.stop()


@pytest.fixture
def clusters(first_server, presto_server, tmp_path) -> Iterator[Clusters]:
    with faulty_proxy(first_server.url) as proxy:
        yield Clusters(first_server, presto_server, proxy, tmp_path, f"ann-{uuid.uuid4().hex[:8]}")


def of_run(request: Request, method: str) -> bool:
    """Whether it submits the question's query, or asks for a page while it runs.

    The checks before it, which have statements of their own, are left alone.
    """
    if request.method != method or not request.sql or request.sql.startswith("EXPLAIN"):
        return False
    return method != "GET" or "/executing/" in request.path


def test_in_peace_the_first_answers(clusters):
    asked = clusters.ask(QUICK)
    assert (asked.by, asked.audited) == ("first", ("answer",))
    assert list(clusters.ran(clusters.first).values()) == ["FINISHED"]
    assert clusters.ran(clusters.second) == {}


def test_a_swallowed_answer_to_the_submission_leaves_nothing_running(clusters):
    """A server starts a query when its first page is asked for, which nobody did."""
    clusters.proxy.fault = lambda request: "swallow" if of_run(request, "POST") else ""
    asked = clusters.ask(QUICK)
    assert (asked.by, asked.audited) == ("second", ("answer",))
    assert sum(of_run(request, "POST") for request in clusters.proxy.seen) == 1
    assert set(clusters.ran(clusters.first).values()) <= {"QUEUED"}
    assert list(clusters.ran(clusters.second).values()) == ["FINISHED"]


def test_a_connection_cut_once_costs_nothing(clusters):
    cuts = iter(["cut"])
    clusters.proxy.fault = lambda request: next(cuts, "") if of_run(request, "GET") else ""
    asked = clusters.ask(QUICK)
    assert (asked.by, asked.audited) == ("first", ("answer",))
    assert len(asked.answer.result.rows) == 5
    assert list(clusters.ran(clusters.first).values()) == ["FINISHED"]
    assert clusters.ran(clusters.second) == {}


def test_pages_that_never_arrive_whole_end_the_query_before_it_goes_elsewhere(clusters):
    clusters.proxy.fault = lambda request: "cut" if of_run(request, "GET") else ""
    asked = clusters.ask(SLOW)
    assert (asked.by, asked.audited) == ("second", ("answer",))
    assert list(clusters.ran(clusters.first).values()) == ["FAILED"]
    assert list(clusters.ran(clusters.second).values()) == ["FINISHED"]


def test_a_query_that_may_be_running_still_goes_nowhere_else(clusters):
    """Its pages do not arrive, and whether it was ended is not heard either."""

    def fault(request: Request) -> Fault:
        if of_run(request, "GET"):
            return "cut"
        return "stall" if of_run(request, "DELETE") else ""

    clusters.proxy.fault = fault
    asked = clusters.ask(SLOW)
    assert (asked.answer.kind, asked.audited) == ("error", ("error",))
    assert "was lost while the query ran" in asked.answer.headline
    assert len(clusters.ran(clusters.first)) == 1
    assert clusters.ran(clusters.second) == {}


def test_a_stalled_answer_ends_in_time_and_on_the_server_too(clusters):
    clusters.proxy.fault = lambda request: "stall" if of_run(request, "GET") else ""
    asked = clusters.ask(SLOW, seconds=3)
    assert (asked.answer.kind, asked.audited) == ("error", ("error",))
    assert "limit of 3 s" in asked.answer.headline
    clusters.proxy.heal()
    assert set(clusters.ran(clusters.first).values()) <= {"FAILED"}
    assert clusters.ran(clusters.second) == {}


def test_a_cluster_that_answers_nothing_at_all_is_passed_over(clusters):
    clusters.proxy.fault = lambda _: "stall"
    asked = clusters.ask(QUICK)
    assert (asked.by, asked.audited) == ("second", ("answer",))
    assert clusters.ran(clusters.first) == {}
    assert len(clusters.ran(clusters.second)) == 1


@pytest.fixture
def full_queue(clusters) -> Iterator[None]:
    """The person's group has one query running, and room for no more."""
    clusters.person = f"queued-{clusters.person}"
    client = Client(Cluster("presto", clusters.first.url, source="filler"))
    cancel, running = CancelToken(), threading.Event()

    def heard(words: str, _: float | None) -> None:
        if words.startswith("Running"):
            running.set()

    def fill() -> None:
        with (
            suppress(EngineError, Cancelled),
            client.start(
                ENDLESS, user="queued-filler", seconds=300, cancel=cancel, on_progress=heard
            ) as statement,
        ):
            list(statement.pages())

    filler = threading.Thread(target=fill)
    filler.start()
    assert running.wait(60)
    yield
    cancel.cancel()
    filler.join(10)
    client.close()


def test_a_full_queue_is_passed_over(clusters, full_queue):
    asked = clusters.ask(QUICK)
    assert (asked.by, asked.audited) == ("second", ("answer",))
    assert sum(of_run(request, "POST") for request in clusters.proxy.seen) == 1
    assert clusters.ran(clusters.first) == {}
    assert list(clusters.ran(clusters.second).values()) == ["FINISHED"]


def test_a_full_queue_is_told_where_no_other_cluster_serves_the_person(clusters, full_queue):
    asked = clusters.ask(QUICK, alone=True, seconds=5)
    assert (asked.answer.kind, asked.audited) == ("error", ("error",))
    assert "queue" in asked.answer.headline
    assert clusters.ran(clusters.first) == {}


def test_a_server_killed_while_it_runs_the_query_and_after(clusters):
    """The last one, as the first cluster is gone from here on."""

    alive = [clusters.first.pid]

    def kill(event: Event) -> None:
        if isinstance(event, Progress) and event.text.startswith("Running") and alive:
            os.kill(alive.pop(), signal.SIGKILL)

    asked = clusters.ask(SLOW, direct=True, on_event=kill)
    assert (asked.by, asked.audited) == ("second", ("answer",))
    assert asked.answer.result.rows == ((1_500_000,),)
    assert list(clusters.ran(clusters.second).values()) == ["FINISHED"]
    again = clusters.ask(QUICK, direct=True)
    assert (again.by, again.audited) == ("second", ("answer",))
    assert len(clusters.ran(clusters.second)) == 2
    alone = clusters.ask(QUICK, direct=True, alone=True)
    assert (alone.answer.kind, alone.audited) == ("error", ("error",))
    assert "cannot be reached" in alone.answer.headline

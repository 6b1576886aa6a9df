"""The router over hand-written engines: who is asked, who is passed over, and never twice."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import sqlglot

from nlq.cancel import CancelToken
from nlq.engine.health import Health
from nlq.engine.router import Member, MemberStatus, Router
from nlq.errors import (
    Cancelled,
    EngineUnavailable,
    NlqError,
    QueryFailed,
    QueryTimeout,
    SettingsError,
    Unavailable,
)
from nlq.sql.guarded import GuardedQuery, seal
from nlq.types import Estimate, Principal, QueryResult, RunLimits

EVERYONE = Principal("ann", ("analyst",))


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Cluster:
    """An engine from a script. ``up`` False: unreachable; ``trouble`` is what a query meets, an
    error to raise or something to call; ``dies`` makes it unreachable at that moment."""

    name: str
    up: bool = True
    trouble: NlqError | Callable[[], None] | None = None
    dies: bool = False
    silent: threading.Event | None = None
    why: Unavailable = "down"
    pings: int = 0
    ran: list[RunLimits] = field(default_factory=list)
    estimated: int = 0
    closed: int = 0

    def ping(self) -> str:
        self.pings += 1
        if self.silent:
            self.silent.wait(10)
        if not self.up:
            raise EngineUnavailable(
                f"{self.name} cannot be reached.", hint="Start it.", cause=self.why
            )
        return f"Fake of {self.name}"

    def estimate(self, query: GuardedQuery) -> Estimate:
        self.estimated += 1
        self._meet()
        return Estimate(rows=self.estimated)

    def run(self, query, limits, cancel, on_progress=None) -> QueryResult:
        self.ran.append(limits)
        self._meet()
        return QueryResult((), (), engine=self.name)

    def data_version(self, query: GuardedQuery) -> str | None:
        return f"version of {self.name}"

    def close(self) -> None:
        self.closed += 1

    def _meet(self) -> None:
        if self.dies:
            self.up = False
        if not self.up and not self.trouble:
            raise EngineUnavailable(f"{self.name} cannot be reached.", hint="Start it.")
        if isinstance(self.trouble, NlqError):
            raise self.trouble
        if self.trouble:
            self.trouble()


BUSY = EngineUnavailable("It has a full queue.", cause="busy")
LOST = EngineUnavailable("Its answer did not come.", cause="lost")


def query_of(principal: Principal = EVERYONE) -> GuardedQuery:
    tree = sqlglot.parse_one("SELECT 1", read="presto")
    assert isinstance(tree, sqlglot.exp.Query)
    return seal(
        tree=tree, sql="SELECT 1", principal=principal, tables=(), columns=(), rewrites=(),
        fingerprint="", row_limit=1,
    )  # fmt: skip


def run(router: Router, principal: Principal = EVERYONE, **more) -> str:
    """Run a query; the name of the cluster that answered."""
    limits = RunLimits(seconds=more.pop("seconds", 60))
    cancel = more.pop("cancel", None) or CancelToken()
    return router.run(query_of(principal), limits, cancel, **more).engine


@pytest.fixture
def impatient(monkeypatch):
    """Nobody waits for a busy cluster."""
    monkeypatch.setattr("nlq.engine.waiting._FIRST_PAUSE", 1000.0)
    monkeypatch.setattr("nlq.engine.waiting._LONGEST_PAUSE", 1000.0)


def times_sent(*clusters: Cluster) -> list[int]:
    return [len(cluster.ran) for cluster in clusters]


def test_queries_are_shared_by_weight_and_evenly_spread():
    a, b = Cluster("a"), Cluster("b")
    router = Router([Member(a, weight=3), Member(b, weight=1)])
    asked = [run(router) for _ in range(8)]
    assert asked == ["a", "a", "b", "a"] * 2


def test_a_cluster_for_the_persons_role_comes_before_one_for_everyone():
    boss, anyone = Cluster("presto:executive"), Cluster("presto:shared")
    router = Router([Member(anyone, weight=9), Member(boss, roles=("executive",))])
    executive = Principal("eve", ("executive", "analyst"))
    assert {run(router, executive) for _ in range(4)} == {"presto:executive"}
    assert {run(router) for _ in range(4)} == {"presto:shared"}


def test_a_persons_query_never_reaches_a_cluster_of_others(impatient):
    boss, batch = Cluster("boss"), Cluster("batch", trouble=BUSY)
    router = Router([Member(boss, roles=("executive",)), Member(batch, roles=("batch",))])
    with pytest.raises(EngineUnavailable, match="full queue"):
        run(router, Principal("bo", ("batch",)))
    with pytest.raises(EngineUnavailable, match=r"No cluster takes the queries of ann .*analyst"):
        run(router)
    with pytest.raises(EngineUnavailable, match="roles: none"):
        run(router, Principal("nobody"))
    assert boss.ran == []


def test_a_draining_cluster_is_asked_only_where_nobody_else_can():
    leaving, other = Cluster("leaving"), Cluster("other")
    router = Router([Member(leaving, weight=50, draining=True), Member(other)])
    assert {run(router) for _ in range(5)} == {"other"}
    other.up = False
    assert run(router) == "leaving"


def test_many_threads_share_it_and_the_weights_hold():
    a, b = Cluster("a"), Cluster("b")
    router = Router([Member(a, weight=2), Member(b)])
    asked: list[str] = []

    def go() -> None:
        for _ in range(30):
            asked.append(run(router))  # noqa: PERF401 (each run is the point)

    threads = [threading.Thread(target=go) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert Counter(asked) == {"a": 200, "b": 100}


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([], "no cluster"),
        ([Member(Cluster("a")), Member(Cluster("a"))], "called a"),
        ([Member(Cluster("a"), weight=0)], "weight of a"),
    ],
)
def test_members_that_make_no_sense(members, words):
    with pytest.raises(SettingsError, match=words):
        Router(members)


def test_a_cluster_that_is_down_is_passed_over_and_the_person_hears_of_it():
    down, up = Cluster("down", up=False), Cluster("up")
    router = Router([Member(down), Member(up)])
    told: list[str] = []
    assert run(router, on_progress=lambda text, _: told.append(text)) == "up"
    assert times_sent(down, up) == [0, 1]
    assert told == ["down could not take it; asking up"]


@pytest.mark.parametrize("why", ["down", "busy", "lost"])
def test_one_whose_ping_fails_was_sent_nothing_and_is_passed_over(why, impatient):
    first, second = Cluster("first", up=False, why=why), Cluster("second")
    assert run(Router([Member(first), Member(second)])) == "second"
    with pytest.raises(EngineUnavailable) as caught:
        run(Router([Member(first)]))
    assert caught.value.cause == ("busy" if why == "busy" else "down")
    assert first.ran == []


@pytest.mark.parametrize("trouble", [BUSY, EngineUnavailable("It went away.")])
def test_one_that_did_not_take_the_query_is_passed_over(trouble):
    first, second = Cluster("first", trouble=trouble), Cluster("second")
    router = Router([Member(first), Member(second)])
    assert run(router) == "second"
    assert times_sent(first, second) == [1, 1]


def test_a_lost_answer_of_a_living_cluster_is_never_asked_for_elsewhere():
    first, second = Cluster("first", trouble=LOST), Cluster("second")
    router = Router([Member(first), Member(second)])
    with pytest.raises(EngineUnavailable) as caught:
        run(router)
    assert caught.value is LOST
    assert times_sent(first, second) == [1, 0]


@pytest.mark.parametrize("why", ["busy", "lost"])
def test_only_an_address_where_nothing_is_proves_that_the_query_died(why):
    """One that is starting again, or does not answer, may be a living server behind a bad line."""
    first, second = Cluster("first", trouble=LOST, dies=True, why=why), Cluster("second")
    with pytest.raises(EngineUnavailable):
        run(Router([Member(first), Member(second)]))
    assert second.ran == []


def test_a_cluster_that_died_with_the_query_is_passed_over():
    first, second = Cluster("first", trouble=LOST, dies=True), Cluster("second")
    router = Router([Member(first), Member(second)])
    assert run(router) == "second"
    assert times_sent(first, second) == [1, 1]


def test_a_query_that_died_twice_is_given_up():
    """It may be what kills them."""
    clusters = [Cluster(name, trouble=LOST, dies=True) for name in "abc"]
    with pytest.raises(EngineUnavailable) as caught:
        run(Router([Member(cluster) for cluster in clusters]))
    assert caught.value is LOST
    assert times_sent(*clusters) == [1, 1, 0]


def test_a_cluster_that_is_silent_after_a_loss_may_still_run_it(monkeypatch):
    monkeypatch.setattr("nlq.engine.router.PING_SECONDS", 0.2)
    hang = threading.Event()
    first, second = Cluster("first"), Cluster("second")

    def lose() -> None:
        first.silent = hang
        raise LOST

    first.trouble = lose
    with pytest.raises(EngineUnavailable) as caught:
        run(Router([Member(first), Member(second)]))
    hang.set()
    assert caught.value is LOST
    assert second.ran == []


@pytest.mark.parametrize("error", [QueryFailed("No."), QueryTimeout("Late."), Cancelled()])
def test_what_is_no_fault_of_the_cluster_is_not_tried_elsewhere(error):
    first, second = Cluster("first", trouble=error), Cluster("second")
    with pytest.raises(type(error)):
        run(Router([Member(first), Member(second)]))
    assert second.ran == []


def test_an_estimate_reads_nothing_so_a_lost_one_is_asked_for_elsewhere():
    first, second = Cluster("first", trouble=LOST), Cluster("second")
    assert Router([Member(first), Member(second)]).estimate(query_of()) == Estimate(rows=1)


def test_where_all_fail_each_is_named_once_with_what_is_wrong(impatient):
    down, full = Cluster("a", up=False), Cluster("b", trouble=BUSY)
    with pytest.raises(EngineUnavailable) as caught:
        run(Router([Member(down), Member(full)]))
    assert str(caught.value) == (
        "No cluster could take the query. a: a cannot be reached. b: It has a full queue."
    )
    assert caught.value.cause == "busy"
    assert times_sent(down, full) == [0, 1]


def test_where_all_are_busy_the_query_waits_for_the_first_that_is_free():
    down, full = Cluster("a", up=False), Cluster("b", trouble=BUSY)
    told: list[str] = []

    def hear(text: str, _: float | None) -> None:
        told.append(text)
        if text.startswith("Waiting"):
            full.trouble = None

    assert run(Router([Member(down), Member(full)]), on_progress=hear) == "b"
    assert times_sent(down, full) == [0, 2]
    assert "Waiting for a place in the queue, 0 s" in told


def test_an_estimate_waits_too():
    full = Cluster("a", trouble=BUSY)
    threading.Timer(0.1, lambda: setattr(full, "trouble", None)).start()
    assert Router([Member(full)]).estimate(query_of()) == Estimate(rows=2)


def test_a_query_that_died_once_and_met_full_queues_is_still_given_up_after_the_second_death():
    """The wait for a free cluster forgets no death."""
    deadly, full = Cluster("a", trouble=LOST, dies=True), Cluster("b", trouble=BUSY)

    def hear(text: str, _: float | None) -> None:
        if text.startswith("Waiting"):
            deadly.up = True

    with pytest.raises(EngineUnavailable) as caught:
        run(Router([Member(deadly), Member(full)]), on_progress=hear)
    assert caught.value is LOST
    assert len(deadly.ran) == 2


def test_one_cluster_alone_speaks_for_itself():
    with pytest.raises(EngineUnavailable, match=r"^a cannot be reached\.$") as caught:
        run(Router([Member(Cluster("a", up=False))]))
    assert caught.value.hint == "Start it."


def test_the_seconds_are_for_all_clusters_together():
    clock = Clock()

    def slowly() -> None:
        clock.now += 6
        raise BUSY

    clusters = [Cluster(name, trouble=slowly) for name in "abc"]
    with pytest.raises(QueryTimeout, match=r"within 10 s.* a: It has.* b: It has"):
        run(Router([Member(cluster) for cluster in clusters], clock=clock), seconds=10)
    assert [[limits.seconds for limits in cluster.ran] for cluster in clusters] == [[10], [4], []]


def test_a_timeout_tells_what_took_the_time():
    clusters = [Cluster("a", trouble=BUSY), Cluster("b", trouble=QueryTimeout("Too long."))]
    with pytest.raises(QueryTimeout, match=r"^Too long\. a: It has a full queue\.$"):
        run(Router([Member(cluster) for cluster in clusters]))


def test_a_cancel_between_two_clusters_ends_it():
    token = CancelToken()

    def cancelled() -> None:
        token.cancel()
        raise BUSY

    first, second = Cluster("first", trouble=cancelled), Cluster("second")
    with pytest.raises(Cancelled):
        run(Router([Member(first), Member(second)]), cancel=token)
    assert second.ran == []


def test_a_silent_cluster_costs_a_moment_and_no_more(monkeypatch):
    monkeypatch.setattr("nlq.engine.router.PING_SECONDS", 0.2)
    hang = threading.Event()
    silent, good = Cluster("silent", silent=hang), Cluster("good")
    router = Router([Member(silent), Member(good)])
    started = time.monotonic()
    assert run(router) == "good"
    assert time.monotonic() - started < 2
    hang.set()
    router.close()
    assert silent.ran == []


def test_a_cancel_is_heard_while_a_ping_hangs():
    hang, token = threading.Event(), CancelToken()
    router = Router([Member(Cluster("silent", silent=hang))])
    threading.Timer(0.1, token.cancel).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        run(router, cancel=token)
    assert time.monotonic() - started < 1
    hang.set()
    router.close()


def test_a_sign_of_life_is_believed_for_a_while():
    clock, only = Clock(), Cluster("only")
    router = Router([Member(only)], clock=clock)
    for _ in range(20):
        run(router)
    assert only.pings == 1
    clock.now += 30
    run(router)
    assert only.pings == 2


def test_a_failed_cluster_rests_and_comes_back():
    clock, flaky, other = Clock(), Cluster("flaky", up=False), Cluster("other")
    router = Router([Member(flaky, roles=("analyst",)), Member(other)], clock=clock)
    assert run(router) == "other"
    flaky.up = True
    assert run(router) == "other"
    assert flaky.pings == 1
    clock.now += 1
    assert run(router) == "flaky"


def test_rests_grow_until_a_query_works():
    clock = Clock()
    health = Health(Cluster("a"), clock)

    def rest() -> float:
        started = clock.now
        for _ in range(10):  # that many people meet the same failure
            health.failed(EngineUnavailable("Down."))
        while health.resting:
            clock.now += 0.5
        return clock.now - started

    assert [rest() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    health.ping()
    assert rest() == 60
    health.worked()
    assert rest() == 1


def test_a_resting_cluster_is_asked_where_nobody_else_is_left():
    only = Cluster("only", up=False)
    router = Router([Member(only)], clock=Clock())
    with pytest.raises(EngineUnavailable):
        run(router)
    only.up = True
    assert run(router) == "only"


def test_a_full_queue_does_not_add_up():
    clock, engine = Clock(), Cluster("a")
    health = Health(engine, clock)
    for _ in range(5):
        health.failed(BUSY)
        assert health.resting
        clock.now += 1.0
        assert not health.resting


def test_those_who_ask_at_the_same_time_share_one_ping():
    hang = threading.Event()
    engine = Cluster("slow", silent=hang)
    health = Health(engine)
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda: answers.append(health.ping(within=5))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    hang.set()
    for thread in threads:
        thread.join(5)
    assert answers == ["Fake of slow"] * 8
    assert engine.pings == 1


def test_status_and_ping_tell_of_every_cluster():
    a, b, c = Cluster("a"), Cluster("b", up=False), Cluster("c")
    router = Router([Member(a), Member(b), Member(c, draining=True)])
    assert router.name == "a or b or c"
    assert router.status() == (
        MemberStatus("a", True, False, "Fake of a"),
        MemberStatus("b", False, False, "b cannot be reached."),
        MemberStatus("c", True, True, "Fake of c"),
    )
    assert router.ping() == "a (Fake of a), c (Fake of c)"
    a.up = c.up = False
    with pytest.raises(EngineUnavailable, match=r"No cluster answers\. a: .* b: .* c: "):
        router.ping()


def test_the_data_version_comes_from_the_same_cluster_while_it_is_healthy():
    a, b = Cluster("a"), Cluster("b")
    router = Router([Member(a), Member(b)])
    found = set()
    for _ in range(4):
        run(router)
        found.add(router.data_version(query_of()))
    assert found == {"version of a"}
    a.up = False
    router.status()
    assert router.data_version(query_of()) == "version of b"
    none_serves = Router([Member(a, roles=("executive",))])
    assert none_serves.data_version(query_of()) is None


def test_closing_closes_all_and_leaves_no_thread():
    hang = threading.Event()
    clusters = [Cluster("a"), Cluster("b", silent=hang)]
    router = Router([Member(cluster) for cluster in clusters])
    threading.Timer(0.2, hang.set).start()
    with pytest.raises(EngineUnavailable):
        router._seats[1].health.ping(within=0.05)
    router.close()
    router.close()
    assert [cluster.closed for cluster in clusters] == [2, 2]
    assert not [t for t in threading.enumerate() if t.name == "nlq-ping"]
    with pytest.raises(EngineUnavailable, match="is closed"):
        run(router)

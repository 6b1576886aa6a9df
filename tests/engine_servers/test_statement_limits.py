"""What a running statement may read, what it tells meanwhile, and queries that are turned away."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from nlq.cancel import CancelToken
from nlq.engine.trino_client_engine import PrestoEngine, TrinoEngine
from nlq.errors import Cancelled, EngineUnavailable, QueryTimeout, TooCostly
from nlq.types import QueryResult, RunLimits

KINDS = pytest.mark.parametrize(
    ("make", "stat"), [(TrinoEngine, "physicalInputBytes"), (PrestoEngine, "processedBytes")]
)
FULL = {"error": {"errorName": "QUERY_QUEUE_FULL", "errorType": "INSUFFICIENT_RESOURCES",
                  "message": "Too many queued queries for global.narrow"}}  # fmt: skip


def reading(stat: str, size: int, **more: Any) -> dict[str, Any]:
    """A page that tells how much was read; Trino tells also what that is in memory."""
    return {**more, "stats": {"state": "RUNNING", "processedBytes": 10 * size, stat: size}}


@KINDS
def test_past_its_budget_a_query_is_stopped_on_the_server(
    cluster, guarded, numbers, make, stat
) -> None:
    cluster.scripts = {"SELECT": [{}, reading(stat, 900), reading(stat, 2_000_000), {}, numbers(1)]}
    limits = RunLimits(read_bytes=1_000_000)
    with pytest.raises(TooCostly, match=r"had read 2\.0 MB .* may read 1\.0 MB") as caught:
        make(cluster.url).run(guarded("SELECT n"), limits, CancelToken())
    assert "fewer days" in caught.value.hint
    assert cluster.killed.wait(2)
    assert cluster.of("DELETE")[0].path == "/v1/statement/0/3"
    assert len(cluster.of("GET")) == 2


@KINDS
def test_a_result_that_is_there_already_is_given(cluster, guarded, numbers, make, stat) -> None:
    cluster.scripts = {"SELECT": [{}, reading(stat, 2_000, **numbers(1))]}
    limits = RunLimits(read_bytes=1_000)
    result = make(cluster.url).run(guarded("SELECT n"), limits, CancelToken())
    assert (result.rows, result.read_bytes) == (((1,),), 2_000)


@KINDS
def test_what_was_read_is_told_meanwhile_and_at_the_end(
    cluster, guarded, numbers, make, stat
) -> None:
    cluster.scripts = {
        "SELECT": [{"stats": {"state": "QUEUED"}}, reading(stat, 1_500), reading(stat, 3_000,
                   **numbers(1))]
    }  # fmt: skip
    heard: list[str] = []
    result = make(cluster.url).run(
        guarded("SELECT n"), RunLimits(), CancelToken(), lambda words, _: heard.append(words)
    )
    assert heard == ["Waiting in the queue", "Running, 1.5 kB read"]
    assert result.read_bytes == 3_000


def test_a_server_that_tells_nothing_of_what_it_read(cluster, guarded, numbers) -> None:
    cluster.scripts = {"SELECT": [numbers(1)]}
    result = TrinoEngine(cluster.url).run(guarded("SELECT n"), RunLimits(), CancelToken())
    assert result.read_bytes is None


def test_the_clusters_own_session_goes_before_the_limits(cluster, guarded, numbers) -> None:
    cluster.scripts = {"SELECT": [numbers(1)]}
    engine = PrestoEngine(cluster.url, session={"query_max_scan_raw_input_bytes": "5B"})
    engine.run(guarded("SELECT n"), RunLimits(read_bytes=9), CancelToken())
    assert "query_max_scan_raw_input_bytes=5B" in cluster.seen[0].headers["X-Presto-Session"]
    assert "=9B" not in cluster.seen[0].headers["X-Presto-Session"]


def full_at_first(cluster: Any, turns: int, *pages: dict[str, Any]) -> None:
    """Script a queue that turns the first ``turns`` statements away."""
    page, lock = cluster.page, threading.Lock()

    def answered(number: int, step: int) -> Any:
        with lock:
            cluster.scripts = {"SELECT": [{}, FULL] if number < turns else [{}, *pages]}
            return page(number, step)

    cluster.page = answered


def ask(cluster: Any, guarded: Any, *, seconds: float, wait_s: float | None = None) -> QueryResult:
    engine = TrinoEngine(cluster.url, queue_wait_s=wait_s)
    return engine.run(guarded("SELECT n"), RunLimits(seconds=seconds), CancelToken())


def test_a_full_queue_is_asked_again_until_there_is_a_place(cluster, guarded, numbers) -> None:
    full_at_first(cluster, 2, numbers(7))
    heard: list[str] = []
    result = TrinoEngine(cluster.url).run(
        guarded("SELECT n"), RunLimits(seconds=10), CancelToken(), lambda w, _: heard.append(w)
    )
    assert (result.rows, result.query_id) == (((7,),), "query_2")
    assert result.seconds > 0.5
    waits = [words for words in heard if "place in the queue" in words]
    assert len(waits) == 2
    assert waits[0] == "Waiting for a place in the queue, 0 s"


def test_a_full_queue_is_given_up_within_the_time_that_was_promised(cluster, guarded) -> None:
    cluster.scripts = {"SELECT": [{}, FULL]}
    started = time.monotonic()
    with pytest.raises(EngineUnavailable, match=r"full queue: Too many .* asked \d times") as error:
        ask(cluster, guarded, seconds=2.5)
    assert time.monotonic() - started < 2.5
    assert error.value.cause == "busy"
    assert len(cluster.of("POST")) >= 2


def test_where_a_router_can_ask_elsewhere_it_hears_at_once(cluster, guarded) -> None:
    cluster.scripts = {"SELECT": [{}, FULL]}
    with pytest.raises(EngineUnavailable, match="full queue") as error:
        ask(cluster, guarded, seconds=30, wait_s=0)
    assert error.value.cause == "busy"
    assert len(cluster.of("POST")) == 1


def test_an_estimate_waits_for_a_place_too(cluster, guarded, numbers) -> None:
    full_at_first(cluster, 1, numbers(1))
    TrinoEngine(cluster.url).estimate(guarded("SELECT n"))
    assert len(cluster.statements) == 3
    assert cluster.statements[2] == cluster.statements[0]


def test_a_cancel_ends_the_wait_for_a_place(cluster, guarded) -> None:
    cluster.scripts = {"SELECT": [{}, FULL]}
    cancel = CancelToken()
    threading.Timer(0.6, cancel.cancel).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        TrinoEngine(cluster.url).run(guarded("SELECT n"), RunLimits(seconds=30), cancel)
    assert time.monotonic() - started < 1


def test_time_that_went_into_waiting_is_named_where_it_ran_out(cluster, guarded, numbers) -> None:
    full_at_first(cluster, 1, numbers(1), numbers(2))
    cluster.stalled = {"GET 2"}
    with pytest.raises(QueryTimeout, match=r"limit of 2\.5 s, of which .* \d s for a place"):
        ask(cluster, guarded, seconds=2.5)
    assert cluster.killed.wait(2)


@pytest.mark.parametrize("what", [429, 503])
def test_a_gateway_that_turns_it_away_is_asked_again(cluster, guarded, numbers, what) -> None:
    cluster.scripts = {"SELECT": [numbers(1)]}
    cluster.once = {"POST": what}
    assert ask(cluster, guarded, seconds=10).rows == ((1,),)
    assert len(cluster.of("POST")) == 2


def test_a_lost_query_that_can_still_be_ended_may_run_elsewhere(cluster, guarded, numbers) -> None:
    cluster.scripts = {"SELECT": [{}, numbers(1), numbers(2)]}
    cluster.always = {"GET 2": 503}
    with pytest.raises(EngineUnavailable, match=r"error 503.* It was ended there") as error:
        ask(cluster, guarded, seconds=10)
    assert error.value.cause == "down"
    assert len(cluster.of("DELETE")) == 1


def test_a_lost_query_that_may_still_run_is_told_as_such(cluster, guarded, numbers) -> None:
    cluster.scripts = {"SELECT": [{}, numbers(1), numbers(2)]}
    cluster.always = {"GET 2": 503, "DELETE": 503}
    with pytest.raises(EngineUnavailable, match="error 503") as error:
        ask(cluster, guarded, seconds=10)
    assert error.value.cause == "lost"
    assert len(cluster.of("POST")) == 1


def test_a_ping_that_is_cut_off_does_not_prove_that_nothing_runs_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:

        def slam() -> None:
            door.settimeout(10)
            visitor, _ = door.accept()
            visitor.recv(1000)
            visitor.close()

        slammer = threading.Thread(target=slam)
        slammer.start()
        with pytest.raises(EngineUnavailable, match="cannot be reached") as error:
            TrinoEngine(f"http://127.0.0.1:{door.getsockname()[1]}").ping()
        slammer.join(10)
    assert error.value.cause == "lost"

"""Both engines against a scripted server: who asks, caps, cancel, time limits, lost answers."""

from __future__ import annotations

import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from trino.auth import BasicAuthentication

from nlq.cancel import CancelToken
from nlq.engine.trino_client_engine import PrestoEngine, TrinoEngine
from nlq.errors import (
    Cancelled,
    EngineUnavailable,
    NlqError,
    QueryFailed,
    QueryTimeout,
    ResultTooLarge,
    SettingsError,
    TooCostly,
)
from nlq.types import QueryResult, ResultColumn, RunLimits

ENGINES = pytest.mark.parametrize(
    ("make", "prefix"), [(TrinoEngine, "X-Trino-"), (PrestoEngine, "X-Presto-")]
)


@pytest.fixture
def run(cluster, guarded) -> Callable[..., QueryResult]:
    engine = TrinoEngine(cluster.url, queue_wait_s=0)

    def go(sql: str = "SELECT n", *, user: str = "ana", cancel: CancelToken | None = None, **caps):
        limits = RunLimits(**{"seconds": 10.0, **caps})
        return engine.run(guarded(sql, user), limits, cancel or CancelToken())

    return go


@ENGINES
def test_the_server_hears_who_asks_and_within_which_limits(
    cluster, guarded, numbers, make, prefix
) -> None:
    cluster.scripts = {"SELECT": [numbers(1)]}
    engine = make(
        cluster.url,
        client_tags=("executive", "nlq"),
        session={"join_distribution_type": "AUTOMATIC"},
        timezone="Europe/Berlin",
    )
    limits = RunLimits(seconds=9.2, read_bytes=10**9)
    engine.run(guarded("SELECT n", "Zoë Blå"), limits, CancelToken())
    (sent,) = cluster.of("POST")
    told = {name.lower(): value for name, value in sent.headers.items()}
    assert sent.body == "SELECT n"
    assert told[f"{prefix}user".lower()] == "Zoë Blå"
    assert told[f"{prefix}source".lower()] == "nlq"
    assert told[f"{prefix}client-tags".lower()] == "executive,nlq"
    assert told[f"{prefix}time-zone".lower()] == "Europe/Berlin"
    session = set(told[f"{prefix}session".lower()].split(","))
    scan = "physical_bytes" if make is TrinoEngine else "raw_input_bytes"
    assert session == {
        "join_distribution_type=AUTOMATIC", "query_max_run_time=15s",
        f"query_max_scan_{scan}=1000000000B",
    }  # fmt: skip
    other = "x-presto-" if make is TrinoEngine else "x-trino-"
    assert [name for name in told if name.startswith(other)] == []


@ENGINES
def test_pages_become_one_result(cluster, guarded, numbers, make, prefix) -> None:
    cluster.scripts = {"SELECT": [{}, numbers(1, 2), {}, numbers(3)]}
    result = make(cluster.url).run(guarded("SELECT n"), RunLimits(), CancelToken())
    assert result.columns == (ResultColumn("n", "bigint"),)
    assert result.rows == ((1,), (2,), (3,))
    assert (result.truncated, result.size_bytes, result.query_id) == (False, 24, "query_0")
    assert cluster.of("DELETE") == []


def test_a_result_without_rows_has_columns(cluster, run, numbers) -> None:
    cluster.scripts = {"SELECT": [{}, numbers()]}
    assert run().columns == (ResultColumn("n", "bigint"),)
    assert run().rows == ()


@pytest.mark.parametrize(("rows", "kept"), [(1, 1), (2, 2), (3, 3)])
def test_rows_past_the_cap_are_cut_off_and_the_query_is_ended(
    cluster, run, numbers, rows, kept
) -> None:
    cluster.scripts = {"SELECT": [numbers(1, 2), numbers(3, 4), numbers(5), numbers(6)]}
    result = run(rows=rows)
    assert (len(result.rows), result.truncated) == (kept, True)
    assert cluster.killed.wait(2)


def test_a_result_that_just_fits_is_whole(cluster, run, numbers) -> None:
    cluster.scripts = {"SELECT": [numbers(1, 2), numbers(3), {}]}
    result = run(rows=3, size_bytes=24)
    assert (len(result.rows), result.truncated) == (3, False)
    assert cluster.of("DELETE") == []


def test_bytes_past_the_cap_are_cut_off(cluster, run, texts) -> None:
    cluster.scripts = {"SELECT": [texts("a" * 40, "b" * 40), texts("c" * 40)]}
    result = run(size_bytes=90)
    assert (len(result.rows), result.truncated, result.size_bytes) == (2, True, 80)


@ENGINES
def test_a_cancel_reaches_a_server_that_says_nothing(
    cluster, guarded, numbers, make, prefix
) -> None:
    cluster.scripts = {"SELECT": [{}, {}, numbers(1)]}
    cluster.stalled = {"GET 2"}
    cancel = CancelToken()
    threading.Timer(0.3, cancel.cancel).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        make(cluster.url).run(guarded("SELECT n"), RunLimits(), cancel)
    assert time.monotonic() - started < 2
    assert cluster.killed.wait(2)
    assert cluster.of("DELETE")[0].path == "/v1/statement/0/2"


def test_a_cancel_while_it_is_being_sent_reaches_the_server_when_it_answers(
    cluster, run, numbers
) -> None:
    cluster.scripts = {"SELECT": [{}, numbers(1)]}
    cluster.stalled = {"POST"}
    cancel = CancelToken()
    threading.Timer(0.2, cancel.cancel).start()
    with pytest.raises(Cancelled):
        run(cancel=cancel)
    assert cluster.of("DELETE") == []
    cluster.go.set()
    assert cluster.killed.wait(2)


def test_nothing_is_sent_once_it_is_cancelled(cluster, run) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        run(cancel=cancel)
    assert cluster.seen == []


def test_past_its_seconds_a_query_is_ended(cluster, run, numbers) -> None:
    cluster.scripts = {"SELECT": [{}, numbers(1), numbers(2)]}
    cluster.stalled = {"GET 2"}
    started = time.monotonic()
    with pytest.raises(QueryTimeout, match=r"its limit of 0\.4 s"):
        run(seconds=0.4)
    assert time.monotonic() - started < 2
    assert cluster.killed.wait(2)


@pytest.mark.parametrize("what", [429, 502, 503, 504, "drop", "empty"])
def test_a_statement_is_never_sent_twice(cluster, run, numbers, what) -> None:
    cluster.scripts = {"SELECT": [numbers(1)]}
    cluster.once = {"POST": what}
    with pytest.raises(EngineUnavailable, match="did not answer when the query was sent") as caught:
        run()
    assert caught.value.cause == ("busy" if what in (429, 503) else "down")
    assert len(cluster.of("POST")) == 1


@pytest.mark.parametrize("what", [503, "drop", "cut", "empty"])
def test_a_page_that_was_lost_is_asked_for_again(cluster, run, numbers, what) -> None:
    cluster.scripts = {"SELECT": [{}, numbers(1), numbers(2)]}
    cluster.once = {"GET 2": what}
    assert run().rows == ((1,), (2,))
    assert len(cluster.of("POST")) == 1


@pytest.mark.parametrize(
    ("what", "words"),
    [("drop", "connection to .* was lost"), (503, "error 503"), (404, "error 404")],
)
def test_a_server_that_dies_while_the_query_runs(cluster, run, numbers, what, words) -> None:
    cluster.scripts = {"SELECT": [{}, numbers(1), numbers(2)]}
    cluster.always = {"GET 2": what, "DELETE": what}
    started = time.monotonic()
    with pytest.raises(EngineUnavailable, match=words) as caught:
        run()
    assert caught.value.cause == "lost"
    assert time.monotonic() - started < 5
    assert len(cluster.of("POST")) == 1


def test_a_value_that_python_cannot_hold_is_said(cluster, run) -> None:
    kind = {"rawType": "date", "arguments": []}
    column = {"name": "d", "type": "date", "typeSignature": kind}
    cluster.scripts = {"SELECT": [{"columns": [column], "data": [["+12026-01-01"]]}]}
    with pytest.raises(QueryFailed, match="Python cannot hold") as caught:
        run()
    assert "varchar" in caught.value.hint


def test_a_server_that_is_not_there(guarded) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        engine = TrinoEngine(url)
        with pytest.raises(EngineUnavailable, match=f"Trino at {url} cannot be reached") as run:
            engine.run(guarded("SELECT n"), RunLimits(), CancelToken())
        with pytest.raises(EngineUnavailable, match="cannot be reached") as ping:
            engine.ping()
        assert (run.value.cause, ping.value.cause) == ("down", "down")


ERRORS: list[tuple[str, str, type[NlqError], object]] = [
    ("COLUMN_NOT_FOUND", "USER_ERROR", QueryFailed, True),
    ("PERMISSION_DENIED", "USER_ERROR", QueryFailed, False),
    ("GENERIC_INTERNAL_ERROR", "INTERNAL_ERROR", QueryFailed, False),
    ("HIVE_CANNOT_OPEN_SPLIT", "EXTERNAL", QueryFailed, False),
    ("USER_CANCELED", "USER_ERROR", QueryFailed, False),
    ("ADMINISTRATIVELY_KILLED", "USER_ERROR", QueryFailed, False),
    ("EXCEEDED_TIME_LIMIT", "INSUFFICIENT_RESOURCES", QueryTimeout, None),
    ("EXCEEDED_GLOBAL_MEMORY_LIMIT", "INSUFFICIENT_RESOURCES", QueryFailed, False),
    ("EXCEEDED_SCAN_LIMIT", "INSUFFICIENT_RESOURCES", TooCostly, None),
    ("EXCEEDED_SCAN_RAW_BYTES_READ_LIMIT", "INSUFFICIENT_RESOURCES", TooCostly, None),
    ("EXCEEDED_OUTPUT_SIZE_LIMIT", "INSUFFICIENT_RESOURCES", ResultTooLarge, None),
    ("QUERY_QUEUE_FULL", "INSUFFICIENT_RESOURCES", EngineUnavailable, "busy"),
    ("SERVER_STARTING_UP", "INTERNAL_ERROR", EngineUnavailable, "busy"),
    ("NO_NODES_AVAILABLE", "INTERNAL_ERROR", EngineUnavailable, "busy"),
    ("REMOTE_HOST_GONE", "INTERNAL_ERROR", EngineUnavailable, "down"),
]


@pytest.mark.parametrize(("name", "kind", "error", "further"), ERRORS, ids=lambda v: str(v))
def test_the_servers_errors_in_our_words(cluster, run, name, kind, error, further) -> None:
    """``further`` is whether a new draft may mend it, or why the server is unavailable."""
    told = {"errorName": name, "errorType": kind, "errorCode": 1, "message": "line 1:8:\n no x."}
    cluster.scripts = {"SELECT": [{}, {"error": told}]}
    with pytest.raises(error) as caught:
        run()
    assert type(caught.value) is error
    assert "line 1:8: no x." in caught.value.message
    told = caught.value
    assert getattr(told, "cause" if error is EngineUnavailable else "repairable", None) == further
    assert cluster.of("DELETE") == []


@pytest.mark.parametrize(("status", "hint"), [(401, "password"), (500, "in a while")])
def test_a_refused_connection_says_what_to_check(cluster, run, status, hint) -> None:
    cluster.scripts = {"SELECT": [{}]}
    cluster.once = {"POST": status}
    with pytest.raises(EngineUnavailable, match=str(status)) as caught:
        run()
    assert hint in caught.value.hint
    assert caught.value.cause == "down"


@pytest.mark.parametrize("name", ["", "a\nX-Trino-User: root", " ana", "アナ"])
def test_a_name_that_cannot_be_told_is_not_sent(cluster, run, name) -> None:
    with pytest.raises(QueryFailed, match="cannot be told") as caught:
        run(user=name)
    assert not caught.value.repairable
    assert cluster.seen == []


@pytest.mark.parametrize("url", ["127.0.0.1:80", "ftp://x", "http://ana:secret@x", "http://"])
def test_an_address_that_is_none(url) -> None:
    with pytest.raises(SettingsError, match="not the address") as caught:
        TrinoEngine(url)
    assert "secret" not in str(caught.value)


def test_progress_in_plain_words(cluster, guarded, numbers) -> None:
    cluster.scripts = {"SELECT": [{"stats": {"state": "QUEUED"}}, {}, numbers(1)]}
    heard: list[tuple[str, float | None]] = []
    TrinoEngine(cluster.url).run(
        guarded("SELECT n"), RunLimits(), CancelToken(), lambda *said: heard.append(said)
    )
    assert heard[:2] == [("Waiting in the queue", None), ("Running", 0.5)]


@ENGINES
def test_only_a_guarded_query_is_taken(cluster, make, prefix) -> None:
    engine: Any = make(cluster.url)
    with pytest.raises(TypeError, match="GuardedQuery"):
        engine.run("SELECT 1", RunLimits(), CancelToken())
    with pytest.raises(TypeError, match="GuardedQuery"):
        engine.estimate("SELECT 1")
    assert cluster.seen == []


def test_a_closed_engine_says_so(cluster, guarded) -> None:
    engine = TrinoEngine(cluster.url)
    engine.close()
    engine.close()
    with pytest.raises(EngineUnavailable, match="closed"):
        engine.run(guarded("SELECT n"), RunLimits(), CancelToken())


@ENGINES
def test_ping(cluster, make, prefix) -> None:
    engine = make(cluster.url)
    assert engine.ping() == ("Trino 1" if make is TrinoEngine else "PrestoDB 1")
    cluster.info["starting"] = True
    with pytest.raises(EngineUnavailable, match="still starting"):
        engine.ping()
    cluster.info = ["a page of something else"]
    with pytest.raises(EngineUnavailable, match="is not"):
        engine.ping()


@ENGINES
def test_whoever_signs_in_does_so_for_a_ping_too(cluster, make, prefix) -> None:
    make(cluster.url, auth=BasicAuthentication("nlq", "secret")).ping()
    wanted = f"Basic {b64encode(b'nlq:secret').decode()}"
    assert [request.headers.get("Authorization") for request in cluster.seen] == [wanted]


def test_two_people_at_once_keep_their_names(cluster, guarded, numbers) -> None:
    cluster.scripts = {f"SELECT {i}": [{}, numbers(i)] for i in range(8)}
    engine = TrinoEngine(cluster.url)
    found: dict[int, Any] = {}

    def ask(i: int) -> None:
        found[i] = engine.run(guarded(f"SELECT {i}", f"u{i}"), RunLimits(), CancelToken()).rows

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {i: ((i,),) for i in range(8)}
    assert {(p.body, p.headers["X-Trino-User"]) for p in cluster.of("POST")} == {
        (f"SELECT {i}", f"u{i}") for i in range(8)
    }

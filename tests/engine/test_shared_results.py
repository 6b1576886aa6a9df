"""Kept results and shared runs, with real threads over an engine that waits to be let go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nlq.cancel import CancelToken
from nlq.engine.shared_results import SharedResults
from nlq.errors import Cancelled, EngineUnavailable, QueryFailed, QueryTimeout
from nlq.sql.dialect import LAKE
from nlq.sql.guarded import GuardedQuery, seal
from nlq.types import Estimate, Principal, QueryResult, ResultColumn, RunLimits

SOON = 5.0  # seconds: whatever takes longer hangs
LIMITS = RunLimits(seconds=SOON, rows=100)
ANNA, BEN = Principal("anna", ("analyst",)), Principal("ben", ("analyst",))
EVE = Principal("eve", ("guest",))


class SlowEngine:
    """Runs nothing until it is let go; counts what it was asked."""

    name = "slow"

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()
        self.started = threading.Semaphore(0)
        self.runs: list[GuardedQuery] = []
        self.ended_by_cancel = 0
        self.versions: Callable[[], str | None] = lambda: None
        self.error: Exception | None = None
        self.rows: tuple[tuple[object, ...], ...] = ((1,),)
        self.truncated = False
        self.closed = 0

    def ping(self) -> str:
        return "Slow 1"

    def estimate(self, query: GuardedQuery) -> Estimate:
        return Estimate(rows=1, size_bytes=len(query.sql), partitions=None)

    def run(
        self,
        query: GuardedQuery,
        limits: RunLimits,
        cancel: CancelToken,
        on_progress: Callable[[str, float | None], None] | None = None,
    ) -> QueryResult:
        self.runs.append(query)
        if on_progress:
            on_progress("Running", 0.5)
        self.started.release()
        with cancel.calling(self.go.set):
            assert self.go.wait(SOON)
        if cancel.cancelled:
            self.ended_by_cancel += 1
            raise Cancelled
        if self.error:
            raise self.error
        return QueryResult(
            columns=(ResultColumn("n", "bigint"),),
            rows=self.rows,
            truncated=self.truncated,
            size_bytes=8 * len(self.rows),
            seconds=1.5,
            engine=self.name,
            query_id=f"slow-{len(self.runs)}",
            read_bytes=1_000,
        )

    def data_version(self, query: GuardedQuery) -> str | None:
        assert query.sql
        return self.versions()

    def close(self) -> None:
        self.closed += 1


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 30, 10, 32, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def slow() -> SlowEngine:
    return SlowEngine()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def shared(slow: SlowEngine, watch: Watch) -> Iterator[SharedResults]:
    made = sharing(slow, watch)
    yield made
    made.close()


def sharing(
    slow: SlowEngine, watch: Watch, *, keep_s: float = 300, room_bytes: int = 1_000_000
) -> SharedResults:
    return SharedResults(
        slow,
        rights=lambda principal: ",".join(principal.roles),
        keep_s=keep_s,
        room_bytes=room_bytes,
        now=watch,
    )


def query(
    sql: str = "SELECT count(*) FROM lake.crm.accounts", who: Principal = ANNA
) -> GuardedQuery:
    tree = LAKE.parse(sql)[0]
    assert tree is not None
    return seal(
        tree=tree,  # type: ignore[arg-type]
        sql=sql,
        principal=who,
        tables=("lake.crm.accounts",),
        columns=(),
        rewrites=(),
        fingerprint="",
        row_limit=1000,
    )


def ask(
    shared: SharedResults, asked: GuardedQuery | None = None, limits: RunLimits = LIMITS
) -> QueryResult:
    return shared.run(asked or query(), limits, CancelToken())


# --- kept results


def test_the_second_question_gets_the_kept_result(
    shared: SharedResults, slow: SlowEngine, watch: Watch
) -> None:
    first = ask(shared)
    watch.pass_seconds(60)
    second = ask(shared, query(who=BEN))
    assert first.computed_at is None
    assert second.computed_at == datetime(2026, 6, 30, 10, 32, tzinfo=UTC)
    assert (second.rows, second.query_id) == (first.rows, first.query_id)
    assert second.read_bytes == 0
    assert second.seconds < 1
    assert len(slow.runs) == 1


def test_other_rights_other_text_or_another_literal_get_a_run_of_their_own(
    shared: SharedResults, slow: SlowEngine
) -> None:
    ask(shared)
    for other in (
        query(who=EVE),
        query("SELECT count(*) FROM lake.crm.accounts WHERE id = 1"),
        query("SELECT count(*) FROM lake.crm.accounts WHERE id = 2"),
        query("SELECT count(*) FROM lake.crm.accounts LIMIT 1"),
    ):
        assert ask(shared, other).computed_at is None
    assert len(slow.runs) == 5


def test_without_a_version_a_result_is_kept_for_its_seconds_from_when_its_run_began(
    shared: SharedResults, slow: SlowEngine, watch: Watch
) -> None:
    ask(shared)
    watch.pass_seconds(299)
    kept = ask(shared)
    assert kept.computed_at
    assert not kept.unchanged
    watch.pass_seconds(1)
    assert ask(shared).computed_at is None
    watch.pass_seconds(-3600)  # a clock that was put back says nothing about the age
    assert ask(shared).computed_at is None
    assert len(slow.runs) == 3


def test_with_a_version_a_result_is_kept_until_the_version_changes(
    shared: SharedResults, slow: SlowEngine, watch: Watch
) -> None:
    slow.versions = lambda: "one"
    ask(shared)
    watch.pass_seconds(86_400)
    assert ask(shared).unchanged
    slow.versions = lambda: "two"
    assert ask(shared).computed_at is None
    slow.versions = lambda: None  # the engine can tell no more: not known to be unchanged
    assert ask(shared).computed_at is None


def test_a_change_during_the_run_is_not_missed(shared: SharedResults, slow: SlowEngine) -> None:
    version = iter(["before", "after", "after"])
    slow.versions = lambda: next(version)
    ask(shared)
    assert ask(shared).computed_at is None
    assert ask(shared).computed_at is not None


def test_a_failure_is_told_and_not_kept(shared: SharedResults, slow: SlowEngine) -> None:
    slow.error = QueryFailed("It failed.", repairable=False)
    with pytest.raises(QueryFailed, match="It failed") as told:
        ask(shared)
    assert not told.value.repairable
    slow.error = None
    assert ask(shared).computed_at is None
    assert len(slow.runs) == 2


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT now() FROM lake.crm.accounts",
        "SELECT rand() FROM lake.crm.accounts",
        "SELECT count(*) FROM lake.crm.accounts TABLESAMPLE BERNOULLI (10)",
    ],
)
def test_what_comes_out_differently_each_time_is_not_kept(
    shared: SharedResults, slow: SlowEngine, sql: str
) -> None:
    ask(shared, query(sql))
    assert ask(shared, query(sql)).computed_at is None
    assert len(slow.runs) == 2


def test_a_cut_off_result_serves_the_same_limits_only(
    shared: SharedResults, slow: SlowEngine
) -> None:
    slow.truncated, slow.rows = True, ((1,),) * 100
    ask(shared)
    assert ask(shared, limits=replace(LIMITS, seconds=1)).computed_at
    assert ask(shared, limits=replace(LIMITS, rows=200)).computed_at is None
    assert ask(shared, limits=replace(LIMITS, rows=50)).computed_at is None


def test_a_whole_result_serves_every_limit_that_it_fits(
    shared: SharedResults, slow: SlowEngine
) -> None:
    slow.rows = ((1,),) * 60
    ask(shared)
    assert ask(shared, limits=replace(LIMITS, rows=60)).computed_at
    assert ask(shared, limits=replace(LIMITS, rows=59)).computed_at is None


def test_the_least_recently_used_results_make_room(slow: SlowEngine, watch: Watch) -> None:
    shared = sharing(slow, watch, room_bytes=8_000)
    questions = [query(f"SELECT {n} FROM lake.crm.accounts") for n in range(8)]
    for question in questions[:5]:
        ask(shared, question)
    assert ask(shared, questions[0]).computed_at  # used again: the newest now
    for question in questions[5:]:
        ask(shared, question)
    kept = [n for n in (0, 7, 6, 5, 4) if ask(shared, questions[n]).computed_at]
    assert kept == [0, 7, 6, 5, 4]
    assert ask(shared, questions[1]).computed_at is None


def test_a_result_that_would_fill_the_room_is_not_kept(slow: SlowEngine, watch: Watch) -> None:
    shared = sharing(slow, watch, room_bytes=20_000)
    small = query("SELECT 1 FROM lake.crm.accounts")
    ask(shared, small)
    slow.rows = ((1,),) * 80
    ask(shared)
    assert ask(shared).computed_at is None
    assert ask(shared, small).computed_at


@pytest.mark.parametrize(("keep_s", "room_bytes"), [(0.0, 1_000_000), (300.0, 0)])
def test_nothing_is_kept_where_nothing_shall_be(
    slow: SlowEngine, watch: Watch, keep_s: float, room_bytes: int
) -> None:
    shared = sharing(slow, watch, keep_s=keep_s, room_bytes=room_bytes)
    ask(shared)
    assert ask(shared).computed_at is None


# --- runs in flight


class Askers:
    """Several people who ask at once, each with a cancel token of their own."""

    def __init__(self, shared: SharedResults, slow: SlowEngine, pool: ThreadPoolExecutor) -> None:
        self._shared, self._slow, self._pool = shared, slow, pool
        self.heard: list[str] = []

    def ask(
        self, asked: GuardedQuery | None = None, limits: RunLimits = LIMITS
    ) -> tuple[CancelToken, Future[QueryResult]]:
        """Ask, and come back once the question is waiting."""
        token, waits = CancelToken(), threading.Event()

        def on_progress(text: str, share: float | None) -> None:
            assert share == 0.5
            self.heard.append(text)
            waits.set()

        answer = self._pool.submit(self._shared.run, asked or query(), limits, token, on_progress)
        assert waits.wait(SOON)  # it has heard how the run goes, so it waits for it
        return token, answer


@pytest.fixture
def askers(shared: SharedResults, slow: SlowEngine) -> Iterator[Askers]:
    """They ask while the engine holds its runs back."""
    slow.go.clear()
    with ThreadPoolExecutor(60) as pool:
        yield Askers(shared, slow, pool)
        slow.go.set()


def test_fifty_at_once_share_one_run(shared: SharedResults, slow: SlowEngine, watch: Watch) -> None:
    slow.go.clear()
    together = threading.Barrier(51)

    def come() -> QueryResult:
        together.wait(SOON)
        return ask(shared)

    with ThreadPoolExecutor(50) as pool:
        answers = [pool.submit(come) for _ in range(50)]
        together.wait(SOON)
        assert slow.started.acquire(timeout=SOON)
        slow.go.set()
        results = [answer.result(SOON) for answer in answers]
    assert len(slow.runs) == 1
    assert {result.rows for result in results} == {((1,),)}


def test_all_who_wait_hear_of_progress_and_get_the_result(askers: Askers, slow: SlowEngine) -> None:
    answers = [askers.ask(query(who=who))[1] for who in (ANNA, BEN, ANNA)]
    slow.go.set()
    assert [answer.result(SOON).query_id for answer in answers] == ["slow-1"] * 3
    assert askers.heard == ["Running"] * 3


def test_one_who_cancels_leaves_the_run_to_the_others(askers: Askers, slow: SlowEngine) -> None:
    leader, leaders = askers.ask()
    follower, followers = askers.ask()
    _, thirds = askers.ask()
    for token, answer in ((leader, leaders), (follower, followers)):
        token.cancel()
        with pytest.raises(Cancelled):
            answer.result(SOON)
    assert not slow.ended_by_cancel
    slow.go.set()
    assert thirds.result(SOON).rows == ((1,),)
    assert len(slow.runs) == 1


def test_the_last_one_to_leave_ends_the_run(askers: Askers, slow: SlowEngine) -> None:
    for token, answer in [askers.ask() for _ in range(3)]:
        token.cancel()
        with pytest.raises(Cancelled):
            answer.result(SOON)
    assert slow.ended_by_cancel == 1
    slow.go.clear()
    _, fresh = askers.ask()  # nobody joins a run that was given up
    slow.go.set()
    assert fresh.result(SOON).rows == ((1,),)
    assert len(slow.runs) == 2


def test_an_error_goes_to_all_who_wait(askers: Askers, slow: SlowEngine) -> None:
    slow.error = EngineUnavailable("It is gone.", cause="lost")
    answers = [askers.ask()[1] for _ in range(3)]
    slow.go.set()
    for answer in answers:
        with pytest.raises(EngineUnavailable, match="gone") as told:
            answer.result(SOON)
        assert told.value.cause == "lost"
    assert len(slow.runs) == 1


def test_other_rights_never_share_a_run(askers: Askers, slow: SlowEngine) -> None:
    answers = [askers.ask(query(who=who))[1] for who in (ANNA, EVE)]
    slow.go.set()
    for answer in answers:
        answer.result(SOON)
    assert len(slow.runs) == 2
    assert {asked.principal for asked in slow.runs} == {ANNA, EVE}


def test_one_who_asks_after_a_change_does_not_join_a_run_from_before_it(
    askers: Askers, slow: SlowEngine
) -> None:
    slow.versions = lambda: "one"
    before = askers.ask()[1]
    slow.versions = lambda: "two"
    after = askers.ask()[1]
    slow.go.set()
    assert before.result(SOON)
    assert after.result(SOON)
    assert len(slow.runs) == 2


def test_a_time_out_frees_the_one_who_waits_even_where_the_engine_hangs(
    askers: Askers, slow: SlowEngine
) -> None:
    _, hasty = askers.ask(limits=replace(LIMITS, seconds=0.1))
    with pytest.raises(QueryTimeout, match=r"0\.1 s"):
        hasty.result(SOON)
    assert slow.ended_by_cancel == 1


def test_who_has_cancelled_already_starts_nothing(shared: SharedResults, slow: SlowEngine) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        shared.run(query(), LIMITS, token)
    assert not slow.runs


def test_closing_ends_what_runs_and_is_safe_to_repeat(
    askers: Askers, shared: SharedResults, slow: SlowEngine
) -> None:
    _, waiting = askers.ask()
    shared.close()
    with pytest.raises(EngineUnavailable, match="closed"):
        waiting.result(SOON)
    assert slow.ended_by_cancel == 1
    with pytest.raises(EngineUnavailable, match="closed"):
        ask(shared)
    shared.close()
    assert slow.closed == 2

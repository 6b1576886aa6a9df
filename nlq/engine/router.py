"""Several clusters as one engine: a guarded query enters, the answer of one of them leaves.

A cluster that is down, busy, or dies on the way is passed over. Nothing runs twice: a query whose
answer was lost goes to another cluster only where the first one is gone, and with it the query.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from nlq.cancel import CancelToken
from nlq.engine.base import Engine, OnProgress
from nlq.engine.health import PING_SECONDS, Health
from nlq.engine.waiting import until_taken
from nlq.errors import EngineUnavailable, NlqError, QueryTimeout, SettingsError
from nlq.sql.guarded import GuardedQuery
from nlq.types import Estimate, Principal, QueryResult, RunLimits

Got = TypeVar("Got")

_ESTIMATE_SECONDS: Final = 30.0  # for clusters that are all busy


@dataclass(frozen=True, slots=True)
class Member:
    """A cluster and whose queries it takes.

    ``roles`` are those of the principals that it serves, empty is everyone's. ``weight`` is its
    share of the queries that several could take. One that is ``draining`` takes no new queries
    while another can.
    """

    engine: Engine
    roles: tuple[str, ...] = ()
    weight: int = 1
    draining: bool = False


@dataclass(frozen=True, slots=True)
class MemberStatus:
    """How a cluster is; ``text`` is its version, or what is wrong with it."""

    name: str
    healthy: bool
    draining: bool
    text: str


@dataclass(slots=True)
class _Seat:
    """A member with what is known of it. ``credit`` is its turn in the weighted round."""

    member: Member
    health: Health
    credit: int = 0

    @property
    def engine(self) -> Engine:
        return self.member.engine

    @property
    def name(self) -> str:
        return self.member.engine.name


@dataclass(slots=True)
class _Task:
    """One query's way through the clusters: its time, and what went wrong so far.

    ``moved`` says that it was sent already, to a cluster that died with it.
    """

    cancel: CancelToken
    deadline: float = math.inf
    seconds: float = math.inf
    on_progress: OnProgress | None = None
    failures: tuple[tuple[str, EngineUnavailable], ...] = ()
    moved: bool = False

    def told(self) -> str:
        """What went wrong, cluster by cluster."""
        return " ".join(f"{name}: {error.message}" for name, error in self.failures)


class Router:
    """The ``Engine`` of several clusters; safe to use from several threads at once.

    Those that serve the principal's roles are asked: healthy before resting, staying before
    draining, one that names a role of theirs before one for everyone, and among equals each by
    its weight. Each is asked once before any is asked again, so their engines shall not wait for a
    busy server themselves (``queue_wait_s=0``). ``clock`` counts seconds. Raises ``SettingsError``
    for no members, two of a name, or a weight below 1.
    """

    def __init__(
        self, members: Sequence[Member], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        names = [member.engine.name for member in members]
        if not names:
            raise SettingsError("There is no cluster.", hint="Name at least one.")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise SettingsError(
                f"Several clusters are called {twice[0]}.", hint="Give each its own name."
            )
        if wrong := [member.engine.name for member in members if member.weight < 1]:
            raise SettingsError(
                f"The weight of {wrong[0]} is below 1.",
                hint="A cluster that shall take no queries is draining.",
            )
        self._seats = [_Seat(member, Health(member.engine, clock)) for member in members]
        self._clock = clock
        self._lock = threading.Lock()
        self._closed = False

    @property
    def name(self) -> str:
        """The clusters' names; a result says which of them answered."""
        return " or ".join(seat.name for seat in self._seats)

    def ping(self) -> str:
        """Names and versions of the clusters that answer.

        Raises ``EngineUnavailable`` where none does.
        """
        found = self.status()
        if not any(status.healthy for status in found):
            told = " ".join(f"{status.name}: {status.text}" for status in found)
            raise EngineUnavailable(
                f"No cluster answers. {told}", hint="Check that they run, and their addresses."
            )
        return ", ".join(f"{status.name} ({status.text})" for status in found if status.healthy)

    def status(self) -> tuple[MemberStatus, ...]:
        """How each cluster is now: all are pinged at once."""
        self._check_open()
        found: dict[str, MemberStatus] = {}

        def look(seat: _Seat) -> None:
            try:
                healthy, text = True, seat.health.ping()
            except NlqError as error:
                healthy, text = False, error.message
            found[seat.name] = MemberStatus(seat.name, healthy, seat.member.draining, text)

        threads = [threading.Thread(target=look, args=(seat,)) for seat in self._seats]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return tuple(found[seat.name] for seat in self._seats)

    def estimate(self, query: GuardedQuery) -> Estimate:
        """See ``nlq.engine.base.Engine``; it reads nothing, so any failure is passed over."""
        task = _Task(CancelToken())
        return until_taken(
            lambda _: self._ask(query.principal, task, lambda engine, _: engine.estimate(query)),
            seconds=_ESTIMATE_SECONDS,
            wait_s=_ESTIMATE_SECONDS,
            cancel=task.cancel,
        )

    def run(
        self,
        query: GuardedQuery,
        limits: RunLimits,
        cancel: CancelToken,
        on_progress: OnProgress | None = None,
    ) -> QueryResult:
        """Run it on one cluster; see ``nlq.engine.base.Engine``.

        ``limits.seconds`` is for all that are asked, together. Where none is free and one is only
        busy, all are asked again as long as the time allows.
        """
        task = _Task(cancel, self._clock() + limits.seconds, limits.seconds, on_progress)

        def send(engine: Engine, left: float) -> QueryResult:
            return engine.run(query, replace(limits, seconds=left), cancel, on_progress)

        return until_taken(
            lambda _: self._ask(query.principal, task, send, once=True),
            seconds=limits.seconds,
            wait_s=limits.seconds,
            cancel=cancel,
            on_progress=on_progress,
        )

    def data_version(self, query: GuardedQuery) -> str | None:
        """See ``nlq.engine.base.Engine``; of the same cluster as long as that is healthy."""
        seats = self._serving(query.principal)
        return self._best(seats)[0].engine.data_version(query) if seats else None

    def close(self) -> None:
        """Close the clusters' engines and wait for pings to end; safe to call twice."""
        self._closed = True
        for seat in self._seats:
            seat.engine.close()
        for seat in self._seats:
            seat.health.close()

    def _ask(
        self,
        principal: Principal,
        task: _Task,
        send: Callable[[Engine, float], Got],
        *,
        once: bool = False,
    ) -> Got:
        """What the first cluster answers that can; ``once``: it must not run on two."""
        self._check_open()
        task.failures = ()
        seats = self._serving(principal)
        if not seats:
            roles = ", ".join(principal.roles) or "none"
            raise EngineUnavailable(
                f"No cluster takes the queries of {principal.name} (roles: {roles}).",
                hint="The data platform team names the roles of a cluster in engine.clusters.",
            )
        while seats:
            seat = self._next(seats)
            seats.remove(seat)
            if task.failures and task.on_progress:
                before = task.failures[-1][0]
                task.on_progress(f"{before} could not take it; asking {seat.name}", None)
            try:
                seat.health.check(min(PING_SECONDS, self._left(task)), task.cancel)
                got = send(seat.engine, self._left(task))
            except EngineUnavailable as error:
                seat.health.failed(error)
                task.failures += ((seat.name, error),)
                if once and error.cause == "lost":
                    self._let_move(task, seat, error)
            except QueryTimeout as error:
                if not task.failures:
                    raise
                raise QueryTimeout(f"{error.message} {task.told()}", hint=error.hint) from error
            else:
                seat.health.worked()
                return got
        raise _none_answered(task)

    def _left(self, task: _Task) -> float:
        """Seconds that are left, in tenths; raises ``Cancelled`` and ``QueryTimeout``."""
        task.cancel.check()
        left = math.inf
        if task.deadline < math.inf:
            left = math.ceil(10 * (task.deadline - self._clock())) / 10
        if left <= 0:
            raise QueryTimeout(
                f"No cluster answered within {task.seconds:g} s.", hint="Ask again in a while."
            )
        return left

    def _let_move(self, task: _Task, seat: _Seat, error: EngineUnavailable) -> None:
        """Return if the query died with its cluster and may go to another, else raise ``error``."""
        within = min(PING_SECONDS, task.deadline - self._clock())
        if task.moved or not seat.health.is_gone(within, task.cancel):
            raise error
        task.moved = True

    def _serving(self, principal: Principal) -> list[_Seat]:
        roles = set(principal.roles)
        return [s for s in self._seats if not s.member.roles or roles & set(s.member.roles)]

    def _best(self, seats: list[_Seat]) -> list[_Seat]:
        """Those of them that are to be asked first, all alike."""

        def rank(seat: _Seat) -> tuple[bool, bool, bool]:
            return seat.health.resting, seat.member.draining, not seat.member.roles

        ranks = [rank(seat) for seat in seats]
        return [seat for seat, its in zip(seats, ranks, strict=True) if its == min(ranks)]

    def _next(self, seats: list[_Seat]) -> _Seat:
        """The one of the best whose turn it is: a smooth weighted round, as nginx has it."""
        with self._lock:
            best = self._best(seats)
            for seat in best:
                seat.credit += seat.member.weight
            chosen = max(best, key=lambda seat: seat.credit)
            chosen.credit -= sum(seat.member.weight for seat in best)
            return chosen

    def _check_open(self) -> None:
        if self._closed:
            raise EngineUnavailable(f"The engine {self.name} is closed.")


def _none_answered(task: _Task) -> EngineUnavailable:
    _, error = task.failures[-1]
    if len(task.failures) == 1:
        return error
    busy = any(error.cause == "busy" for _, error in task.failures)
    return EngineUnavailable(
        f"No cluster could take the query. {task.told()}",
        hint="Ask again in a while.",
        cause="busy" if busy else "down",
    )

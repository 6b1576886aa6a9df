"""How versions of a server's tables are asked for, and what is remembered; the server is a fake."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from nlq.engine.snapshot_versions import SnapshotVersions
from nlq.errors import EngineError, EngineUnavailable, QueryFailed, QueryTimeout

ICEBERG, OTHER, HIVE, TPCH = "ice.s.a", "ice.s.b", "lake.s.h", "tpch.tiny.nation"


class Server:
    """Knows the histories of its Iceberg tables; counts what it was asked."""

    def __init__(self, *, tells_connectors: bool = True) -> None:
        self.histories = {ICEBERG: [(1, 11)], OTHER: [(1, 21)]}
        self.tells_connectors = tells_connectors
        self.error: EngineError | None = None
        self.asked: list[str] = []
        self.users: set[str] = set()
        self.pause = 0.0

    def rows(self, sql: str, *, user: str, seconds: float) -> list[list[Any]]:
        assert 0 < seconds <= 2
        self.asked.append(sql)
        self.users.add(user)
        time.sleep(self.pause)
        if self.error:
            raise self.error
        if "system.metadata.catalogs" in sql:
            if not self.tells_connectors:
                raise QueryFailed("Column 'connector_name' cannot be resolved.")
            return [["tpch" if "'tpch'" in sql else "hive"]]
        found = []
        for number, part in enumerate(sql.split(" UNION ALL ")):
            name = part.rsplit(" FROM ", 1)[1].replace('"', "").removesuffix("$history")
            if name not in self.histories:
                raise QueryFailed(f"Table {name}$history does not exist.")
            history = self.histories[name]
            found.append([number, len(history), *max(history)])
        return found[::-1]  # a union has no order


class Clock:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def versions(server: Server, clock: Clock) -> SnapshotVersions:
    return SnapshotVersions(server, clock=clock)  # type: ignore[arg-type]


def test_an_iceberg_table_s_version_changes_with_its_history(
    versions: SnapshotVersions, server: Server
) -> None:
    first = versions.version((ICEBERG, OTHER), "ana")
    assert first is not None
    assert versions.version((OTHER, ICEBERG), "ana") == first
    server.histories[OTHER].append((2, 22))
    second = versions.version((ICEBERG, OTHER), "ana")
    server.histories[OTHER].append((3, 21))  # rolled back to the first snapshot
    third = versions.version((ICEBERG, OTHER), "ana")
    assert len({first, second, third}) == 3
    assert versions.version((ICEBERG,), "ana") != versions.version((OTHER,), "ana")
    assert server.users == {"ana"}


def test_known_iceberg_tables_take_one_statement_and_known_hive_tables_none(
    versions: SnapshotVersions, server: Server
) -> None:
    versions.version((ICEBERG, OTHER), "ana")
    versions.version((HIVE,), "ana")
    server.asked.clear()
    assert versions.version((ICEBERG, OTHER), "ana")
    assert len(server.asked) == 1
    assert versions.version((HIVE, OTHER, ICEBERG), "ana") is None
    assert versions.version((HIVE,), "ana") is None
    assert len(server.asked) == 1


def test_what_a_table_is_is_looked_up_again_after_ten_minutes(
    versions: SnapshotVersions, server: Server, clock: Clock
) -> None:
    assert versions.version((HIVE,), "ana") is None
    server.histories[HIVE] = [(5, 51)]  # it was migrated
    clock.seconds += 599
    assert versions.version((HIVE,), "ana") is None
    clock.seconds += 1
    assert versions.version((HIVE,), "ana")


def test_generated_tables_are_always_the_same_where_the_connector_is_told(
    versions: SnapshotVersions, server: Server
) -> None:
    assert versions.version((TPCH,), "ana") == TPCH
    assert versions.version((TPCH,), "ana") == TPCH
    assert versions.version((TPCH, HIVE), "ana") is None
    silent = SnapshotVersions(Server(tells_connectors=False))  # type: ignore[arg-type]
    assert silent.version((TPCH,), "ana") is None


def test_what_one_person_may_not_see_is_not_remembered_for_others(
    versions: SnapshotVersions, server: Server
) -> None:
    denied = QueryFailed("Access denied.", repairable=False)
    server.error = denied
    assert versions.version((ICEBERG,), "eve") is None
    server.error = None
    assert versions.version((ICEBERG,), "ana")
    server.error = denied
    assert versions.version((ICEBERG,), "eve") is None


@pytest.mark.parametrize("error", [EngineUnavailable("It is down."), QueryTimeout("Too slow.")])
def test_a_server_that_is_slow_or_down_is_left_alone_for_half_a_minute(
    versions: SnapshotVersions, server: Server, clock: Clock, error: EngineError
) -> None:
    server.error = error
    assert versions.version((ICEBERG,), "ana") is None
    server.error = None
    clock.seconds += 29
    assert versions.version((ICEBERG,), "ana") is None
    assert len(server.asked) == 1
    clock.seconds += 1
    assert versions.version((ICEBERG,), "ana")


def test_many_at_once_look_a_table_up_once(versions: SnapshotVersions, server: Server) -> None:
    server.pause = 0.05
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: versions.version((HIVE,), "ana"), range(20)))
    assert found == [None] * 20
    assert len(server.asked) == 2  # its history, and its catalog's connector


def test_names_are_quoted(versions: SnapshotVersions, server: Server) -> None:
    versions.version(('it\'s."odd".t"x',), "ana")
    assert '"it\'s"."""odd"""."t""x$history"' in server.asked[0]
    assert "'it''s'" in server.asked[1]

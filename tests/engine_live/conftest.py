"""Real PrestoDB and Trino servers over the sample lake, started once for all tests of a run.

Every test in this folder is marked ``engine``. Servers' parts are kept in ``.cache/engines``.
``NLQ_TEST_ENGINES=0`` leaves the tests out; ``NLQ_TEST_SERVERS=HOME`` takes the servers that
``nlq engine up`` started below that home, and leaves them running.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from nlq.engine.servers.java import find_java
from nlq.engine.servers.recipe import RECIPES, Kind
from nlq.engine.servers.server import RunningServer, running_server, start_server
from nlq.errors import SettingsError

HOME = Path(__file__).parents[2] / ".cache"
MEMORY_MB = 1_536
FIRST_COMPILER = ("-XX:TieredStopAtLevel=1",)
"""Java's second one takes more than it gives to servers that run for minutes: a third of all."""

Starting = Mapping[Kind, Future[RunningServer]]


@pytest.hookimpl(tryfirst=True)  # before the marks are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is below this folder; a server that starts or fetches its parts takes a while."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.engine)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(1_200))


@pytest.fixture(scope="session")
def presto_server(_servers: Starting) -> RunningServer:
    """PrestoDB with the catalogs lake, tpch, tpcds and memory; its lake is ``layout.lake``."""
    return _of_kind("presto", _servers)


@pytest.fixture(scope="session")
def trino_server(_servers: Starting) -> RunningServer:
    """Trino with the same catalogs."""
    return _of_kind("trino", _servers)


@pytest.fixture(scope="session", params=["presto", "trino"])
def either_server(request: pytest.FixtureRequest) -> RunningServer:
    """Each of the two in turn."""
    server: RunningServer = request.getfixturevalue(f"{request.param}_server")
    return server


@pytest.fixture(scope="session")
def _servers(request: pytest.FixtureRequest) -> Iterator[Starting]:
    """All servers that the collected tests need and this machine can run, starting at once."""
    running = os.environ.get("NLQ_TEST_SERVERS")
    if running and os.environ.get("NLQ_TEST_ENGINES") != "0":
        yield _running_below(Path(running))
        return
    named = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    either = "either_server" in named
    kinds = [kind for kind in RECIPES if either or f"{kind}_server" in named]
    kinds = [kind for kind in kinds if not _lacking(kind)]
    if not kinds:
        yield {}
        return
    lake: Path = request.getfixturevalue("sample_lake")
    with _alone(), ThreadPoolExecutor(len(kinds)) as pool:
        starting = {
            kind: pool.submit(
                start_server,
                kind,
                home=HOME,
                name=_name(kind),
                lake=lake,
                memory_mb=MEMORY_MB,
                more_java=FIRST_COMPILER,
            )
            for kind in kinds
        }
        try:
            yield starting
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            for kind in starting:
                if server := running_server(kind, home=HOME, name=_name(kind)):
                    server.stop()


def _of_kind(kind: Kind, starting: Starting) -> RunningServer:
    if kind not in starting:
        pytest.skip(_lacking(kind) or f"NLQ_TEST_SERVERS names no running {RECIPES[kind].brand}.")
    return starting[kind].result()


def _lacking(kind: Kind) -> str:
    """Why that server does not run here, and how to change that; empty where it does."""
    if os.environ.get("NLQ_TEST_ENGINES") == "0":
        return "NLQ_TEST_ENGINES=0 leaves them out."
    if shutil.which("mvn") is None:
        return (
            f"{RECIPES[kind].brand} is put together with Maven (mvn), which is not installed; "
            "install Maven 3.6 or newer, for instance with apt, dnf or brew."
        )
    try:
        find_java(RECIPES[kind], os.environ)
    except SettingsError as error:
        return f"{error.message} {error.hint}"
    return ""


def _name(kind: Kind) -> str:
    return f"{kind}-tests"


def _running_below(home: Path) -> Starting:
    found: dict[Kind, Future[RunningServer]] = {}
    for kind in RECIPES:
        if server := running_server(kind, home=home):
            found[kind] = Future()
            found[kind].set_result(server)
    return found


@contextmanager
def _alone() -> Iterator[None]:
    """Wait for another run of the tests in this checkout: it would share and end the servers."""
    HOME.mkdir(exist_ok=True)
    with (HOME / "engine-tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""One PrestoDB with other kinds of catalogs: a lake on S3 by Glue, Iceberg, PostgreSQL, MySQL."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from databases import Database, NoDatabase, mysql, postgres
from moto.server import ThreadedMotoServer

from nlq.catalog.yaml_docs import YamlDocs
from nlq.engine.servers.glue_lake import Place, glue_catalog, iceberg_catalog, publish
from nlq.engine.servers.java import find_java
from nlq.engine.servers.recipe import PRESTO
from nlq.engine.servers.server import RunningServer, running_server, start_server
from nlq.engine.trino_client_engine import PrestoEngine
from nlq.errors import SettingsError
from nlq.sample.facts import SAMPLE_DOCS

CACHE = Path(__file__).parents[3] / ".cache"
NAME = "presto-federation"
TABLES = ("finance/revenue_lines", "product/accounts", "product/countries", "product/plans")
BY_DAY = "events/verifications"
DAYS = ("ds=2026-07-01", "ds=2026-07-02", "ds=2026-07-03")
SINCE = datetime(2026, 7, 15, 8, 40)


@pytest.fixture(scope="session")
def presto_runs_here() -> None:
    """Skips where a PrestoDB cannot be started."""
    if os.environ.get("NLQ_TEST_ENGINES") == "0":
        pytest.skip("NLQ_TEST_ENGINES=0 leaves them out.")
    if shutil.which("mvn") is None:
        pytest.skip("PrestoDB is put together with Maven (mvn), which is not installed.")
    try:
        find_java(PRESTO, os.environ)
    except SettingsError as exc:
        pytest.skip(f"{exc.message} {exc.hint}")


@pytest.fixture(scope="session")
def small_lake(sample_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few of the sample lake's tables, one of them with three of its partitions."""
    folder = tmp_path_factory.mktemp("small-lake")
    for table in TABLES:
        link = folder / table
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(sample_lake / table, target_is_directory=True)
    for day in DAYS:
        shutil.copytree(sample_lake / BY_DAY / day, folder / BY_DAY / day)
    return folder


@pytest.fixture(scope="session")
def accounts(small_lake: Path) -> list[tuple[int, str, str]]:
    """Number, plan and state of every account in the lake."""
    files = str(small_lake / "product" / "accounts" / "*.parquet")
    with duckdb.connect() as connection:
        return connection.execute(
            "SELECT account_id, plan_cd, status FROM read_parquet(?) ORDER BY 1", [files]
        ).fetchall()


@pytest.fixture(scope="session")
def product_db(accounts: list[tuple[int, str, str]]) -> Iterator[Database]:
    """The product database: the lake's accounts an hour later, when every 40th has left."""
    try:
        with postgres(CACHE / "databases", "product") as database:
            with database.connect() as connection:
                connection.execute(
                    "CREATE TABLE accounts (account_id bigint PRIMARY KEY, plan_cd varchar(4), "
                    "status varchar(1), changed_at timestamp)"
                )
                rows = [
                    (number, plan, "C" if index % 40 == 0 else status, SINCE)
                    for index, (number, plan, status) in enumerate(accounts)
                ]
                with connection.cursor() as cursor:
                    cursor.executemany("INSERT INTO accounts VALUES (%s, %s, %s, %s)", rows)
            yield database
    except NoDatabase as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="session")
def billing_db(accounts: list[tuple[int, str, str]]) -> Iterator[Database]:
    """The billing database: a wallet for every third account."""
    try:
        with mysql(CACHE / "databases", "billing") as database:
            with database.connect() as connection, connection.cursor() as cursor:
                cursor.execute(
                    "CREATE TABLE wallets (account_id bigint PRIMARY KEY, balance_usd_c bigint, "
                    "auto_recharge boolean, updated_at datetime)"
                )
                cursor.executemany(
                    "INSERT INTO wallets VALUES (%s, %s, %s, %s)",
                    [(row[0], row[0] * 37 % 100_000, row[0] % 2, SINCE) for row in accounts[::3]],
                )
            yield database
    except NoDatabase as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="session")
def place(small_lake: Path) -> Iterator[Place]:
    """The lake on a server that speaks S3 and Glue; its keys are in the environment."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "tests")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "not a secret")
        made = Place("company", "warehouse/lake", endpoint=f"http://{host}:{port}")
        publish(small_lake, made, YamlDocs(SAMPLE_DOCS).load().tables)
        yield made
    moto.stop()


@pytest.fixture(scope="session")
def server(
    presto_runs_here: None, place: Place, product_db: Database, billing_db: Database
) -> Iterator[RunningServer]:
    catalogs = {
        "lake": glue_catalog(place),
        "iceberg": iceberg_catalog(place),
        "product_db": (
            "connector.name=postgresql\n"
            f"connection-url=jdbc:postgresql://127.0.0.1:{product_db.port}/product\n"
            f"connection-user={product_db.user}\n"
            f"connection-password={product_db.password}\n"
        ),
        "billing_db": (
            "connector.name=mysql\n"
            f"connection-url=jdbc:mysql://127.0.0.1:{billing_db.port}?useSSL=false\n"
            f"connection-user={billing_db.user}\n"
            f"connection-password={billing_db.password}\n"
        ),
    }
    with (CACHE / f"{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another run of these tests in this checkout
        if left := running_server("presto", home=CACHE, name=NAME):  # by a run that was killed
            left.stop()
        made = start_server(
            "presto",
            home=CACHE,
            name=NAME,
            memory_mb=1_024,
            more_files={f"catalog/{name}.properties": text for name, text in catalogs.items()},
        )
        yield made
        made.stop()


@pytest.fixture(scope="session")
def engine(server: RunningServer) -> Iterator[PrestoEngine]:
    made = PrestoEngine(server.url)
    yield made
    made.close()

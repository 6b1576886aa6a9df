"""One question over the lake and a live database, through the whole assistant."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from databases import Database

from nlq.assemble import index_model, load_catalog, open_assistant
from nlq.catalog.validate import validate
from nlq.engine.trino_client_engine import PrestoEngine
from nlq.llm.embeddings import embeddings
from nlq.pipeline import Assistant
from nlq.retrieval.index import build_index
from nlq.sample.facts import SAMPLE_DOCS
from nlq.settings import CatalogSettings, ClockSettings, Settings
from nlq.types import Answer, Principal

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
ANN = Principal("ann", ("analyst",))


@pytest.fixture(scope="module")
def assistant(
    engine: PrestoEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Assistant]:
    """Over the sample's docs with those of the live databases beside them."""
    home = tmp_path_factory.mktemp("home")
    docs = home / "docs"
    shutil.copytree(SAMPLE_DOCS, docs)
    shutil.copytree(HERE / "docs", docs / "live")
    settings = Settings(
        home=home,
        catalog=CatalogSettings(docs=docs),
        clock=ClockSettings(today=datetime(2026, 7, 15, 9, 0)),
        policy=HERE / "policy.yaml",
    )
    catalog = load_catalog(settings)
    assert validate(catalog) == ()
    build_index(
        catalog,
        embeddings(settings.embeddings),
        settings.index_dir,
        model=index_model(settings),
    )
    return open_assistant(settings, engine=engine)


@pytest.fixture(scope="module")
def described(small_lake: Path) -> dict[int, tuple[str, str]]:
    """Region and segment of every account, from the lake's own files."""
    files = str(small_lake / "product" / "accounts" / "*.parquet")
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT account_id, region, seg FROM read_parquet(?)", [files]
        ).fetchall()
    return {number: (region, segment) for number, region, segment in rows}


def by_name(answer: Answer) -> dict[str, float]:
    assert answer.kind == "answer", (answer.headline, answer.hint, answer.sql)
    assert answer.result is not None
    return {str(name): float(value) for name, value in answer.result.rows}


def test_the_lake_and_postgresql_in_one_question(
    assistant, product_db: Database, described
) -> None:
    answer = assistant.ask("How many live accounts are there by region?", principal=ANN)
    with product_db.connect() as connection:
        active = connection.execute("SELECT account_id FROM accounts WHERE status = 'A'").fetchall()
    assert by_name(answer) == Counter(described[number][0] for (number,) in active)
    assert {"product_db", "lake"} <= {table.name.split(".")[0] for table in answer.tables}


def test_a_change_in_the_database_is_in_the_next_answer(assistant, product_db: Database) -> None:
    """Nothing is copied: the number of live accounts falls by one."""
    question = "How many live accounts are there?"
    (before,) = assistant.ask(question, principal=ANN).result.rows[0]
    with product_db.connect() as connection:
        (number,) = connection.execute(
            "SELECT min(account_id) FROM accounts WHERE status = 'A'"
        ).fetchone()
        connection.execute("UPDATE accounts SET status = 'C' WHERE account_id = %s", [number])
    assert assistant.ask(question, principal=ANN).result.rows == ((before - 1,),)


def test_the_lake_and_mysql_in_one_question(assistant, billing_db: Database, described) -> None:
    answer = assistant.ask("What is the prepaid balance by segment?", principal=ANN)
    with billing_db.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT account_id, balance_usd_c FROM wallets")
        wallets = cursor.fetchall()
    expected: Counter[str] = Counter()
    for number, cents in wallets:
        expected[described[number][1]] += cents
    assert by_name(answer) == {name: cents / 100 for name, cents in expected.items()}


def test_what_the_policy_does_not_grant_stays_in_the_database(assistant) -> None:
    answer = assistant.ask("How many live accounts are there?", principal=Principal("eve"))
    assert answer.kind == "refusal"

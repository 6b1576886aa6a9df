"""A dozen people at once through a real ``nlq serve``, by the API and by the page.

The lake is a table of its own, ready in seconds. Times on a machine that does other work say
little, so most of what is held to a bound is counted: updates of the page, and processor time.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb
import pytest
from apart import run_apart
from bench_people import (
    Model,
    PageQueue,
    Served,
    ask_api,
    crowd,
    ready,
    scripted_model,
    serving,
)

from nlq.assemble import index_model, load_catalog
from nlq.llm.embeddings import embeddings
from nlq.retrieval.index import build_index
from nlq.settings import CatalogSettings, Settings

PEOPLE = 12
MODEL_S = 0.5
MOST = 10.0
"""Times one person's wait; loose, since other tests use the processor. One after another: 12."""
MOST_PROCESSOR_S = 0.25
"""Of a question, where other work may double it."""
MOST_EVENTS = 8
"""That the page is sent of a question: queued, begun, at most five looks at it, done."""

DOCS = """
tables:
  - name: lake.crm.accounts
    description: Companies as sales sees them.
    columns:
      - {name: account_id, type: integer, description: Identifier.}
      - name: region
        type: varchar
        description: Sales region.
        values: [{value: AMER}, {value: APAC}, {value: EMEA}, {value: LATAM}]
"""
POLICY = """
version: 1
contact: Ask data-access@example.com.
roles:
  analyst: {tables: [lake.crm.*]}
  sales_emea:
    tables: [lake.crm.*]
    row_filters: [{table: lake.crm.accounts, where: "region = 'EMEA'"}]
"""
ACCOUNTS = """COPY (
    SELECT i::INTEGER AS account_id, ['AMER', 'APAC', 'EMEA', 'LATAM'][1 + i % 4] AS region
    FROM range(40) AS numbers(i)
) TO '{}' (FORMAT parquet)"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Model, Served]]:
    """The chat model, and nlq served over a lake of one table."""
    home = tmp_path_factory.mktemp("people")
    for folder, name, text in (("docs", "crm.yaml", DOCS), ("", "policy.yaml", POLICY)):
        (home / folder).mkdir(exist_ok=True)
        (home / folder / name).write_text(text)
    files = home / "lake/crm/accounts"
    files.mkdir(parents=True)
    duckdb.sql(ACCOUNTS.format(files / "all.parquet"))
    with pytest.MonkeyPatch.context() as environment, scripted_model() as (model, address):
        environment.setenv("NLQ_CATALOG__DOCS", str(home / "docs"))
        environment.setenv("NLQ_POLICY", str(home / "policy.yaml"))
        _index(home)
        with serving(home, address) as served:
            ready(served)
            yield model, served


def _index(home: Path) -> None:
    settings = Settings(home=home, catalog=CatalogSettings(docs=home / "docs"))
    build_index(
        load_catalog(settings),
        embeddings(settings.embeddings),
        settings.index_dir,
        model=index_model(settings),
    )


def test_many_at_once_get_their_own_answers_by_their_own_rights(
    server: tuple[Model, Served],
) -> None:
    model, served = server
    page = PageQueue(served.address)
    for ask in (ask_api, page.ask):
        model.seconds = 0.0
        assert run_apart(partial(crowd, served, ask, 2, 1, alone_first=1))  # loads what it needs
        model.seconds, model.asked, began = MODEL_S, 0, served.processor_s()
        assert run_apart(partial(crowd, served, ask, PEOPLE, 1, alone_first=2, most=MOST))
        assert model.asked == PEOPLE + 2
        assert (served.processor_s() - began) / (PEOPLE + 2) < MOST_PROCESSOR_S
    assert max(page.events) <= MOST_EVENTS

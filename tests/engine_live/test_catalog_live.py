"""The engine's catalog on real servers: what they tell of the sample lake, and by little."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from nlq.assemble import sample_folder
from nlq.catalog.disagree import disagreements
from nlq.catalog.engine_docs import EngineDocs
from nlq.catalog.engine_pull import PullLimits, PullReport, pull
from nlq.catalog.merge import merge
from nlq.catalog.yaml_docs import YamlDocs
from nlq.engine.trino_client import Client, Cluster

NOW = datetime(2026, 7, 15, 9, tzinfo=UTC)
LOOKED_AT = 15  # tables in the first pull, lake.events.messages among them


class Counted:
    """A client that counts its statements."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.sent = 0

    def rows(self, sql: str, *, user: str, seconds: float = 60.0) -> list[list[object]]:
        self.sent += 1
        return self._client.rows(sql, user=user, seconds=seconds)


@pytest.fixture
def client(either_server):
    made = Client(Cluster(either_server.kind, either_server.url))
    yield made
    made.close()


def test_the_sample_lake_is_told_whole(client, either_server, tmp_path) -> None:
    server, path = Counted(client), tmp_path / "tables.json"
    kind = either_server.kind

    def go(now: datetime, tables: int) -> PullReport:
        limits = PullLimits(tables=tables)
        return pull(server, path, kind=kind, user="ana", catalogs=["lake"], now=now, limits=limits)

    first = go(NOW, LOOKED_AT)
    assert first.failed == ()
    assert first.tables == len(first.new) == first.postponed + LOOKED_AT
    schemas = len({name.split(".")[1] for name in first.new})
    cheap = server.sent - LOOKED_AT
    docs, engine = YamlDocs(sample_folder() / "docs").load(), EngineDocs(path).load()
    assert not [d for d in disagreements(docs, engine) if "column" in d]
    messages = engine.tables["lake.events.messages"]
    assert messages.partitioned_by == ("ds",)
    assert messages.freshness.complete_through == date(2026, 7, 14)
    assert messages.column("ds").type == "varchar"
    described = merge([EngineDocs(path), YamlDocs(sample_folder() / "docs")])
    assert "SMS" in described.tables["lake.events.messages"].description

    server.sent = 0
    again = go(NOW + timedelta(hours=1), 0)
    assert (again.postponed, again.new, again.changed, again.gone) == (first.postponed, (), (), ())
    assert server.sent <= 1 + 2 * (schemas + 1) <= cheap


def test_statistics_are_told_where_there_are_any(client, either_server, tmp_path) -> None:
    path = tmp_path / "tables.json"
    pull(client, path, kind=either_server.kind, user="ana", catalogs=["memory"], now=NOW)
    name = f"g_catalog_{either_server.kind}"
    client.rows(f"DROP TABLE IF EXISTS memory.default.{name}", user="ana")
    client.rows(f"CREATE TABLE memory.default.{name} AS SELECT 1 AS n, 'x' AS t", user="ana")
    try:
        report = pull(
            client, path, kind=either_server.kind, user="ana", catalogs=["memory"], now=NOW
        )
        assert f"memory.default.{name}" in report.new
        table = EngineDocs(path).load().tables[f"memory.default.{name}"]
        assert [(c.name, c.type) for c in table.columns] == [("n", "integer"), ("t", "varchar(1)")]
    finally:
        client.rows(f"DROP TABLE memory.default.{name}", user="ana")
    gone = pull(client, path, kind=either_server.kind, user="ana", catalogs=["memory"], now=NOW)
    assert f"memory.default.{name}" in gone.gone

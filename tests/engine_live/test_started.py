"""What every live test relies on: both servers answer over the sample lake."""

from __future__ import annotations

from nlq.engine.servers.recipe import RECIPES
from nlq.engine.trino_client import Client, Cluster


def test_it_answers_from_the_sample_lake(either_server) -> None:
    client = Client(Cluster(either_server.kind, either_server.url, source="test"))
    assert client.version().startswith(RECIPES[either_server.kind].brand)
    assert client.rows("SELECT count(*) > 0 FROM lake.crm.accounts", user="test") == [[True]]
    client.close()

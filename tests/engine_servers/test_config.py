"""What a server's configuration says."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlq.engine.servers.config import (
    Layout,
    config_files,
    connectors,
    java_options,
    table_location,
)
from nlq.engine.servers.recipe import PRESTO, RECIPES, TRINO
from nlq.errors import SettingsError


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.kind)
def test_it_listens_on_loopback_and_its_caps_fit_the_heap(tmp_path, recipe) -> None:
    files = config_files(recipe, Layout(tmp_path), 8123, 2000, lake=True)
    lines = files["config.properties"].splitlines()
    assert "node.bind-ip=127.0.0.1" in lines
    assert "http-server.http.port=8123" in lines
    assert "query.max-memory=600MB" in lines
    assert sorted(files) == [
        "catalog/lake.properties", "catalog/memory.properties", "catalog/tpcds.properties",
        "catalog/tpch.properties", "config.properties",
    ]  # fmt: skip
    options = java_options(recipe, Layout(tmp_path), 2000)
    assert options[0] == "-Xmx2000M"
    assert ("--add-modules=jdk.incubator.vector" in options) == (recipe is TRINO)


def test_without_a_lake_there_is_no_catalog_for_it(tmp_path) -> None:
    assert "catalog/lake.properties" not in config_files(
        TRINO, Layout(tmp_path), 1, 2000, lake=False
    )


def test_the_lakes_catalog(tmp_path) -> None:
    layout = Layout(Path("/srv/Zoë"))
    presto = config_files(PRESTO, layout, 1, 2000, lake=True)["catalog/lake.properties"]
    assert "hive.metastore.catalog.dir=file:///srv/Zo\\u00eb/files/metastore\n" in presto
    trino = config_files(TRINO, layout, 1, 2000, lake=True)["catalog/lake.properties"]
    assert "local.location=/srv/Zo\\u00eb/files\n" in trino
    assert table_location(TRINO, layout, "crm", "a") == "local:///lake/crm/a"
    assert table_location(PRESTO, layout, "crm", "a") == "file:///srv/Zoë/files/lake/crm/a"


def test_the_connectors_of_catalogs() -> None:
    files = {
        "catalog/a.properties": "# ours\nconnector.name=mysql\nconnection-url=jdbc:x\n",
        "catalog/b.properties": "connection-url=jdbc:y\nconnector.name = postgresql",
        "resource-groups.properties": "a=b",
    }
    assert list(connectors(files)) == ["mysql", "postgresql"]


def test_a_catalog_without_a_connector_is_named() -> None:
    with pytest.raises(SettingsError, match="catalog product_db names no connector"):
        list(connectors({"catalog/product_db.properties": "#connector.name=mysql\n"}))

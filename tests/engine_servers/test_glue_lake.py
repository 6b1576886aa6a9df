"""A lake published to a server that speaks S3 and Glue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto.server import ThreadedMotoServer

from nlq.engine.servers.glue_lake import Place, glue_catalog, hive_type, iceberg_catalog, publish
from nlq.errors import EngineUnavailable, LakeNotReady, SettingsError
from nlq.types import ColumnDoc, TableDoc

DOCS = {
    "lake.crm.reps": TableDoc(
        "lake.crm.reps", (ColumnDoc("name", "varchar", "Who sells."),), "Sales people."
    )
}


@pytest.fixture(autouse=True)
def keys(monkeypatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not a secret")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def lake(tmp_path) -> Path:
    folder = tmp_path / "lake"
    tables = {
        "crm/reps": pa.table({"name": ["Zoë"], "tags": pa.array([["a"]], pa.list_(pa.string()))}),
        "events/calls/ds=2026-05-01": pa.table({"id": [1]}),
        "events/calls/ds=2026-05-02": pa.table({"id": [2, 3]}),
    }
    for name, table in tables.items():
        (folder / name).mkdir(parents=True)
        pq.write_table(table, folder / name / "part-0.parquet")
    return folder


def glue(place: Place):
    return boto3.client("glue", region_name=place.region, endpoint_url=place.endpoint)


def test_tables_have_files_columns_and_comments(address, lake) -> None:
    place = Place("one", "a/lake", endpoint=address)
    publish(lake, place, DOCS)
    table = glue(place).get_table(DatabaseName="crm", Name="reps")["Table"]
    stored = table["StorageDescriptor"]
    assert stored["Location"] == "s3://one/a/lake/crm/reps"
    assert stored["Columns"] == [
        {"Name": "name", "Type": "string", "Comment": "Who sells."},
        {"Name": "tags", "Type": "array<string>"},
    ]
    assert table["Parameters"]["comment"] == "Sales people."
    s3 = boto3.client("s3", endpoint_url=address, region_name=place.region)
    body = s3.get_object(Bucket="one", Key="a/lake/crm/reps/part-0.parquet")["Body"].read()
    assert body == (lake / "crm" / "reps" / "part-0.parquet").read_bytes()


def test_partitions_are_the_folders_and_publishing_again_replaces_them(address, lake) -> None:
    place = Place("two", endpoint=address)
    publish(lake, place, {})
    (lake / "events" / "calls" / "ds=2026-05-01").rename(
        lake / "events" / "calls" / "ds=2026-05-03"
    )
    publish(lake, place, {})
    s3 = boto3.client("s3", endpoint_url=address, region_name=place.region)
    kept = s3.list_objects_v2(Bucket="two", Prefix="lake/events/")["Contents"]
    assert [found["Key"].split("/")[3] for found in kept] == ["ds=2026-05-02", "ds=2026-05-03"]
    found = glue(place).get_partitions(DatabaseName="events", TableName="calls")["Partitions"]
    assert {
        partition["Values"][0]: partition["StorageDescriptor"]["Location"] for partition in found
    } == {
        "2026-05-02": "s3://two/lake/events/calls/ds=2026-05-02",
        "2026-05-03": "s3://two/lake/events/calls/ds=2026-05-03",
    }


def test_more_partitions_than_glue_takes_at_once(address, lake) -> None:
    for number in range(120):
        folder = lake / "events" / "calls" / f"ds=n{number}"
        folder.mkdir()
        pq.write_table(pa.table({"id": [1]}), folder / "p.parquet")
    place = Place("three", endpoint=address)
    publish(lake, place, {})
    pages = glue(place).get_paginator("get_partitions")
    found = [
        partition
        for page in pages.paginate(DatabaseName="events", TableName="calls")
        for partition in page["Partitions"]
    ]
    assert len(found) == 122


def test_where_nobody_answers_it_says_so(lake) -> None:
    with pytest.raises(
        EngineUnavailable, match=r"s3://b/lake could not be filled at http"
    ) as caught:
        publish(lake, Place("b", endpoint="http://127.0.0.1:9"), {})
    assert "AWS_ACCESS_KEY_ID" in caught.value.hint


def test_without_a_lake(tmp_path, address) -> None:
    with pytest.raises(LakeNotReady):
        publish(tmp_path, Place("b", endpoint=address), {})


@pytest.mark.parametrize(
    ("presto", "hive"),
    [
        ("varchar", "string"),
        ("decimal(10,2)", "decimal(10,2)"),
        ("real", "float"),
        ("varbinary", "binary"),
        ("map(varchar, array(integer))", "map<string,array<int>>"),
        ('row("x" double, "at" timestamp)', "struct<x:double,at:timestamp>"),
    ],
)
def test_types_as_hive_writes_them(presto, hive) -> None:
    assert hive_type(presto) == hive


def test_a_place_is_read_as_aws_tools_do() -> None:
    assert Place.at("s3://b/c/d/", {"AWS_REGION": "eu-west-1"}) == Place("b", "c/d", "eu-west-1")
    assert Place.at("s3://b", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9000/"}) == Place(
        "b", "lake", "us-east-1", "http://127.0.0.1:9000"
    )
    for wrong in ("b/c", "https://b/c", "s3:///c"):
        with pytest.raises(SettingsError, match="no place on S3"):
            Place.at(wrong, {})


def test_catalogs_hold_no_keys_and_name_the_server_only_where_it_is_not_aws() -> None:
    own = Place("b", "c", "eu-west-1", "https://s3.example.com")
    text = glue_catalog(own)
    assert "hive.s3.endpoint=https://s3.example.com\n" in text
    assert "hive.s3.ssl.enabled=true\n" in text
    assert "hive.metastore.glue.region=eu-west-1\n" in text
    aws = glue_catalog(Place("b", "c"))
    assert "endpoint" not in aws
    assert "iceberg.catalog.warehouse=s3a://b/c/iceberg\n" in iceberg_catalog(own)
    assert all("key" not in text and "secret" not in text for text in (text, aws))

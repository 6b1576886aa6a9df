"""Servers put together by a pretended Maven."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nlq.engine.servers import maven
from nlq.engine.servers.recipe import PRESTO, pom
from nlq.errors import EngineUnavailable, SettingsError


def put_together(tmp_path: Path, *connectors: str) -> Path:
    return maven.assemble(PRESTO, tmp_path / "engines", tmp_path, lambda *_: None, connectors)


def calls(fake_maven: Path) -> list[str]:
    return (fake_maven / "calls").read_text().split()


def test_every_part_comes_into_its_folder_once(tmp_path, fake_maven) -> None:
    folder = put_together(tmp_path)
    assert [p.name for p in (folder / "lib").iterdir()] == ["presto-main.jar"]
    assert sorted(p.name for p in (folder / "plugin").iterdir()) == [
        "hive-hadoop2", "memory", "resource-group-managers", "tpcds", "tpch",
    ]  # fmt: skip
    put_together(tmp_path)
    assert len(calls(fake_maven)) == 6
    assert maven.damaged(PRESTO, folder) == []


def test_what_only_some_catalogs_need_comes_when_one_does(tmp_path, fake_maven) -> None:
    folder = put_together(tmp_path)
    assert not (folder / "plugin" / "mysql").exists()
    put_together(tmp_path, "mysql", "tpch")
    assert calls(fake_maven)[6:] == ["presto-mysql"]
    assert (folder / "plugin" / "mysql" / "presto-mysql.jar").is_file()


def test_a_connector_that_cannot_be_had_is_named(tmp_path, fake_maven) -> None:
    with pytest.raises(SettingsError, match=r"oracle cannot be had for PrestoDB") as caught:
        put_together(tmp_path, "tpch", "oracle")
    assert "postgresql" in caught.value.hint
    assert not (fake_maven / "calls").exists()


def test_two_at_once_fetch_every_part_once(tmp_path, fake_maven) -> None:
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(put_together, [tmp_path, tmp_path])
    assert one == two
    assert len(calls(fake_maven)) == 6


def test_what_is_interrupted_goes_on(tmp_path, fake_maven) -> None:
    (fake_maven / "refuse").write_text("presto-memory")
    with pytest.raises(EngineUnavailable, match=r"presto-memory.*Checksum validation failed"):
        put_together(tmp_path)
    (fake_maven / "refuse").write_text("")
    put_together(tmp_path)
    assert calls(fake_maven) == [
        "presto-main", "presto-hive-hadoop2", "presto-memory",
        "presto-memory", "presto-tpch", "presto-tpcds", "presto-resource-group-managers",
    ]  # fmt: skip


def test_a_part_that_lost_a_file_is_fetched_again(tmp_path, fake_maven) -> None:
    folder = put_together(tmp_path)
    (folder / "plugin" / "tpch" / "presto-tpch.jar").unlink()
    (folder / "lib" / "presto-main.jar").write_text("cut")
    put_together(tmp_path)
    assert calls(fake_maven)[6:] == ["presto-main", "presto-tpch"]


def test_a_file_of_the_same_size_and_other_content_is_seen(tmp_path, fake_maven) -> None:
    folder = put_together(tmp_path)
    jar = folder / "plugin" / "tpch" / "presto-tpch.jar"
    jar.write_text(jar.read_text().upper())
    assert maven.damaged(PRESTO, folder) == ["tpch/presto-tpch.jar"]


def test_without_maven(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingsError, match=r"Maven .* not installed"):
        put_together(tmp_path)


class Room:
    free = 100_000_000


def test_without_room(tmp_path, fake_maven, monkeypatch) -> None:
    monkeypatch.setattr(maven.shutil, "disk_usage", lambda _: Room())
    with pytest.raises(SettingsError, match=r"0\.1 GB free, and PrestoDB takes 1\.2 GB"):
        put_together(tmp_path)
    assert not (fake_maven / "calls").exists()


def test_a_pom_names_the_artifact_alone() -> None:
    text = pom("io.trino", "trino-hive", "483")
    assert "<groupId>io.trino</groupId><artifactId>trino-hive</artifactId>" in text
    assert text.count("<dependency>") == 1

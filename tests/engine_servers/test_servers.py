"""Putting servers together, without starting one: Java, Maven, configuration, tables, processes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nlq.engine.servers import maven, process
from nlq.engine.servers.config import Layout, config_files, java_options, table_location
from nlq.engine.servers.java import find_java, read_java
from nlq.engine.servers.lake_tables import analyses, file_tables, fingerprint, statements
from nlq.engine.servers.recipe import PRESTO, RECIPES, TRINO, pom
from nlq.engine.servers.server import running_server, start_server
from nlq.errors import EngineUnavailable, LakeNotReady, SettingsError

VECTOR = "java.base jdk.compiler jdk.incubator.vector"


def java(home: Path, version: str, modules: str = "java.base") -> Path:
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").touch()
    (home / "release").write_text(f'JAVA_VERSION="{version}"\nMODULES="{modules}"\n')
    return home


@pytest.mark.parametrize(
    ("version", "wanted"), [("11.0.13", 11), ("1.8.0_392", 8), ("25", 25), ("25.0.3", 25)]
)
def test_a_java_says_what_it_is(tmp_path, version, wanted) -> None:
    found = read_java(java(tmp_path / "jdk", version, VECTOR))
    assert found is not None
    assert found.version == wanted
    assert "jdk.incubator.vector" in found.modules


def test_a_folder_without_java_is_none(tmp_path) -> None:
    assert read_java(tmp_path) is None
    (java(tmp_path / "jdk", "11") / "release").unlink()
    assert read_java(tmp_path / "jdk") is None


def test_the_one_that_fits_is_found_in_the_usual_folders(tmp_path) -> None:
    java(tmp_path / "a", "17.0.1")
    java(tmp_path / "b", "25.0.1")  # a run-time without the module
    wanted = java(tmp_path / "c", "25.0.1", VECTOR)
    assert find_java(TRINO, {}, (f"{tmp_path}/*",)).home == wanted


def test_java_home_comes_first(tmp_path) -> None:
    java(tmp_path / "a", "25", VECTOR)
    home = java(tmp_path / "other" / "home", "26", VECTOR)
    assert find_java(TRINO, {"JAVA_HOME": str(home)}, (f"{tmp_path}/*",)).home == home


def test_without_a_fitting_java_it_says_which_there_are(tmp_path) -> None:
    java(tmp_path / "a", "17.0.1")
    java(tmp_path / "b", "25.0.1")
    with pytest.raises(SettingsError) as caught:
        find_java(TRINO, {}, (f"{tmp_path}/*",))
    assert "a is version 17" in caught.value.message
    assert "b lacks the module jdk.incubator.vector" in caught.value.message
    assert "NLQ_JAVA25" in caught.value.hint


@pytest.mark.parametrize(("version", "words"), [("17.0.1", "is version 17"), ("", "is no Java")])
def test_a_named_java_must_fit(tmp_path, version, words) -> None:
    java(tmp_path / "good" / "jdk", "25", VECTOR)
    named = tmp_path / "named"
    if version:
        java(named, version)
    with pytest.raises(SettingsError, match=f"NLQ_JAVA25 names .* {words}"):
        find_java(TRINO, {"NLQ_JAVA25": str(named)}, (f"{tmp_path}/good/*",))


def test_presto_takes_java_11_alone(tmp_path) -> None:
    home = java(tmp_path / "eleven", "11.0.2")
    assert find_java(PRESTO, {"NLQ_JAVA11": str(home)}, ()).home == home
    with pytest.raises(SettingsError, match="needs Java 11"):
        find_java(PRESTO, {"NLQ_JAVA11": str(java(tmp_path / "new", "17"))}, ())


@pytest.fixture
def fake_maven(tmp_path, monkeypatch) -> Path:
    """An ``mvn`` that writes one jar, and fails for the artifacts named in the file ``refuse``."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "refuse").touch()
    program = folder / "mvn"
    program.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys\n"
        f"here = pathlib.Path({str(folder)!r})\n"
        "artifact = pathlib.Path.cwd().name\n"
        "with (here / 'calls').open('a') as calls: calls.write(artifact + ' ')\n"
        "out = next(a.split('=', 1)[1] for a in sys.argv if a.startswith('-DoutputDirectory='))\n"
        "assert '--strict-checksums' in sys.argv\n"
        "pathlib.Path(out, artifact + '.jar').write_text('jar of ' + artifact)\n"
        "if artifact in (here / 'refuse').read_text():\n"
        "    print('[ERROR] Checksum validation failed'); sys.exit(1)\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def put_together(tmp_path: Path) -> Path:
    return maven.assemble(PRESTO, tmp_path / "engines", tmp_path, lambda *_: None)


def calls(fake_maven: Path) -> list[str]:
    return (fake_maven / "calls").read_text().split()


def test_every_part_comes_into_its_folder_once(tmp_path, fake_maven) -> None:
    folder = put_together(tmp_path)
    assert [p.name for p in (folder / "lib").iterdir()] == ["presto-main.jar"]
    assert sorted(p.name for p in (folder / "plugin").iterdir()) == [
        "hive-hadoop2", "memory", "tpcds", "tpch",
    ]  # fmt: skip
    put_together(tmp_path)
    assert len(calls(fake_maven)) == 5
    assert maven.damaged(PRESTO, folder) == []


def test_what_is_interrupted_goes_on(tmp_path, fake_maven) -> None:
    (fake_maven / "refuse").write_text("presto-memory")
    with pytest.raises(EngineUnavailable, match=r"presto-memory.*Checksum validation failed"):
        put_together(tmp_path)
    (fake_maven / "refuse").write_text("")
    put_together(tmp_path)
    assert calls(fake_maven) == [
        "presto-main", "presto-hive-hadoop2", "presto-memory",
        "presto-memory", "presto-tpch", "presto-tpcds",
    ]  # fmt: skip


def test_a_part_that_lost_a_file_is_fetched_again(tmp_path, fake_maven) -> None:
    folder = put_together(tmp_path)
    (folder / "plugin" / "tpch" / "presto-tpch.jar").unlink()
    (folder / "lib" / "presto-main.jar").write_text("cut")
    put_together(tmp_path)
    assert calls(fake_maven)[5:] == ["presto-main", "presto-tpch"]


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
    options = java_options(recipe, Layout(tmp_path), tmp_path / "plugin", 2000)
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


@pytest.fixture
def lake(tmp_path) -> Path:
    folder = tmp_path / "lake"
    part = folder / "events" / "calls" / "ds=2026-05-01"
    part.mkdir(parents=True)
    point = pa.struct([("x", pa.float64()), ("y", pa.float32())])
    columns = {
        "Id": pa.array([1], pa.int64()),
        "price": pa.array([Decimal("1.25")], pa.decimal128(10, 2)),
        "at": pa.array([datetime(2026, 5, 1)], pa.timestamp("ms")),
        "tags": pa.array([["a"]], pa.list_(pa.string())),
        "points": pa.array([{"x": 1.0, "y": 2.0}], point),
    }
    pq.write_table(pa.table(columns), part / "part-0.parquet")
    (folder / "crm" / "reps").mkdir(parents=True)
    pq.write_table(
        pa.table({"d": pa.array([], pa.date32())}), folder / "crm" / "reps" / "p.parquet"
    )
    (folder / ".partial" / "x").mkdir(parents=True)
    return folder


def test_statements_make_the_files_tables(lake) -> None:
    made = list(statements("lake", list(file_tables(lake)), lambda s, t: f"file:///l'ake/{s}/{t}"))
    assert [told for told, _ in made] == [
        "Schema crm", "Schema events", "Table crm.reps", "Table events.calls",
        "Partitions of events.calls",
    ]  # fmt: skip
    assert [sql for _, sql in made][2:] == [
        'CREATE TABLE IF NOT EXISTS lake."crm"."reps" ("d" date) '
        "WITH (format = 'PARQUET', external_location = 'file:///l''ake/crm/reps')",
        'CREATE TABLE IF NOT EXISTS lake."events"."calls" ("id" bigint, "price" decimal(10,2), '
        '"at" timestamp, "tags" array(varchar), "points" row("x" double, "y" real), '
        "\"ds\" varchar) WITH (format = 'PARQUET', external_location = "
        "'file:///l''ake/events/calls', partitioned_by = ARRAY['ds'])",
        "CALL lake.system.sync_partition_metadata('events', 'calls', 'FULL')",
    ]


def test_statistics_are_gathered_table_by_table(lake) -> None:
    assert list(analyses("lake", list(file_tables(lake)))) == [
        ("Statistics of crm.reps", 'ANALYZE lake."crm"."reps"'),
        ("Statistics of events.calls", 'ANALYZE lake."events"."calls"'),
    ]


def test_a_new_partition_changes_the_fingerprint(lake) -> None:
    before = fingerprint(lake, list(file_tables(lake)))
    assert fingerprint(lake, list(file_tables(lake))) == before
    part = lake / "events" / "calls" / "ds=2026-05-02"
    part.mkdir()
    (part / "part-0.parquet").touch()
    assert fingerprint(lake, list(file_tables(lake))) != before


def test_an_empty_folder_is_no_lake(tmp_path) -> None:
    with pytest.raises(LakeNotReady, match="no lake"):
        list(file_tables(tmp_path))


def test_a_column_of_an_unknown_type_is_named(tmp_path) -> None:
    folder = tmp_path / "crm" / "reps"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"n": pa.array([1], pa.uint64())}), folder / "p.parquet")
    with pytest.raises(LakeNotReady, match=r"reps\.n has the type uint64"):
        list(file_tables(tmp_path))


def test_a_process_is_found_again_and_ended(tmp_path) -> None:
    state = tmp_path / "running.json"
    command = [sys.executable, "-c", "import time; time.sleep(60)", "nlq-mark"]
    started = process.start(command, tmp_path / "log", 1, "nlq-mark", state)
    assert process.read_state(state) == started
    process.stop(started, state)
    assert not process.is_alive(started)
    assert not state.exists()
    assert process.read_state(state) is None


def test_an_id_that_went_to_another_program_is_not_ours(tmp_path) -> None:
    state = tmp_path / "running.json"
    state.write_text(json.dumps({"pid": os.getpid(), "port": 1, "mark": "-Dnode.data-dir=/x"}))
    assert process.read_state(state) is None


def test_a_taken_port_is_said(tmp_path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"Port {port} is taken, so Trino"):
            process.free_port(port, "Trino")
    assert process.free_port(port, "Trino") == port
    assert process.free_port(0, "Trino") > 0


def test_a_log_is_read_for_its_errors(tmp_path) -> None:
    log = tmp_path / "log"
    log.write_text("ERROR early\nINFO a\nERROR see the following:\n\n1) no room\nINFO b\nINFO c\n")
    assert process.last_lines(log) == "ERROR see the following: | 1) no room | INFO b"
    log.write_text("INFO a\nINFO b\nINFO c\nINFO d\n")
    assert process.last_lines(log) == "INFO b | INFO c | INFO d"
    assert process.last_lines(tmp_path / "none") == ""


def test_a_server_that_ends_while_it_starts_says_why(tmp_path, fake_maven, monkeypatch) -> None:
    """The "Java" here writes one line and leaves."""
    home = java(tmp_path / "jdk", "11.0.1")
    (home / "bin" / "java").write_text("#!/bin/sh\necho 'Error: could not reserve enough space'\n")
    (home / "bin" / "java").chmod(0o755)
    monkeypatch.setenv("NLQ_JAVA11", str(home))
    monkeypatch.setenv("PATH", f"{fake_maven}:/usr/bin:/bin")
    with pytest.raises(EngineUnavailable, match="could not reserve enough space") as caught:
        start_server("presto", home=tmp_path)
    assert "server.log" in caught.value.hint
    assert running_server("presto", home=tmp_path) is None


def test_an_interrupted_start_leaves_no_process(tmp_path, fake_maven, monkeypatch) -> None:
    home = java(tmp_path / "jdk", "11.0.1")
    (home / "bin" / "java").write_text("#!/bin/sh\nsleep 60\n")
    (home / "bin" / "java").chmod(0o755)
    monkeypatch.setenv("NLQ_JAVA11", str(home))
    monkeypatch.setenv("PATH", f"{fake_maven}:/usr/bin:/bin")
    seen: list[int] = []

    def interrupt(text: str, share: float | None) -> None:
        if text.startswith("Starting"):
            found = running_server("presto", home=tmp_path)
            assert found is not None
            seen.append(found.pid)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start_server("presto", home=tmp_path, on_progress=interrupt)
    assert running_server("presto", home=tmp_path) is None
    time.sleep(0.1)
    done = subprocess.run(["ps", "-p", str(seen[0])], capture_output=True)
    assert done.returncode != 0

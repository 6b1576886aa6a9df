"""Starting, where it goes wrong: Maven and Java are pretended."""

from __future__ import annotations

import subprocess
import time

import pytest

from nlq.engine.servers.config import Layout
from nlq.engine.servers.recipe import PRESTO
from nlq.engine.servers.server import _check_same, running_server, start_server
from nlq.errors import EngineUnavailable, SettingsError


def test_a_server_that_ends_while_it_starts_says_why(
    tmp_path, fake_maven, monkeypatch, java
) -> None:
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


def test_an_interrupted_start_leaves_no_process(tmp_path, fake_maven, monkeypatch, java) -> None:
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


def test_catalogs_bring_their_plugins_and_keep_their_passwords(
    tmp_path, fake_maven, monkeypatch, java
) -> None:
    """What was started is left as it was, so that its files can be looked at."""
    home = java(tmp_path / "jdk", "11.0.1")
    (home / "bin" / "java").write_text("#!/bin/sh\nsleep 60\n")
    (home / "bin" / "java").chmod(0o755)
    monkeypatch.setenv("NLQ_JAVA11", str(home))
    monkeypatch.setenv("PATH", f"{fake_maven}:/usr/bin:/bin")
    catalog = {"catalog/billing.properties": "connector.name=mysql\nconnection-password=x\n"}

    def look(text: str, share: float | None) -> None:
        if text.startswith("Starting"):
            other = {"catalog/billing.properties": "connector.name=postgresql\n"}
            found = running_server("presto", home=tmp_path)
            with pytest.raises(SettingsError, match="with other catalogs"):
                _check_same(found, PRESTO, 0, None, other)
            _check_same(found, PRESTO, 0, None, catalog)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start_server("presto", home=tmp_path, more_files=catalog, on_progress=look)
    layout = Layout(tmp_path / "engines" / "presto")
    assert (layout.plugins / "mysql" / "presto-mysql.jar").is_file()
    assert not (layout.plugins / "postgresql").exists()
    assert (layout.catalogs / "billing.properties").read_text() == catalog.popitem()[1]
    assert layout.etc.stat().st_mode & 0o077 == 0

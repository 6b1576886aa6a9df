"""Starting, where it goes wrong: Maven and Java are pretended."""

from __future__ import annotations

import subprocess
import time

import pytest

from nlq.engine.servers.server import running_server, start_server
from nlq.errors import EngineUnavailable


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

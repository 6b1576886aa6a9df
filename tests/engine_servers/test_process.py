"""Processes that outlive who started them."""

from __future__ import annotations

import json
import os
import socket
import sys

import pytest

from nlq.engine.servers import process
from nlq.errors import SettingsError


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

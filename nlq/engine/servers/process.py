"""A server's process: started apart from this one, found again by its state file, ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from nlq.errors import EngineUnavailable, SettingsError

_STOP_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Running:
    """A process: its id, port, and a word of its command line that no other process has."""

    pid: int
    port: int
    mark: str


def free_port(wanted: int, brand: str) -> int:
    """A free port on loopback: ``wanted``, or any with 0. Raises ``SettingsError`` if taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as exc:
            raise SettingsError(
                f"Port {wanted} is taken, so {brand} cannot listen there.",
                hint="Name another with --port, or leave it out to get a free one.",
            ) from exc
        port: int = probe.getsockname()[1]
        return port


def start(command: list[str], log: Path, port: int, mark: str, state: Path) -> Running:
    """Start it in a session of its own, its output in ``log``; written down in ``state``."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True, cwd=log.parent,
        )  # fmt: skip
    running = Running(process.pid, port, mark)
    state.write_text(json.dumps(asdict(running)), "utf-8")
    return running


def read_state(state: Path) -> Running | None:
    """The process of that state file, or None where it does not run any more."""
    try:
        running = Running(**json.loads(state.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return running if is_alive(running) else None


def is_alive(running: Running) -> bool:
    """Whether that very process runs: an id may have gone to another program."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(running.pid, os.WNOHANG)  # where it is our child, let it go
    done = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(running.pid)],
        capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    return running.mark in done.stdout


def stop(running: Running, state: Path) -> None:
    """End it and wait until it is gone; raises ``EngineUnavailable`` where it will not go."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.pid, number)
        until = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < until:
            if not is_alive(running):
                state.unlink(missing_ok=True)
                return
            time.sleep(0.2)
    raise EngineUnavailable(
        f"The process {running.pid} did not end.", hint=f"End it by hand: kill -9 {running.pid}"
    )


def last_lines(log: Path, count: int = 3) -> str:
    """The last error of a log with the lines that follow it, else the last lines."""
    try:
        text = log.read_text("utf-8", "replace")
    except OSError:
        return ""
    lines = [line.strip()[:200] for line in text.splitlines() if line.strip()]
    errors = [i for i, line in enumerate(lines) if "ERROR" in line or "Error:" in line]
    start = errors[-1] if errors else max(0, len(lines) - count)
    return " | ".join(lines[start : start + count])

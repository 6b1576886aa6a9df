"""A peer's process: messages go in and come out as JSON lines, each within a time limit."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

from nlq_evals.suite import SuiteError

_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")
_LINES_KEPT = 12
_SECONDS_TO_END = 2.0


class PeerFailed(SuiteError):
    """A peer's process does not start, ended, or does not reply."""


class Worker:
    """One process; ``seconds`` is how long it may take for each message."""

    def __init__(self, command: Sequence[str], seconds: float) -> None:
        self._seconds = seconds
        self._name = command[-1]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                # Neither keys nor the switches of a peer's telemetry are its business here.
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            )
        except OSError as exc:
            raise PeerFailed(f"{command[0]} cannot be started: {exc}") from exc
        self._received: queue.Queue[str | None] = queue.Queue()
        self._errors: deque[str] = deque(maxlen=_LINES_KEPT)
        self._readers = [
            threading.Thread(target=self._read_messages, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def send(self, message: dict[str, Any]) -> None:
        """Write one message; raises ``PeerFailed`` where nobody reads it."""
        try:
            self._stdin.write(json.dumps(message) + "\n")
            self._stdin.flush()
        except (OSError, ValueError) as exc:
            raise self._ended() from exc

    def receive(self) -> dict[str, Any]:
        """The next message; raises ``PeerFailed`` at the end, after the time, or at no JSON."""
        try:
            line = self._received.get(timeout=self._seconds)
        except queue.Empty:
            raise PeerFailed(
                f"{self._name} did not reply within {self._seconds:g} s.{self._last_words()}"
            ) from None
        if line is None:
            raise self._ended()
        try:
            message = json.loads(line)
        except ValueError as exc:
            raise PeerFailed(f"{self._name} wrote {line[:80]!r}, which is no message.") from exc
        if not isinstance(message, dict):
            raise PeerFailed(f"{self._name} wrote {line[:80]!r}, which is no message.")
        return message

    def close(self) -> None:
        """End the process, by force if it does not go; safe to call again."""
        with suppress(OSError):
            self._stdin.close()
        for end in (lambda: None, self._process.terminate, self._process.kill):
            end()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_SECONDS_TO_END)
                break
        for reader in self._readers:
            reader.join(_SECONDS_TO_END)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    @property
    def _stdin(self) -> IO[str]:
        if self._process.stdin is None:  # always a pipe, which the type does not say
            raise PeerFailed(f"{self._name} has no input.")
        return self._process.stdin

    def _read_messages(self) -> None:
        for line in self._process.stdout or ():
            self._received.put(line)
        self._received.put(None)

    def _read_errors(self) -> None:
        self._errors.extend(self._process.stderr or ())

    def _ended(self) -> PeerFailed:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_SECONDS_TO_END)
        self._readers[1].join(_SECONDS_TO_END)
        return PeerFailed(
            f"{self._name} ended with status {self._process.poll()}.{self._last_words()}"
        )

    def _last_words(self) -> str:
        said = "".join(self._errors).strip()
        return f" It said last:\n{said}" if said else ""

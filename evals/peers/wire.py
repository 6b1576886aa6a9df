"""A peer's end of the talk with the harness, as JSON lines; runs in the peer's own environment.

A database enters, then questions; for each, SQL leaves. In between the peer may ask the harness for
a chat model's text or for vectors. ``nlq_evals.baselines.peer`` is the other end.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any, TextIO


class Harness:
    """What the harness lends to a peer: its models."""

    def __init__(self, lines: TextIO, out: TextIO) -> None:
        self._lines = lines
        self._out = out

    def chat(self, messages: list[dict[str, str]], stop: list[str] | None = None) -> str:
        """The chat model's text; a message has ``role`` and ``content``."""
        return str(self._asked({"chat": {"messages": messages, "stop": stop or []}})["text"])

    def embed(self, texts: list[str]) -> list[list[float]]:
        """A vector for each text."""
        vectors: list[list[float]] = self._asked({"embed": texts})["vectors"]
        return vectors

    def send(self, message: dict[str, Any]) -> None:
        """Write one line."""
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()

    def _asked(self, message: dict[str, Any]) -> dict[str, Any]:
        self.send(message)
        reply: dict[str, Any] = json.loads(self._lines.readline())
        if "failed" in reply:
            raise RuntimeError(reply["failed"])
        return reply


Ask = Callable[[str, str], str]
"""From a question and the asker's notes to SQL."""


def serve(open_peer: Callable[[dict[str, Any], Harness], Ask]) -> None:
    """Open the peer over the database that the first line tells of; answer until lines end."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the peer prints must not get between the lines
    harness = Harness(sys.stdin, out)
    ask: Ask | None = None
    for line in iter(sys.stdin.readline, ""):
        message = json.loads(line)
        try:
            if ask is None:
                ask = open_peer(message["database"], harness)
                harness.send({"ready": True})
            else:
                harness.send({"sql": ask(message["question"], message["notes"])})
        except Exception as exc:
            harness.send({"error": f"{type(exc).__name__}: {exc}"})

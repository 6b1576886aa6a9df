"""The terminal's running conversation, kept in one small file so that ``ask --continue`` works.

It belongs to the person who asked: anyone else starts anew.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from nlq.types import Principal, Turn

KEPT_TURNS = 10
"""Turns remembered, the latest ones."""


@dataclass(frozen=True)
class Conversation:
    """Earlier turns, oldest first, and whose they are."""

    id: str
    principal: Principal
    turns: tuple[Turn, ...] = ()

    def plus(self, turn: Turn) -> Conversation:
        """The conversation with one more turn."""
        return Conversation(self.id, self.principal, (*self.turns, turn)[-KEPT_TURNS:])


_FORM = TypeAdapter(Conversation)


def load(path: Path, principal: Principal) -> Conversation | None:
    """The conversation that ``principal`` had last; None when there is none that can be read."""
    try:
        kept = _FORM.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
    return kept if kept.principal == principal else None


def save(path: Path, conversation: Conversation) -> None:
    """Keep it, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_bytes(_FORM.dump_json(conversation))
    os.replace(part, path)

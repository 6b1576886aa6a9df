"""What the harness needs of an assistant: to be asked, and to run reference SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from nlq.types import Answer, Principal, QueryResult, Turn


class Assistant(Protocol):
    """The part of ``nlq.assemble.Assistant`` that evals use; tests have a scripted one."""

    def ask(
        self,
        text: str,
        *,
        principal: Principal,
        conversation: tuple[Turn, ...] = (),
        notes: str = "",
    ) -> Answer:
        """Walk the whole pipeline; errors come back as answers of kind ``"error"``.

        ``notes`` are the business rules that come with the question.
        """

    def run_sql(self, sql: str, principal: Principal) -> QueryResult:
        """Guard and run SQL as the principal; raises ``NlqError``."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of a chat model: how many, how many of them were ``replayed`` from a recorder.

    ``seconds`` are what all of them took when they were first asked, ``saved`` what the replayed
    ones among them took.
    """

    count: int = 0
    replayed: int = 0
    seconds: float = 0.0
    saved: float = 0.0

    def __add__(self, other: Calls) -> Calls:
        return Calls(
            self.count + other.count,
            self.replayed + other.replayed,
            self.seconds + other.seconds,
            self.saved + other.saved,
        )

    def __sub__(self, other: Calls) -> Calls:
        return self + Calls(-other.count, -other.replayed, -other.seconds, -other.saved)


@runtime_checkable
class Counted(Protocol):
    """An assistant, or a model, that counts the calls of its chat model."""

    @property
    def calls(self) -> Calls:
        """What was asked of the chat model so far."""

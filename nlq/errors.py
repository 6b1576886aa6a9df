"""Every error a person may meet, as one small tree.

    NlqError
    ├── SettingsError          a setting is missing or wrong
    ├── CatalogError           table docs, metrics or verified queries are wrong
    ├── PolicyError            the policy file is wrong
    ├── IndexNotReady          the search index is missing or built for another catalog
    ├── LakeNotReady           the sample lake (or another lake's files) is missing
    ├── ModelError
    │   ├── ModelFileError     the embedded model's file is missing, damaged or does not fit
    │   ├── ModelUnavailable   the model server is down, refuses, or its key is wrong
    │   ├── ModelTimeout       the model did not answer in time
    │   └── ModelNonsense      the model's text could not be understood
    ├── PromptError            a prompt file is wrong, or an input it declares is missing
    ├── GuardRefused           a guardrail turned the SQL down; names its rule
    ├── TooCostly              it would read, or read, more than policy allows
    ├── EngineError
    │   ├── EngineUnavailable  the engine is down or cannot be reached
    │   ├── QueryFailed        the engine turned the SQL down or it failed while running
    │   ├── QueryTimeout       the query ran past its time limit
    │   └── ResultTooLarge     the result is above the row or byte limit
    ├── AuditError             the audit log cannot be written
    ├── KeptError              what is kept for people cannot be read or written
    ├── ReviewError            a query cannot be proposed, approved, rejected or retired
    └── Cancelled              the person cancelled

A library's exceptions are translated into these once, at the boundary that calls the library, with
``raise ... from exc``. ``str(error)`` is a sentence for a person: what happened, where. ``hint``
says what to do next.
"""

from __future__ import annotations

from typing import ClassVar, Literal


class NlqError(Exception):
    """Base of all errors; ``hint`` says what to do next, ``exit_code`` is the command's status."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SettingsError(NlqError):
    """A setting is missing or wrong."""

    exit_code = 2


class CatalogError(NlqError):
    """Table docs, metrics or verified queries are wrong."""

    exit_code = 2


class PolicyError(NlqError):
    """The policy file is wrong."""

    exit_code = 2


class IndexNotReady(NlqError):
    """The search index is missing or was built for another catalog."""

    exit_code = 3


class LakeNotReady(NlqError):
    """The lake's files are missing."""

    exit_code = 3


class ModelError(NlqError):
    """Something is wrong with the chat or the embedding model."""

    exit_code = 4


class ModelFileError(ModelError):
    """The embedded model's file is missing, damaged or does not fit on the disk."""


class ModelUnavailable(ModelError):
    """The model server is down, refuses, or its key is wrong."""


class ModelTimeout(ModelError):
    """The model did not answer in time."""


class ModelNonsense(ModelError):
    """The model's text could not be understood."""


class PromptError(NlqError):
    """A prompt file is wrong, or an input that it declares is missing."""

    exit_code = 2


class GuardRefused(NlqError):
    """A guardrail turned the SQL down.

    ``rule`` is the rule's stable name (``"reads-only"``, ``"unknown-column"``, ...);
    ``repairable`` says whether a new draft may mend it (a wrong name) or not (a forbidden one).
    """

    exit_code = 5

    def __init__(self, rule: str, message: str, *, hint: str = "", repairable: bool = True) -> None:
        super().__init__(message, hint=hint)
        self.rule = rule
        self.repairable = repairable


class TooCostly(NlqError):
    """The estimate, or what was read, is above what the policy allows.

    ``may_confirm`` says that the policy lets the person run it all the same, knowing what it reads.
    """

    exit_code = 5

    def __init__(self, message: str, *, hint: str = "", may_confirm: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.may_confirm = may_confirm


class EngineError(NlqError):
    """Something is wrong with the query engine."""

    exit_code = 6


Unavailable = Literal["down", "busy", "lost"]


class EngineUnavailable(EngineError):
    """The engine is down or cannot be reached.

    ``cause`` tells what may be done about it: ``"down"`` (unreachable, it never got the query),
    ``"busy"`` (it answered that it takes no queries now: a full queue, still starting, no workers)
    or ``"lost"`` (the query was sent and its answer did not come: it may be running there).
    """

    def __init__(self, message: str, *, hint: str = "", cause: Unavailable = "down") -> None:
        super().__init__(message, hint=hint)
        self.cause: Unavailable = cause


class QueryFailed(EngineError):
    """The engine turned the SQL down, or it failed while running.

    ``repairable`` says whether a new draft may mend it.
    """

    def __init__(self, message: str, *, hint: str = "", repairable: bool = True) -> None:
        super().__init__(message, hint=hint)
        self.repairable = repairable


class QueryTimeout(EngineError):
    """The query ran past its time limit."""


class ResultTooLarge(EngineError):
    """The result is above the row or byte limit."""


class AuditError(NlqError):
    """The audit log cannot be written."""

    exit_code = 7


class KeptError(NlqError):
    """What is kept for people (conversations, pins, reviews) cannot be read or written."""

    exit_code = 7


class ReviewError(NlqError):
    """A query cannot be proposed, approved, rejected or retired."""


class Cancelled(NlqError):
    """The person cancelled."""

    exit_code = 130

    def __init__(self, message: str = "Cancelled.") -> None:
        super().__init__(message)

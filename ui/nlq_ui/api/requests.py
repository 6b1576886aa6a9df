"""What requests hold, checked where it enters."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from nlq_ui.opening import Rating

LONGEST_BODY: Final = 1_000_000
"""Bytes of a request's body; the longest SQL that a policy may allow is below it."""


def _unicode(text: str) -> str:
    """Refuse what JSON can write and no text can hold: half of a surrogate pair."""
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("holds half of a surrogate pair; send Unicode text")
    return text


_Text = AfterValidator(_unicode)
_NO_NUL: Final = r"^[^\x00]*$"
_NOT_BLANK: Final = r"^[^\x00]*[^\s\x00][^\x00]*$"

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
KeptId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,199}$")]
"""Of a conversation that is kept, also of one that was begun in Slack."""
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=_NOT_BLANK),
    _Text,
]
Note = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=_NO_NUL), _Text
]
Sql = Annotated[str, StringConstraints(min_length=1, max_length=100_000, pattern=_NO_NUL), _Text]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class DraftRequest(_Request):
    """A question in plain words."""

    question: Words = Field(
        description="The question, in plain words.",
        examples=["What was revenue by region last quarter?"],
    )
    conversation_id: Id | None = Field(
        None,
        description="The conversation that it goes on with, or a new one's id. Left out: a new "
        "one, whose id the answer tells.",
        examples=["c4b1d0"],
    )
    question_id: Id | None = Field(
        None,
        description="An id of your choice to cancel it by; else the server makes one.",
        examples=["q-2026-07-15-1"],
    )
    notes: Note = Field("", description="What else to know about how it is to be computed.")
    keep: bool = Field(
        False,
        description="Keep a new conversation, as the page does, until you delete it. One that is "
        "kept goes on being kept.",
    )


class AskRequest(DraftRequest):
    """A question in plain words, and whether its cost was agreed to."""

    confirmed: bool = Field(
        False,
        description="Run it although it is costly, where the policy leaves that to the person: "
        "after an answer whose `may_confirm` is true.",
    )


class CheckRequest(_Request):
    """SQL to be checked and not run."""

    sql: Sql = Field(
        description="One Presto statement.",
        examples=["SELECT region, sum(amount_cents) FROM lake.finance.revenue_lines GROUP BY 1"],
    )


class FeedbackRequest(_Request):
    """What a person thought of an answer."""

    rating: Rating = Field(description="Whether it helped.", examples=["up"])
    note: Note = Field("", description="What to know about it.")

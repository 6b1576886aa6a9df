"""The settings of the review queue: who reviews, and where an approval is written."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from nlq.serve_settings import Section


class ReviewSettings(Section):
    """The review of proposed queries and of answers called wrong; see docs/feedback.md."""

    roles: tuple[str, ...] = Field(
        ("data_platform",), description="Roles of the policy that may approve, reject and retire."
    )
    self_approval: bool = Field(
        False, description="Whoever wrote a query may also approve it: for a team of one."
    )
    verified: Path = Field(
        Path("reviewed_queries.yaml"),
        description="File of approved queries, in the folder `catalog.docs`.",
    )
    suite: Path | None = Field(
        None, description="Suite that approved corrections are added to as eval cases; empty: none."
    )
    days: int = Field(90, ge=1, description="How far back thumbs-down and failures are looked at.")

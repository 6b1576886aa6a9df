"""Who may do what with an item of the review queue: an item and a person go in, steps come out."""

from __future__ import annotations

from nlq.errors import ReviewError
from nlq.kept.review_types import ReviewItem, ReviewState, Steps
from nlq.settings import ReviewSettings
from nlq.sql.policy import Policy
from nlq.types import Principal

OPEN: tuple[ReviewState, ...] = ("reported", "proposed")
"""What waits for somebody to decide."""


class ReviewRights:
    """The rights that the policy's roles and the settings give."""

    def __init__(self, policy: Policy, settings: ReviewSettings) -> None:
        self._policy = policy
        self.roles = settings.roles
        self.self_approval = settings.self_approval

    def reviews(self, principal: Principal) -> bool:
        """Whether they may approve, reject and retire what others wrote."""
        return bool(set(self._policy.grants(principal).roles) & set(self.roles))

    def steps(self, item: ReviewItem, principal: Principal) -> Steps:
        """What the person may do with it."""
        reviewer = self.reviews(principal)
        author = bool(item.author) and principal.name == item.author
        waiting = item.state in OPEN
        why_not = self.why_not(item, principal) if waiting else ""
        return Steps(
            correct=waiting and (reviewer or author),
            approve=item.state == "proposed" and not why_not,
            reject=waiting and (reviewer or author),
            retire=item.state == "approved" and reviewer,
            why_not=why_not,
        )

    def why_not(self, item: ReviewItem, principal: Principal) -> str:
        """What keeps them from approving it; empty where nothing does."""
        if not self.reviews(principal):
            return f"Approving takes the role {self.named}."
        if item.state == "reported":
            return "Correct the query first; then another person approves it."
        if principal.name == item.author and not self.self_approval:
            return "You wrote it, so another person approves it."
        return ""

    @property
    def named(self) -> str:
        """The roles in words."""
        return " or ".join(self.roles) or "of a reviewer, which the settings give to nobody"

    def not_yours(self, what: str) -> ReviewError:
        """What is said to somebody who may not."""
        return ReviewError(f"You may not {what} this.", hint=f"It takes the role {self.named}.")

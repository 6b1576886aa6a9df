"""Roles by groups: a person and the groups that a sign-in told go in, a principal comes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nlq.types import Principal
from nlq_ui.sign_in.mode import Refused

LONGEST_NAME = 200


def principal_of(
    name: str, groups: Iterable[str], roles: Mapping[str, tuple[str, ...]]
) -> Principal | Refused:
    """The principal with the roles of their groups, sorted; refused where there are none.

    >>> principal_of("ann", ["sales", "chess"], {"sales": ("analyst",)})
    Principal(name='ann', roles=('analyst',))
    >>> principal_of("bob", ["chess"], {"sales": ("analyst",)}).status
    403
    """
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return Refused(
            403,
            "Your sign-in told no name that can be used, so you are not let in.",
            "Ask whoever runs this server; the settings say where the name is (docs/sign-in.md).",
        )
    found = {role for group in set(groups) for role in roles.get(group, ())}
    if not found:
        return Refused(
            403,
            f"You are signed in as {name}, but none of your groups has access here.",
            "Ask whoever runs this server to give one of your groups a role.",
        )
    return Principal(name, tuple(sorted(found)))

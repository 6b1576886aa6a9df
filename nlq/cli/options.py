"""What the commands' arguments have in common: who asks, and JSON or text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from nlq.settings import Settings
    from nlq.types import Principal

EXIT_CLARIFICATION = 10
"""``ask`` and ``draft``: nlq asks back."""

EXIT_REFUSAL = 11
"""``ask`` and ``draft``: the lake cannot answer this, or this person may not see it."""

PIPE_WIDTH = 200
"""Columns of text where no terminal says how wide it is."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
AsUser = Annotated[
    str, typer.Option("--as", metavar="USER", help="Ask as this person; else as settings say.")
]
AsRole = Annotated[
    list[str] | None,
    typer.Option("--role", metavar="ROLE", help="A role of that person; may be repeated."),
]


def principal_of(settings: Settings, user: str, roles: list[str] | None) -> Principal:
    """Who asks: what the arguments say over what the settings say.

    Another person does not get the roles that the settings give to their own: without ``--role``
    they have none.
    """
    from nlq.types import Principal

    own = settings.asking
    if roles is not None:
        return Principal(user or own.name, tuple(roles))
    return own if user in ("", own.name) else Principal(user)


def console(*, stderr: bool = False) -> Console:
    """A console: colours and the real width on a terminal, plain wide text in a pipe."""
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False)
    if not made.is_terminal:
        made = Console(stderr=stderr, highlight=False, width=PIPE_WIDTH, soft_wrap=True)
    return made

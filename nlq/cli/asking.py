"""The commands ``ask``, ``draft`` and ``check``: questions and SQL go in, answers come out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlq.cli.options import (
    EXIT_CLARIFICATION,
    EXIT_REFUSAL,
    AsJson,
    AsRole,
    AsUser,
    console,
    principal_of,
)

if TYPE_CHECKING:
    from nlq.cli.conversation import Conversation
    from nlq.settings import Settings
    from nlq.types import Answer, AnswerKind, Event, Principal

STATUS_OF: dict[AnswerKind, int] = {
    "answer": 0,
    "draft": 0,
    "clarification": EXIT_CLARIFICATION,
    "refusal": EXIT_REFUSAL,
    "error": 1,
    "cancelled": 130,
}
"""The exit status of ``ask`` and ``draft`` by what came of the question."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.command()(ask)
    app.command()(draft)
    app.command()(check)


Words = Annotated[list[str], typer.Argument(metavar="QUESTION", help="The question, in words.")]
Explain = Annotated[
    bool, typer.Option("--explain", help="Also show how it was computed, the SQL and the tables.")
]
Confirm = Annotated[
    bool, typer.Option("--confirm", help="Run it also where the policy asks first, for its cost.")
]
Continue = Annotated[
    bool, typer.Option("--continue", "-c", help="Go on from the last question asked here.")
]


def ask(
    question: Words,
    explain: Explain = False,
    go_on: Continue = False,
    confirm: Confirm = False,
    as_json: AsJson = False,
    user: AsUser = "",
    role: AsRole = None,
) -> None:
    """Ask the lake a question; prints the answer."""
    asking = _Asking(" ".join(question), run=True, confirmed=confirm)
    _put(asking, explain=explain, go_on=go_on, as_json=as_json, user=user, role=role)


def draft(
    question: Words,
    go_on: Continue = False,
    as_json: AsJson = False,
    user: AsUser = "",
    role: AsRole = None,
) -> None:
    """Write the SQL for a question, guarded and not run."""
    asking = _Asking(" ".join(question), run=False)
    _put(asking, explain=True, go_on=go_on, as_json=as_json, user=user, role=role)


def check(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A file of SQL; - is standard input.")
    ],
    as_json: AsJson = False,
    user: AsUser = "",
    role: AsRole = None,
) -> None:
    """Run the guard on SQL; exit status 0 only if it passes."""
    from nlq.assemble import load_catalog, load_policy
    from nlq.cli.as_json import dumps
    from nlq.errors import GuardRefused
    from nlq.settings import load_settings
    from nlq.sql.guard import Guard
    from nlq.sql.pretty import pretty

    sql = _read_sql(file)
    settings = load_settings()
    guard = Guard(load_catalog(settings), load_policy(settings))
    out = console()
    try:
        guarded = guard.check(sql, principal_of(settings, user, role))
    except GuardRefused as error:
        verdict = {"passed": False, "rule": error.rule, "message": error.message}
        if as_json:
            typer.echo(dumps({**verdict, "hint": error.hint}))
        else:
            out.print("Refused", style="bold red", end="")
            out.print(f" by the rule {error.rule}: {error.message}", markup=False)
            if error.hint:
                out.print(error.hint, markup=False, style="dim")
        raise typer.Exit(error.exit_code) from None
    if as_json:
        typer.echo(dumps({"passed": True, "guarded": guarded}))
        return
    out.print("Passed", style="bold green", end="")
    out.print(f"; it reads {', '.join(guarded.tables) or 'no table'}.", markup=False)
    for rewrite in guarded.rewrites:
        out.print(f"- {rewrite}", markup=False)
    typer.echo(pretty(guarded.sql))


def _read_sql(file: str) -> str:
    """The SQL in ``file`` or on standard input."""
    from nlq.errors import SettingsError

    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(
            f"The file {file} cannot be read: {getattr(exc, 'strerror', None) or exc}.",
            hint="Name a text file of SQL, or - for standard input.",
        ) from exc


@dataclass(frozen=True, slots=True)
class _Asking:
    """A question, whether to run its query, and whether also a costly one."""

    text: str
    run: bool
    confirmed: bool = False


def _put(
    asking: _Asking,
    *,
    explain: bool,
    go_on: bool,
    as_json: bool,
    user: str,
    role: list[str] | None,
) -> None:
    """Put a question, show its answer, remember the turn, and leave with the status."""
    import uuid

    from nlq.cli import conversation as kept
    from nlq.cli.as_json import dumps
    from nlq.cli.show import print_answer
    from nlq.settings import load_settings

    settings = load_settings()
    principal = principal_of(settings, user, role)
    path = settings.home / "conversation.json"
    before = kept.load(path, principal) if go_on else None
    talk = before or kept.Conversation(uuid.uuid4().hex, principal)
    answer = _stream(settings, asking, principal, talk, quiet=as_json)
    if answer.may_confirm and not as_json and sys.stdin.isatty() and sys.stdout.isatty():
        print_answer(console(), answer, explain=False)
        if typer.confirm("Run it all the same?"):
            asking = replace(asking, confirmed=True)
            answer = _stream(settings, asking, principal, talk, quiet=as_json)
        else:
            raise typer.Exit(STATUS_OF[answer.kind])
    if answer.turn is not None:
        kept.save(path, talk.plus(answer.turn))
    if as_json:
        typer.echo(dumps(answer))
    else:
        print_answer(console(), answer, explain=explain)
    raise typer.Exit(STATUS_OF[answer.kind])


def _stream(
    settings: Settings,
    asking: _Asking,
    principal: Principal,
    talk: Conversation,
    *,
    quiet: bool,
) -> Answer:
    """Walk the pipeline in a thread and show its stages; returns the answer."""
    from nlq.cancel import CancelToken
    from nlq.cli.interruptible import interruptible
    from nlq.cli.stages import Opening, StageDisplay
    from nlq.errors import NlqError
    from nlq.types import Finished

    token = CancelToken()

    def work(emit: Callable[[Event | Opening], None]) -> Answer:
        emit(Opening("Starting"))
        from nlq.assemble import open_assistant

        assistant = open_assistant(settings, lambda text, share: emit(Opening(text, share)))
        try:
            for event in assistant.stream(
                asking.text,
                principal=principal,
                conversation=talk.turns,
                conversation_id=talk.id,
                cancel=token,
                run=asking.run,
                confirmed=asking.confirmed,
                interface="cli",
            ):
                if isinstance(event, Finished):
                    return event.answer
                emit(event)
        finally:
            assistant.close()
        raise NlqError("The pipeline ended without an answer.")

    with StageDisplay(console(stderr=True), quiet=quiet) as display:
        return interruptible(work, display.show, token)

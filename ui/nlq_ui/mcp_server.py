"""An MCP server: an assistant (being opened) and a principal go in, tools for agents come out.

Its tools are ``ask``, ``draft``, ``check`` and ``search_catalog``; they do what the HTTP API's
routes of those names do, and give the same JSON. Over stdio it serves whoever started it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from functools import partial
from importlib.metadata import version
from typing import Annotated, Any, Final

import anyio.to_thread
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from nlq.cli.as_json import plain
from nlq.cli.show_catalog import found
from nlq.errors import GuardRefused, NlqError
from nlq.settings import ServeSettings
from nlq.types import Finished, Principal, Progress, StageStarted
from nlq_ui.api.asked import begin
from nlq_ui.api.conversations import Conversations
from nlq_ui.api.forms import asked_form, decision_form
from nlq_ui.api.in_flight import InFlight
from nlq_ui.api.kept_answers import KeptAnswers
from nlq_ui.api.parts import Parts
from nlq_ui.api.problems import Problem
from nlq_ui.api.requests import AskRequest, DraftRequest, Id, Note, Sql, Words
from nlq_ui.api.sign_in import SignIn
from nlq_ui.opening import Assistant, Opening

INSTRUCTIONS: Final = (
    "Answers questions about the company's data lake. Ask in plain words with `ask`; do not write "
    "SQL for it. Look at the answer's `kind`: of a clarification, have the person choose one of "
    "`options` and ask that; a refusal or an error says in `hint` what to do. Send "
    "`conversation_id` again to go on from an answer."
)

_LOOK_S: Final = 0.25
_READS: Final = ToolAnnotations(read_only_hint=True, open_world_hint=False)

_Question = Annotated[Words, Field(description="The question, in plain words.")]
_Conversation = Annotated[
    Id | None, Field(description="That of an earlier answer, to go on from it.")
]
_Notes = Annotated[Note, Field(description="What else to know about how it is to be computed.")]


def make_server(opening: Opening, settings: ServeSettings, principal: Principal) -> MCPServer[Any]:
    """The server; every tool waits until the assistant is open."""
    parts = Parts(
        opening,
        SignIn((), principal),
        Conversations(settings.keep_s),
        KeptAnswers(settings.keep_s, 0),
        InFlight(settings.questions),
    )
    server: MCPServer[Any] = MCPServer(
        "nlq", instructions=INSTRUCTIONS, version=version("nlq"), log_level="WARNING"
    )

    @server.tool(annotations=_READS)
    async def ask(
        context: Context[Any, Any],
        question: _Question,
        conversation_id: _Conversation = None,
        confirmed: Annotated[
            bool, Field(description="The person agreed to the cost: an answer's `may_confirm`.")
        ] = False,
        notes: _Notes = "",
    ) -> dict[str, Any]:
        """Answer a question about the data: finds tables, writes and checks SQL, runs, explains."""
        request = AskRequest(
            question=question, conversation_id=conversation_id, confirmed=confirmed, notes=notes
        )
        return await _answered(parts, principal, request, context)

    @server.tool(annotations=_READS)
    async def draft(
        context: Context[Any, Any],
        question: _Question,
        conversation_id: _Conversation = None,
        notes: _Notes = "",
    ) -> dict[str, Any]:
        """Write checked Presto SQL for a question about the data, and do not run it."""
        request = DraftRequest(question=question, conversation_id=conversation_id, notes=notes)
        return await _answered(parts, principal, request, context)

    @server.tool(annotations=_READS)
    async def check(
        context: Context[Any, Any],
        sql: Annotated[Sql, Field(description="One Presto statement.")],
    ) -> dict[str, Any]:
        """Say whether SQL is safe and allowed, and by which rule it is not; runs nothing."""
        with _told():
            assistant = await _opened(parts.opening, context)
            try:
                guarded = await anyio.to_thread.run_sync(assistant.check, sql, principal)
            except GuardRefused as refused:
                return decision_form(refused)
            return decision_form(guarded)

    @server.tool(annotations=_READS)
    async def search_catalog(
        context: Context[Any, Any],
        words: Annotated[Words, Field(description="What to look for.")],
    ) -> dict[str, Any]:
        """Find tables, metrics, dimensions, verified queries and values by words."""
        with _told():
            assistant = await _opened(parts.opening, context)
            hits = await anyio.to_thread.run_sync(assistant.search, words, principal)
            forms = plain(found(hits))
            assert isinstance(forms, dict)
            return forms

    return server


async def _answered(
    parts: Parts, principal: Principal, request: DraftRequest, context: Context[Any, Any]
) -> dict[str, Any]:
    """Put a question and report its stages; a client that cancels the call cancels it."""
    with _told():
        await _opened(parts.opening, context)
        question = begin(parts, principal, request, interface="mcp")
        step = 0
        async with aclosing(question.events(_LOOK_S)) as events:
            async for event in events:
                if isinstance(event, Finished):
                    return asked_form(question, event.answer)
                if isinstance(event, StageStarted | Progress):
                    step += 1
                    await context.report_progress(step, None, event.text)
        raise NlqError("The question ended without an answer.", hint="Ask it again.")


async def _opened(opening: Opening, context: Context[Any, Any]) -> Assistant:
    """The assistant, however long its opening takes; raises what that raises."""
    opening.start()
    while True:
        ready = await anyio.to_thread.run_sync(partial(opening.ready, _LOOK_S))
        if ready is not None:
            return ready
        words, _ = opening.progress
        await context.report_progress(0, None, words)


@contextmanager
def _told() -> Iterator[None]:
    """Tell the agent what went wrong and what to do, in place of "Error executing tool"."""
    try:
        yield
    except Problem as problem:
        raise ToolError(f"{problem.detail} {problem.hint}".strip()) from problem
    except NlqError as error:
        raise ToolError(f"{error.message} {error.hint}".strip()) from error

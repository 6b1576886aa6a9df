"""Over real standard input and output, with the protocol's own client."""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
from apart import run_apart
from mcp import Client, StdioServerParameters, stdio_client
from nlq_ui.api.replies import AskedReply, DecisionReply, FoundReply

from nlq.log import AuditLog

FAKES = Path(__file__).parents[1] / "fakes"


def talk(folder: Path, what: Callable[[Client], Awaitable[None]]) -> None:
    """Start a server over the scripted shop in ``folder`` and talk to it."""
    server = StdioServerParameters(
        command=sys.executable,
        args=[str(FAKES / "mcp_shop.py"), str(folder)],
    )

    async def main() -> None:
        with anyio.fail_after(60):
            async with Client(stdio_client(server)) as client:
                await what(client)

    run_apart(main)


def test_the_tools_say_what_they_are_for(tmp_path: Path) -> None:
    async def what(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"ask", "draft", "check", "search_catalog"}
        for tool in tools.values():
            assert tool.description
            assert tool.annotations.read_only_hint
        asked = tools["ask"].input_schema
        assert asked["required"] == ["question"]
        assert set(asked["properties"]) == {"question", "conversation_id", "confirmed", "notes"}
        assert all("description" in prop for prop in asked["properties"].values())
        assert "clarification" in client.instructions

    talk(tmp_path, what)


def test_a_conversation_of_questions_drafts_checks_and_searches(tmp_path: Path) -> None:
    told: list[str | None] = []

    async def on_progress(done: float, total: float | None, text: str | None) -> None:
        told.append(text)

    async def what(client: Client) -> None:
        async def call(name: str, **arguments: object) -> dict[str, Any]:
            reply = await client.call_tool(name, arguments, progress_callback=on_progress)
            assert not reply.is_error, reply
            return reply.structured_content

        first = AskedReply.model_validate(await call("ask", question="number 42"))
        assert first.answer.result.rows == [[42]]
        assert "Running the query on shop" in told
        again = await call("ask", question="rows 3", conversation_id=first.conversation_id)
        assert again["earlier_turns"] == 1
        draft = AskedReply.model_validate(await call("draft", question="forever"))
        assert (draft.answer.kind, draft.answer.result) == ("draft", None)
        refused = DecisionReply.model_validate(await call("check", sql="DROP TABLE x"))
        assert (refused.passed, refused.rule) == (False, "reads-only")
        passed = await call("check", sql="SELECT amount FROM lake.shop.sales")
        assert DecisionReply.model_validate(passed).guarded.tables == ["lake.shop.sales"]
        found = FoundReply.model_validate(await call("search_catalog", words="amounts"))
        assert [table.name for table in found.tables] == ["lake.shop.sales"]

    talk(tmp_path, what)
    records = list(AuditLog(tmp_path / "audit.sqlite").every())
    assert [record.question for record in records] == ["number 42", "rows 3", "forever"]
    assert {record.interface for record in records} == {"mcp"}


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    async def what(client: Client) -> None:
        for name, arguments, told in (
            ("ask", {"question": " "}, "question"),
            ("ask", {}, "question"),
            ("check", {}, "sql"),
        ):
            reply = await client.call_tool(name, arguments)
            assert reply.is_error
            assert told in reply.content[0].text
            assert "Traceback" not in reply.content[0].text

    talk(tmp_path, what)


def test_a_call_that_is_cancelled_cancels_the_question(tmp_path: Path) -> None:
    def outcome() -> str:
        log = AuditLog(tmp_path / "audit.sqlite")
        records = list(log.every())
        log.close()
        return records[-1].outcome if records else ""

    async def what(client: Client) -> None:
        with anyio.move_on_after(3):
            await client.call_tool("ask", {"question": "forever"})
        give_up = time.monotonic() + 10
        while outcome() != "cancelled" and time.monotonic() < give_up:
            await anyio.sleep(0.05)
        assert outcome() == "cancelled"

    talk(tmp_path, what)


def test_the_command_tells_what_is_missing(tmp_path: Path) -> None:
    server = StdioServerParameters(
        command=sys.executable,
        args=["-c", "from nlq.cli.app import main; main()", "mcp"],
        env={"NLQ_HOME": str(tmp_path)},
    )

    async def main() -> None:
        with anyio.fail_after(60):
            async with Client(stdio_client(server)) as client:
                reply = await client.call_tool("ask", {"question": "What was revenue?"})
                assert reply.is_error
                assert "nlq lake make" in reply.content[0].text

    run_apart(main)

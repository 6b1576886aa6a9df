"""A server on loopback that speaks Slack's Web API and Socket Mode, as far as a bot needs them.

It keeps every call, holds messages to Slack's limits, and can be told to refuse.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

BOT, TEAM = "UBOT", "T1"
BOT_TOKEN, APP_TOKEN = "xoxb-good", "xapp-good"


@dataclass
class Call:
    """One call of the Web API."""

    method: str
    arguments: dict[str, Any]
    at: float


@dataclass
class Message:
    """A message as it stands, and every text that it had before."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]]
    thread_ts: str = ""
    only_for: str = ""
    past: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """All text that a person sees of it."""
        return "\n".join(texts(self.blocks)) or self.text

    def buttons(self) -> dict[str, dict[str, Any]]:
        """Its buttons by their label."""
        found = [e for b in self.blocks if b["type"] == "actions" for e in b["elements"]]
        return {button["text"]["text"]: button for button in found}


@dataclass
class File:
    """A file that was uploaded, and where it is shown."""

    name: str
    content: bytes
    channel: str
    thread_ts: str
    comment: str
    title: str


@dataclass
class Refusal:
    """What a method answers instead of doing anything, so many times."""

    error: str
    times: int
    retry_after: int | None


def texts(part: Any) -> Iterator[str]:
    """Every text in some blocks, in order."""
    if isinstance(part, list):
        for each in part:
            yield from texts(each)
    elif isinstance(part, dict):
        if isinstance(part.get("text"), str):
            yield part["text"]
        for key, value in part.items():
            if key != "value":
                yield from texts(value)


class SlackServer:
    """The server; ``base_url`` is what a bot is told to use."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.messages: dict[tuple[str, str], Message] = {}
        self.whispers: list[Message] = []
        self.files: list[File] = []
        self.views: list[dict[str, Any]] = []
        self.users: dict[str, dict[str, Any]] = {}
        self.channels: dict[str, list[str]] = {}
        self.page_size = 200
        self.links = 0
        self.patience_s = 3.0
        self.bot_token, self.app_token = BOT_TOKEN, APP_TOKEN
        self._refusals: dict[str, list[Refusal]] = {}
        self._uploads: dict[str, tuple[str, bytes]] = {}
        self._acks: dict[str, tuple[threading.Event, dict[str, Any]]] = {}
        self._sockets: list[WebSocket] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}/api/"

    # --- what a test does

    @contextmanager
    def running(self) -> Iterator[SlackServer]:
        app = Starlette(
            routes=[
                Route("/api/{method}", self._api, methods=["GET", "POST"]),
                Route("/upload/{file}", self._upload, methods=["POST"]),
                WebSocketRoute("/link", self._link),
            ]
        )
        server = uvicorn.Server(
            uvicorn.Config(
                app, log_level="error", ws="websockets-sansio", timeout_graceful_shutdown=1
            )
        )

        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            await server.serve(sockets=[self._listening])

        thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
        thread.start()
        wait_for(lambda: server.started)
        try:
            yield self
        finally:
            server.should_exit = True
            thread.join(10)

    def refuse(
        self, method: str, error: str, times: int = 1, retry_after: int | None = None
    ) -> None:
        """Have a method answer an error so many times; with ``retry_after``, as status 429."""
        with self._lock:
            self._refusals.setdefault(method, []).append(Refusal(error, times, retry_after))

    def restore(self) -> None:
        """Do as told again, whatever was to be refused."""
        with self._lock:
            self._refusals.clear()
        self.patience_s = 3.0

    def forget(self) -> None:
        """Empty every channel and forget what was called."""
        for kept in (self.calls, self.messages, self.whispers, self.files, self.views):
            kept.clear()

    def connected(self) -> bool:
        return bool(self._sockets)

    def send(
        self, kind: str, payload: dict[str, Any], *, envelope: str = "", retry: int = 0
    ) -> float:
        """Send an envelope; returns the seconds until its acknowledgement, which it must get."""
        envelope = envelope or uuid.uuid4().hex
        heard, reply = threading.Event(), dict[str, Any]()
        self._acks[envelope] = heard, reply
        sent = {
            "type": kind, "envelope_id": envelope, "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }  # fmt: skip
        if retry:
            sent |= {"retry_attempt": retry, "retry_reason": "timeout"}
        started = time.monotonic()
        self._push(sent)
        assert heard.wait(self.patience_s), f"{kind} was not acknowledged in time"
        return time.monotonic() - started

    def event(self, event: dict[str, Any], *, event_id: str = "", retry: int = 0) -> float:
        """Send an event of the Events API."""
        return self.send("events_api", callback(event, event_id), retry=retry)

    def reconnect(self) -> None:
        """Ask the bot to connect anew, as Slack does every few hours."""
        self._push({"type": "disconnect", "reason": "refresh_requested"})

    def of(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in list(self.calls) if call.method == method]

    def posted(self, channel: str) -> list[Message]:
        """The messages that stand in a channel, in order."""
        return [m for m in list(self.messages.values()) if m.channel == channel]

    # --- what the bot sees

    def _push(self, sent: dict[str, Any]) -> None:
        assert self._loop is not None
        wait_for(self.connected)
        text = json.dumps(sent)
        asyncio.run_coroutine_threadsafe(self._sockets[-1].send_text(text), self._loop).result(5)

    async def _link(self, link: WebSocket) -> None:
        await link.accept()
        await link.send_text(json.dumps({"type": "hello", "num_connections": 1}))
        self._sockets.append(link)
        self.links += 1
        try:
            while True:
                told = json.loads(await link.receive_text())
                heard, reply = self._acks.get(told["envelope_id"], (threading.Event(), {}))
                reply.update(told.get("payload") or {})
                heard.set()
        except WebSocketDisconnect:
            pass
        finally:
            self._sockets.remove(link)

    async def _upload(self, request: Request) -> Response:
        name, _ = self._uploads[request.path_params["file"]]
        self._uploads[request.path_params["file"]] = name, await request.body()
        return PlainTextResponse("OK")

    async def _api(self, request: Request) -> Response:
        method = request.path_params["method"]
        arguments = await _arguments(request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        token = token or str(arguments.pop("token", ""))
        self.calls.append(Call(method, arguments, time.monotonic()))
        with self._lock:
            waiting = self._refusals.get(method, [])
            refusal = waiting[0] if waiting else None
            if refusal:
                refusal.times -= 1
                if refusal.times <= 0:
                    waiting.pop(0)
        if refusal:
            headers = {}
            if refusal.retry_after is not None:
                headers["Retry-After"] = str(refusal.retry_after)
            status = 429 if refusal.retry_after is not None else 200
            return JSONResponse({"ok": False, "error": refusal.error}, status, headers)
        right = self.app_token if method == "apps.connections.open" else self.bot_token
        if token != right:
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        do = getattr(self, "_" + method.replace(".", "_"), None)
        if do is None:
            return JSONResponse({"ok": False, "error": "unknown_method"})
        try:
            return JSONResponse({"ok": True, **do(arguments)})
        except Refused as refused:
            return JSONResponse({"ok": False, "error": str(refused)})

    def _auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"user_id": BOT, "bot_id": "BBOT", "user": "nlq", "team_id": TEAM, "team": "Shop"}

    def _apps_connections_open(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"url": f"ws://127.0.0.1:{self.port}/link"}

    def _chat_postMessage(self, a: dict[str, Any]) -> dict[str, Any]:
        self._check_place(a["channel"])
        check_message(a)
        number = next(self._numbers)
        ts = f"1700000000.{number:06d}"
        self.messages[a["channel"], ts] = Message(
            a["channel"], ts, BOT, a.get("text", ""), a.get("blocks") or [], a.get("thread_ts", "")
        )
        return {"channel": a["channel"], "ts": ts}

    def _chat_update(self, a: dict[str, Any]) -> dict[str, Any]:
        message = self.messages.get((a["channel"], a["ts"]))
        if message is None:
            raise Refused("message_not_found")
        check_message(a)
        message.past.append(message.words)
        message.text, message.blocks = a.get("text", ""), a.get("blocks") or []
        return {"channel": a["channel"], "ts": a["ts"]}

    def _chat_postEphemeral(self, a: dict[str, Any]) -> dict[str, Any]:
        self._check_place(a["channel"])
        check_message(a)
        if a["user"] not in self.channels[a["channel"]]:
            raise Refused("user_not_in_channel")
        self.whispers.append(
            Message(
                a["channel"], "", BOT, a.get("text", ""), a.get("blocks") or [],
                a.get("thread_ts", ""), a["user"],
            )
        )  # fmt: skip
        return {"message_ts": f"1700000000.{next(self._numbers):06d}"}

    def _conversations_open(self, a: dict[str, Any]) -> dict[str, Any]:
        channel = "D" + a["users"]
        self.channels.setdefault(channel, [a["users"], BOT])
        return {"channel": {"id": channel}}

    def _conversations_members(self, a: dict[str, Any]) -> dict[str, Any]:
        self._check_place(a["channel"])
        start = int(a.get("cursor") or 0)
        end = start + min(self.page_size, int(a.get("limit") or 100))
        members = self.channels[a["channel"]]
        after = str(end) if end < len(members) else ""
        return {"members": members[start:end], "response_metadata": {"next_cursor": after}}

    def _users_info(self, a: dict[str, Any]) -> dict[str, Any]:
        if a["user"] not in self.users:
            raise Refused("user_not_found")
        return {"user": {"id": a["user"], "team_id": TEAM, **self.users[a["user"]]}}

    def _files_getUploadURLExternal(self, a: dict[str, Any]) -> dict[str, Any]:
        id = f"F{next(self._numbers)}"
        self._uploads[id] = a["filename"], b""
        return {"file_id": id, "upload_url": f"http://127.0.0.1:{self.port}/upload/{id}"}

    def _files_completeUploadExternal(self, a: dict[str, Any]) -> dict[str, Any]:
        files = a["files"] if isinstance(a["files"], list) else json.loads(a["files"])
        for file in files:
            name, content = self._uploads.pop(file["id"])
            self.files.append(
                File(
                    name, content, a.get("channel_id", ""), a.get("thread_ts", ""),
                    a.get("initial_comment", ""), file["title"],
                )
            )  # fmt: skip
        return {"files": [{"id": file["id"]} for file in files]}

    def _views_open(self, a: dict[str, Any]) -> dict[str, Any]:
        view = a["view"] if isinstance(a["view"], dict) else json.loads(a["view"])
        self.views.append(view)
        return {"view": {"id": "V1"}}

    def _check_place(self, channel: str) -> None:
        if channel not in self.channels:
            raise Refused("channel_not_found")
        if BOT not in self.channels[channel]:
            raise Refused("not_in_channel")


class Refused(Exception):
    """A call that Slack turns down; its text is Slack's error."""


async def _arguments(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        found |= await request.json()
    else:
        found |= dict(await request.form())
    if isinstance(found.get("blocks"), str):
        found["blocks"] = json.loads(found["blocks"])
    return {key: value for key, value in found.items() if value is not None}


def check_message(arguments: dict[str, Any]) -> None:
    """Hold a message to the limits that Slack's reference gives; raises ``Refused``."""
    blocks = arguments.get("blocks") or []
    if not blocks and not arguments.get("text"):
        raise Refused("no_text")
    if len(arguments.get("text") or "") > 40_000:
        raise Refused("msg_too_long")
    kinds = [block["type"] for block in blocks]
    if len(blocks) > 50 or kinds.count("table") > 1:
        raise Refused("invalid_blocks")
    ids = [e["action_id"] for b in blocks if b["type"] == "actions" for e in b["elements"]]
    fits = len(ids) == len(set(ids)) and all(_CHECKS[block["type"]](block) for block in blocks)
    if not fits or any(not text for text in texts(blocks)):
        raise Refused("invalid_blocks")


def _fits_table(block: dict[str, Any]) -> bool:
    cells = [cell for row in block["rows"] for cell in row]
    return (
        1 <= len(block["rows"]) <= 100
        and all(1 <= len(row) <= 20 for row in block["rows"])
        and len({len(row) for row in block["rows"]}) == 1
        and all(set(cell) == {"type", "text"} and cell["type"] == "raw_text" for cell in cells)
        and sum(len(cell["text"]) for cell in cells) <= 10_000
        and len(block.get("column_settings", [])) <= 20
    )


def _fits_actions(block: dict[str, Any]) -> bool:
    return 1 <= len(block["elements"]) <= 25 and all(
        len(e["text"]["text"]) <= 75 and len(e["value"]) <= 2000 and len(e["action_id"]) <= 255
        for e in block["elements"]
    )


_CHECKS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "section": lambda b: len(b["text"]["text"]) <= 3000,
    "context": lambda b: (
        1 <= len(b["elements"]) <= 10 and all(len(e["text"]) <= 2000 for e in b["elements"])
    ),
    "rich_text": lambda b: sum(map(len, texts(b))) <= 4000,
    "table": _fits_table,
    "actions": _fits_actions,
}


def callback(event: dict[str, Any], event_id: str = "") -> dict[str, Any]:
    """An event as the Events API wraps it."""
    return {
        "type": "event_callback",
        "team_id": TEAM,
        "api_app_id": "A1",
        "event_id": event_id or f"Ev{uuid.uuid4().hex[:10]}",
        "event_time": int(time.time()),
        "authorizations": [{"team_id": TEAM, "user_id": BOT, "is_bot": True}],
        "event": event,
    }


def wait_for(happened: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Wait until something is true, and return it; fails after ``seconds``."""
    until = time.monotonic() + seconds
    while True:
        found = happened()
        if found:
            return found
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)

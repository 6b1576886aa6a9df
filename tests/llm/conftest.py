"""A scripted server that speaks OpenAI's API on loopback, and the real embedded model."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nlq.llm.embedded_chat import EmbeddedChat
from nlq.llm.embedded_file import QWEN, missing_packages
from nlq.llm.models import chat_model
from nlq.settings import LlmSettings, load_settings


@dataclass
class Answer:
    """One HTTP answer. ``stall`` holds the server for seconds before, or amid, its body."""

    status: int = 200
    words: tuple[str, ...] = ()
    body: str | None = None
    stall: float = 0.0
    stall_amid: float = 0.0
    break_off: bool = False
    headers: dict[str, str] = field(default_factory=dict)


class FakeOpenAi:
    """Gives ``answers`` in order, the last one for ever, and keeps what it was sent."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[dict] = []
        self.keys: list[str] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(fake) -> type[BaseHTTPRequestHandler]:  # noqa: N805 (self is the request's)
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: object) -> None:
                """Keep quiet."""

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                turn = len(fake.requests)
                fake.requests.append(json.loads(sent))
                fake.keys.append(self.headers.get("Authorization", ""))
                answer = fake.answers[min(turn, len(fake.answers) - 1)]
                fake.closing.wait(answer.stall)
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self._answer(answer, self.path.endswith("/embeddings"))

            def _answer(self, answer: Answer, embedding: bool) -> None:
                if answer.body is not None or answer.status != 200:
                    body = answer.body or json.dumps({"error": {"message": "scripted failure"}})
                    self._head(answer, "application/json", len(body.encode()))
                    self.wfile.write(body.encode())
                elif embedding:
                    vectors = [{"object": "embedding", "index": 0, "embedding": [0.6, 0.8]}]
                    body = json.dumps({"object": "list", "data": vectors, "model": "fake"})
                    self._head(answer, "application/json", len(body))
                    self.wfile.write(body.encode())
                else:
                    self._head(answer, "text/event-stream", None)
                    for number, word in enumerate(answer.words):
                        if number == 1:
                            fake.closing.wait(answer.stall_amid)
                        self._event({"choices": [{"index": 0, "delta": {"content": word}}]})
                    if answer.break_off:
                        return
                    ended = {"index": 0, "delta": {}, "finish_reason": "stop"}
                    self._event({"choices": [ended]})
                    counts = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
                    counts |= {"prompt_tokens_details": {"cached_tokens": 5}}
                    self._event({"choices": [], "usage": counts})
                    self.wfile.write(b"data: [DONE]\n\n")

            def _head(self, answer: Answer, kind: str, length: int | None) -> None:
                self.send_response(answer.status)
                self.send_header("Content-Type", kind)
                if length is not None:
                    self.send_header("Content-Length", str(length))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def _event(self, content: dict) -> None:
                chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
                self.wfile.write(f"data: {json.dumps(chunk | content)}\n\n".encode())

        return Handler


@pytest.fixture
def fake() -> Iterator[FakeOpenAi]:
    server = FakeOpenAi()
    yield server
    server.close()


@pytest.fixture
def answer() -> Callable[..., Answer]:
    """The class of one scripted answer."""
    return Answer


@pytest.fixture(scope="session")
def embedded() -> EmbeddedChat:
    """The real embedded model, loaded once."""
    models = load_settings().models_dir
    missing = missing_packages()
    if missing and not (models / QWEN.name).is_file():
        pytest.skip(f"{len(missing)} of the model's packages are not installed (nlq[model])")
    model = chat_model(LlmSettings(timeout_s=280), models)
    assert isinstance(model, EmbeddedChat)
    model.server.wait_loaded()
    return model

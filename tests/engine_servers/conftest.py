"""A tiny server that speaks the engines' protocol from a script, and pretended Javas and Maven."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

BIGINT = {"name": "n", "type": "bigint", "typeSignature": {"rawType": "bigint", "arguments": []}}
VARCHAR = {"name": "s", "type": "varchar", "typeSignature": {"rawType": "varchar", "arguments": []}}


@dataclass
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class ScriptedCluster:
    """Answers every statement by the pages of the first key of ``scripts`` that is in its text.

    ``stalled`` are steps ("POST", "GET 1") that wait until ``go`` is set. ``once`` maps a step to
    what happens the first time instead: a status, "drop" (the connection), "cut" (in mid-page) or
    "empty"; ``always`` to what happens every time.
    """

    scripts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    stalled: set[str] = field(default_factory=set)
    once: dict[str, int | str] = field(default_factory=dict)
    always: dict[str, int | str] = field(default_factory=dict)
    info: Any = field(default_factory=lambda: {"nodeVersion": {"version": "1"}, "starting": False})
    seen: list[Seen] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)
    killed: threading.Event = field(default_factory=threading.Event)
    url: str = ""
    statements: list[str] = field(default_factory=list)

    def of(self, method: str) -> list[Seen]:
        return [request for request in self.seen if request.method == method]

    def page(self, number: int, step: int) -> dict[str, Any]:
        sql = self.statements[number]
        pages = next(pages for key, pages in self.scripts.items() if key in sql)
        more = {"nextUri": f"{self.url}/v1/statement/{number}/{step + 1}"}
        return {
            "id": f"query_{number}",
            "infoUri": self.url,
            "stats": {"state": "RUNNING", "progressPercentage": 50.0},
            **(more if step + 1 < len(pages) else {}),
            **pages[step],
        }


def handler(cluster: ScriptedCluster) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.note(body)
            cluster.statements.append(body)
            self.answer("POST", len(cluster.statements) - 1, 0)

        def do_GET(self) -> None:
            self.note()
            if self.path == "/v1/info":
                self.reply(200, json.dumps(cluster.info))
                return
            number, step = map(int, self.path.split("/")[-2:])
            self.answer(f"GET {step}", number, step)

        def do_DELETE(self) -> None:
            self.note()
            match cluster.always.get("DELETE"):
                case None:
                    cluster.killed.set()
                    self.reply(204, "")
                case "drop":
                    self.close_connection = True
                case status:
                    self.reply(int(status), "")

        def note(self, body: str = "") -> None:
            cluster.seen.append(Seen(self.command, self.path, dict(self.headers), body))

        def answer(self, name: str, number: int, step: int) -> None:
            if name in cluster.stalled:
                cluster.go.wait(20)
            match cluster.once.pop(name, None) or cluster.always.get(name):
                case None:
                    self.reply(200, json.dumps(cluster.page(number, step)))
                case "drop":
                    self.close_connection = True
                case "empty":
                    self.reply(200, "")
                case "cut":
                    self.reply(200, json.dumps(cluster.page(number, step)), cut=True)
                    self.close_connection = True
                case status:
                    self.reply(int(status), "busy")

        def reply(self, status: int, text: str, *, cut: bool = False) -> None:
            raw = text.encode()
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw[: len(raw) // 2] if cut else raw)

    return Handler


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that leaves while it is answered is what some tests are about."""


@pytest.fixture
def cluster() -> Iterator[ScriptedCluster]:
    made = ScriptedCluster()
    server = QuietServer(("127.0.0.1", 0), handler(made))
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.go.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def numbers() -> Callable[..., dict[str, Any]]:
    """A page of numbers: ``numbers(1, 2)``."""
    return lambda *values: {"columns": [BIGINT], "data": [[value] for value in values]}


@pytest.fixture(scope="session")
def texts() -> Callable[..., dict[str, Any]]:
    """A page of texts."""
    return lambda *values: {"columns": [VARCHAR], "data": [[value] for value in values]}


@pytest.fixture(scope="session")
def java() -> Callable[..., Path]:
    """Makes a folder that looks like a Java of that version."""

    def make(home: Path, version: str, modules: str = "java.base") -> Path:
        (home / "bin").mkdir(parents=True)
        (home / "bin" / "java").touch()
        (home / "release").write_text(f'JAVA_VERSION="{version}"\nMODULES="{modules}"\n')
        return home

    return make


@pytest.fixture
def fake_maven(tmp_path, monkeypatch) -> Path:
    """An ``mvn`` that writes one jar, and fails for the artifacts named in the file ``refuse``."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "refuse").touch()
    program = folder / "mvn"
    program.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys\n"
        f"here = pathlib.Path({str(folder)!r})\n"
        "artifact = pathlib.Path.cwd().name\n"
        "with (here / 'calls').open('a') as calls: calls.write(artifact + ' ')\n"
        "out = next(a.split('=', 1)[1] for a in sys.argv if a.startswith('-DoutputDirectory='))\n"
        "assert '--strict-checksums' in sys.argv\n"
        "pathlib.Path(out, artifact + '.jar').write_text('jar of ' + artifact)\n"
        "if artifact in (here / 'refuse').read_text():\n"
        "    print('[ERROR] Checksum validation failed'); sys.exit(1)\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return folder

"""A small HTTP proxy on loopback before a real server, which does to chosen requests what networks
do: stalls, swallows answers, cuts connections."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

Fault = Literal["", "stall", "swallow", "cut"]
"""Nothing; no answer until the proxy closes; the answer is dropped; half of it arrives."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request and the SQL of the statement that it belongs to, empty for others."""

    method: str
    path: str
    sql: str


def no_fault(_: Request) -> Fault:
    """What a proxy does at first."""
    return ""


@dataclass
class FaultyProxy:
    """``fault`` chooses what happens to each request; ``seen`` are all that arrived."""

    target: str
    url: str = ""
    fault: Callable[[Request], Fault] = no_fault
    seen: list[Request] = field(default_factory=list)
    _statements: dict[str, str] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)

    def sent(self, sql: str) -> int:
        """How often a statement was submitted."""
        return sum(r.method == "POST" and r.sql == sql for r in self.seen)

    def heal(self) -> None:
        """From now on nothing goes wrong."""
        self.fault = no_fault


@contextmanager
def faulty_proxy(target: str) -> Iterator[FaultyProxy]:
    """A proxy to the server at that address."""
    proxy = FaultyProxy(target)
    server = _Server(("127.0.0.1", 0), _handler(proxy))
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield proxy
    finally:
        proxy._over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that leaves while it is answered is what the tests are about."""


def _handler(proxy: FaultyProxy) -> type[BaseHTTPRequestHandler]:
    host = urlsplit(proxy.target).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def handle_request(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            sql = body.decode() if self.command == "POST" else self._statement()
            request = Request(self.command, self.path, sql)
            proxy.seen.append(request)
            fault = proxy.fault(request)
            if fault == "stall":
                proxy._over.wait(60)
                self.close_connection = True
                return
            upstream = http.client.HTTPConnection(host, timeout=60)
            headers = {k: v for k, v in self.headers.items() if k.lower() != "accept-encoding"}
            upstream.request(self.command, self.path, body or None, headers)
            response = upstream.getresponse()
            raw = response.read()
            upstream.close()
            if self.command == "POST" and response.status == http.HTTPStatus.OK:
                proxy._statements[json.loads(raw)["id"]] = sql
            if fault == "swallow":
                self.close_connection = True
                return
            self._answer(response, raw, cut=fault == "cut")

        do_GET = do_POST = do_DELETE = handle_request  # noqa: N815 (the library's names)

        def _statement(self) -> str:
            found = (sql for id, sql in proxy._statements.items() if f"/{id}/" in self.path)
            return next(found, "")

        def _answer(self, response: http.client.HTTPResponse, raw: bytes, *, cut: bool) -> None:
            self.send_response_only(response.status)
            for name, value in response.getheaders():
                if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                    self.send_header(name, value)
            if response.status != http.HTTPStatus.NO_CONTENT:
                self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw[: len(raw) // 2] if cut else raw)
            self.close_connection = cut

    return Handler

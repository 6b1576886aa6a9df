from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.requests import HTTPConnection


@pytest.fixture
def request_of() -> Callable[..., HTTPConnection]:
    """Makes a request with these headers, by their names with underscores."""

    def make(
        method: str = "GET",
        path: str = "/",
        client: str = "10.0.0.7",
        type: str = "http",
        more: tuple[tuple[str, str], ...] = (),
        **headers: str,
    ) -> HTTPConnection:
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        scope: dict[str, Any] = {
            "type": type,
            "method": method,
            "path": path,
            "query_string": b"",
            "client": (client, 4711),
            "headers": [
                (name.lower().encode(), value.encode("utf-8")) for name, value in (*named, *more)
            ],
        }
        return HTTPConnection(scope)

    return make

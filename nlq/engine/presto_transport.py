"""PrestoDB's side of the protocol, spoken through the `trino` client.

A request of the client enters and leaves with PrestoDB's header names; PrestoDB's answer leaves
with Trino's header names, type signatures and structured values. It is mounted on one statement's
own HTTP session, so nothing global changes.

PrestoDB 0.287 sends arrays, maps and rows as JSON text inside a string, again at every level;
newer versions may send plain lists and objects, which pass too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

_STRUCTURED: Final = frozenset({"array", "map", "row"})
_PRECISE: Final = frozenset(
    {"time", "time with time zone", "timestamp", "timestamp with time zone"}
)
_UNKNOWN_THERE: Final = ("X-Trino-Client-Capabilities", "X-Trino-Query-Data-Encoding")
_EPOCH: Final = datetime(1970, 1, 1)

Signature = dict[str, Any]
Decode = Callable[[Any], Any]


class PrestoTransport(BaseAdapter):
    """Sends one statement's requests through ``pool``, translated; not to be shared."""

    def __init__(self, pool: BaseAdapter) -> None:
        super().__init__()
        self._pool = pool
        self._decoders: tuple[tuple[int, Decode], ...] | None = None

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Send it; headers and, where there is one, the page of results are translated."""
        for name in _UNKNOWN_THERE:
            request.headers.pop(name, None)
        for name in [n for n in request.headers if n.lower().startswith("x-trino-")]:
            request.headers[f"X-Presto-{name[8:]}"] = request.headers.pop(name)
        response = self._pool.send(request, *args, **kwargs)
        for name in [n for n in response.headers if n.lower().startswith("x-presto-")]:
            response.headers[f"X-Trino-{name[9:]}"] = response.headers[name]
        if response.ok and self._decoders != () and b'"columns"' in response.content:
            self._translate(response)
        return response

    def close(self) -> None:
        """Nothing: the pool belongs to whoever made it."""

    def _translate(self, response: Response) -> None:
        """Rewrite a page that has columns.

        The client makes its mappers from the first such page, so where no column is structured
        all later pages pass as they are.
        """
        page = orjson.loads(response.content)
        columns = page.get("columns")
        if not columns:
            return
        self._decoders = tuple(
            (index, decode)
            for index, column in enumerate(columns)
            if (decode := decoder(column["typeSignature"])) is not None
        )
        for column in columns:
            column["typeSignature"] = signature(column["typeSignature"])
        for row in page.get("data") or ():
            for index, decode in self._decoders:
                row[index] = decode(row[index])
        response._content = orjson.dumps(page)


def signature(presto: Mapping[str, Any]) -> Signature:
    """Trino's form of a column's type signature."""
    kind = presto["rawType"]
    inner: Sequence[Mapping[str, Any]] = presto.get("typeArguments") or ()
    arguments: list[Signature] = []
    if kind == "row":
        for name, field in zip(presto["literalArguments"], inner, strict=True):
            value = {"fieldName": {"name": name}, "typeSignature": signature(field)}
            arguments.append({"kind": "NAMED_TYPE", "value": value})
    elif kind in _STRUCTURED:
        arguments = [{"kind": "TYPE", "value": signature(argument)} for argument in inner]
    elif kind in _PRECISE:
        arguments = [{"kind": "LONG", "value": 3}]
    else:
        numbers = (a["value"] for a in presto.get("arguments") or () if a["kind"] == "LONG_LITERAL")
        arguments = [{"kind": "LONG", "value": number} for number in numbers]
    return {"rawType": kind, "arguments": arguments}


def decoder(presto: Mapping[str, Any]) -> Decode | None:
    """What turns PrestoDB's value of that type into the client's; None where they are the same."""
    kind = presto["rawType"]
    inner: Sequence[Mapping[str, Any]] = presto.get("typeArguments") or ()
    if kind == "row":
        fields = [decoder(field) for field in inner]
        return lambda value: None if value is None else _fields(_opened(value), fields)
    if kind == "array":
        element = decoder(inner[0])
        return lambda value: None if value is None else _elements(_opened(value), element)
    if kind == "map":
        key, entry = decoder(inner[0]), decoder(inner[1])
        change = _pairs if inner[0]["rawType"] in _STRUCTURED else _entries
        return lambda value: None if value is None else change(_opened(value), key, entry)
    return _zoned_time if kind == "time with time zone" else None


def _zoned_time(value: str | None) -> str | None:
    """``01:02:03.000 Europe/Berlin`` as the client reads it: ``01:02:03.000+01:00``.

    A time has no date, so Presto takes the zone's offset at the epoch.
    """
    if value is None:
        return None
    moment, _, zone = value.partition(" ")
    if not zone or zone[0] in "+-":
        return moment + (zone or "+00:00")
    minutes = int((ZoneInfo(zone).utcoffset(_EPOCH) or timedelta()).total_seconds()) // 60
    return f"{moment}{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _fields(value: Any, fields: list[Decode | None]) -> list[Any]:
    items = value.values() if isinstance(value, dict) else value
    return [change(v) if change else v for change, v in zip(fields, items, strict=True)]


def _elements(value: list[Any], change: Decode | None) -> list[Any]:
    return [change(v) for v in value] if change else value


def _entries(value: dict[str, Any], key: Decode | None, change: Decode | None) -> dict[str, Any]:
    if key is None and change is None:
        return value
    return {key(k) if key else k: change(v) if change else v for k, v in value.items()}


def _pairs(value: dict[str, Any], key: Decode | None, change: Decode | None) -> list[list[Any]]:
    """A map with keys that no JSON object can have; Trino writes those as text that loses some."""
    return [[key(k) if key else k, change(v) if change else v] for k, v in value.items()]


def _opened(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value

"""A map's key that is an array, a map or a row enters as Trino writes it; lists of texts leave.

A key in JSON is text, and Trino makes it by Java's ``toString``: ``[1, a]``, ``{x=1}``. Nothing
marks where a varchar inside ends, so each way to read the text is tried, and a key that can be read
in two ways is turned down rather than guessed. A key has no nulls inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from nlq.errors import QueryFailed

STRUCTURED: Final = frozenset({"array", "map", "row"})

_FREE: Final = frozenset({"varchar", "char", "json"})  # may have any character inside
_ENDS: Final = frozenset(",]}=")

Signature = Mapping[str, Any]
_Readings = Iterator[tuple[Any, int]]  # what was read, and where it ends
_Reader = Callable[[str, int], _Readings]


def key_opener(key: Signature) -> Callable[[str], Any]:
    """What reads such keys: into lists, for maps of scalar keys dicts, with texts for scalars.

    It raises ``QueryFailed`` for a key that can be read in several ways.
    """
    reader = _reader(key)

    def opened(text: str) -> Any:
        whole = (value for value, end in reader(text, 0) if end == len(text))
        found = list(islice(whole, 2))
        if len(found) != 1:
            raise QueryFailed(
                f"A map's key arrived as {text[:100]}, and it cannot be told where its parts end.",
                hint="Select map_entries(...) of the map instead.",
            )
        return found[0]

    return opened


def _reader(signature: Signature) -> _Reader:
    kind = signature["rawType"]
    if kind == "array":
        return _array(_reader(signature["arguments"][0]["value"]))
    if kind == "map":
        key, value = (argument["value"] for argument in signature["arguments"])
        return _map(_reader(key), _reader(value), structured=key["rawType"] in STRUCTURED)
    if kind == "row":
        fields = [argument["value"]["typeSignature"] for argument in signature["arguments"]]
        return _row([_reader(field) for field in fields])
    return _free if kind in _FREE else _scalar


def _free(text: str, at: int) -> _Readings:
    for end in range(at, len(text)):
        if text[end] in _ENDS:
            yield text[at:end], end


def _scalar(text: str, at: int) -> _Readings:
    """Ends at the first mark, or after the ``=`` that base64 may have at its end."""
    for end in range(at, len(text)):
        if text[end] in _ENDS:
            if end > at:
                yield text[at:end], end
            if end == at or text[end] != "=":
                return


def _array(element: _Reader) -> _Reader:
    def read(text: str, at: int) -> _Readings:
        if text.startswith("[]", at):
            yield [], at + 2
        if text.startswith("[", at):
            yield from _listed(text, at + 1, element, "]")

    return read


def _map(key: _Reader, value: _Reader, *, structured: bool) -> _Reader:
    def entry(text: str, at: int) -> _Readings:
        for name, end in key(text, at):
            if text.startswith("=", end):
                for content, over in value(text, end + 1):
                    yield [name, content], over

    def read(text: str, at: int) -> _Readings:
        if text.startswith("{}", at):
            yield {}, at + 2
        if text.startswith("{", at):
            for entries, end in _listed(text, at + 1, entry, "}"):
                yield (entries if structured else dict(entries)), end

    return read


def _listed(text: str, at: int, member: _Reader, close: str) -> _Readings:
    """Members with commas between them, up to the closing mark.

    What is still to be tried is kept on a stack, since a key may have more members than Python
    allows calls inside calls.
    """
    tried: list[_Readings] = [member(text, at)]
    found: list[Any] = []
    while tried:
        step = next(tried[-1], None)
        del found[len(tried) - 1 :]
        if step is None:
            tried.pop()
            continue
        value, end = step
        found.append(value)
        if text.startswith(", ", end):
            tried.append(member(text, end + 2))
        elif text.startswith(close, end):
            yield list(found), end + 1


def _row(fields: list[_Reader]) -> _Reader:
    def rest(text: str, at: int, index: int) -> _Readings:
        last = index == len(fields) - 1
        for value, end in fields[index](text, at):
            if last and text.startswith("]", end):
                yield [value], end + 1
            elif not last and text.startswith(", ", end):
                for values, over in rest(text, end + 2, index + 1):
                    yield [value, *values], over

    def read(text: str, at: int) -> _Readings:
        if text.startswith("[", at):
            yield from rest(text, at + 1, 0)

    return read

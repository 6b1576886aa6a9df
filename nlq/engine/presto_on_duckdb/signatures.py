"""The catalog of functions: Presto signatures, each with the DuckDB text that does the same.

The files in ``functions/`` hold one function a line, ``name(types) -> type := DuckDB text``, as in
``contains(array(T), T) -> boolean := list_contains({0}, {1})``. Capital letters stand for any
type, ``N`` for any number. ``(T) -> U`` is a lambda; ``...`` repeats the last type. ``{0}`` is the
first argument, ``{T}`` the DuckDB type bound to ``T``. In an aggregate's text ``{d}`` marks where
DISTINCT goes, ``{o}`` ORDER BY, ``{f}`` FILTER and OVER.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from nlq.engine.presto_on_duckdb.types import UNKNOWN, Type, coerces, common, decimal

Bindings = dict[str, Type]


@dataclass(frozen=True, slots=True)
class LambdaType:
    """A lambda parameter: what its arguments are bound to, and what it gives."""

    params: tuple[Type, ...]
    result: Type


Param = Type | LambdaType


@dataclass(frozen=True, slots=True)
class Signature:
    """One overload of one function."""

    name: str
    params: tuple[Param, ...]
    variadic: bool
    result: Type
    template: str
    aggregate: bool

    def param(self, index: int) -> Param:
        """The type of the argument at ``index``, counting a repeated last one."""
        return self.params[min(index, len(self.params) - 1)]

    def takes(self, count: int) -> bool:
        """Whether it can be called with ``count`` arguments."""
        return count >= len(self.params) - 1 if self.variadic else count == len(self.params)


@cache
def catalog() -> Mapping[str, tuple[Signature, ...]]:
    """Every signature by function name."""
    found: dict[str, list[Signature]] = {}
    for file in sorted((files(__package__) / "functions").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".txt"):
            aggregate = file.name.startswith("aggregate")
            for signature in _read(file.read_text(), aggregate):
                found.setdefault(signature.name, []).append(signature)
    return {name: tuple(overloads) for name, overloads in found.items()}


def _read(text: str, aggregate: bool) -> Iterator[Signature]:
    for line in text.splitlines():
        if not line or line.startswith(("--", " ")):
            continue
        head, template = line.split(" := ", 1)
        name, rest = head.split("(", 1)
        types = _TypeReader(rest)
        params, variadic = types.params()
        yield Signature(name, params, variadic, types.result(), template.strip(), aggregate)


class _TypeReader:
    """Reads ``array(T), (T) -> U, bigint...) -> array(U)``."""

    def __init__(self, text: str) -> None:
        self._tokens = re.findall(r"\.\.\.|->|[(),]|[\w]+(?: [a-z]+)*", text)
        self._at = 0

    def params(self) -> tuple[tuple[Param, ...], bool]:
        found: list[Param] = []
        variadic = False
        while not self._take(")"):
            found.append(self._lambda() if self._take("(") else self._type())
            variadic = self._take("...")
            self._take(",")
        return tuple(found), variadic

    def result(self) -> Type:
        self._take("->")
        return self._type()

    def _lambda(self) -> LambdaType:
        params: list[Type] = []
        while not self._take(")"):
            params.append(self._type())
            self._take(",")
        self._take("->")
        return LambdaType(tuple(params), self._type())

    def _type(self) -> Type:
        name = self._tokens[self._at]
        self._at += 1
        if not self._take("("):
            return Type(name)
        inner: list[Type] = []
        while not self._take(")"):
            inner.append(self._type())
            self._take(",")
        if name == "decimal":
            return decimal(int(inner[0].name), int(inner[1].name))
        return Type(name, tuple(inner), ("",) * len(inner) if name == "row" else ())

    def _take(self, token: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == token:
            self._at += 1
            return True
        return False


def is_variable(kind: Type) -> bool:
    """Whether it stands for any type."""
    return len(kind.name) == 1


def bind(param: Type, given: Type, bindings: Bindings, exact: bool) -> bool:
    """Fit an argument's type to a parameter's, noting what the variables stand for."""
    if is_variable(param):
        if param.name == "N" and not (given.is_numeric or given == UNKNOWN):
            return False
        bound = bindings.get(param.name)
        joint = given if bound is None else common(bound, given)
        if joint is None:
            return False
        bindings[param.name] = joint
        return True
    if given == UNKNOWN:
        return True
    if param.args and param.name == given.name and len(param.args) == len(given.args):
        return all(bind(p, g, bindings, exact) for p, g in zip(param.args, given.args, strict=True))
    if param.args:
        return False
    return given == param if exact else coerces(given, param)


def substitute(kind: Type, bindings: Bindings) -> Type:
    """``kind`` with its variables replaced; what stayed open is ``unknown``."""
    if is_variable(kind):
        return bindings.get(kind.name, UNKNOWN)
    if not kind.args:
        return kind
    inner = tuple(substitute(arg, bindings) for arg in kind.args)
    return Type(kind.name, inner, kind.names, kind.sizes)


def resolve(
    overloads: Sequence[Signature], given: Sequence[Type | None]
) -> tuple[Signature, Bindings] | None:
    """The overload that fits: an exact one first, then one by coercion; None where none does.

    A lambda argument is None: it fits every lambda parameter.
    """
    for exact in (True, False):
        for signature in overloads:
            bindings: Bindings = {}
            if signature.takes(len(given)) and all(
                _fits(signature.param(i), kind, bindings, exact) for i, kind in enumerate(given)
            ):
                return signature, bindings
    return None


def _fits(param: Param, given: Type | None, bindings: Bindings, exact: bool) -> bool:
    if isinstance(param, LambdaType) or given is None:
        return isinstance(param, LambdaType) and given is None
    return bind(param, given, bindings, exact)


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put the values in a template; braces with anything else inside are DuckDB's own."""
    return _HOLE.sub(lambda hole: values[hole[1]], template)


_HOLE = re.compile(r"\{(\w+)\}")

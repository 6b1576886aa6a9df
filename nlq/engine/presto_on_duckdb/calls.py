"""Function calls: the overload is picked by Presto's types, its DuckDB text filled in.

Functions that need more than a text (units, patterns, decimals) are registered by ``special``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from nlq.engine.presto_on_duckdb.casts import coerce
from nlq.engine.presto_on_duckdb.parse import call_name, identifier, shown
from nlq.engine.presto_on_duckdb.scope import (
    Compiler,
    Scope,
    Session,
    Typed,
    quote,
    unsupported,
)
from nlq.engine.presto_on_duckdb.signatures import (
    Bindings,
    LambdaType,
    Signature,
    bind,
    catalog,
    fill,
    resolve,
    substitute,
)
from nlq.engine.presto_on_duckdb.types import BOOLEAN
from nlq.errors import QueryFailed


@dataclass(frozen=True, slots=True)
class Shape:
    """What stands around an aggregate's argument, as DuckDB text."""

    distinct: str = ""
    order: str = ""
    nulls: str = ""
    tail: str = ""

    @property
    def holes(self) -> dict[str, str]:
        """The values of ``{d}``, ``{o}``, ``{i}`` and ``{f}`` in a template."""
        return {"d": self.distinct, "o": self.order, "i": self.nulls, "f": self.tail}


@dataclass(frozen=True, slots=True)
class Call:
    """One call, given to a special function."""

    name: str
    nodes: Sequence[exp.Expr]
    compiler: Compiler
    scope: Scope
    shape: Shape = field(default_factory=Shape)

    @property
    def session(self) -> Session:
        """The query's session."""
        return self.scope.session

    def arg(self, index: int) -> Typed:
        """The argument at ``index``, compiled."""
        return self.compiler.expression(self.nodes[index], self.scope)

    def args(self) -> list[Typed]:
        """All arguments, compiled."""
        return [self.arg(i) for i in range(len(self.nodes))]

    def constant(self, index: int) -> str:
        """A string literal argument; raises ``QueryFailed`` where it is no literal."""
        node = self.nodes[index]
        if not (isinstance(node, exp.Literal) and node.is_string):
            raise unsupported(f"{self.name}() with argument {index + 1} not a literal")
        return str(node.this)

    def whole(self, index: int) -> int:
        """A whole-number literal argument; raises ``QueryFailed`` where it is none."""
        node = self.nodes[index]
        sign, inner = (-1, node.this) if isinstance(node, exp.Neg) else (1, node)
        if not (isinstance(inner, exp.Literal) and str(inner.this).isdigit()):
            raise unsupported(f"{self.name}() with argument {index + 1} not a literal number")
        return sign * int(inner.this)

    def needs(self, *counts: int) -> None:
        """Raise ``QueryFailed`` unless the number of arguments is one of these."""
        if len(self.nodes) not in counts:
            wanted = " or ".join(map(str, counts))
            raise QueryFailed(f"{self.name}() takes {wanted} arguments, not {len(self.nodes)}.")

    def by_signature(self, args: Sequence[Typed] | None = None) -> Typed:
        """What the catalog's signatures make of it, with these arguments."""
        return _by_signature(self, list(args) if args is not None else None)


Special = Callable[[Call], Typed]
_SPECIAL: dict[str, Special] = {}
_SPECIAL_AGGREGATES: set[str] = set()


def special(*names: str, aggregate: bool = False) -> Callable[[Special], Special]:
    """Register a function that needs more than a signature."""

    def register(function: Special) -> Special:
        _SPECIAL.update(dict.fromkeys(names, function))
        if aggregate:
            _SPECIAL_AGGREGATES.update(names)
        return function

    return register


def function_names() -> frozenset[str]:
    """Every function that can be called."""
    return frozenset(catalog()) | frozenset(_SPECIAL)


def call(
    name: str, nodes: Sequence[exp.Expr], c: Compiler, scope: Scope, nulls: str = "", tail: str = ""
) -> Typed:
    """Compile a call; raises ``QueryFailed`` naming the function where it is not known."""
    if name not in _SPECIAL and name not in catalog():
        raise unsupported(f"Function {name}()")
    bare, distinct, order = _unwrapped(nodes, c, scope)
    shape = Shape(distinct, order, nulls, tail)
    if shape != Shape() and not is_aggregate(name):
        raise QueryFailed(f"{name}() is not an aggregate or window function.")
    made = Call(name, bare, c, scope, shape)
    return _SPECIAL[name](made) if name in _SPECIAL else made.by_signature()


def named_call(name: str, nodes: Sequence[exp.Expr], c: Compiler, scope: Scope) -> Typed:
    """Compile an operator that is a function in disguise."""
    return call(name, nodes, c, scope)


def is_aggregate(name: str) -> bool:
    """Whether it is an aggregate or window function."""
    return name in _SPECIAL_AGGREGATES or any(s.aggregate for s in catalog().get(name, ()))


def _unwrapped(
    nodes: Sequence[exp.Expr], c: Compiler, scope: Scope
) -> tuple[list[exp.Expr], str, str]:
    bare, distinct, order = list(nodes), "", ""
    last = bare[-1] if bare else None
    if isinstance(last, exp.Order):
        order = " " + order_by(last, c, scope)
        bare[-1] = last.this
    if bare and isinstance(bare[0], exp.Distinct):
        distinct = "DISTINCT "
        bare = [*bare[0].expressions, *bare[1:]]
    return bare, distinct, order


def order_by(node: exp.Order, c: Compiler, scope: Scope) -> str:
    """An ORDER BY of a window or an aggregate; NULLs last, in either direction."""
    keys = (c.expression(key.this, scope).text + direction(key) for key in node.expressions)
    return "ORDER BY " + ", ".join(keys)


def direction(key: exp.Ordered) -> str:
    """``ASC`` or ``DESC``, and where NULLs go."""
    sign = " DESC" if key.args.get("desc") else " ASC"
    return sign + (" NULLS FIRST" if key.args.get("nulls_first") else " NULLS LAST")


def _by_signature(made: Call, given: list[Typed] | None) -> Typed:
    overloads = catalog()[made.name]
    values: list[Typed | None] = (
        list(given)
        if given is not None
        else [
            None if isinstance(node, exp.Lambda) else made.arg(i)
            for i, node in enumerate(made.nodes)
        ]
    )
    found = resolve(overloads, [None if v is None else v.type for v in values])
    if found is None:
        kinds = ", ".join("function" if v is None else str(v.type) for v in values)
        known = "; ".join(_shown(s) for s in overloads)
        raise QueryFailed(f"No {made.name}({kinds}). There is: {known}.")
    signature, bindings = found
    texts = _arguments(made, signature, values, bindings)
    return _filled(made, signature, texts, bindings)


def _arguments(
    made: Call, signature: Signature, values: list[Typed | None], bindings: Bindings
) -> list[str]:
    texts = []
    for i, value in enumerate(values):
        param = signature.param(i)
        if isinstance(param, LambdaType):
            node = made.nodes[i]
            assert isinstance(node, exp.Lambda)
            texts.append(_lambda(node, param, bindings, made))
        else:
            assert value is not None
            target = substitute(param, bindings)
            if target.name == value.type.name and not target.args:
                target = value.type if target == value.type else target
            texts.append(coerce(value, target, made.session).text)
    return texts


def _filled(made: Call, signature: Signature, texts: list[str], bindings: Bindings) -> Typed:
    holes = {str(i): argument for i, argument in enumerate(texts)}
    holes |= {name: kind.duckdb for name, kind in bindings.items()}
    holes |= {"all": ", ".join(texts), **made.shape.holes}
    return Typed(f"{fill(signature.template, holes)}", substitute(signature.result, bindings))


def _lambda(node: exp.Lambda, param: LambdaType, bindings: Bindings, made: Call) -> str:
    names = [identifier(name) for name in node.expressions]
    if len(names) != len(param.params):
        raise QueryFailed(f"The lambda of {made.name}() takes {len(param.params)} arguments.")
    added = {
        name: Typed(quote(f"${name}"), substitute(kind, bindings))
        for name, kind in zip(names, param.params, strict=True)
    }
    body = made.compiler.expression(node.this, made.scope.with_lambdas(added))
    if not bind(param.result, body.type, bindings, exact=False):
        raise QueryFailed(f"The lambda of {made.name}() gives {body.type}, which does not fit.")
    body = coerce(body, substitute(param.result, bindings), made.session)
    return f"lambda {', '.join(value.text for value in added.values())}: {body.text}"


def _shown(signature: Signature) -> str:
    kinds = ", ".join("function" if isinstance(p, LambdaType) else str(p) for p in signature.params)
    return f"{signature.name}({kinds})"


# --- aggregates and windows


def call_over(node: exp.Expr, c: Compiler, scope: Scope) -> Typed:
    """A call with FILTER, IGNORE NULLS or OVER around it."""
    tail, nulls = "", ""
    while not isinstance(node, exp.Anonymous):
        match node:
            case exp.Window():
                tail = f" OVER {window(node, c, scope)}"
            case exp.Filter():
                if tail:
                    raise unsupported("FILTER with OVER")  # both servers refuse it
                value = c.expression(node.expression.this, scope)
                tail = f" FILTER (WHERE {coerce(value, BOOLEAN, scope.session).text})" + tail
            case exp.IgnoreNulls():
                nulls = " IGNORE NULLS"
            case exp.RespectNulls():
                pass
            case _:
                raise unsupported(f"'{shown(node)}'")
        node = node.this
    return call(call_name(node), node.expressions, c, scope, nulls, tail)


def window(node: exp.Window, c: Compiler, scope: Scope) -> str:
    """The text after OVER: a window's name, or its definition."""
    alias = node.args.get("alias")
    parts = [quote(identifier(alias))] if alias is not None else []
    keys = [c.expression(key, scope).text for key in node.args.get("partition_by") or ()]
    if keys:
        parts.append("PARTITION BY " + ", ".join(keys))
    if order := node.args.get("order"):
        parts.append(order_by(order, c, scope))
    if spec := node.args.get("spec"):
        parts.append(_frame(spec, c, scope))
    return f"({' '.join(parts)})"


def _frame(spec: exp.WindowSpec, c: Compiler, scope: Scope) -> str:
    start = _bound(spec, "start", c, scope)
    end = _bound(spec, "end", c, scope) if spec.args.get("end") else "CURRENT ROW"
    return f"{str(spec.args['kind']).upper()} BETWEEN {start} AND {end}"


def _bound(spec: exp.WindowSpec, which: str, c: Compiler, scope: Scope) -> str:
    value, side = spec.args[which], spec.args.get(f"{which}_side") or ""
    shown = value.upper() if isinstance(value, str) else c.expression(value, scope).text
    return f"{shown} {side.upper()}".strip()

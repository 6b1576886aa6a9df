"""Array and map functions that build rows or maps, or change their arguments' order."""

from __future__ import annotations

from sqlglot import exp

from nlq.engine.presto_on_duckdb import types as t
from nlq.engine.presto_on_duckdb.calls import Call, special
from nlq.engine.presto_on_duckdb.casts import cast, coerce
from nlq.engine.presto_on_duckdb.parse import identifier
from nlq.engine.presto_on_duckdb.scope import Typed, quote, unsupported
from nlq.errors import QueryFailed


def _lambda(
    call: Call, index: int, kinds: tuple[t.Type, ...], texts: tuple[str, ...] = ()
) -> Typed:
    """The body of a lambda argument whose parameters are ``texts`` (by default their names)."""
    node = call.nodes[index]
    if not isinstance(node, exp.Lambda) or len(node.expressions) != len(kinds):
        raise QueryFailed(f"Argument {index + 1} of {call.name}() is a lambda of {len(kinds)}.")
    names = [identifier(name) for name in node.expressions]
    shown = texts or tuple(quote(f"${name}") for name in names)
    added = {n: Typed(s, k) for n, s, k in zip(names, shown, kinds, strict=True)}
    return call.compiler.expression(node.this, call.scope.with_lambdas(added))


def _array(call: Call, index: int) -> Typed:
    value = call.arg(index)
    if value.type.name != "array":
        raise QueryFailed(f"{call.name}() takes an array, not {value.type}.")
    return value


def _map(call: Call, index: int) -> Typed:
    value = call.arg(index)
    if value.type.name != "map":
        raise QueryFailed(f"{call.name}() takes a map, not {value.type}.")
    return value


@special("map")
def _make_map(call: Call) -> Typed:
    if call.nodes:
        return call.by_signature()
    return Typed("MAP {}", t.map_of(t.UNKNOWN, t.UNKNOWN))


@special("array_join")
def _array_join(call: Call) -> Typed:
    strings = cast(_array(call, 0), t.array(t.VARCHAR), call.session)
    return call.by_signature([strings, *(call.arg(i) for i in range(1, len(call.nodes)))])


@special("array_sort")
def _array_sort(call: Call) -> Typed:
    if len(call.nodes) > 1:
        raise unsupported("array_sort() with a comparator", "sort on array_agg(x ORDER BY ...)")
    return call.by_signature()


@special("reduce")
def _reduce(call: Call) -> Typed:
    call.needs(4)
    values, start = _array(call, 0), call.arg(1)
    element = values.type.args[0]
    step = _lambda(call, 2, (start.type, element))
    state = t.common(start.type, step.type)
    if state is None or t.common(state, element) != state:
        raise unsupported("reduce() whose state has another type than the elements")
    names = (quote("$s"), quote("$x"))
    step = coerce(_lambda(call, 2, (state, element), names), state, call.session)
    wide = coerce(values, t.array(state), call.session)
    initial = coerce(start, state, call.session)
    reduced = f"list_reduce({wide.text}, lambda {', '.join(names)}: {step.text}, {initial.text})"
    return _lambda(call, 3, (state,), (reduced,))


@special("zip")
def _zip(call: Call) -> Typed:
    values = [_array(call, i) for i in range(len(call.nodes))]
    longest = ", ".join(f"len({value.text})" for value in values)
    fields = ", ".join(f'"field{i}" := {v.text}[i]' for i, v in enumerate(values))
    text = f"list_transform(range(1, greatest({longest}) + 1), lambda i: struct_pack({fields}))"
    return Typed(text, t.array(t.row(tuple(value.type.args[0] for value in values))))


@special("zip_with")
def _zip_with(call: Call) -> Typed:
    call.needs(3)
    left, right = _array(call, 0), _array(call, 1)
    texts = (f'{left.text}["$i"]', f'{right.text}["$i"]')
    body = _lambda(call, 2, (left.type.args[0], right.type.args[0]), texts)
    count = f"greatest(len({left.text}), len({right.text}))"
    text = f'list_transform(range(1, {count} + 1), lambda "$i": {body.text})'
    return Typed(text, t.array(body.type))


def _entries(value: Typed) -> tuple[tuple[t.Type, t.Type], tuple[str, str]]:
    key, item = value.type.args
    return (key, item), ('"$e".key', '"$e".value')


@special("map_filter", "transform_keys", "transform_values")
def _map_lambda(call: Call) -> Typed:
    call.needs(2)
    value = _map(call, 0)
    kinds, texts = _entries(value)
    body = _lambda(call, 1, kinds, texts)
    entries = f"map_entries({value.text})"
    if call.name == "map_filter":
        kept = f'list_filter({entries}, lambda "$e": {body.text})'
        return Typed(f"map_from_entries({kept})", value.type)
    keyed = call.name == "transform_keys"
    kind = t.map_of(body.type, kinds[1]) if keyed else t.map_of(kinds[0], body.type)
    key, item = (body.text, texts[1]) if keyed else (texts[0], body.text)
    made = f"list_transform({entries}, lambda \"$e\": {{'key': {key}, 'value': {item}}})"
    return Typed(f"map_from_entries({made})", kind)


@special("map_entries")
def _map_entries(call: Call) -> Typed:
    call.needs(1)
    value = _map(call, 0)
    fields = 'struct_pack("field0" := "$e".key, "field1" := "$e".value)'
    text = f'list_transform(map_entries({value.text}), lambda "$e": {fields})'
    return Typed(text, t.array(t.row(value.type.args)))


@special("map_from_entries")
def _map_from_entries(call: Call) -> Typed:
    call.needs(1)
    value = _array(call, 0)
    element = value.type.args[0]
    if element.name != "row" or len(element.args) != 2:
        raise QueryFailed("map_from_entries() takes an array of rows of two fields.")
    first, second = (f'"$e".{quote(key)}' for key in element.row_keys)
    pairs = f"list_transform({value.text}, lambda \"$e\": {{'key': {first}, 'value': {second}}})"
    return Typed(f"map_from_entries({pairs})", t.map_of(*element.args))

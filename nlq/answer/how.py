"""How an answer was computed, in plain words taken from the checked tree, step by step.

A tree goes in; sentences come out: one for each CTE and nested query, then those of the query
itself in the order in which they are done. What has no sure wording is shown as its own SQL.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from nlq.answer.condition_phrases import CONDITION_PHRASES
from nlq.answer.labels import join_words, sentence_case
from nlq.answer.lineage import Lineage, conjuncts, read_here, totals
from nlq.answer.value_phrases import VALUE_PHRASES
from nlq.answer.wording import Wording, code

_FEW = 8
_COMBINED: dict[type[exp.Expr], str] = {
    exp.Union: "put the rows of all parts together",
    exp.Intersect: "keep the rows that are in all parts",
    exp.Except: "keep the rows of the first part that are in no other",
}


def how_computed(lineage: Lineage) -> tuple[str, ...]:
    """One sentence a step, in the order in which they are done."""
    if lineage.root is None:
        return ()
    steps: list[str] = []
    for scope in lineage.scopes():
        name = _name(scope)
        if scope is lineage.root:
            steps += [f"{sentence_case(step)}." for step in _steps(lineage, scope)]
        elif name:
            steps.append(f"{sentence_case(name)}: {'; '.join(_steps(lineage, scope))}.")
    return tuple(steps)


def wording(lineage: Lineage, scope: Scope, *, sources: bool = False) -> Wording:
    """The words for one scope; with ``sources`` every column says what it is a column of."""
    return Wording(lineage, scope, VALUE_PHRASES, CONDITION_PHRASES, sources=sources)


def _name(scope: Scope) -> str:
    """What the steps of an inner scope begin with; empty for a part that is told elsewhere."""
    parent = scope.expression.parent
    if isinstance(parent, exp.CTE):
        return f'for "{parent.alias}"'
    if isinstance(parent, exp.Subquery) and parent.alias and scope.is_derived_table:
        return f'for "{parent.alias}"'
    if scope.is_subquery:
        return "for a nested query"
    return ""


def _steps(lineage: Lineage, scope: Scope) -> list[str]:
    tree = scope.expression
    if isinstance(tree, exp.SetOperation):
        return [*_combined(lineage, scope), *_ending(wording(lineage, scope), tree)]
    if not isinstance(tree, exp.Select):
        return [f"take {code(tree)}"]
    words = wording(lineage, scope)
    steps = list(_read(words, tree))
    kept = conjuncts(tree.args.get("where"))
    if kept:
        steps.append(f"keep rows where {join_words(words.conditions(kept))}")
    if not isinstance(tree.parent, exp.Exists):
        steps += _computed(words, tree)
    if having := conjuncts(tree.args.get("having")):
        steps.append(f"keep groups where {join_words(words.conditions(having))}")
    if tree.args.get("distinct"):
        steps.append("drop repeated rows")
    return [*steps, *_ending(words, tree)]


def _combined(lineage: Lineage, scope: Scope) -> Iterator[str]:
    kind = type(scope.expression)
    parts = list(_parts(scope, kind))
    for number, part in enumerate(parts, start=1):
        yield f"part {number}: {', then '.join(_steps(lineage, part))}"
    own = scope.expression.parent
    if isinstance(own, exp.CTE) and any(own.alias in read_here(part) for part in parts):
        yield "repeat the parts that read it on their own new rows until none come"
    once = ", each different row once" if scope.expression.args.get("distinct") else ""
    yield f"{_COMBINED[kind]}{once}"


def _parts(scope: Scope, kind: type[exp.Expr]) -> Iterator[Scope]:
    """The parts of a set operation; those of a chain of the same kind side by side."""
    for part in scope.set_operation_scopes:
        nested = part.expression
        same = type(nested) is kind and kind is exp.Union
        plain = not any(nested.args.get(key) for key in ("limit", "order", "offset", "with_"))
        alike = nested.args.get("distinct") == scope.expression.args.get("distinct")
        if same and plain and alike:
            yield from _parts(part, kind)
        else:
            yield part


def _read(words: Wording, select: exp.Select) -> Iterator[str]:
    source = select.args.get("from_")
    if source is None:
        return
    yield f"read {_source(words, source.this)}"
    named = wording(words.lineage, words.scope, sources=True)
    for join in select.args.get("joins") or ():
        yield _join(words, named, join)


def _source(words: Wording, node: exp.Expr) -> str:
    alias = node.alias_or_name
    if isinstance(node, exp.Table | exp.Subquery) and alias in read_here(words.scope):
        if node.args.get("sample"):
            return f"a sample of {words.source(alias)}"
        return words.source(alias)
    return f"{code(node)}"


def _join(words: Wording, named: Wording, join: exp.Join) -> str:
    source = _source(words, join.this)
    side, kind, on = join.side.upper(), join.kind.upper(), join.args.get("on")
    if kind == "CROSS" or (on is None and not join.args.get("using") and not side):
        if isinstance(join.this, exp.Unnest):
            return f"spread {source} out into rows"
        return f"combine every row with every row of {source}"
    known = {"", "LEFT", "RIGHT", "FULL"}
    if side not in known or kind not in {"", "INNER", "OUTER"} or join.method or on is None:
        return f"join by {code(join)}"
    stays = {
        "": "rows without a match drop out",
        "LEFT": "rows without a match stay",
        "RIGHT": f"all rows of {source} stay, others without a match drop out",
        "FULL": "rows without a match stay on both sides",
    }[side]
    return f"join {source} where {join_words(named.conditions(conjuncts(on)))} ({stays})"


def _computed(words: Wording, select: exp.Select) -> Iterator[str]:
    """What is computed, for which groups."""
    group = select.args.get("group")
    keys = list(group.expressions) if group else []
    special = group is not None and not _plain(group)
    if group and special:
        yield f"group by {code(group).replace('GROUP BY ', '')}"
        keys = []
    outputs = [(output.alias_or_name, output.unalias()) for output in select.selects]
    made = [(n, e) for n, e in outputs if e not in keys and not _carried(n, e)]
    told = "; ".join(f"{_label(name)} = {words.value(e)}" for name, e in made)
    if keys:
        each = join_words(words.value(key).removeprefix("the ") for key in keys)
        yield f"for each {each}, compute {told}" if told else f"list every different {each}"
    elif told and special:
        yield f"for each of these groups, compute {told}"
    elif told:
        whole = any(totals(e) for _, e in made)
        yield f"over all these rows, compute {told}" if whole else f"compute {told}"
    elif len(outputs) <= _FEW and not group:
        yield f"show {join_words(_label(name) for name, _ in outputs)}"


def _plain(group: exp.Expr) -> bool:
    """Whether it groups by expressions alone, without sets, rollups or cubes."""
    special = (exp.Rollup, exp.Cube, exp.GroupingSets)
    return not any(v for k, v in group.args.items() if k != "expressions") and not any(
        isinstance(key, special) for key in group.expressions
    )


def _carried(name: str, node: exp.Expr) -> bool:
    """A column that is handed on under its own name."""
    return isinstance(node, exp.Column) and node.name == name


def _label(name: str) -> str:
    return name.strip("_").replace("_", " ") or name


def _ending(words: Wording, query: exp.Expr) -> Iterator[str]:
    order, limit, offset = (query.args.get(key) for key in ("order", "limit", "offset"))
    if order:
        yield f"sort by {join_words(words.ordered(e) for e in order.expressions)}"
    if offset:
        yield f"skip the first {offset.expression.sql('presto')} rows"
    if isinstance(limit, exp.Limit):
        count = limit.expression.sql("presto")
        yield f"keep {'the first' if order else 'at most'} {count} rows"
    elif limit is not None:
        yield f"keep {code(limit)}"

"""LIKE without a wildcard into ``=``, and a chain of OR on one column into IN."""

from __future__ import annotations

from sqlglot import exp

from nlq.desk.rewrites.rewriting import Rewriting, Sources


def like(work: Rewriting) -> None:
    """Compare texts where the pattern has neither ``%`` nor ``_``."""
    for sources in work.selects():
        for node in sources.own(exp.Like):
            _compare(node, sources, work)


def _compare(node: exp.Expr, sources: Sources, work: Rewriting) -> None:
    pattern, known = node.args["expression"], sources.column(node.this)
    # A char(n) is padded with spaces where it is compared, and is not where it is matched.
    if known and known[2].type.lower().startswith("varchar"):
        plain = isinstance(pattern, exp.Literal) and not set(pattern.name) & set("%_\\")
        if plain and not isinstance(node.parent, exp.Escape) and not node.args.get("negate"):
            work.say(f"'{pattern.name}' has no wildcard")
            node.replace(exp.EQ(this=node.this.copy(), expression=pattern.copy()))


def any_of(work: Rewriting) -> None:
    """List the values where OR links nothing but equalities of one column with literals."""
    for node in list(work.tree.find_all(exp.Or)):
        if isinstance(node.parent, exp.Or):
            continue
        terms = [term.unnest() for term in node.flatten()]
        columns = {term.this.sql() for term in terms if isinstance(term, exp.EQ)}
        values = [term.expression for term in terms if isinstance(term, exp.EQ)]
        if len(values) < len(terms) or len(columns) != 1 or not _are_literals(terms, values):
            continue
        listed = list(dict.fromkeys(values))
        replacement = exp.In(this=terms[0].this.copy(), expressions=[v.copy() for v in listed])
        work.say(f"{terms[0].this.sql('presto')} is looked up in one list")
        place = node.parent if isinstance(node.parent, exp.Paren) else node
        place.replace(replacement)


def _are_literals(terms: list[exp.Expr], values: list[exp.Expr]) -> bool:
    return isinstance(terms[0].this, exp.Column) and all(
        isinstance(value, exp.Literal)
        or (isinstance(value, exp.Cast) and isinstance(value.this, exp.Literal))
        for value in values
    )

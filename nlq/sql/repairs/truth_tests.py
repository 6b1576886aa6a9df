"""``IS TRUE`` and ``IS NOT FALSE``, which Presto lacks, with what they say about NULL kept."""

from __future__ import annotations

from sqlglot import exp


def repair(tree: exp.Expr) -> str:
    """``x IS TRUE`` becomes ``x IS NOT DISTINCT FROM TRUE``; with NOT, the other way around."""
    done = False
    for node in list(tree.find_all(exp.Is)):
        if not isinstance(node.expression, exp.Boolean):
            continue
        negated = isinstance(node.parent, exp.Not)
        kind = exp.NullSafeNEQ if negated else exp.NullSafeEQ
        whole = node.parent if negated and node.parent is not None else node
        whole.replace(kind(this=node.this, expression=node.expression))
        done = True
    return "wrote IS TRUE or IS FALSE as Presto does" if done else ""

"""The guard: SQL and a principal enter, a ``GuardedQuery`` leaves or ``GuardRefused`` says why.

Steps, each its own module: read the text (``reading``), mend dialect slips (``repairs``), bind
every name to what the principal may see (``resolve``), decide on the facts (``rules``), rewrite
(row filters, limit, output names), render. What is rendered is read again and must say the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from nlq.catalog.catalog import Catalog
from nlq.errors import GuardRefused
from nlq.sql.dialect import BREAKS, forget_places, render
from nlq.sql.facts import Facts, analyse
from nlq.sql.guarded import GuardedQuery, seal
from nlq.sql.limits import Limits
from nlq.sql.mend import mend_names, mend_types, typed_tree
from nlq.sql.mismatch import check_types
from nlq.sql.names import base_tables
from nlq.sql.policy import Grants, Policy
from nlq.sql.reading import check_nodes, parse, read_query
from nlq.sql.resolve import resolve_columns, resolve_tables
from nlq.sql.rewrite import bound_rows, filter_rows, name_outputs, quote
from nlq.sql.rules import check_rules
from nlq.types import Principal, TableDoc


class Guard:
    """Checks SQL against a catalog and a policy; safe to use from several threads."""

    def __init__(self, catalog: Catalog, policy: Policy) -> None:
        self._catalog = catalog
        self._policy = policy

    def check(self, sql: str, principal: Principal) -> GuardedQuery:
        """The query, made safe to run as ``principal``; raises ``GuardRefused`` with the rule."""
        grants = self._policy.grants(principal)
        try:
            return self._check(sql, principal, grants)
        except RecursionError as exc:
            raise GuardRefused("too-deep", "The SQL is nested too deeply.") from exc
        except BREAKS as exc:
            raise GuardRefused(
                "not-understood", "This SQL could not be worked out, so it is not run."
            ) from exc

    def _check(self, sql: str, principal: Principal, grants: Grants) -> GuardedQuery:
        limits = grants.limits
        seen = grants.visible(self._catalog).tables
        tree, rewrites = read_query(sql, limits)
        rewrites += resolve_tables(tree, seen)
        rewrites += mend_names(tree, seen)
        name_outputs(tree)
        tree = self._bound(tree, seen, grants)
        # Stars are written out by now, and may have brought the same name twice.
        name_outputs(tree)
        tree, typed = mend_types(tree, seen)
        rewrites += typed
        check_types(tree)
        facts = analyse(tree)
        check_rules(tree, facts, seen, limits)
        tree, row_limit, limited = bound_rows(tree, limits)
        rewrites += limited
        filtered = filter_rows(tree, self._catalog, grants)
        if filtered:
            tree = typed_tree(tree, self._catalog.tables)
            rewrites += filtered
        quote(tree)
        rendered = render_checked(tree, limits)
        forget_places(tree)
        return seal(
            tree=tree,
            sql=rendered,
            principal=principal,
            tables=facts.tables,
            columns=facts.columns,
            rewrites=tuple(rewrites),
            fingerprint=_fingerprint(rendered),
            row_limit=row_limit,
        )

    def _bound(self, tree: exp.Query, seen: Mapping[str, TableDoc], grants: Grants) -> exp.Query:
        """Bind the columns; one that is there but not granted gets its own refusal."""
        read = base_tables(tree)
        try:
            return resolve_columns(tree, seen)
        except GuardRefused as exc:
            if exc.rule != "unknown-column":
                raise
            granted = {c.name.lower() for name in read for c in seen[name].columns}
            for column in tree.find_all(exp.Column):
                asked = column.name.lower()
                if asked.startswith("$"):
                    raise GuardRefused(
                        "hidden-column", f"The hidden column {asked} may not be read."
                    ) from exc
                for name in read:
                    if asked not in granted and self._catalog.tables[name].column(asked):
                        raise GuardRefused(
                            "column-not-granted",
                            f"You may not read the column {asked} of {name}.",
                            hint=grants.contact,
                            repairable=False,
                        ) from exc
            raise


def render_checked(tree: exp.Query, limits: Limits) -> str:
    """The tree as SQL, which read again makes the same tables and the same text.

    Raises ``GuardRefused`` where it does not.
    """
    try:
        rendered = render(tree)
        again = parse(rendered)
    except BREAKS as exc:
        raise GuardRefused("not-rendered", "The checked SQL cannot be written out.") from exc
    check_nodes(again, limits.max_nodes * 2)
    if render(again) != rendered or _reads(again) != _reads(tree):
        raise GuardRefused("not-rendered", "The checked SQL does not read back as itself.")
    return rendered


def _reads(tree: exp.Query) -> Facts:
    """The facts that reading back must not change.

    Functions may read back under other names, and fields of rows look like columns of tables.
    """
    return replace(analyse(tree), functions=(), columns=())


def _fingerprint(rendered: str) -> str:
    return hashlib.sha256(rendered.encode()).hexdigest()[:16]

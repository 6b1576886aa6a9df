"""Who may see a kept answer: what it read and the rights of now go in, it comes out, or None does.

Rights are those of now, not of when it was asked: every table and column that was read must still
be granted. Where row filters played a part, only those of the very same rights see the figures.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace

from nlq.catalog.catalog import Catalog
from nlq.sql.policy import Grants, Policy
from nlq.types import Answer, Principal


@dataclass(frozen=True, slots=True)
class Seen:
    """The rights under which an answer was given.

    ``scope`` is the same for principals who may see the same; ``filtered`` says that a row filter
    applied to one of its tables.
    """

    scope: str
    filtered: bool


class Rights:
    """What a policy grants over a catalog; safe to use from several threads."""

    def __init__(self, catalog: Catalog, policy: Policy) -> None:
        self._catalog = catalog
        self._policy = policy

    def seen(self, answer: Answer, principal: Principal) -> Seen:
        """The rights of ``principal``, who was just given ``answer``."""
        grants = self._policy.grants(principal)
        return Seen(_scope(grants), _filtered(answer, grants))

    def open_to(self, answer: Answer, seen: Seen, principal: Principal) -> Answer | None:
        """The answer as far as ``principal`` may see it now; None where they may not."""
        grants = self._policy.grants(principal)
        same = seen.scope == _scope(grants)
        visible = grants.visible(self._catalog)
        if not answer.sql:
            # A question back and a refusal name what whoever asked may see.
            return answer if same else None
        if not same and (seen.filtered or _filtered(answer, grants)):
            return None
        if not (same or answer.tables) or not _reads_only(answer, visible):
            return None
        return answer if same else _without(answer, _hidden_names(self._catalog, visible))


def _scope(grants: Grants) -> str:
    """The same for rights that show the same; limits aside."""
    shown = (
        *(sorted(grants.tables), sorted(grants.denied_tables), sorted(grants.denied_columns)),
        *(sorted(grants.denied_tags), sorted(grants.filters)),
    )
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _filtered(answer: Answer, grants: Grants) -> bool:
    return any(grants.row_filters(table.name) for table in answer.tables)


def _reads_only(answer: Answer, visible: Catalog) -> bool:
    """Whether all that the answer rests on may be seen."""
    tables = {state.name for state in answer.tables}
    if not tables <= visible.tables.keys():
        return False
    metrics = answer.plan.metrics if answer.plan else ()
    if not all(name in visible.metrics for name in metrics):
        return False
    for read in answer.columns:
        table, _, column = read.rpartition(".")
        doc = visible.tables.get(table)
        if doc is None or doc.column(column) is None:
            return False
    return True


def _hidden_names(catalog: Catalog, visible: Catalog) -> set[str]:
    return {
        part
        for name in catalog.tables.keys() - visible.tables.keys()
        for part in (name, name.partition(".")[2], name.rpartition(".")[2])
    }


def _without(answer: Answer, hidden: set[str]) -> Answer:
    """The answer without what speaks of other things than it reads."""

    def told(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(t for t in texts if hidden.isdisjoint(re.findall(r"[\w.]*\w", t.lower())))

    return replace(
        answer,
        warnings=told(answer.warnings),
        assumptions=told(answer.assumptions),
        suggestions=(),
    )

"""One table's page: its name and who looks go in; docs, lineage and use come out, within rights."""

from __future__ import annotations

from datetime import datetime, timedelta
from difflib import get_close_matches

from nlq.answer.tables import table_states
from nlq.catalog.catalog import Catalog
from nlq.desk.lineage import NOTE, joins_of, lineage
from nlq.desk.types import TablePage, TableUse
from nlq.errors import CatalogError
from nlq.log import AuditLog
from nlq.pipeline import Assistant, read_now
from nlq.types import Principal, TableDoc

USE_DAYS = 30


def find_table(visible: Catalog, name: str) -> TableDoc:
    """The visible table of that name, whole or as far as it is unmistakable.

    Raises ``CatalogError`` in the same words for a table that is hidden and one that is not there.
    """
    wanted = name.strip().lower()
    tables = visible.tables
    found = [n for n in tables if n == wanted or n.endswith(f".{wanted}")]
    if len(found) == 1:
        return tables[found[0]]
    if found:
        raise CatalogError(
            f"{wanted} may be any of {', '.join(sorted(found))}.", hint="Give the whole name."
        )
    short = {n.rpartition(".")[2]: n for n in tables}
    near = get_close_matches(wanted.rpartition(".")[2], short, n=3)
    hint = f"Did you mean {' or '.join(short[n] for n in near)}?" if near else ""
    raise CatalogError(
        f"There is no table {wanted[:120]} that you may see.",
        hint=hint or "Search for it by what it is about.",
    )


def table_page(
    assistant: Assistant, name: str, principal: Principal, name_roles: tuple[str, ...]
) -> TablePage:
    """The page; raises ``CatalogError``."""
    grants = assistant.policy.grants(principal)
    visible = grants.visible(assistant.catalog)
    doc = find_table(visible, name)
    (state,) = table_states((doc.name,), visible, assistant.clock())
    whole = assistant.catalog.tables[doc.name]
    log = assistant.audit if isinstance(assistant.audit, AuditLog) else None
    since = read_now() - timedelta(days=USE_DAYS)
    return TablePage(
        doc=doc,
        state=state,
        joins=joins_of(doc, visible),
        lineage=lineage(doc, visible, log.read_together(doc.name, since) if log else ()),
        lineage_note=NOTE,
        use=_use(log, doc.name, since, bool(set(grants.roles) & set(name_roles))),
        hidden_columns=len(whole.columns) - len(doc.columns),
        row_filters=grants.row_filters(doc.name),
    )


def _use(log: AuditLog | None, table: str, since: datetime, names_shown: bool) -> TableUse:
    """How many people got answers from a table; their names only for those who may see them."""
    if log is None:
        return TableUse(USE_DAYS, None, None, names_shown)
    readers = log.readers(table, since)
    questions = sum(count for _, count in readers)
    return TableUse(USE_DAYS, len(readers), questions, names_shown, readers if names_shown else ())
